# SPDX-License-Identifier: GPL-2.0-or-later
"""A file system in user space (FUSE) with one file, whose server does not answer any more.

stalled.py FOLDER PORT...    mounts it on FOLDER; a child opens FOLDER/file, and connects to HOST PORT. Then nothing is
                             answered; each request that comes is a line of FOLDER.asked."""

import ctypes
import os
import signal
import socket
import struct
import sys

ERROR = -38  # ENOSYS
INIT, LOOKUP, GETATTR, OPEN = 26, 1, 3, 14


def attributes(inode, mode):
    return struct.pack('=6Q3I7I', inode, 0, 0, 0, 0, 0, 0, 0, 0, mode, 1, 0, 0, 0, 4096, 0)


def answer(code, inode):
    """What is remembered is never valid: who wants to know something must ask."""
    mode = 0o40755 if inode == 1 else 0o100644
    if code == INIT:
        return struct.pack('=4I2H2I2H8I', 7, 31, 0, 0, 1, 1, 4096, 1, 1, 0, *[0] * 8)
    if code == LOOKUP:
        return struct.pack('=4Q2I', 2, 0, 0, 0, 0, 0) + attributes(2, 0o100644)
    if code == GETATTR:
        return struct.pack('=Q2I', 0, 0, 0) + attributes(inode, mode)
    if code == OPEN:
        return struct.pack('=Q2I', 0, 0, 0)
    return None


def serve(device, until):
    while True:
        request = os.read(device, 1 << 17)
        code, unique, inode = struct.unpack_from('=4xIQQ', request)
        body = answer(code, inode)
        os.write(device, struct.pack('=IiQ', 16 + len(body or b''), 0 if body else ERROR, unique) + (body or b''))
        if code == until:
            return


def main():
    folder, host, port = sys.argv[1:4]
    device = os.open('/dev/fuse', os.O_RDWR)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mount(b'stalled', folder.encode(), b'fuse', 0,
                  f'fd={device},rootmode=40000,user_id=0,group_id=0'.encode()):
        sys.exit(f'{folder}: {os.strerror(ctypes.get_errno())}')
    serve(device, INIT)
    child = os.fork()
    if not child:
        os.close(device)  # a file system ends when nobody has its device
        os.open(f'{folder}/file', os.O_RDONLY)
        connection = socket.create_connection((host, int(port)))
        open(f'{folder}.port', 'w').write(str(connection.getsockname()[1]))
        os.rename(f'{folder}.port', f'{folder}.ready')
        signal.pause()
    serve(device, OPEN)
    with open(f'{folder}.asked', 'a', buffering=1) as asked:
        while True:
            code, = struct.unpack_from('=4xI', os.read(device, 1 << 17))
            asked.write(f'{code}\n')


main()
