#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Both ends of the connections of the users' ledger's tests. Whoever serves prints "ready" once it listens.
#
#   ledger.pl serve ADDRESS PORT N OUT [MODE]   accepts N connections; reads each to its end, then writes OUT bytes.
#                                               MODE: fork, a child for each; share, the port is another server's, too;
#                                               hold, prints "held" once it has all, and closes when the client does;
#                                               fastopen, takes data that comes with a SYN; sendfile, splice, writes so
#   ledger.pl connect ADDRESS PORT N IN [MODE]  makes N connections, one after the other: writes IN bytes, ends its half,
#                                               and reads to the end. MODE: hold, keeps them open until it is killed;
#                                               fastopen, the first data goes with the SYN, once there is a cookie
#   ledger.pl echo ADDRESS PORT N [0 MODE]      receives N datagrams, and sends each back. MODE: gro, takes as one what
#                                               was sent as one; esp, what looks like IPsec is the kernel's; lite, UDP-Lite
#   ledger.pl ask ADDRESS PORT N SIZE [MODE]    sends N datagrams of SIZE bytes, and waits for each to come back. MODE:
#                                               gso, the kernel makes datagrams of 1000 bytes of each; lite, UDP-Lite
#   ledger.pl send ADDRESS PORT N SIZE          sends N datagrams of SIZE bytes by IPv4, whatever becomes of them
#   ledger.pl members ADDRESS PORT N COUNT      COUNT sockets of one address, a group's or the broadcast's: each receives N
#                                               datagrams
use strict;
use warnings;
use IO::Socket::IP;
use Socket qw(:DEFAULT pack_ip_mreq IPPROTO_IP IPPROTO_TCP IPPROTO_UDP IP_ADD_MEMBERSHIP);

# linux/udp.h, linux/tcp.h, linux/in.h
use constant { UDP_ENCAP => 100, UDP_ENCAP_ESPINUDP => 2, UDP_SEGMENT => 103, UDP_GRO => 104 };
use constant { TCP_FASTOPEN => 23, TCP_FASTOPEN_CONNECT => 30, UDPLITE => 136 };
# x86_64
use constant { SYS_SENDFILE => 40, SYS_SPLICE => 275 };

