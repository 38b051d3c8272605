# SPDX-License-Identifier: GPL-2.0-or-later
"""Packets: throughput between two namespaces.

`no module` and `flat rules` have pairs of namespaces of their own, so that all kinds are there at the
same time and take turns. The stream has a rule itself, as a session has. On the port of the sessions it
takes the way of their packets, on another port that of the rest of the host."""

import itertools
import json
import os
import subprocess

from login import rules
from world import CLIENT, LINK, NF_TOOL, PORT, Broken, inside, run, say

ADDRESS = '10.77.0.3'  # the sessions' listener has the port on the server's first address
OTHER_PORT = 5201
KINDS = {'bulk': [], 'small': ['-M', '536', '-l', '128', '-N']}
NONE, FLAT, OWN = 'no module', 'flat rules', 'pam_traffic'
CLIENT_PORTS = itertools.cycle(range(61000, 65000))  # no other client's; each run has its own
PAIRS = {NONE: 'none', FLAT: 'flat'}


def pair_make(name):
    ids = [f'{side}-{name}-{os.environ["WORLD_ID"]}' for side in ('server', 'client')]
    for id_ in ids:
        run('server', 'ip', 'netns', 'add', id_)
    run('server', 'ip', 'link', 'add', LINK, 'netns', ids[0], 'type', 'veth', 'peer', 'name', LINK, 'netns', ids[1])
    for side, address in ('server', ADDRESS), ('client', CLIENT):
        run(f'{side}-{name}', 'ip', 'addr', 'add', f'{address}/16', 'dev', LINK)
        run(f'{side}-{name}', 'ip', 'link', 'set', LINK, 'up')
        run(f'{side}-{name}', 'ip', 'link', 'set', 'lo', 'up')


def prepare():
    for name in PAIRS.values():
        pair_make(name)
    run('server', 'ip', 'addr', 'add', f'{ADDRESS}/16', 'dev', LINK)
    tables = '*mangle\n:PAM_TRAFFIC_IN - [0:0]\n:PAM_TRAFFIC_OUT - [0:0]\n' \
        '-A INPUT -j PAM_TRAFFIC_IN\n-A OUTPUT -j PAM_TRAFFIC_OUT\nCOMMIT\n'
    run('server-flat', 'iptables-legacy-restore', '--noflush', stdin=tables)
    # conntrack is on, as it is with the module
    tables = '*security\n:KEEP - [0:0]\n-A KEEP -p tcp -m conntrack --ctstate NEW\nCOMMIT\n'
    run('server-flat', 'iptables-legacy-restore', '--noflush', stdin=tables)
    return [subprocess.Popen(inside(f'server{suffix}', 'iperf3', '-s', '-B', ADDRESS, '-p', port),
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            for suffix in ('', '-none', '-flat') for port in (PORT, OTHER_PORT)]


def iperf(suffix, kind, port, client_port, seconds):
    """Mbit/s that arrived."""
    length = ['-t', seconds] if seconds else ['-n', '1M']
    text = run(f'client{suffix}', 'iperf3', '-c', ADDRESS, '-p', port, '--cport', client_port, '-J', *length,
               *KINDS[kind])
    return json.loads(text)['end']['sum_received']['bits_per_second'] / 1e6


class Stream:
    """The rule of the stream itself."""

    def __init__(self, backend, name, port, client_port):
        self.ends = (ADDRESS, port, CLIENT, client_port)
        self.backend, self.name = backend, name

    def do(self, verb, option):
        server, port, client, client_port = self.ends
        if self.name == FLAT:
            run('server-flat', 'iptables-legacy', '-t', 'mangle', option, 'PAM_TRAFFIC_IN', '-s', client, '-d', server,
                '-p', 'tcp', '--sport', client_port, '--dport', port)
            run('server-flat', 'iptables-legacy', '-t', 'mangle', option, 'PAM_TRAFFIC_OUT', '-s', server, '-d', client,
                '-p', 'tcp', '--sport', port, '--dport', client_port)
        elif self.name != NONE:
            said = run('server', NF_TOOL, '-b', self.backend, verb, *self.ends)
            if not said.startswith('OK'):
                raise Broken(f'nf_tool {verb}: {said.strip()}')

    def __enter__(self):
        self.do('add', '-A')

    def __exit__(self, *_):
        self.do('remove', '-D')


def measure(rows, backend, live, options):
    say(f'{backend}: throughput with {live} live sessions')
    # the sessions' rules are those of the real sessions, the flat ones are as many
    run('server-flat', 'iptables-legacy-restore', '--noflush',
        stdin=rules('mangle', 'PAM_TRAFFIC_IN', 'PAM_TRAFFIC_OUT', ADDRESS, live))
    names = {NONE: '-none', FLAT: '-flat', OWN: ''}
    runs = ('bulk', PORT), ('small', PORT), ('small', OTHER_PORT)
    got = {(run_, name): [] for run_ in runs for name in names}
    for _ in range(options.rounds):
        for kind, port in runs:
            for name, suffix in names.items():
                client_port = next(CLIENT_PORTS)
                # only on the port of sessions it is one
                stream = Stream(backend, name if port == PORT else NONE, port, client_port)
                with stream:
                    got[(kind, port), name].append(iperf(suffix, kind, port, client_port, options.seconds))
    for (kind, port), name in got:
        on = 'session port' if port == PORT else 'other port'
        base = (f'{kind}, {on}: {NONE}', backend, live, 0) if name != NONE else \
            (f'{kind}, {on}: {NONE}', backend, 0, 0)
        rows.add(f'{kind}, {on}: {name}', backend, live, 0, 'Mbit/s', got[(kind, port), name], base, name == OWN)
