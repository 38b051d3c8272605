#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Count what tests said: results.py NAME LOG.json FAILURES WANTED

LOG.json is the log of one `meson test`. Prints "PASSED FAILED SKIPPED": a line of TAP is a case, and a test without
TAP is one case itself. What failed is added to the file FAILURES, with what the test said of it. Where it is not
the log of WANTED tests, meson itself has failed.
"""

import json
import re
import sys

BAD = ('FAIL', 'ERROR', 'TIMEOUT', 'INTERRUPT', 'UNEXPECTEDPASS')
CASE = re.compile(r'^(not ok|ok)\b([^\n]*)\n?((?:#[^\n]*\n?)*)', re.M)
LINES, WIDTH = 12, 400


def count(name, test, failures):
    """The cases of one test that passed, failed and were skipped."""
    passed = failed = skipped = 0
    what = f'{name}: {test["name"].split(":", 1)[-1].replace(" / ", "/")}'
    for word, text, comments in CASE.findall(test['stdout'] or ''):
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
        for line in ((test['stdout'] or '') + (test.get('stderr') or '')).splitlines()[-LINES:]:
            print('   ', line[:WIDTH], file=failures)
    elif not passed + failed + skipped:
        if test['result'] == 'SKIP':
            skipped += 1
        else:
            passed += 1
    return passed, failed, skipped


def main(name, log, failures, wanted):
    with open(log, encoding='utf-8') as tests, open(failures, 'a', encoding='utf-8') as file:
        counts = [count(name, json.loads(test), file) for test in tests]
        if len(counts) != int(wanted):
            print(f'FAILED: {name}: {len(counts)} of {wanted} tests ran', file=file)
            counts.append((0, 1, 0))
    print(*(sum(column) for column in zip(*counts, (0, 0, 0))))


main(*sys.argv[1:])
