#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
#
#   ledger-uids.pl UID FIRST N
#
# As UID, makes a user namespace. Root gives it N uids from FIRST on, as newuidmap(1) does with those of /etc/subuid. Then
# each of them sends a datagram to the discard port of loopback.
#
#   ledger-uids.pl outside FIRST N
#
# The same in no namespace: they are the real uids of a process, as of setuid programs that a user makes in a container.
use strict;
use warnings;
use IO::Socket::IP;
use POSIX qw(setuid setgid);

use constant { SYS_SETRESUID => 117, SYS_SETFSUID => 122, SYS_UNSHARE => 272, CLONE_NEWUSER => 0x10000000 };    # x86_64

my ($uid, $first, $n) = @ARGV;

sub put {
    my ($file, $text) = @_;

    open my $to, '>', $file or die "$file: $!\n";
    print $to $text;
    close $to or die "$file: $!\n";
}

sub discard {
    my $socket = IO::Socket::IP->new(PeerHost => '127.0.0.1', PeerPort => 9, Proto => 'udp') or die "$@\n";
    send($socket, 'x', 0) // die "send: $!\n";
}

if ($uid eq 'outside') {
    for my $number ($first .. $first + $n - 1) {
        syscall(SYS_SETRESUID, $number, $number, 0) == 0 or die "setresuid: $!\n";
        discard();
        syscall(SYS_SETRESUID, 0, 0, 0) == 0 or die "setresuid: $!\n";
    }
    exit 0;
}

pipe my $made_r, my $made_w or die;
pipe my $mapped_r, my $mapped_w or die;
my $child = fork // die "fork: $!\n";
if (!$child) {
    close $_ for $made_r, $mapped_w;
    setgid($uid);
    setuid($uid);
    syscall(SYS_UNSHARE, CLONE_NEWUSER) == 0 or die "unshare: $!\n";
    close $made_w;
    sysread $mapped_r, my $go, 1;
    setgid(0);
    setuid(0);
    # a socket is its maker's filesystem uid's
    for my $number (0 .. $n - 1) {
        syscall(SYS_SETFSUID, $number);
        discard();
    }
    exit 0;
}
close $_ for $made_w, $mapped_r;
sysread $made_r, my $made, 1;
put("/proc/$child/uid_map", "0 $first $n\n");
put("/proc/$child/gid_map", "0 $first $n\n");
close $mapped_w;
waitpid $child, 0;
exit($? ? 1 : 0);
