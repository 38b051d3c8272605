#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Both ends of the connections of the users' ledger's tests. Whoever serves prints "ready" once it listens.
#
#   ledger.pl serve ADDRESS PORT N OUT [MODE]   accepts N connections; reads each to its end, then writes OUT bytes.
#                                               MODE: fork, a child for each; share, the port is another server's, too
#   ledger.pl connect ADDRESS PORT N IN         makes N connections, one after the other: writes IN bytes, ends its half,
#                                               and reads to the end
#   ledger.pl echo ADDRESS PORT N               receives N datagrams, and sends each back
#   ledger.pl ask ADDRESS PORT N SIZE           sends N datagrams of SIZE bytes, and waits for each to come back
use strict;
use warnings;
use IO::Socket::IP;

$| = 1;
my ($verb, $address, $port, $n, $size, $mode) = @ARGV;
$mode //= '';
my $data = 'x' x ($size // 0);

sub drain {
    my ($socket) = @_;

    while (sysread $socket, my $some, 65536) { }
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
        } else {
            answer($socket);
        }
    }
} elsif ($verb eq 'connect') {
    for (1 .. $n) {
        my $socket = IO::Socket::IP->new(PeerHost => $address, PeerPort => $port) or die "connect: $@\n";
        my $sent = 0;

        while ($sent < length $data) {
            $sent += syswrite($socket, $data, length($data) - $sent, $sent) // die "write: $!\n";
        }
        shutdown $socket, 1;
        drain($socket);
        close $socket;
    }
} elsif ($verb eq 'echo') {
    my $socket = IO::Socket::IP->new(LocalHost => $address, LocalPort => $port, Proto => 'udp') or die "bind: $@\n";

    print "ready\n";
    for (1 .. $n) {
        my $from = recv $socket, my $datagram, 65536, 0;

        defined $from or die "recv: $!\n";
        send $socket, $datagram, 0, $from;
    }
} elsif ($verb eq 'ask') {
    my $socket = IO::Socket::IP->new(PeerHost => $address, PeerPort => $port, Proto => 'udp') or die "socket: $@\n";

    for (1 .. $n) {
        send $socket, $data, 0;
        defined recv $socket, my $datagram, 65536, 0 or die "recv: $!\n";
    }
} else {
    die "ledger.pl: wrong usage\n";
}
