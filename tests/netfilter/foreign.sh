#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A firewall of somebody else's is the same, to the byte and with all counters, before and after.
set -u
# shellcheck source=tests/netfilter/lib.sh
. "$(dirname "$0")/lib.sh"

# no interface is up: nothing counts in between
ip link set "$WORLD_LINK" down
ip link set lo down

firewall() { # ADDRESS ICMP-NAME
    sed 's/^ *//' <<RULES
    *filter
    :INPUT DROP [11:1111]
    :FORWARD DROP [0:0]
    :OUTPUT ACCEPT [12:1212]
    :web - [0:0]
    :empty - [0:0]
    [1:101] -A INPUT -i lo -j ACCEPT
    [2:202] -A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
    [3:303] -A INPUT -s $1 -p tcp -m tcp --dport 22 -m comment --comment "ssh, \"quoted\"" -j ACCEPT
    [4:404] -A INPUT -p tcp -m multiport --dports 80,443 -g web
    [5:505] -A INPUT -p $2 -m limit --limit 5/sec -j ACCEPT
    [6:606] -A web -m mark --mark 0x1/0xff -j RETURN
    [7:707] -A web -j REJECT
    COMMIT
    *nat
    :PREROUTING ACCEPT [13:1313]
    :INPUT ACCEPT [0:0]
    :OUTPUT ACCEPT [0:0]
    :POSTROUTING ACCEPT [14:1414]
    [8:808] -A PREROUTING -p tcp -m tcp --dport 22 -j REDIRECT --to-ports 2222
    [9:909] -A POSTROUTING -o eth0 -j MASQUERADE
    COMMIT
    *mangle
    :PREROUTING ACCEPT [15:1515]
    :INPUT ACCEPT [16:1616]
    :FORWARD ACCEPT [0:0]
    :OUTPUT ACCEPT [17:1717]
    :POSTROUTING ACCEPT [18:1818]
    :AAA - [0:0]
    :QQQ - [0:0]
    :ZZZ - [0:0]
    [10:1010] -A INPUT -p tcp -m tcp --dport 22 -j AAA
    [11:1111] -A INPUT -p udp -m comment --comment "the last one" -j ZZZ
    [4294967296123:8589934592456] -A OUTPUT -p tcp -j MARK --set-xmark 0x7/0xffffffff
    [12:1212] -A AAA -s $1 -j QQQ
    [13:1313] -A QQQ -m conntrack --ctstate NEW
    [14:1414] -A ZZZ -j TOS --set-tos 0x10/0x3f
    COMMIT
    *security
    :INPUT ACCEPT [19:1919]
    :FORWARD ACCEPT [0:0]
    :OUTPUT ACCEPT [20:2020]
    :BBB - [0:0]
    [15:1515] -A INPUT -p tcp -j BBB
    COMMIT
RULES
}

firewall 192.0.2.7/32 icmp | iptables-legacy-restore -c || echo 'Bail out! cannot restore'
firewall 2001:db8::7/128 ipv6-icmp | ip6tables-legacy-restore -c || echo 'Bail out! cannot restore'
before=$(saved -c)
tap_ok 'the firewalls are in place' test "$(grep -c 4294967296123:8589934592456 <<<"$before")" -eq 2

# a rule of ours that stays while the other one goes
for address in 10.9.0 fd09:; do
    "$tool" setup >/dev/null
    tap_is "add for $address" "$("$tool" add "$address.1" 22 "$address.2" 40000 2>/dev/null ||
        "$tool" add "$address:1" 22 "$address:2" 40000)" 'OK kept'
done
"$tool" remove 10.9.0.1 22 10.9.0.2 40000 >/dev/null
tap_is 'trees of chains' \
    "$("$tool" churn 10.9.0.1 22 10.9.0.2 41000 100 remove)$("$tool" churn fd09::1 22 fd09::2 41000 100 remove)" \
    OKOK
during=$(saved -c)
tap_is 'with our rules in, theirs are unchanged' "$(grep -v PAM_TRAFFIC <<<"$during")" "$before"
tap_ok 'and ours are there' test "$during" != "$before"
tap_is 'teardown' "$("$tool" teardown)" OK
tap_is 'after teardown every byte is as it was' "$(saved -c)" "$before"

tap_done
