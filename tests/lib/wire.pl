# SPDX-License-Identifier: GPL-2.0-or-later
#
# wire.pl TUN MS SERVER CLIENT: a slow wire between two new tun devices of these names; TUN is a node of
# /dev/net/tun. The FINs of both ends cross on it: the first is held until the second is there, and what
# the client sends after both is MS late. Says `crossed PORT` (the client's) for each connection.
#
# No queueing discipline that delays is in every kernel (sch_netem is a module); tun is.
use strict;
use warnings;
use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC);

use constant { TUNSETIFF => 0x400454ca, IFF_TUN_NO_PI => 0x1001, TCP => 6, FIN => 1 };

$| = 1;
my ($tun, $delay, @names) = @ARGV;
my (@ends, %fin, %held, @late); # end 0 is the server's
for my $name (@names) {
    open(my $end, '+<', $tun) or die "$tun: $!\n";
    ioctl($end, TUNSETIFF, pack('Z16 S x22', $name, IFF_TUN_NO_PI)) or die "$name: $!\n";
    push @ends, $end;
}

sub pass {
    my ($side, $packet) = @_;

    syswrite($ends[!$side], $packet); # a device that is down loses it, as a wire does
}

sub carry {
    my ($side, $packet) = @_;
    my $tcp = (unpack('C', $packet) & 15) * 4;

    return if unpack('C', $packet) >> 4 != 4;
    return pass($side, $packet) if unpack('x9 C', $packet) != TCP;
    my $port = unpack('n', substr($packet, $tcp + ($side ? 0 : 2), 2));
    my $both = $fin{$port}[0] && $fin{$port}[1];

    $fin{$port}[$side] = 1 if unpack('C', substr($packet, $tcp + 13, 1)) & FIN;
    if ($both && $side) {
        push @late, [clock_gettime(CLOCK_MONOTONIC) + $delay / 1000, $packet];
    } elsif ($both || !$fin{$port}[$side]) {
        pass($side, $packet);
    } else {
        push @{$held{$port}}, [$side, $packet];
        return if !$fin{$port}[!$side];
        pass(@$_) for @{delete $held{$port}};
        print "crossed $port\n";
    }
}

while (1) {
    my $wait = @late ? $late[0][0] - clock_gettime(CLOCK_MONOTONIC) : undef;
    my $ready = '';

    vec($ready, fileno($_), 1) = 1 for @ends;
    $wait = 0 if defined $wait && $wait < 0;
    select($ready, undef, undef, $wait) >= 0 or $!{EINTR} or die "select: $!\n";
    for my $side (0, 1) {
        next if !vec($ready, fileno($ends[$side]), 1);
        carry($side, $_) if sysread($ends[$side], $_, 65536);
    }
    pass(1, (shift @late)->[1]) while @late && $late[0][0] <= clock_gettime(CLOCK_MONOTONIC);
}
