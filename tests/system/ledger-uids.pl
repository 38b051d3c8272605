#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
#
#   ledger-uids.pl UID FIRST N WAY
#
# UID uses N of his subordinate uids, from FIRST on; each moves at least one packet over loopback. In a user namespace,
# whose map root writes, as newuidmap(1) does with /etc/subuid, WAY is:
#   sent       each sends a datagram to the discard port
#   unnoted    the same, in a network namespace where the kernel has no memory for what is noted of sockets
#   accepted   each accepts a connection of TCP by a listener of MPTCP
# In no namespace: what setuid programs are that he makes in one. UID is not used.
#   outside    each sends a datagram
#   space      the same, in a user namespace that each makes
use strict;
use warnings;
use POSIX qw(_exit setuid setgid);
use Socket qw(:DEFAULT IPPROTO_TCP);

# x86_64
use constant { SYS_SETRESUID => 117, SYS_SETFSUID => 122, SYS_UNSHARE => 272, CLONE_NEWUSER => 0x10000000,
    CLONE_NEWNET => 0x40000000, MPTCP => 262 };

my ($uid, $first, $n, $way) = @ARGV;
my $home = inet_aton('127.0.0.1');

sub put {
    my ($file, $text) = @_;

    open my $to, '>', $file or die "$file: $!\n";
    print $to $text;
    close $to or die "$file: $!\n";
}

sub discard {
    socket my $socket, PF_INET, SOCK_DGRAM, 0 or die "socket: $!\n";
    send($socket, 'x', 0, sockaddr_in(9, $home)) // die "send: $!\n";
}

sub accepted {
    my ($listener, $number) = @_;

    socket my $client, PF_INET, SOCK_STREAM, IPPROTO_TCP or die "socket: $!\n";
    connect $client, getsockname $listener or die "connect: $!\n";
    syscall(SYS_SETFSUID, $number);
    accept my $socket, $listener or die "accept: $!\n";
    syswrite $socket, 'x';
    sysread $client, my $data, 1;
    syscall(SYS_SETFSUID, 0);
    # no port is left in TIME_WAIT
    setsockopt $client, SOL_SOCKET, SO_LINGER, pack('ii', 1, 0);
    close $client;
}

sub inside {
    my $listener;

    if ($way eq 'unnoted') {
        system('ip link set lo up') == 0 or die "ip\n";
        put('/proc/sys/net/core/optmem_max', "0\n");
    }
    if ($way eq 'accepted') {
        socket $listener, PF_INET, SOCK_STREAM, MPTCP or die "MPTCP: $!\n";
        bind $listener, sockaddr_in(0, $home) or die "bind: $!\n";
        listen $listener, 8;
    }
    for my $number (0 .. $n - 1) {
        if ($listener) {
            accepted($listener, $number);
        } else {
            # a socket is its maker's filesystem uid's
            syscall(SYS_SETFSUID, $number);
            discard();
        }
    }
}

sub outside {
    my ($number) = @_;
    my $child = fork // die "fork: $!\n";

    if (!$child) {
        syscall(SYS_SETRESUID, $number, $number, $number) == 0 or die "setresuid: $!\n";
        $way eq 'outside' or syscall(SYS_UNSHARE, CLONE_NEWUSER) == 0 or die "unshare: $!\n";
        discard();
        _exit(0);
    }
    waitpid $child, 0;
    !$? or die "$number failed\n";
}

if ($way eq 'outside' || $way eq 'space') {
    outside($_) for $first .. $first + $n - 1;
    exit 0;
}

pipe my $made_r, my $made_w or die;
pipe my $mapped_r, my $mapped_w or die;
my $child = fork // die "fork: $!\n";
if (!$child) {
    close $_ for $made_r, $mapped_w;
    setgid($uid);
    setuid($uid);
    syscall(SYS_UNSHARE, CLONE_NEWUSER | ($way eq 'unnoted' ? CLONE_NEWNET : 0)) == 0 or die "unshare: $!\n";
    close $made_w;
    sysread $mapped_r, my $go, 1;
    setgid(0);
    setuid(0);
    inside();
    exit 0;
}
close $_ for $made_w, $mapped_r;
sysread $made_r, my $made, 1;
put("/proc/$child/uid_map", "0 $first $n\n");
put("/proc/$child/gid_map", "0 $first $n\n");
close $mapped_w;
waitpid $child, 0;
exit($? ? 1 : 0);
