# SPDX-License-Identifier: GPL-2.0-or-later
"""The users' ledger: what it takes of a packet and of a connection, and what a reap takes with many rows.

The server's end of each stream is in one of three control groups, which take turns; the client's end is in none of them:
on a real host one end is elsewhere. The network namespaces are those of the world."""

import contextlib
import json
import os
import shutil
import subprocess
import time

import reap
from world import BUILD, CLIENT, HERE, LOG, SERVER, STATE, Broken, configure, inside, median, run, say, until

NONE, EMPTY, OURS = 'none', 'empty', 'ours'
KINDS = {'bulk': [], 'udp 64': ['-u', '-b', '0', '-l', '64']}
GROUP = os.environ.get('BENCH_USERS', '')
LOADER = os.environ.get('PAM_TRAFFIC_LEDGER_PATH', '')
TOOL = f'{BUILD}/tests/lib/ledger/ledger_tool'
SHORT = f'{os.path.dirname(HERE)}/system/ledger.pl'
PORTS = {NONE: 5301, EMPTY: 5302, OURS: 5303}

# with the world's group as the root of cgroup2
LOAD = '''echo $$ >"$0/cgroup.procs" && exec unshare --cgroup --mount sh -c '
    mount -t tmpfs tmpfs /sys/fs/cgroup && mkdir /sys/fs/cgroup/unified &&
    mount -t cgroup2 cgroup2 /sys/fs/cgroup/unified && exec "$0"' "$1"'''
IN_GROUP = 'echo $$ >"$0/cgroup.procs" && exec "$@"'


def group(name):
    return f'{GROUP}/{name}'


def prepare():
    """Make the groups; what has to be ended."""
    for name in PORTS:
        os.makedirs(group(name), exist_ok=True)
    empty = subprocess.Popen([TOOL, 'empty', group(EMPTY)], stdout=subprocess.PIPE, text=True)
    if empty.stdout.readline() != 'ready\n':
        raise Broken('the kernel takes no programs')
    run('server', 'sh', '-c', LOAD, group(OURS), LOADER)
    return [empty] + [subprocess.Popen(inside('server', 'sh', '-c', IN_GROUP, group(name), 'iperf3', '-s', '-p', port),
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                      for name, port in PORTS.items()]


def iperf(name, kind, seconds):
    """What arrived: Mbit/s, or thousands of datagrams a second."""
    # between two streams the server has no listener
    until(10, lambda: run('server', 'ss', '-Htln', f'sport = {PORTS[name]}'))
    length = ['-t', seconds] if seconds else ['-n', '1M']
    end = json.loads(run('client', 'iperf3', '-c', SERVER, '-p', PORTS[name], '-J', *length, *KINDS[kind]))['end']
    if kind == 'bulk':
        return end['sum_received']['bits_per_second'] / 1e6
    return (end['sum']['packets'] - end['sum']['lost_packets']) / end['sum']['seconds'] / 1000


def connections(name, n):
    """Short connections a second, by the server's time."""
    port = PORTS[name] + 10
    server = subprocess.Popen(inside('server', 'sh', '-c', IN_GROUP, group(name), 'perl', SHORT, 'serve', SERVER, port, n, 10),
                              stdout=subprocess.PIPE, text=True)
    if server.stdout.readline() != 'ready\n':
        raise Broken('no server')
    began = time.monotonic()
    run('client', 'perl', SHORT, 'connect', SERVER, port, n, 10)
    server.wait()
    return n / (time.monotonic() - began)


def packets(rows, options):
    kinds = [*KINDS, 'connections']
    got = {(kind, name): [] for kind in kinds for name in PORTS}
    say('users: what a packet takes')
    for turn in range(2 * options.rounds):
        for kind in kinds:
            names = [*PORTS]
            for name in names[turn % 3:] + names[:turn % 3]:
                got[kind, name].append(connections(name, 2000 if options.seconds else 50) if kind == 'connections' else
                                       iperf(name, kind, options.seconds))
    for kind, name in got:
        unit = {'bulk': 'Mbit/s', 'udp 64': '1000/s', 'connections': '1/s'}[kind]
        pairs = [a / b for a, b in zip(got[kind, name], got[kind, NONE])]
        rows.add(f'users, {kind}: {name}', None, 0, 0, unit, got[kind, name], (f'users, {kind}: {NONE}', None, 0, 0),
                 False, of_pairs=median(pairs))


def reaps(rows, options):
    config = configure('auto', '365d', 'yes')
    due = configure('auto', '1us', 'yes')
    say(f'users: reap with {options.keys} rows')
    run('server', TOOL, 'fill', options.keys)
    kinds = {
        'makes accounts and records': (config, False), 'nothing moved': (config, False),
        'all moved': (config, True), 'all get a record': (due, True),
    }
    for what, (path, more) in kinds.items():
        got = []
        for _ in range(1 if what.startswith('makes') else 3):
            if more:
                run('server', TOOL, 'fill', options.keys)
            got.append(reap.reap(path, options.limit))
        for column, name, unit in (0, 'time', 's'), (1, 'on a processor', 's'), (2, 'memory', 'MiB'):
            rows.add(f'users, reap, {what}: {name}', None, 0, options.keys, unit, [one[column] for one in got],
                     None, False, statuses=[one[3] for one in got])


def measure(rows, options):
    if not GROUP:
        raise Broken('this host, or this build, has no users\' ledger')
    running = []
    try:
        running = prepare()
        packets(rows, options)
        reaps(rows, options)
    finally:
        for process in running:
            process.terminate()
            process.wait()
        shutil.rmtree('/sys/fs/bpf/pam_traffic', ignore_errors=True)
        with contextlib.suppress(OSError):
            os.remove(LOG)
        shutil.rmtree(STATE, ignore_errors=True)
