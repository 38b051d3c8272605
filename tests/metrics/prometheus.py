# SPDX-License-Identifier: GPL-2.0-or-later
"""What prometheus.sh asks of a Prometheus: prometheus.py PAM_TRAFFIC FOLDER DASHBOARD. Prints TAP.

The log grows between scrapes, so that rates and increases have something to tell. Waits are for what
Prometheus says, with a deadline; no time is asserted.
"""

import http.server
import json
import os
import re
import subprocess
import sys
import threading
import time
import urllib.parse
import urllib.request

program, folder, dashboard = sys.argv[1:]
DEADLINE = 120
HOSTILE = 'DOM\\bob "x"}\n# TYPE y gauge\ny 1'
count = failed = 0


def check(name, got, wanted):
    global count, failed
    count += 1
    if got == wanted:
        print(f"ok {count} - {name}")
    else:
        failed += 1
        print(f"not ok {count} - {name}")
        print(f"# got    {json.dumps(got)}\n# wanted {json.dumps(wanted)}")


def record(number, seq, user, in_bytes, out_bytes, **more):
    return json.dumps({
        "v": 1, "event": "interim", "time": time.strftime("%Y-%m-%dT%H:%M:%S.000000Z", time.gmtime()), "host": "vm",
        "boot_id": "7c722406-f73e-4fb4-969f-1bee522f7d42", "session": f"01a20450-bb0f-79f8-b748-{number:012x}",
        "seq": seq, "service": "sshd", "user": user, "local_port": 22, "excluded": False, "in_bytes": in_bytes,
        "out_bytes": out_bytes, "delta_in_bytes": None, "delta_out_bytes": None, "complete": True, **more}) + "\n"


def account(seq, in_bytes, out_bytes):
    """alice's account in the users' ledger"""
    return record(30, seq, "alice", in_bytes, out_bytes, event="user", service=None, local_port=None, excluded=None,
                  uid=1000, socket_owner="user")


class Handler(http.server.BaseHTTPRequestHandler):
    """The metrics, as node_exporter gives a text on, and as OpenMetrics."""

    kinds = {"/prometheus": ("prometheus", "text/plain; version=0.0.4"),
             "/openmetrics": ("openmetrics", "application/openmetrics-text; version=1.0.0; charset=utf-8")}

    def do_GET(self):
        kind, content = self.kinds[self.path]
        with open(f"{folder}/{kind}", "rb") as file:
            body = file.read()
        self.send_response(200)
        self.send_header("Content-Type", content)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def write(*lines):
    with open(f"{folder}/log", "a", encoding="utf-8") as log:
        log.writelines(lines)
    for kind in ("prometheus", "openmetrics"):
        subprocess.run([program, "metrics", "--config", f"{folder}/conf", "--format", kind, "--output",
                        f"{folder}/{kind}"], check=True)


def ask(expression):
    url = f"{base}/api/v1/query?" + urllib.parse.urlencode({"query": expression})
    try:
        with urllib.request.urlopen(url, timeout=150) as answer:
            return json.load(answer)["data"]["result"]
    except urllib.error.HTTPError as error:
        return json.load(error)["error"]


def value(expression):
    result = ask(expression)
    return [float(sample["value"][1]) for sample in result] if isinstance(result, list) else result


def wait(what, holds):
    end = time.monotonic() + DEADLINE
    while time.monotonic() < end:
        try:
            if holds():
                return
        except OSError:
            pass
        time.sleep(0.2)
    print(f"Bail out! no {what} within {DEADLINE} s")
    with open(f"{folder}/prometheus.log", encoding="utf-8") as log:
        print("".join("# " + line for line in log.readlines()[-20:]))
    sys.exit(1)


with open(f"{folder}/conf", "w", encoding="utf-8") as conf:
    conf.write(f"log_file = {folder}/log\nstate_dir = {folder}\n")
write(record(1, 0, "alice", 1000, 2000), record(2, 0, HOSTILE, 10, 20), record(3, 0, None, 1, 1),
      record(4, 0, "carol", 5, 5, event="stop", terminate_cause="User-Request"),
      record(9, 0, None, 5000, 9000, event="port"), account(0, 3000, 4000))

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
with open(f"{folder}/prometheus.yml", "w", encoding="utf-8") as config:
    config.write("global: {scrape_interval: 1s}\nscrape_configs:\n")
    for kind in ("prometheus", "openmetrics"):
        config.write(f"- {{job_name: {kind}, metrics_path: /{kind}, static_configs: "
                     f"[{{targets: ['127.0.0.1:{server.server_address[1]}']}}]}}\n")
