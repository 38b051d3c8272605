#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Usage: relay.pl SERVER PORT FROM LOCAL
#
# Relays what comes to the local port LOCAL to SERVER's PORT, from the port FROM. When the local
# connection ends, it resets the other one, and has the next at once, before there is anybody for it.
use strict;
use warnings;
use IO::Select;
use IO::Socket::INET;
use Socket qw(SOL_SOCKET SO_LINGER IPPROTO_TCP TCP_NODELAY);

my ($server, $port, $from, $local) = @ARGV;

sub connected {
    my $socket = IO::Socket::INET->new(
        PeerAddr => $server, PeerPort => $port, LocalPort => $from, ReuseAddr => 1, Proto => 'tcp'
    ) or die "relay.pl: $server port $port: $!\n";

    setsockopt($socket, SOL_SOCKET, SO_LINGER, pack('ii', 1, 0)) or die;
    return $socket;
}

my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => $local, Listen => 5, ReuseAddr => 1)
    or die "relay.pl: port $local: $!\n";
my $there = connected();
while (my $here = $listener->accept()) {
    my $select = IO::Select->new($here, $there);

    RELAY: while (1) {
        for my $socket ($select->can_read()) {
            my $n = sysread($socket, my $data, 65536);

            last RELAY if !$n;
            syswrite($socket == $here ? $there : $here, $data) // last RELAY;
        }
    }
    close($here);
    close($there);
    $there = connected();
}
