# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What BPF tells of sockets and conntrack, beside what files and netlink tell: for the kernels of Debian's releases,
# which have modules.
#
#   tables_agree      cases: the machine is asked both ways

# above FLOW_LARGE of lib/netfilter/flow_walk.c
TABLES_FLOWS=17000

# all UDP rows but for their ages, in an order, as one number
tables_sum() {
    printf '%s' "$1 pam_traffic sockets --proto udp --json | jq -c '.sockets[] | del(.age)' | sort | md5sum"
}

tables_agree() {
    guest 'sysctl -qw net.netfilter.nf_conntrack_udp_timeout=600 net.netfilter.nf_conntrack_max=60000'
    guest "perl -MSocket -e '
        socket(S, PF_INET, SOCK_DGRAM, 0) && bind(S, sockaddr_in(4000, INADDR_LOOPBACK)) or die;
        send(S, \"x\" x (\$_ % 100), 0, sockaddr_in(20000 + \$_, INADDR_LOOPBACK)) for 1..$TABLES_FLOWS'"
    guest_ask entries='cat /proc/sys/net/netfilter/nf_conntrack_count' \
        bpf="$(tables_sum 'strace -f -e trace=bpf -o /root/calls')" \
        netlink="$(tables_sum 'setpriv --bounding-set=-bpf,-perfmon,-sys_admin')" \
        sockets='grep -c BPF_ITER_CREATE /root/calls' flows='grep -c flowscan_run /root/calls'
    tap_ok 'tables: so many entries' [ "$(guest_answer entries)" -gt "$TABLES_FLOWS" ]
    tap_is 'tables: told by BPF, as by files and netlink' "$(guest_answer bpf)" "$(guest_answer netlink)"
    tap_ok 'tables: sockets were told by BPF' [ "$(guest_answer sockets)" -gt 0 ]
    tap_ok 'tables: conntrack was' [ "$(guest_answer flows)" -gt 0 ]
}
