# SPDX-License-Identifier: GPL-2.0-or-later
"""pam_traffic report of a large log, the first time (it makes the index) and the next; beside what one would
take instead: jq, which reads all of it each time, and sqlite3 with the lines in a table."""

import json
import os
import random
import shlex
import time

from sockets import CLI, timed
from world import STATE, Broken, run, say

DAYS = 30
USERS, ADDRESSES = 200, 2000
KINDS = 'shell', 'command', 'sftp', 'forward', 'shell+sftp', None


def stamp(second):
    return time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(1792454400 + second)) + f'.{int(second * 1e6) % 1000000:06d}Z'


def record(number, seq, event, second, moved):
    """As the helper writes it: all keys in their order, no blanks."""
    user = number * 7919 % USERS
    address = f'10.{number % 10}.{user}.7'
    inward, outward = sum(moved), 9 * sum(moved)
    return {
        'v': 1, 'event': event, 'time': stamp(second), 'host': 'vm', 'boot_id': '7c722406-f73e-4fb4-969f-1bee522f7d42',
        'session': f'01a20450-bb0f-79f8-b748-{number:012x}', 'seq': seq, 'service': 'sshd', 'user': f'user{user}',
        'uid': 1000 + user, 'pid': number % 30000 + 2, 'rhost': address, 'family': 'ipv4', 'local_addr': '10.77.0.1',
        'local_port': 22, 'remote_addr': address, 'remote_port': number % 60000 + 1024, 'auth_method': 'publickey',
        'auth_key': f'SHA256:{user:04d}abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLM', 'audit_session': number,
        'login_session': None, 'excluded': False, 'backend': 'iptables', 'in_bytes': inward,
        'in_packets': inward // 900 + 1, 'out_bytes': outward, 'out_packets': outward // 1400 + 1,
        'preauth_in_bytes': 4829, 'preauth_in_packets': 21, 'preauth_out_bytes': 5200, 'preauth_out_packets': 17,
        'preauth_source': 'conntrack', 'delta_in_bytes': moved[-1], 'delta_out_bytes': 9 * moved[-1],
        'tcp_in_bytes': inward, 'tcp_out_bytes': outward, 'tcp_in_segments': inward // 900 + 1,
        'tcp_out_segments': outward // 1400 + 1, 'tcp_retrans_bytes': 0, 'tcp_min_rtt_us': 31,
        'wire_in_bytes': inward, 'wire_out_bytes': outward, 'duration': seq * 300.5 if seq else None,
        'terminate_cause': 'User-Request' if event == 'stop' else None, 'complete': event != 'start',
        'incomplete_cause': None, 'excluded_in_bytes': None, 'excluded_out_bytes': None,
        'kind': None if event == 'start' else KINDS[number % len(KINDS)]}


def write(path, count):
    """Sessions of two to ten records, one every five minutes, in the order of their times."""
    random.seed(1)
    lines, number = 0, 0
    encode = json.JSONEncoder(separators=(',', ':')).encode
    sessions = count / 3
    slots = DAYS * 288
    # what is to come, by 300 seconds
    due = [[] for _ in range(slots + 16)]
    with open(path, 'w') as log:
        for slot in range(slots + 16):
            for who, seq, left, moved in due[slot]:
                moved.append(random.randrange(500, 200000))
                event = 'interim' if left else 'stop'
                if lines < count:
                    log.write(encode(record(who, seq, event, slot * 300 + random.random() * 300, moved)) + '\n')
                    lines += 1
                if left:
                    due[slot + 1 if slot + 1 < len(due) else slot].append((who, seq + 1, left - 1, moved))
            while number < sessions * (slot + 1) / slots and slot < slots and lines < count:
                number += 1
                moved = [4829]
                log.write(encode(record(number, 0, 'start', slot * 300 + random.random() * 300, moved)) + '\n')
                lines += 1
                due[slot + 1].append((number, 1, random.choice((0, 0, 0, 1, 2, 8)), moved))
    return lines


def measure(rows, options):
    log, state, database = f'{STATE}/report.log', f'{STATE}/report', f'{STATE}/report.sqlite'
    config = f'{STATE}/report.conf'
    say(f'report: {options.records} records')
    os.makedirs(state, exist_ok=True)
    lines = write(log, options.records)
    with open(config, 'w') as file:
        file.write(f'log_file = {log}\nstate_dir = {state}\n')
    ours = f'{CLI} report --config {config}'
    sums = ("'reduce inputs as $r ({}; .[$r.user][0] += $r.delta_in_bytes | .[$r.user][1] += $r.delta_out_bytes) | "
            "to_entries[] | [.key, .value[]] | @csv'")
    query = ("SELECT json_extract(line, '$.user'), sum(json_extract(line, '$.delta_in_bytes')), "
             "sum(json_extract(line, '$.delta_out_bytes')) FROM lines GROUP BY 1")
    table = f"sqlite3 {database} {shlex.quote(query)}"
    imports = (f"sqlite3 {database} 'CREATE TABLE lines(line)' '.mode ascii' '.separator \"\\037\" \"\\n\"' "
               f"'.import {log} lines' {shlex.quote(query)}")
    kinds = {
        'report, first': ours,
        'report, next': ours,
        'report, next, by user,day': f'{ours} --by user,day',
        'report, next, by key, 7 days': f'{ours} --by key --since 2026-11-01 --until 2026-11-07',
        'jq': f'jq -n -r {sums} {log}',
        'sqlite3, import and query': imports,
        'sqlite3, query': table,
    }
    got = {name: [] for name in kinds}
    for _ in range(min(options.rounds, 3)):
        for name in os.listdir(state):
            os.unlink(f'{state}/{name}')
        if os.path.exists(database):
            os.unlink(database)
        for name, command in kinds.items():
            got[name].append(timed(f'sh -c {shlex.quote(command)}', 10 * options.limit))
    found = json.loads(run('server', 'sh', '-c', f'{ours} --json'))
    if found['records'] != lines:
        raise Broken(f'the index has {found["records"]} records of {lines}')
    for name in kinds:
        for column, what, unit in (0, 'time', 's'), (1, 'on a processor', 's'), (2, 'memory', 'MiB'):
            base = 'sqlite3, import and query' if name == 'report, first' else 'jq'
            rows.add(f'{name}: {what}', None, 0, lines, unit, [one[column] for one in got[name]],
                     None if name == base else (f'{base}: {what}', None, 0, lines), False)
    rows.add('index.db: size', None, 0, lines, 'MiB', [os.path.getsize(f'{state}/index.db') / 1048576],
             None, False)
    os.unlink(log)