$| = 1;
my ($verb, $address, $port, $n, $size, $mode) = @ARGV;
$mode //= '';
my $data = 'x' x ($size // 0);
my @held;

sub drain {
    my ($socket) = @_;

    while (sysread $socket, my $some, 65536) { }
}

sub option {
    my ($socket, $name, $value) = @_;

    setsockopt $socket, IPPROTO_UDP, $name, $value or die "setsockopt: $!\n";
}

# some of the data, from $sent on: how many bytes
sub put {
    my ($socket, $sent) = @_;
    my $n;

    if ($mode eq 'sendfile') {
        open my $file, '+>', undef or die "file: $!\n";
        syswrite $file, $data, length($data) - $sent, $sent;
        sysseek $file, 0, 0;
        $n = syscall(SYS_SENDFILE, fileno $socket, fileno $file, 0, length($data) - $sent);
    } elsif ($mode eq 'splice') {
        pipe my $out, my $in or die "pipe: $!\n";
        my $some = syswrite $in, $data, length($data) - $sent < 65536 ? length($data) - $sent : 65536, $sent;
        $n = syscall(SYS_SPLICE, fileno $out, 0, fileno $socket, 0, $some, 0);
    } else {
        $n = syswrite $socket, $data, length($data) - $sent, $sent;
    }
    defined $n && $n > 0 or die "write: $!\n";
    return $n;
}

sub answer {
    my ($socket) = @_;

    drain($socket);
    my $sent = 0;
    $sent += put($socket, $sent) while $sent < length $data;
    close $socket;
}

if ($verb eq 'serve') {
    my $listener = IO::Socket::IP->new(LocalHost => $address, LocalPort => $port, Listen => 128, ReuseAddr => 1,
        ReusePort => $mode eq 'share', V6Only => 0) or die "listen: $@\n";

    setsockopt $listener, IPPROTO_TCP, TCP_FASTOPEN, 16 if $mode eq 'fastopen';
    print "ready\n";
    for (1 .. $n) {
        my $socket = $listener->accept or die "accept: $!\n";

        if ($mode eq 'fork') {
            my $child = fork // die "fork: $!\n";

            if (!$child) { answer($socket); exit 0 }
            close $socket;
            waitpid $child, 0;
        } elsif ($mode eq 'hold') {
            push @held, $socket;
        } else {
            answer($socket);
        }
    }
    if (@held) {
        print "held\n";
        drain($_) for @held;
    }
} elsif ($verb eq 'connect') {
    for (1 .. $n) {
        my $socket = IO::Socket::IP->new(PeerHost => $address, PeerPort => $port,
            Sockopts => $mode eq 'fastopen' ? [ [ IPPROTO_TCP, TCP_FASTOPEN_CONNECT ] ] : []) or die "connect: $@\n";
        my $sent = 0;

        if ($mode eq 'hold') { push @held, $socket; next }
        while ($sent < length $data) {
            $sent += syswrite($socket, $data, length($data) - $sent, $sent) // die "write: $!\n";
        }
        shutdown $socket, 1;
        drain($socket);
        close $socket;
    }
    sleep if @held;
} elsif ($verb eq 'echo') {
    my $socket = IO::Socket::IP->new(LocalHost => $address, LocalPort => $port, Type => SOCK_DGRAM,
        Proto => $mode eq 'lite' ? UDPLITE : IPPROTO_UDP) or die "bind: $@\n";

    option($socket, UDP_GRO, 1) if $mode eq 'gro';
    option($socket, UDP_ENCAP, UDP_ENCAP_ESPINUDP) if $mode eq 'esp';
    print "ready\n";
    for (1 .. $n) {
        my $from = recv $socket, my $datagram, 65536, 0;

        defined $from or die "recv: $!\n";
        send $socket, $datagram, 0, $from;
    }
} elsif ($verb eq 'ask') {
    my $socket = IO::Socket::IP->new(PeerHost => $address, PeerPort => $port, Type => SOCK_DGRAM,
        Proto => $mode eq 'lite' ? UDPLITE : IPPROTO_UDP) or die "socket: $@\n";

    option($socket, UDP_SEGMENT, 1000) if $mode eq 'gso';
    for (1 .. $n) {
        my $missing = length $data;

        send $socket, $data, 0;
        do {
            defined recv $socket, my $datagram, 65536, 0 or die "recv: $!\n";
            $missing -= length $datagram;
        } while ($missing > 0);
    }
} elsif ($verb eq 'send') {
    # not connected: an error that comes back would fail the next one
    socket my $socket, AF_INET, SOCK_DGRAM, 0 or die "socket: $!\n";
    setsockopt $socket, SOL_SOCKET, SO_BROADCAST, 1 or die "setsockopt: $!\n";
    send $socket, $data, 0, pack_sockaddr_in($port, inet_aton $address) for 1 .. $n;
} elsif ($verb eq 'members') {
    my @members = map {
        IO::Socket::IP->new(LocalHost => $address, LocalPort => $port, Proto => 'udp', ReuseAddr => 1) or die "bind: $@\n"
    } 1 .. $size;

    if (ord(inet_aton $address) >> 4 == 14) {
        for (@members) {
            setsockopt $_, IPPROTO_IP, IP_ADD_MEMBERSHIP, pack_ip_mreq(inet_aton $address) or die "join: $!\n";
        }
    }
    print "ready\n";
    for my $member (@members) {
        for (1 .. $n) { defined recv $member, my $datagram, 65536, 0 or die "recv: $!\n" }
    }
} else {
    die "ledger.pl: wrong usage\n";
}
