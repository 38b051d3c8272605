# SPDX-License-Identifier: GPL-2.0-or-later
"""pam_traffic sockets, on a host with many connections, beside what one would take instead: ss for the
sockets alone, and a script that joins them with conntrack (audit_reference.py). A B C A B C."""

import json
import subprocess

from login import CROWD, conntrack_count
from world import BUILD, HERE, LOAD, Broken, Load, configure, inside, median, run, say, until

CLI = f'{BUILD}/cli/pam_traffic'
SIZES = 10, 300, 1000, 20000  # connections, beside `others`: those of real hosts, and large ones


def commands(backend):
    ours = f'{CLI} sockets --config {configure(backend)}'
    return {
        'sockets, JSON': f'{ours} --json',
        'sockets, table': ours,
        'ss -tunp': 'ss -tunp',
        'audit script': f'python3 {HERE}/lib/audit_reference.py',
    }


def lines(command):
    return run('server', 'sh', '-c', f'{command} 2>/dev/null').splitlines()


def check(kinds, count):
    """Each does its work: so many connections, and bytes where they are promised."""
    found = {'ss -tunp': len(lines(kinds['ss -tunp'])), 'sockets, table': len(lines(kinds['sockets, table']))}
    rows = json.loads('\n'.join(lines(kinds['sockets, JSON'])))['sockets']
    found['sockets, JSON'] = sum(bool(row['in_bytes'] and row['pid']) for row in rows)
    words = [line.split() for line in lines(kinds['audit script'])]
    found['audit script'] = sum(line[-1].isdigit() and line[2].isdigit() for line in words)
    for name, n in found.items():
        if n < count:
            raise Broken(f'{name} has {n} connections of {count}')


def timed(command, limit):
    """Seconds, seconds on a processor, MiB; what it prints goes where it costs nothing."""
    done = subprocess.run(inside('server', LOAD, 'timed', limit, 'sh', '-c', f'exec {command} >/dev/null 2>&1'),
                          text=True, stdout=subprocess.PIPE)
    took, cpu, memory, status = (int(word) for word in done.stdout.split()[1:])
    if status:
        raise Broken(f'{command}: wait status {status}')
    return took / 1e9, cpu / 1e6, memory / 1024


def crowd(count, port):
    loads = []
    for first in range(0, count, CROWD):
        loads.append(Load('crowd', port + len(loads), min(CROWD, count - first)))
        loads[-1].live, = loads[-1].answer('crowd')
    return loads


def measure(rows, backend, options):
    """With more and more connections; what the last ones take more is the memory of one."""
    before = conntrack_count()
    kinds = commands(backend)
    sizes = [size for size in SIZES if size <= options.others // 2] + [options.others]
    memory = {}
    loads = []
    for count in sizes:
        say(f'sockets: {count} connections')
        loads += crowd(count - sum(load.live for load in loads), 7101 + len(loads))
        if conntrack_count() < count:
            raise Broken(f'conntrack has {conntrack_count()} entries of {count}')
        check(kinds, count)
        got = {name: [] for name in kinds}
        for _ in range(options.rounds):
            for name, command in kinds.items():
                got[name].append(timed(command, options.limit))
        for name in kinds:
            ours = name.startswith('sockets')
            for column, what, unit in (0, 'time', 's'), (1, 'on a processor', 's'), (2, 'memory', 'MiB'):
                base = f'ss -tunp: {what}' if ours else f'sockets, JSON: {what}'
                rows.add(f'{name}: {what}', backend, 0, count, unit, [one[column] for one in got[name]],
                         None if name == 'ss -tunp' else (base, backend, 0, count), ours)
            memory[name, count] = median([one[2] for one in got[name]]) * 1024 * 1024
    for name in kinds:
        each = (memory[name, sizes[-1]] - memory[name, sizes[-2]]) / (sizes[-1] - sizes[-2])
        rows.add(f'{name}: memory per connection', backend, 0, options.others, 'B', [each], None, name.startswith('sockets'))
    for load in loads:
        load.end()
    # a connection that was reset is remembered for 10 s
    until(30, lambda: conntrack_count() < before + 3000)
