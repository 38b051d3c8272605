#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Both ends of the connections of the users' ledger's tests. Whoever serves prints "ready" once it listens.
#
#   ledger.pl serve ADDRESS PORT N OUT [MODE]   accepts N connections; reads each to its end, then writes OUT bytes.
#                                               MODE: fork, a child for each; share, the port is another server's, too;
#                                               hold, prints "held" once it has all, and closes when the client does
#   ledger.pl connect ADDRESS PORT N IN [MODE]  makes N connections, one after the other: writes IN bytes, ends its half,
#                                               and reads to the end. MODE: hold, keeps them open until it is killed
#   ledger.pl echo ADDRESS PORT N [0 MODE]      receives N datagrams, and sends each back. MODE: gro, takes as one what
#                                               was sent as one; esp, what looks like IPsec is the kernel's
#   ledger.pl ask ADDRESS PORT N SIZE [MODE]    sends N datagrams of SIZE bytes, and waits for each to come back. MODE:
#                                               gso, the kernel makes datagrams of 1000 bytes of each
#   ledger.pl send ADDRESS PORT N SIZE          sends N datagrams of SIZE bytes by IPv4, whatever becomes of them
#   ledger.pl members ADDRESS PORT N COUNT      COUNT sockets of one address, a group's or the broadcast's: each receives N
#                                               datagrams
use strict;
use warnings;
use IO::Socket::IP;
use Socket qw(:DEFAULT pack_ip_mreq IPPROTO_IP IPPROTO_UDP IP_ADD_MEMBERSHIP);

# linux/udp.h
use constant { UDP_ENCAP => 100, UDP_ENCAP_ESPINUDP => 2, UDP_SEGMENT => 103, UDP_GRO => 104 };

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

sub answer {
    my ($socket) = @_;

    drain($socket);
    my $sent = 0;
    while ($sent < length $data) {
        $sent += syswrite($socket, $data, length($data) - $sent, $sent) // die "write: $!\n";
    }
    close $socket;
}

if ($verb eq 'serve') {
    my $listener = IO::Socket::IP->new(LocalHost => $address, LocalPort => $port, Listen => 128, ReuseAddr => 1,
        ReusePort => $mode eq 'share', V6Only => 0) or die "listen: $@\n";

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
        my $socket = IO::Socket::IP->new(PeerHost => $address, PeerPort => $port) or die "connect: $@\n";
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
    my $socket = IO::Socket::IP->new(LocalHost => $address, LocalPort => $port, Proto => 'udp') or die "bind: $@\n";

    option($socket, UDP_GRO, 1) if $mode eq 'gro';
    option($socket, UDP_ENCAP, UDP_ENCAP_ESPINUDP) if $mode eq 'esp';
    print "ready\n";
    for (1 .. $n) {
        my $from = recv $socket, my $datagram, 65536, 0;

        defined $from or die "recv: $!\n";
        send $socket, $datagram, 0, $from;
    }
} elsif ($verb eq 'ask') {
    my $socket = IO::Socket::IP->new(PeerHost => $address, PeerPort => $port, Proto => 'udp') or die "socket: $@\n";

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
