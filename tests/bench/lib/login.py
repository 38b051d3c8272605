# SPDX-License-Identifier: GPL-2.0-or-later
"""Logins: what pam_open_session and pam_close_session take, A B C A B C.

The script's chains have a rule for each live session, as they would have on a host that uses it."""

import math
import os
import re
import shutil
import time

from world import HERE, MODULE, PORT, SERVER, WORLD, Broken, Load, configure, run, say, stack, until

OWN, SCRIPT, EMPTY, NONE = 'pam_traffic', 'pam_exec script', 'pam_exec empty', 'empty stack'

CROWD = 12000  # connections of one process of the crowd, and of one port


def peers(count):
    """Remote ends as hosts have them: many addresses, ports of the range that clients use."""
    for i in range(count):
        yield f'10.77.{16 + i % 100}.{1 + i // 100 % 200}', 32768 + i * 2654435761 % 28232


def rules(table, chain_in, chain_out, server, count):
    """Two rules a session, in two chains, for iptables-restore."""
    lines = [f'*{table}', f'-F {chain_in}', f'-F {chain_out}']
    for address, port in peers(count):
        lines.append(f'-A {chain_in} -s {address} -d {server} -p tcp -m tcp --sport {port} --dport {PORT}')
        lines.append(f'-A {chain_out} -s {server} -d {address} -p tcp -m tcp --sport {PORT} --dport {port}')
    return '\n'.join(lines + ['COMMIT', ''])


def script_prepare(count):
    shutil.rmtree(f'{WORLD}/pam_exec', ignore_errors=True)
    os.makedirs(f'{WORLD}/pam_exec')
    if not run('server', 'iptables-legacy', '-S', 'BENCH_IN', check=False).startswith('-N'):
        for hook, way, option in ('INPUT', 'IN', '--dport'), ('OUTPUT', 'OUT', '--sport'):
            run('server', 'iptables-legacy', '-N', f'BENCH_{way}')
            run('server', 'iptables-legacy', '-A', hook, '-p', 'tcp', option, PORT, '-j', f'BENCH_{way}')
    run('server', 'iptables-legacy-restore', '--noflush', stdin=rules('filter', 'BENCH_IN', 'BENCH_OUT', SERVER, count))


def script_check(count):
    """The script did its work at each login: both ends of the counting, with numbers."""
    with open(f'{WORLD}/pam_exec/log') as log:
        text = log.read()
    for line in r' begin( (packets|bytes)=\d+){4}', r' end( \d+){4}':
        found = len(re.findall(line, text))
        if found != count:
            raise Broken(f'pam_exec_script.sh did its work {found} times of {count}: {text[:300]}')


def script_forget():
    for hook, way, option in ('INPUT', 'IN', '--dport'), ('OUTPUT', 'OUT', '--sport'):
        run('server', 'iptables-legacy', '-D', hook, '-p', 'tcp', option, PORT, '-j', f'BENCH_{way}', check=False)
        run('server', 'iptables-legacy', '-F', f'BENCH_{way}', check=False)
        run('server', 'iptables-legacy', '-X', f'BENCH_{way}', check=False)


def grow(rows, load, backend, live):
    """Make live sessions up to that many."""
    more = live - load.live
    if more <= 0:
        return
    say(f'{backend}: {more} more live sessions')
    load.live, took, failed = load.ask(f'open {stack("module", module_line(backend))} {more}', 'opened')
    rows.add('one more live session', backend, live, 0, 'ms', [took / 1e6 / more], failed=failed,
             seconds=took / 1e9)
    if failed:
        say(f'{failed} of {more} helpers failed')


def module_line(backend):
    return f'{MODULE} conf={configure(backend)}'


def sample(load, stacks, samples, budget):
    """One login of each, again and again. Of the others, what takes long takes part in every n-th
    round only."""
    got = {name: [] for name in stacks}
    spent = dict.fromkeys(stacks, 0.0)
    every = dict.fromkeys(stacks, 1)
    for i in range(samples):
        for name, folder in stacks.items():
            if i % every[name]:
                continue
            began = time.monotonic()
            got[name].append(load.ask(f'login {folder} {"helper" if name == OWN else "plain"}', 'login'))
            spent[name] += time.monotonic() - began
        if i == 2:
            every = {name: 1 if name == OWN else max(1, math.ceil(spent[name] / 3 * samples / budget))
                     for name in stacks}
    return got


def measure(rows, load, backend, live, others, options):
    say(f'{backend}: logins with {live} live sessions, {others} other connections')
    script_prepare(live)
    stacks = {OWN: stack('module', module_line(backend)),
              SCRIPT: stack('script', f'pam_exec.so quiet {HERE}/pam_exec_script.sh'),
              EMPTY: stack('empty', f'pam_exec.so quiet {HERE}/pam_exec_empty.sh'),
              NONE: stack('none')}
    got = sample(load, stacks, options.samples, options.budget)
    script_check(len(got[SCRIPT]))
    script_forget()

    for half, at in ('open', 0), ('close', 4):
        for what, column, scale in (half, at, 1e3), (f'{half}, processor', at + 3, 1):
            for name in stacks:
                # the module is compared with itself when there is nothing else on the host
                alone = (live, others) == (0, 0)
                base = (f'{what}: {OWN}', backend, 0, 0) if name == OWN and not alone else \
                    (f'{what}: {EMPTY if name == OWN else OWN}', backend, live, others)
                rows.add(f'{what}: {name}', backend, live, others, 'us', [s[column] / scale for s in got[name]],
                         base, name == OWN)
        for what, unit, offset, scale in ('done', 'ms', 1, 1e6), ('memory', 'MiB', 2, 1024):
            name = f'{half}: helper {what}'
            rows.add(name, backend, live, others, unit, [s[at + offset] / scale for s in got[OWN]],
                     (name, backend, 0, 0))


def conntrack_count():
    return int(run('server', 'cat', '/proc/sys/net/netfilter/nf_conntrack_count'))


def crowded(rows, load, backend, live, others, options):
    before = conntrack_count()
    say(f'{others} other connections')
    crowds = []
    for first in range(0, others, CROWD):
        crowds.append(Load('crowd', 7001 + len(crowds), min(CROWD, others - first)))
        crowds[-1].answer('crowd')
    measure(rows, load, backend, live, others, options)
    for crowd in crowds:
        crowd.end()
    # a connection that was reset is remembered for 10 s
    until(30, lambda: conntrack_count() < before + 3000)
