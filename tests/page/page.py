# SPDX-License-Identifier: GPL-2.0-or-later
"""What page.sh asks of the page in a browser: page.py FOLDER, with page.html in it. Prints TAP.

The screenshots stay in FOLDER: light, dark, at a desktop's and at a phone's width.
"""

import json
import sys

from lib.browser import Browser, Server

folder = sys.argv[1]
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
errors = lambda browser: [entry["message"] for entry in browser.log("browser")]

HOSTILE = "</script><script>document.title='taken'</script>"

browser = Browser()
browser.size(1200)
browser.open(server.url + "page.html")

# the figures
check("title", browser.run("return document.title"), "SSH traffic of db1.example.org, 2026-11-01 to 2026-11-22")
rows = browser.run(TABLE)
check("a row each", len(rows), 15)
check("the first: bytes, exact", rows[0],
      ["backup", "734003200", "48318382080", "49052385280", "60051", "61", "0"])
check("not known is not 0", rows[14], ["none", "", "", "", "", "1", "1"])
check("half known", rows[12][1:4], ["1024", "", "1024"])
check("they add up to the sum", browser.run(
    "return document.querySelector('tfoot tr').cells[3].dataset.value"),
    str(sum(int(row[3]) for row in rows if row[3])))
check("unauthenticated: a line of its own, in no sum", browser.run(
    "return Array.from(document.querySelector('tfoot .port').cells).map((cell) => cell.textContent.trim())"),
    ["Beside it, unauthenticated, on port 22", "870M", "573M", "1.4G", "", "", ""])
check("the estimate", browser.run(
    "return Array.from(document.querySelectorAll('.totals data')).slice(3).map((data) => data.value)"),
    ["111111110110", "23456789012", "87654321098"])
check("days without a hole", browser.run(
    "return document.querySelectorAll('.plot .pt').length"), 22)
check("a day's height is its share of the scale", browser.run("""
    const all = Array.from(document.querySelectorAll(".plot .pt"));
    const tall = (g) => Array.from(g.querySelectorAll(".in, .out"))
        .reduce((sum, rect) => sum + rect.getBoundingClientRect().height, 0);
    const ratio = tall(all[0]) / tall(all[1]);
    const bytes = (i) => (i * 7919 % 23 + 3) * 24 + (i * 104729 % 31 + 5) * 90;
    return Math.abs(ratio / (bytes(0) / bytes(1)) - 1) < 0.01"""), True)
check("users in the chart: 12, and the rest in one", browser.run("""
    return Array.from(document.querySelectorAll(".bars .name")).slice(11).map((name) => name.textContent)"""),
    ["erin", "3 others"])

# hostile names are text
check("a name that is HTML stands as it is", rows[2][0], HOSTILE)
check("... and is seen so", browser.run("return document.querySelector('tbody').rows[2].cells[0].textContent"), HOSTILE)
check("no element but ours", browser.run("return document.querySelectorAll('script, img, iframe, link, b').length"), 1)
check("controls and turned text are visible", rows[5][0], "a\\x1b[31mb\\xe2\\x80\\xaeg")

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
check("filter off", len(column(browser, 0)), 15)

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
    return document.title"""), "SSH traffic of db1.example.org, 2026-11-01 to 2026-11-22")
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
check("... without an error", errors(browser), [])
browser.close()

browser = Browser(script=False)
browser.open(server.url + "page.html")
check("without script: the charts, the table and no dead button", browser.ask("POST", "/elements", {
    "using": "css selector", "value": "button, input"}), [])
check("... the figures", len(browser.ask("POST", "/elements", {
    "using": "css selector", "value": "table tbody tr, .plot .pt"})), 15 + 22)
browser.close()

print(f"1..{count}")
sys.exit(failed > 0)
