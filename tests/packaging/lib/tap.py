#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Pass on the cases of inner meson tests: tap.py COUNT LOG.json... -- WANTED...

Prints every TAP line of the logs, numbered from COUNT + 1 and named by its suite and test, then the
plan. A test that ended badly without a failed case is one; so is a WANTED (suite/name, * matches any)
that did not run. Exits with 1 if anything failed.
"""

import fnmatch
import json
import re
import sys

BAD = ("FAIL", "ERROR", "TIMEOUT", "INTERRUPT", "UNEXPECTEDPASS")
CASE = re.compile(r"(ok|not ok)\b *\d* *-? *(.*)")
SKIP_ALL = re.compile(r"1\.\.0 *# *SKIP *(.*)", re.I)


class Output:
    def __init__(self, count):
        self.count = count
        self.failed = False

    def case(self, word, text):
        self.count += 1
        self.failed |= word == "not ok"
        print(word, self.count, "-", text)


def report(name, test, output):
    """The cases of one test, with the comments and the stderr of one that went wrong."""
    bad = test["result"] in BAD
    seen = failed = 0
    for line in (test["stdout"] or "").splitlines():
        case, skip_all = CASE.match(line), SKIP_ALL.match(line)
        if case:
            output.case(case[1], f"{name}: {case[2]}")
            seen += 1
            failed += case[1] == "not ok"
        elif skip_all:
            output.case("ok", f"{name} # SKIP {skip_all[1]}")
            seen += 1
        elif bad and not re.match(r"1\.\.\d", line):
            print(line if line.startswith("#") else f"# {line}")
    if bad:
        for line in (test.get("stderr") or "").splitlines()[-40:]:
            print("# stderr:", line)
    if not seen or (bad and not failed):
        output.case("not ok", f"{name}: {test['result']} after {seen} cases")


def main(arguments):
    split = arguments.index("--")
    output = Output(int(arguments[0]))
    ran = set()
    for log in arguments[1:split]:
        with open(log, encoding="utf-8") as lines:
            for line in lines:
                test = json.loads(line)
                # meson calls it project:suite / name; of several suites (system+sanitized) the first is told
                suites, name = test["name"].split(":", 1)[-1].split(" / ", 1)
                name = f"{suites.split('+')[0]}/{name}"
                ran.add(name)
                report(name, test, output)
    for wanted in arguments[split + 1 :]:
        if not fnmatch.filter(ran, wanted):
            output.case("not ok", f"{wanted} ran")
    print(f"1..{output.count}")
    return 1 if output.failed else 0


sys.exit(main(sys.argv[1:]))
