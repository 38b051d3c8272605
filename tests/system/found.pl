# SPDX-License-Identifier: GPL-2.0-or-later
#
# perl found.pl ADDRESS PORT LOGINUID [netns|two] - an sshd as it looks from outside, for found.sh: run by a perl whose
# file is named sshd, it listens, and has a process for each connection, or for each two, which gives itself that login
# uid, leaves the network namespace if told to, and stays until the connection is closed. It says "ready" to the client
# when all of that is done. Nobody may dump these processes: then even a user's belong to root in /proc.
use strict;
use warnings;
use IO::Socket::INET;
use Socket;
require 'syscall.ph';

use constant { PR_SET_DUMPABLE => 4, CLONE_NEWNET => 0x40000000 };

# with two uids it distrusts what it is given
my ($address, $port, $loginuid, $how) = map { /(.*)/ } @ARGV, '';
my $listener = IO::Socket::INET->new(LocalAddr => $address, LocalPort => $port, Listen => 64, ReuseAddr => 1)
    or die "listen on $address:$port: $!\n";
$SIG{CHLD} = 'IGNORE';
while (my $client = $listener->accept) {
    my $second = $how eq 'two' ? $listener->accept : undef;
    next if fork;
    close $listener;
    if (open my $file, '>', '/proc/self/loginuid') {
        syswrite $file, $loginuid;
        close $file;
    }
    syscall(&SYS_unshare, CLONE_NEWNET) == 0 or die "unshare: $!\n" if $how eq 'netns';
    syscall(&SYS_prctl, PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 or die "prctl: $!\n";
    syswrite $_, "ready\n" for grep { defined } $client, $second;
    sysread $client, my $end, 1;
    exit;
}
