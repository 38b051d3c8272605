# SPDX-License-Identifier: GPL-2.0-or-later
"""Reap: what one run takes, with sessions that live, and with sessions whose sockets are gone."""

import os
import subprocess
import time

from world import HELPER, LOAD, LOG, STATE, configure, inside, say

GRACE = 10.5  # lib/base/patience.h, REAP_GRACE: how long the end of a session waits for its close


def reap(config, limit):
    """Seconds, seconds on a processor, MiB, wait status."""
    done = subprocess.run(inside('server', LOAD, 'timed', limit, HELPER, 'reap', '--config', config),
                          text=True, stdout=subprocess.PIPE)
    took, cpu, memory, status = (int(word) for word in done.stdout.split()[1:])
    return took / 1e9, cpu / 1e6, memory / 1024, status


def sessions():
    return sum(name.endswith('.json') for name in os.listdir(f'{STATE}/sessions'))


def stops():
    with open(LOG) as log:
        return sum('"event":"stop"' in line for line in log)


def add(rows, what, backend, live, got, base=None, **more):
    for column, name, unit in (0, 'time', 's'), (1, 'on a processor', 's'), (2, 'memory', 'MiB'):
        rows.add(f'{what}: {name}', backend, live, 0, unit, [one[column] for one in got],
                 (f'{base}: {name}', backend, live, 0) if base else None,
                 statuses=[one[3] for one in got], **more)


def living(rows, backend, live, options):
    """Interim records due and not due, by turns."""
    say(f'{backend}: reap of {live} live sessions')
    kinds = {'reap, no record due': '0', 'reap, interim records': '1us'}
    got = {what: [] for what in kinds}
    for _ in range(min(3, options.rounds)):
        for what, interim in kinds.items():
            got[what].append(reap(configure(backend, interim), options.limit))
    for what in kinds:
        add(rows, what, backend, live, got[what], 'reap, no record due' if what != 'reap, no record due' else None)


def ending(rows, load, backend, count, options):
    """The newest sessions end without a word; the second reap is the one that ends them."""
    live = load.live
    say(f'{backend}: reap that ends {count} of {live} sessions')
    load.live, = load.ask(f'vanish {count}', 'left')
    config = configure(backend)
    add(rows, f'reap, finds {count} gone', backend, live, [reap(config, options.limit)])
    time.sleep(GRACE)
    before, stopped = sessions(), stops()
    one = reap(config, options.limit)
    ended = before - sessions()
    finished = ended >= count
    if not finished:
        say(f'it ended {ended} in {one[0]:.0f} s')
    add(rows, f'reap, ends {count}', backend, live, [one], f'reap, finds {count} gone', finished=finished,
        ended=ended, stop_records=stops() - stopped)
    rows.add(f'reap, ends {count}: per session', backend, live, 0, 'ms', [one[0] * 1000 / max(1, ended)],
             finished=finished, ended=ended)
