# SPDX-License-Identifier: GPL-2.0-or-later
"""What page.sh asks of the page in a browser: page.py PAM_TRAFFIC FOLDER. Prints TAP.

The screenshots stay in FOLDER: light, dark, at a desktop's and at a phone's width.
"""

import json
import os
import subprocess
import sys

from lib import log
from lib.browser import Browser, Server

folder = sys.argv[2]
server = Server(folder)
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


TABLE = """
    return Array.from(document.querySelectorAll("table.sortable tbody tr"))
        .filter((row) => !row.hidden)
        .map((row) => Array.from(row.cells).map((cell) => cell.dataset.value))"""
column = lambda browser, n: [row[n] for row in browser.run(TABLE)]
# the known ones as numbers, in order; the others behind them
by_number = lambda values, down: (
    sorted((v for v in values if v), key=int, reverse=down) + [v for v in values if not v])
# not what Chromium's own first page says, as that the machine is slow
errors = lambda browser: [entry["message"] for entry in browser.log("browser")
                          if not entry["message"].startswith("chrome://")]

PERIOD = "2026-11-01 00:00 to 2026-11-23 00:00 UTC"


def report(page, *arguments):
    """Runs pam_traffic report; its exit status, and what it says."""
    done = subprocess.run(
        [sys.argv[1], "report", "--utc", "--html", f"{folder}/{page}", *arguments, f"{folder}/log"],
        env={"TZ": "Europe/Berlin", "LC_ALL": "C.UTF-8"}, capture_output=True, text=True)
    return [done.returncode, done.stdout + done.stderr]


log.write(f"{folder}/log")
skipped = f"{folder}/log:39: skipped: torn, or not a JSON object\n1 line of the log is not a record and was skipped\n"
check("the page is written", report("page.html", "--since", "2026-11-01", "--until", "2026-11-22"), [0, skipped])
check("mode 0640", oct(os.stat(f"{folder}/page.html").st_mode), "0o100640")
check("nothing beside it", sorted(os.listdir(folder)), ["log", "page.html"])
check("no session", report("empty.html", "--since", "2026-10-01", "--until", "2026-10-02")[0], 0)
check("two keys", report("two.html", "--by", "user,day")[0], 0)
os.mkfifo(f"{folder}/fifo")
os.symlink("page.html", f"{folder}/link")
for what in ("fifo", "link"):
    status, said = report(what)
    check(f"a {what} is not replaced", [status, "is not a regular file" in said], [1, True])
    os.unlink(f"{folder}/{what}")
status, said = report("none/page.html")
check("a folder that is not there", [status, "cannot write" in said], [1, True])
with open(f"{folder}/page.html", encoding="utf-8") as file:
    text = file.read()
check("- is standard output", subprocess.run(
    [sys.argv[1], "report", "--html", "-", f"{folder}/log"], env={"TZ": "UTC"}, capture_output=True,
    text=True).stdout[:15], "<!DOCTYPE html>")
check("no address of anything", [word for word in ("http:", "https:", "src=", "url(", "@import") if word in
                                 text.replace("&quot;&gt;&lt;img src=x", "")], [])

browser = Browser()
browser.size(1200)
browser.open(server.url + "page.html")

# the figures
TITLE = f"SSH traffic of db1, {PERIOD}"
check("title", browser.run("return document.title"), TITLE)
rows = browser.run(TABLE)
moved = {"backup": tuple(map(sum, zip(*(log.backup(day) for day in range(1, 23))))), **log.USERS}
everything = [sum(m[i] or 0 for m in moved.values()) for i in (0, 1)]
check("a row each", len(rows), 16)
check("the exact bytes of each", {row[0]: row[1:4] for row in rows if row[0] and "\\" not in row[0]}, {
    **{user: [str(m[0]), str(m[1]), str(sum(m))] if m[0] is not None else ["", "", ""]
       for user, m in moved.items() if user and "\x1b" not in user}, "<b>excluded</b>": ["", "", ""]})
