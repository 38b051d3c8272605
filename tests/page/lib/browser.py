# SPDX-License-Identifier: GPL-2.0-or-later
"""A headless Chromium, driven by chromedriver (W3C WebDriver over HTTP on loopback).

It gets a new profile and no network beyond loopback's HTTP server of this file. Nothing but Python's
own library is needed.
"""

import atexit
import base64
import http.server
import json
import os
import re
import subprocess
import tempfile
import threading
import urllib.request

FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
    "--disable-breakpad", "--disable-crash-reporter",
]


class Server:
    """One folder over HTTP; every path that was asked for is kept."""

    def __init__(self, folder):
        asked = self.asked = []

        class Handler(http.server.SimpleHTTPRequestHandler):
            def __init__(self, *arguments):
                super().__init__(*arguments, directory=folder)

            def do_GET(self):
                asked.append(self.path)
                super().do_GET()

            def log_message(self, *_):
                pass

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.http.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}/"


class Browser:
    def __init__(self, scheme="light", script=True):
        self.profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self.driver = subprocess.Popen(
            ["chromedriver", "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            text=True, env={"PATH": os.environ["PATH"], "HOME": self.profile.name, "LC_ALL": "C.UTF-8"},
        )
        atexit.register(self.close)
        self.base = None
        for line in self.driver.stdout:
            if match := re.search(r"successfully on port (\d+)", line):
                self.base = f"http://127.0.0.1:{match[1]}/session"
                break
        if not self.base:
            raise RuntimeError("chromedriver did not start")
        flags = FLAGS + [f"--user-data-dir={self.profile.name}/profile"]
        if scheme == "dark":
            flags.append("--blink-settings=preferredColorScheme=0")
        answer = self.ask("POST", "", {"capabilities": {"alwaysMatch": {
            "goog:chromeOptions": {
                "args": flags,
                "prefs": {} if script else {"profile.managed_default_content_settings.javascript": 2},
            },
            "goog:loggingPrefs": {"performance": "ALL", "browser": "ALL"},
        }}})
        self.base += "/" + answer["sessionId"]
        self.command("Emulation.setEmulatedMedia",
                     features=[{"name": "prefers-color-scheme", "value": scheme}])

    def ask(self, method, path, body=None):
        request = urllib.request.Request(
            self.base + path, method=method, data=None if body is None else json.dumps(body).encode())
        try:
            with urllib.request.urlopen(request, timeout=150) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise RuntimeError(error.read().decode()) from error

    def command(self, name, **parameters):
        return self.ask("POST", "/goog/cdp/execute", {"cmd": name, "params": parameters})

    def open(self, url):
        self.ask("POST", "/url", {"url": url})

    def run(self, script, *arguments):
        return self.ask("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def find(self, selector):
        return list(self.ask("POST", "/element", {"using": "css selector", "value": selector}).values())[0]

    def click(self, selector):
        self.ask("POST", f"/element/{self.find(selector)}/click", {})

    def type(self, selector, text):
        self.ask("POST", f"/element/{self.find(selector)}/value", {"text": text})

    def log(self, kind):
        return self.ask("POST", "/se/log", {"type": kind})

    def size(self, width, height=900):
        self.command("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1,
                     mobile=width < 600)

    def screenshot(self, path):
        data = self.command("Page.captureScreenshot", format="png", captureBeyondViewport=True)["data"]
        with open(path, "wb") as file:
            file.write(base64.b64decode(data))

    def close(self):
        if self.driver.poll() is not None:
            return
        try:
            if self.base:
                self.ask("DELETE", "")
        finally:
            self.driver.terminate()
            self.driver.wait()
            self.driver.stdout.close()
            self.profile.cleanup()
