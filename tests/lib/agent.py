# SPDX-License-Identifier: GPL-2.0-or-later
"""A process with a socket, that does step by step what its arguments say (sockets.sh starts it).

agent.py FOLDER STEP...      FOLDER is where files are signals; words of a step are words of the command

    listen tcp|udp HOST PORT     listen; for UDP bind, without a peer
    reuse                        others may listen on the same port (SO_REUSEPORT), from here on
    join GROUP WHERE             a group of multicast, on the interface of that name
    from HOST PORT               the local end of the next connect
    connect tcp|udp HOST PORT
    accept                       the connection becomes the socket; the listener stays open
    fork                         the child goes on, with the connection; the parent keeps the listener
    give PATH, take PATH         the connection goes to another process, which waits for it (SCM_RIGHTS)
    send N, recv N               bytes of a connection
    datagrams N SIZE             sends so many, to the peer or to who spoke last
    to HOST PORT                 somebody else is who spoke last
    scatter HOST PORT N SIZE     one datagram to each of N ports from PORT on, the i-th of SIZE + i % 1000 bytes
    hold N HOST PORT             so many connections, which stay
    churn HOST PORT NAME         a datagram each from new sockets, until the signal NAME
    collect N                    receives so many datagrams
    close, abort                 FIN or RST
    serve N SIZE                 N connections, one after the other: 100 bytes in, SIZE bytes out, end
    burst N HOST PORT SIZE       the other end of it
    touch NAME, await NAME       signals

Every wait ends after an hour, with an error: a test may take as long on a slow machine. All agents end with their
world."""

import array
import os
import socket
import struct
import sys
import time

KINDS = {'tcp': socket.SOCK_STREAM, 'udp': socket.SOCK_DGRAM}
BLOCK = bytes(65536)


def receive(connection, size):
    while size:
        got = connection.recv(min(size, len(BLOCK)))
        if not got:
            raise EOFError(f'{size} bytes did not come')
        size -= len(got)


class Agent:
    def __init__(self, folder):
        self.folder = folder
        self.listener = self.socket = self.peer = self.local = self.held = None
        self.shared = False

    def make(self, kind, host):
        made = socket.socket(socket.AF_INET6 if ':' in host else socket.AF_INET, KINDS[kind])
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT if self.shared else socket.SO_REUSEADDR, 1)
        return made

    def reuse(self):
        self.shared = True

    def join(self, group, where):
        index = socket.if_nametoindex(where)
        if ':' in group:
            self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP,
                                   socket.inet_pton(socket.AF_INET6, group) + struct.pack('@I', index))
        else:
            # struct ip_mreqn
            self.socket.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP,
                                   socket.inet_aton(group) + bytes(4) + struct.pack('@i', index))

    def listen(self, kind, host, port):
        made = self.make(kind, host)
        if host == '::':
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        made.bind((host, int(port)))
        if kind == 'udp':
            self.socket = made
        else:
            made.listen(1024)
            self.listener = made

    def connect(self, kind, host, port):
        self.socket = self.make(kind, host)
        if self.local:
            self.socket.bind(self.local)
        # of a link-local address, with its interface
        self.socket.connect(socket.getaddrinfo(host, port, type=KINDS[kind])[0][4])

    def from_(self, host, port):
        self.local = host, int(port)

    def accept(self):
        self.socket = self.listener.accept()[0]

    def fork(self):
        child = os.fork()
        if child:
            self.socket.close()
            sys.exit(os.waitpid(child, 0)[1] != 0)

    def give(self, path):
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as to:
            self.until(lambda: not to.connect_ex(path))
            to.sendmsg([b'x'], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array('i', [self.socket.fileno()]))])
            to.recv(1)

    def take(self, path):
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
            listener.bind(path)
            os.chmod(path, 0o777)
            listener.listen(1)
            with listener.accept()[0] as giver:
                fds = socket.recv_fds(giver, 1, 1)[1]
                self.socket = socket.socket(fileno=fds[0])
                giver.send(b'x')

    def send(self, size):
        self.socket.sendall(bytes(int(size)))

    def recv(self, size):
        receive(self.socket, int(size))

    def to(self, host, port):
        self.peer = host, int(port)

    def datagrams(self, count, size):
        for _ in range(int(count)):
            if self.peer:
                self.socket.sendto(bytes(int(size)), self.peer)
            else:
                self.socket.send(bytes(int(size)))

    def scatter(self, host, port, count, size):
        for i in range(int(count)):
            self.socket.sendto(bytes(int(size) + i % 1000), (host, int(port) + i))
            if i % 100 == 0:
                time.sleep(0.002)

    def hold(self, count, host, port):
        self.held = [socket.create_connection((host, int(port))) for _ in range(int(count))]

    def churn(self, host, port, name):
        while not os.path.exists(f'{self.folder}/{name}'):
            with self.make('udp', host) as made:
                made.sendto(bytes(7), (host, int(port)))

    def collect(self, count):
        for _ in range(int(count)):
            self.peer = self.socket.recvfrom(65536)[1]

    def close(self):
        self.socket.close()

    def abort(self):
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
        self.socket.close()

    def serve(self, count, size):
        for _ in range(int(count)):
            with self.listener.accept()[0] as connection:
                receive(connection, 100)
                connection.sendall(bytes(int(size)))
                # the peer's FIN comes first, and its end of the connection is the one that lingers
                if connection.recv(1):
                    raise ValueError('more came than should')

    def burst(self, count, host, port, size):
        for _ in range(int(count)):
            with self.make('tcp', host) as connection:
                connection.connect((host, int(port)))
                connection.sendall(bytes(100))
                receive(connection, int(size))

    def touch(self, name):
        with open(f'{self.folder}/{name}', 'w'):
            pass

    def await_(self, name):
        self.until(lambda: os.path.exists(f'{self.folder}/{name}'))

    def until(self, condition):
        end = time.monotonic() + 3600
        while not condition():
            if time.monotonic() > end:
                raise TimeoutError(sys.argv)
            time.sleep(0.01)


STEPS = {'listen': 3, 'reuse': 0, 'join': 2, 'from': 2, 'connect': 3, 'accept': 0, 'fork': 0, 'give': 1, 'take': 1, 'send': 1, 'recv': 1,
         'datagrams': 2, 'to': 2, 'scatter': 4, 'hold': 3, 'churn': 3, 'collect': 1, 'close': 0, 'abort': 0, 'serve': 2, 'burst': 4, 'touch': 1, 'await': 1}


def main():
    socket.setdefaulttimeout(3600)
    agent = Agent(sys.argv[1])
    words = sys.argv[2:]
    while words:
        verb, n = words[0], STEPS[words[0]]
        step = getattr(agent, verb, None) or getattr(agent, verb + '_')
        step(*words[1:1 + n])
        words = words[1 + n:]


main()
