#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Usage: spoof.py checksum|window COUNT FROM PORT TO PORT

Sends COUNT segments of 1,400 bytes that look like those of a connection (IPv4) by their addresses and ports, and that
TCP does not take: their checksum is wrong, or their sequence number is far outside of the window."""

import random
import socket
import struct
import sys

PAYLOAD = bytes(1400)


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def main():
    how, count, source, source_port, target, target_port = sys.argv[1:]
    sender = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_TCP)
    sender.bind((source, 0))
    ends = socket.inet_aton(source) + socket.inet_aton(target)
    for _ in range(int(count)):
        header = struct.pack("!HHIIBBHHH", int(source_port), int(target_port), random.getrandbits(32),
                             random.getrandbits(32), 5 << 4, 0x10, 1000, 0, 0)
        right = checksum(ends + struct.pack("!BBH", 0, socket.IPPROTO_TCP, len(header) + len(PAYLOAD)) + header + PAYLOAD)
        wrong = right ^ 0x5555
        value = wrong if how == "checksum" else right
        sender.sendto(header[:16] + struct.pack("!H", value) + header[18:] + PAYLOAD, (target, 0))


main()
