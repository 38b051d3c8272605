#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What people do today: the join of /proc/net with conntrack, as it was described on the netfilter list
in 2006 ("Traffic auditing per user"): a yardstick for the time that `pam_traffic sockets` takes.

Straightforward, and complete in what was described: the uid and inode of /proc/net/tcp, tcp6, udp and
udp6; the process by every link of /proc/[0-9]*/fd; bytes and packets by the lines of conntrack. Nothing
is slow on purpose. It prints a line for each connection."""

import glob
import os
import re
import socket
import subprocess
import sys

STATES = {1: 'ESTABLISHED', 2: 'SYN_SENT', 3: 'SYN_RECV', 4: 'FIN_WAIT1', 5: 'FIN_WAIT2', 6: 'TIME_WAIT', 7: 'CLOSE',
          8: 'CLOSE_WAIT', 9: 'LAST_ACK', 10: 'LISTEN', 11: 'CLOSING'}
ENTRY = re.compile(r'^(?:ipv[46] +\d+ )?(tcp|udp) .*?src=(\S+) dst=(\S+) sport=(\d+) dport=(\d+) (?:packets=(\d+) bytes=(\d+) )?'
                   r'.*?src=(\S+) dst=(\S+) sport=(\d+) dport=(\d+)(?: packets=(\d+) bytes=(\d+))?')


def address(text):
    """The words of an address are numbers in this host's byte order."""
    words = [int(text[i:i + 8], 16).to_bytes(4, sys.byteorder) for i in range(0, len(text), 8)]
    data = b''.join(words)
    if len(data) == 4:
        return socket.inet_ntop(socket.AF_INET, data)
    if data[:12] == bytes(10) + b'\xff\xff':
        return socket.inet_ntop(socket.AF_INET, data[12:])
    return socket.inet_ntop(socket.AF_INET6, data)


def get_connections():
    connections = {}
    for table in 'tcp', 'tcp6', 'udp', 'udp6':
        try:
            file = open(f'/proc/net/{table}')
        except OSError:
            continue
        with file:
            file.readline()
            for line in file:
                words = line.split()
                lhost, lport = words[1].split(':')
                rhost, rport = words[2].split(':')
                connections[words[9] if words[9] != '0' else (table, words[1], words[2])] = {
                    'proto': table[:3], 'state': STATES.get(int(words[3], 16), '-'), 'uid': int(words[7]),
                    'lhost': address(lhost), 'lport': int(lport, 16), 'rhost': address(rhost), 'rport': int(rport, 16)}
    return connections


def resolve_inodes(connections):
    for file in glob.glob('/proc/[0-9]*/fd/*'):
        try:
            link = os.readlink(file)
            if link[0:8] == 'socket:[' and link[8:-1] in connections:
                pid = file.split('/')[2]
                with open(f'/proc/{pid}/status') as status:
                    name = status.readline().split()[-1].rstrip()
                yield link[8:-1], pid, name
        except OSError:
            pass


def plain(text):
    """/proc/net/nf_conntrack has IPv6 addresses in full length."""
    return socket.inet_ntop(socket.AF_INET6, socket.inet_pton(socket.AF_INET6, text)) if ':' in text else text


def get_counters():
    if os.path.exists('/proc/net/nf_conntrack'):
        with open('/proc/net/nf_conntrack') as file:
            lines = file.readlines()
    else:
        lines = []
        for family in 'ipv4', 'ipv6':
            lines += subprocess.run(['conntrack', '-L', '-f', family], text=True, stdout=subprocess.PIPE,
                                    stderr=subprocess.DEVNULL).stdout.splitlines()
    counters = {}
    for line in lines:
        found = ENTRY.match(line)
        if not found:
            continue
        proto, src, dst, sport, dport, packets, size, rsrc, rdst, rsport, rdport, rpackets, rsize = found.groups()
        ours, theirs = (packets, size), (rpackets, rsize)
        # whoever opened it: in and out, in and out
        counters[proto, plain(src), int(sport), plain(dst), int(dport)] = theirs + ours
        counters[proto, plain(rsrc), int(rsport), plain(rdst), int(rdport)] = ours + theirs
    return counters


def main():
    connections = get_connections()
    for inode, pid, name in resolve_inodes(connections):
        connections[inode]['pid'] = pid
        connections[inode]['prog_name'] = name
    counters = get_counters()
    for c in connections.values():
        numbers = counters.get((c['proto'], c['lhost'], c['lport'], c['rhost'], c['rport']), ('-',) * 4)
        print(c['proto'], c['uid'], c.get('pid', '-'), c.get('prog_name', '-'), c['state'], c['lhost'], c['lport'], c['rhost'],
              c['rport'], *numbers)


main()
