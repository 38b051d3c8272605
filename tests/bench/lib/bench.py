# SPDX-License-Identifier: GPL-2.0-or-later
"""The order of the benchmark; tests/bench/run has made the world, and says how to read what comes out.

A backend's live sessions grow from one size to the next; whatever is measured at a size is measured
before they grow again. At the end they vanish, which reap has to deal with."""

import argparse
import subprocess
import sys

import login
import packets
import reap
import report
import sockets
import table
import users
from world import PORT, Broken, Load, Rows, begin, end, say

BACKENDS = 'iptables', 'nftables'
PARTS = 'login', 'packets', 'reap', 'sockets', 'report', 'users'


def sizes(text):
    return [int(word) for word in text.split(',')]


def options_parse():
    parser = argparse.ArgumentParser(prog='tests/bench/run')
    parser.add_argument('--quick', action='store_true')
    parser.add_argument('--json', action='store_true')
    parser.add_argument('--only', default=','.join(PARTS))
    # without help: for the smoke test, and for a closer look
    parser.add_argument('--sizes', type=sizes, help=argparse.SUPPRESS)
    parser.add_argument('--others', type=int, help=argparse.SUPPRESS)
    parser.add_argument('--records', type=int, help=argparse.SUPPRESS)
    parser.add_argument('--samples', type=int, help=argparse.SUPPRESS)
    parser.add_argument('--rounds', type=int, help=argparse.SUPPRESS)
    parser.add_argument('--seconds', type=int, help=argparse.SUPPRESS)
    parser.add_argument('--backends', default=','.join(BACKENDS), help=argparse.SUPPRESS)
    options = parser.parse_args()
    quick = options.quick
    options.only = options.only.split(',')
    options.backends = options.backends.split(',')
    options.sizes = options.sizes or ([0, 100] if quick else [0, 100, 1000, 10000])
    options.others = options.others or (10000 if quick else 100000)
    options.keys = min(options.records or 10000, 10000)
    options.records = options.records or (100000 if quick else 1000000)
    options.samples = options.samples or (50 if quick else 200)
    options.seconds = 1 if options.seconds is None else options.seconds
    options.rounds = options.rounds or (3 if quick else 5)
    options.budget = 8 if quick else 20  # seconds that one kind of login may take in all
    options.limit = 60 if quick else 180  # seconds of a reap
    for part in options.only:
        if part not in PARTS:
            parser.error(f'no part {part}; there are {", ".join(PARTS)}')
    return options


def left(rows, backend, live):
    """Helpers that are still there after the last login."""
    done = subprocess.run(['pgrep', '-c', 'pam_traffic'], text=True, stdout=subprocess.PIPE)
    rows.add('processes left', backend, live, 0, '', [int(done.stdout)])


def backend_run(rows, load, backend, options):
    if 'sockets' in options.only and backend == options.backends[0]:
        sockets.measure(rows, backend, options)
    if options.only == ['sockets']:
        return
    # with 100,000 others: none, and one size more
    crowded = {0, max(size for size in options.sizes if size <= 1000)}
    for live in options.sizes:
        login.grow(rows, load, backend, live)
        if 'login' in options.only:
            login.measure(rows, load, backend, live, 0, options)
            left(rows, backend, live)
            if live in crowded:
                login.crowded(rows, load, backend, live, options.others, options)
        if 'packets' in options.only and (live != 100 or options.quick):
            packets.measure(rows, backend, live, options)
    if 'reap' in options.only and load.live:
        reap.living(rows, backend, load.live, options)
        if load.live > 1000:
            reap.ending(rows, load, backend, 1000, options)
        reap.ending(rows, load, backend, load.live, options)
        left(rows, backend, 0)


def main():
    options = options_parse()
    rows, missing = Rows(), {}
    servers = packets.prepare() if 'packets' in options.only else []
    if 'report' in options.only:
        try:
            report.measure(rows, options)
        except (Broken, OSError) as error:
            say(f'report: {error}')
            missing['report'] = f'broken off: {error}'
    if 'users' in options.only:
        try:
            users.measure(rows, options)
        except (Broken, OSError) as error:
            say(f'users: {error}')
            missing['users'] = f'broken off: {error}'
    for backend in options.backends if not {*options.only} <= {'report', 'users'} else ():
        why = begin(backend)
        if why:
            say(f'{backend}: {why}')
            missing[backend] = why
            continue
        load = Load('sessions', PORT)
        try:
            backend_run(rows, load, backend, options)
        except (Broken, OSError) as error:
            # what there is so far is worth printing
            say(f'{backend}: {error}')
            missing[backend] = f'broken off: {error}'
        load.end()
        end(backend)
    for server in servers:
        server.terminate()
        server.wait()
    table.compare(rows)
    sys.stdout.write((table.as_json if options.json else table.as_table)(rows, missing))
    say('done')
    return 0 if rows.rows and 'broken' not in str(missing) else 1


sys.exit(main())