base = "http://127.0.0.1:9090"
with open(f"{folder}/prometheus.log", "w", encoding="utf-8") as log:
    prometheus = subprocess.Popen(
        ["prometheus", f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/tsdb",
         "--web.listen-address=127.0.0.1:9090"], stdout=log, stderr=log)
try:
    USER = 'pam_traffic_user_bytes_total{direction="in",job="%s",user="%s"}'
    # until then it answers 503
    wait("Prometheus", lambda: urllib.request.urlopen(f"{base}/-/ready", timeout=150).status == 200)
    for job in ("prometheus", "openmetrics"):
        wait(f"scrape of {job}", lambda job=job: value(USER % (job, "alice")) == [1000.0])
    check("both are scraped without an error", value("up"), [1.0, 1.0])
    check("what a name says does not become a metric", ask("y"), [])
    quoted = HOSTILE.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    for job in ("prometheus", "openmetrics"):
        check(f"{job}: a hostile name is a label's value", value(USER % (job, quoted)), [10.0])
        with urllib.request.urlopen(f"{base}/api/v1/targets/metadata?" + urllib.parse.urlencode(
                {"match_target": '{job="%s"}' % job}), timeout=150) as answer:
            types = {entry["metric"]: entry["type"] for entry in json.load(answer)["data"]}
        check(f"{job}: a type for each metric", sorted({t for m, t in types.items() if "pam_traffic" in m}),
              ["counter", "gauge"])

    write(record(1, 1, "alice", 51000, 102000), record(5, 0, "dave", 7, 7, event="stop",
                                                         terminate_cause="Lost-Carrier", complete=False),
          record(9, 1, None, 95000, 199000, event="port"), account(1, 73000, 4000), "nonsense\n")
    for job in ("prometheus", "openmetrics"):
        wait(f"second scrape of {job}", lambda job=job: value(f"changes({USER % (job, 'alice')}[1m])") == [1.0])

    with open(dashboard, encoding="utf-8") as file:
        panels = json.load(file)["panels"]
    asked = {}
    for panel in panels:
        for target in panel["targets"]:
            expression = target["expr"].replace("$instance", ".*").replace("$__range", "1m")
            expression = expression.replace("$__rate_interval", "1m").replace("[1h]", "[1m]")
            expression = re.sub(r"\{", '{job="prometheus",', expression)
            check(f"dashboard: {panel['title']}: no variable is left", re.findall(r"\$\w+", expression), [])
            result = value(expression)
            check(f"dashboard: {panel['title']}: an answer", isinstance(result, list) and len(result) > 0, True)
            asked[panel["title"]] = result
            for name in re.findall(r"\{\{(\w+)\}\}", target.get("legendFormat", "")):
                check(f"dashboard: {panel['title']}: its series have {name}",
                      any(name in sample["metric"] for sample in ask(expression)) or name == "instance", True)
    check("dashboard: the open ones", asked["Open sessions"], [3.0])
    check("dashboard: the incomplete ones", asked["Incomplete sessions"], [1.0])
    check("dashboard: alice is the first", ask('topk(1, sum by (user) (pam_traffic_user_bytes_total))')[0]["metric"],
          {"user": "alice"})
    check("dashboard: she moved something", asked["In"][0] > 0, True)
    check("the users' ledger is apart", value('pam_traffic_host_user_bytes_total{job="prometheus",direction="in",user="alice"}') +
          value(USER % ("prometheus", "alice")), [73000.0, 51000.0])
    check("what failed logins moved is what the port has and no login", value(
        'pam_traffic_unauthenticated_bytes{job="prometheus",direction="in"}'), [95000.0 - 51000 - 10 - 1 - 5 - 7])

    # index.db is deleted: a reset, as Prometheus knows it, and no negative rate
    for name in os.listdir(folder):
        if name.startswith("index.db"):
            os.unlink(f"{folder}/{name}")
    os.truncate(f"{folder}/log", 0)
    write(record(20, 0, "alice", 3, 3))
    wait("scrape after the reset", lambda: value(USER % ("prometheus", "alice")) == [3.0])
    check("a reset is seen as one", value(f"resets({USER % ('prometheus', 'alice')}[1m])"), [1.0])
    check("... and rates stay positive", value(f"rate({USER % ('prometheus', 'alice')}[1m])")[0] > 0, True)
finally:
    prometheus.terminate()
    prometheus.wait()
print(f"1..{count}")
sys.exit(failed > 0)
