#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Count what tests said: results.py NAME BUILD LOG FAILURES WANTED

BUILD/meson-logs/LOG.json is the log of one `meson test`. Prints "PASSED FAILED SKIPPED": a line of TAP is a case, and a
test without TAP is one case itself. A unit test's case that was left says "# skipped: REASON" (tests/unit/unit.h). What
failed or was skipped is added to the file FAILURES, with what the test said of it. A test with TAP fails if it has no
plan, for it may have ended before its time. Where it is not the log of WANTED tests, meson itself has failed.
"""

import json
import re
import subprocess
import sys

BAD = ('FAIL', 'ERROR', 'TIMEOUT', 'INTERRUPT', 'UNEXPECTEDPASS')
CASE = re.compile(r'^(not ok|ok)\b([^\n]*)\n?((?:#[^\n]*\n?)*)', re.M)
PLAN = re.compile(r'^1\.\.(\d+)(.*)$', re.M)
LEFT = re.compile(r'^# skipped: (.*)$', re.M)
LINES, WIDTH = 12, 400


def with_tap(build):
    """The tests that speak TAP, as the log names them."""
    told = subprocess.run(['meson', 'introspect', '--tests', build], stdout=subprocess.PIPE, check=True)
    for test in json.loads(told.stdout):
        if test['protocol'] == 'tap':
            suites = [suite.split(':') for suite in test['suite']]
            yield f'{suites[0][0]}:{"+".join(suite[-1] for suite in suites)} / {test["name"]}'


def plan_fault(output):
    """What is wrong with a test's plan, if anything is."""
    plans = PLAN.findall(output)
    if len(plans) != 1:
        return f'{len(plans)} plans'
    if plans[0][0] == '0' and not re.match(' # SKIP .', plans[0][1]):
        return 'no case, and no reason'
    return None


def count(name, test, tap, failures):
    """The cases of one test that passed, failed and were skipped."""
    passed = failed = skipped = 0
    what = f'{name}: {test["name"].split(":", 1)[-1].replace(" / ", "/")}'
    output = test['stdout'] or ''
    for reason in re.findall('# SKIP (.*)', output) + LEFT.findall(output):
        print('skipped:', what + ':', reason, file=failures)
    for word, text, comments in CASE.findall(output):
        if re.search('# SKIP', text, re.I):
            skipped += 1
        elif word == 'ok':
            passed += 1
        else:
            failed += 1
            print('FAILED:', what + ':', text.strip(), file=failures)
            for line in comments.splitlines()[:LINES]:
                print('   ', line[:WIDTH], file=failures)
    if test['result'] in BAD and not failed:
        failed += 1
        print('FAILED:', what + ':', test['result'], file=failures)
        for line in (output + (test.get('stderr') or '')).splitlines()[-LINES:]:
            print('   ', line[:WIDTH], file=failures)
    elif not failed and test['name'] in tap and plan_fault(output):
        failed += 1
        print('FAILED:', what + ':', plan_fault(output), file=failures)
    elif not passed + failed + skipped:
        if test['result'] == 'SKIP':
            skipped += 1
        else:
            passed += 1
    left = min(passed, len(LEFT.findall(output)))
    return passed - left, failed, skipped + left


def main(name, build, log, failures, wanted):
    tap = set(with_tap(build))
    with open(f'{build}/meson-logs/{log}.json', encoding='utf-8') as tests, \
            open(failures, 'a', encoding='utf-8') as file:
        counts = [count(name, json.loads(test), tap, file) for test in tests]
        if len(counts) != int(wanted):
            print(f'FAILED: {name}: {len(counts)} of {wanted} tests ran', file=file)
            counts.append((0, 1, 0))
    print(*(sum(column) for column in zip(*counts, (0, 0, 0))))


main(*sys.argv[1:])
