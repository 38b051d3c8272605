# SPDX-License-Identifier: GPL-2.0-or-later
#
# Stands in for syslogd: binds the datagram socket named first, appends each message as one line
# to the file named second. Line breaks and other control characters inside a message are shown
# as \xHH, so that a line of the file is a message, whatever its sender put in.
use strict;
use warnings;
use Socket;

my ($path, $file) = @ARGV;
socket(my $socket, AF_UNIX, SOCK_DGRAM, 0) or die "socket: $!";
bind($socket, pack_sockaddr_un($path)) or die "bind $path: $!";
chmod 0666, $path or die "chmod $path: $!";
open(my $out, '>>', $file) or die "open $file: $!";
while (defined recv($socket, my $message, 65536, 0)) {
    $message =~ s/[\n\0]+\z//;
    $message =~ s/([\x00-\x1f\x7f])/sprintf '\\x%02x', ord $1/ge;
    syswrite $out, "$message\n";
}