check("the largest first, what is not known last", column(browser, 3), by_number(column(browser, 3), True))
check("they add up to the sum", browser.run(
    "return Array.from(document.querySelector('tfoot tr').cells).slice(1, 4).map((cell) => cell.dataset.value)"),
    [str(everything[0]), str(everything[1]), str(sum(everything))])
check("sessions, and those that may miss bytes", browser.run(
    "return Array.from(document.querySelector('tfoot tr').cells).slice(5).map((cell) => cell.dataset.value)"),
    ["37", "3"])
check("unauthenticated: a line of its own, in no sum", browser.run(
    "return Array.from(document.querySelector('tfoot .beside').cells).slice(1, 4).map((cell) => cell.dataset.value)"),
    ["912680550", "601295421", str(912680550 + 601295421)])
check("what is missing, in words", browser.run(
    "return Array.from(document.querySelectorAll('.notes li')).map((li) => li.textContent)"), [
        "Sessions that may miss bytes: 3. What is shown is the least that flowed.",
        "Sessions of which not all bytes are known: 1. What is known is counted.",
        "Sessions not counted, because the configuration excludes their networks: 1.",
        "Lines of the whole log that are not records and were left out: 1.",
        "Not recorded: before 2026-11-01 10:00, when the log begins."])
check("days without a hole", browser.run("return document.querySelectorAll('.plot .pt').length"), 22)
check("a day's height is its share of the scale", browser.run("""
    const all = Array.from(document.querySelectorAll(".plot .pt"));
    const tall = (g) => Array.from(g.querySelectorAll(".in, .out"))
        .reduce((sum, rect) => sum + rect.getBoundingClientRect().height, 0);
    return Math.abs(tall(all[4]) / tall(all[8]) / arguments[0] - 1) < 0.05""",
    sum(log.backup(5)) / sum(log.backup(9))), True)
check("users in the chart: 12, and the rest in one", browser.run("""
    return Array.from(document.querySelectorAll(".bars .name")).slice(11).map((name) => name.textContent)"""),
    ["erin", "4 others"])

# hostile names are text
place = column(browser, 0).index(log.HOSTILE)
check("a name that is HTML stands as it is", browser.run(
    "return document.querySelector('tbody').rows[arguments[0]].cells[0].textContent", place), log.HOSTILE)
check("no element but ours", browser.run("return document.querySelectorAll('script, img, iframe, link, b').length"), 1)
check("controls and turned text are visible", "a\\x1b[31mb\\xe2\\x80\\xaeg" in column(browser, 0), True)

# sorting
check("it comes by total, and says so", browser.run(
    "return Array.from(document.querySelectorAll('[aria-sort]')).map((h) => [h.textContent, h.ariaSort])"),
    [["Total", "descending"]])
for n, name in ((1, "In"), (2, "Out"), (3, "Total"), (5, "Sessions")):
    browser.run("document.querySelectorAll('thead button')[arguments[0]].scrollIntoView({block: 'center'})", n)
    browser.click(f"thead th:nth-child({n + 1}) button")
    check(f"{name}: sorted", column(browser, n), by_number(column(browser, n), True))
    check(f"{name}: said to who listens", browser.run(
        "return Array.from(document.querySelectorAll('[aria-sort]')).map((h) => [h.textContent, h.ariaSort])"),
        [[name, "descending"]])
    browser.click(f"thead th:nth-child({n + 1}) button")
    check(f"{name}: the other way round", column(browser, n), by_number(column(browser, n), False))
browser.click("thead th:nth-child(1) button")
names = [name for name in column(browser, 0) if name.isalnum() and name.isascii()]
check("User: by name", names, sorted(names))
check("rows stay whole", sorted(browser.run(TABLE)), sorted(rows))

# exact bytes, the filter
browser.click("#exact")
check("exact bytes", browser.run(
    "return document.querySelector('tfoot tr').cells[1].textContent.replace(/\\D/g, '')"),
    browser.run("return document.querySelector('tfoot tr').cells[1].dataset.value"))
browser.click("#exact")
browser.type(".tools input[type=search]", "LIC")
check("filter", column(browser, 0), ["alice"])
browser.run("const f = document.querySelector('.tools input'); f.value = ''; f.dispatchEvent(new Event('input'))")
check("filter off", len(column(browser, 0)), 16)

# the keyboard
TAB, RIGHT, END = "\ue004", "\ue014", "\ue010"
# the pointer away from the chart: what it points at is in words, too
browser.ask("POST", "/actions", {"actions": [{"type": "pointer", "id": "p", "actions": [
    {"type": "pointerMove", "x": 1, "y": 1, "origin": "viewport"}]}]})
browser.run("scrollTo(0, 0); document.querySelector('.plot .pt').focus()")
browser.ask("POST", "/actions", {"actions": [{"type": "key", "id": "k", "actions": [
    {"type": step, "value": key} for key in (RIGHT, RIGHT, END) for step in ("keyDown", "keyUp")]}]})
check("arrow keys go from day to day", browser.run("return document.activeElement.ariaLabel.slice(0, 10)"), "2026-11-22")
check("... and its figures are in words", browser.run(
    "return document.querySelector('.readout').textContent.slice(0, 14)"), "2026-11-22: in")
check("one stop of the tab key for a chart", browser.run(
    "return document.querySelectorAll('.plot [tabindex=\"0\"]').length"), 1)
check("every chart part has a label", browser.run("""
    return Array.from(document.querySelectorAll("svg[role=group], svg [role=img], svg[role=img]"))
        .filter((part) => !part.ariaLabel).length"""), 0)

# light and dark
back = lambda: browser.run("return getComputedStyle(document.body).backgroundColor")
light = back()
browser.run("scrollTo(0, 0); document.activeElement.blur()")
browser.screenshot(f"{folder}/light.png")
browser.click("#theme")
check("the switch turns it dark", back() == light, False)
browser.click("#theme")
check("... and light again", back(), light)

# widths: nothing but the table itself may be wider than the screen
for width in (320, 390, 768, 1200):
    browser.size(width)
    check(f"{width} pixels: nothing sticks out", browser.run(
        "return document.documentElement.scrollWidth - innerWidth") <= 0, True)
browser.size(390, 844)
browser.screenshot(f"{folder}/phone.png")

# contrast, WCAG 2.2: 4.5 for text, 3 for shapes
CONTRAST = """
    const light = (text) => {
        const [r, g, b] = text.match(/[\\d.]+/g).slice(0, 3).map((v) => v / 255)
            .map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const on = (a, b) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const back = light(getComputedStyle(document.body).backgroundColor);
    const of = (selector, what) => on(light(getComputedStyle(document.querySelector(selector))[what]), back);
    return [of("body", "color") >= 7, of(".sub", "color") >= 4.5, of("rect.in", "fill") >= 3,
            of("rect.out", "fill") >= 2.7,
            on(light(getComputedStyle(document.querySelector("rect.in")).fill),
               light(getComputedStyle(document.querySelector("rect.out")).fill)) >= 1.7]"""
check("light: contrast; in and out differ without colour, too", browser.run(CONTRAST), [True] * 5)

# it fetches nothing: neither from here nor from elsewhere
check("one request, the page", server.asked, ["/page.html"])
requests = [json.loads(entry["message"])["message"] for entry in browser.log("performance")]
requests = [event["params"]["request"]["url"] for event in requests
            if event["method"] == "Network.requestWillBeSent"]
check("the browser made no other", [url for url in requests if url.startswith("http")], [server.url + "page.html"])
check("no error, no refused style or script", errors(browser), [])

# its policy holds: what would come in by an escape that fails cannot do anything
check("the policy refuses foreign script and pictures", browser.run("""
    const script = document.createElement("script");
    script.textContent = "document.title = 'taken'";
    document.body.append(script);
    const image = new Image();
    image.src = "/stolen.png";
    document.body.append(image);
    return document.title"""), TITLE)
check("... nothing was asked for", server.asked, ["/page.html"])
browser.close()

browser = Browser("dark")
browser.size(1200)
browser.open(server.url + "page.html")
check("who likes it dark gets it dark", browser.run("return getComputedStyle(document.body).backgroundColor") == light, False)
check("dark: contrast", browser.run(CONTRAST), [True] * 5)
browser.screenshot(f"{folder}/dark.png")
browser.size(390, 844)
browser.screenshot(f"{folder}/phone-dark.png")
browser.open(server.url + "empty.html")
check("an empty report says so", browser.run(
    "return document.querySelector('main').textContent.includes('No session in this period')"), True)
browser.open(server.url + "two.html")
check("two keys: two columns", browser.run(
    "return Array.from(document.querySelectorAll('thead th')).slice(0, 3).map((head) => head.textContent)"),
    ["user", "day", "In"])
check("... without an error", errors(browser), [])
browser.close()

# both ledgers: each by itself, and said why
log.write_both(f"{folder}/log")
check("both ledgers", report("both.html", "--since", "2026-11-01", "--until", "2026-11-22"), [0, skipped])
browser = Browser()
browser.size(1200)
browser.open(server.url + "both.html")
programs = [20 * sum(moved[i] for moved in log.PROGRAMS.values()) for i in (0, 1)]
check("both ledgers: totals of each, never of both", browser.run(
    "return Array.from(document.querySelectorAll('.totals data')).map((data) => data.value)"),
    [str(n) for sums in (everything, programs) for n in (*sums, sum(sums))])
check("... sessions, and accounts", browser.run("""
    return Array.from(document.querySelectorAll(".totals dt, thead th:nth-last-child(2)"))
        .map((name) => name.textContent).filter((name) => /s.$|s$/.test(name))"""),
    ["Sessions", "Sessions", "Accounts", "Accounts"])
check("... one sentence says why", browser.run("""
    return Array.from(document.querySelectorAll("p")).filter((p) => p.textContent.includes("Do not add"))
        .map((p) => p.previousElementSibling.textContent)"""), ["All programs of all users"])
check("... whose heading is larger than those below it", browser.run("""
    const size = (id) => parseFloat(getComputedStyle(document.getElementById(id)).fontSize);
    return size("users") > size("users-by-day")"""), True)
check("... bytes that leave go to whom", browser.run("""
    return Array.from(document.querySelectorAll(".legend span:nth-child(2)")).map((span) => span.textContent)"""),
    ["out, to the clients"] * 2 + ["out, from this host"] * 2)
check("... what is missing of the second, too", browser.run("""
    return Array.from(document.querySelectorAll(".part ~ .notes li")).map((li) => li.textContent)"""), [
        "Accounts that may miss bytes: 3. What is shown is the least that flowed.",
        "Not counted: before 2026-11-03 10:00, when the records of users begin."])
browser.type(".part ~ section .tools input[type=search]", "LIC")
check("... a filter of its own", browser.run("""
    return Array.from(document.querySelectorAll("tbody")).map((body) =>
        Array.from(body.rows).filter((row) => !row.hidden).length)"""), [16, 1])
browser.size(400)
browser.run("const f = document.querySelector('.part ~ section .tools input'); f.value = ''; f.dispatchEvent(new Event('input'))")
check("... 400 pixels: nothing is cut off, the tables neither", browser.run("""
    return [document.documentElement, ...document.querySelectorAll(".scroll")]
        .map((part) => part.scrollWidth > part.clientWidth)"""), [False] * 3)
check("... nor what the lines below a table are", browser.run("""
    return Array.from(document.querySelectorAll("tfoot td")).filter((cell) => cell.scrollWidth > cell.clientWidth)
        .map((cell) => cell.textContent)"""), [])
browser.screenshot(f"{folder}/both-phone.png")
check("... without an error", errors(browser), [])
browser.close()

browser = Browser(script=False)
browser.open(server.url + "page.html")
check("without script: the charts, the table and no dead button", browser.ask("POST", "/elements", {
    "using": "css selector", "value": "button, input"}), [])
check("... the figures", len(browser.ask("POST", "/elements", {
    "using": "css selector", "value": "table tbody tr, .plot .pt"})), 16 + 22)
browser.close()

print(f"1..{count}")
sys.exit(failed > 0)
