#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Others change the ruleset all the time, some flush it, and many of us work at once: nobody fails,
# nothing is made twice.
set -u
# shellcheck source=tests/netfilter/lib.sh
. "$(dirname "$0")/lib.sh"

many=500

nf() {
    "$tool" -b nftables "$@"
}

count() { # SET
    nft list set inet pam_traffic "$1" | grep -o 'counter packets' | wc -l
}

loop() { # COMMAND: until /run/enough is there
    while [ ! -e /run/enough ]; do
        eval "$1"
    done >>/run/loops 2>&1 &
}

# many begin at once, on nothing
for ((i = 1; i <= 20; i++)); do
    nf add "$server4" 22 "$client4" $i >>/run/added &
done
wait
tap_is 'of many that begin at once one makes the table' "$(sort /run/added | uniq -c | tr -s ' ')" ' 19 OK kept
 1 OK made'
tap_is 'and each rule is there once' "$(nft list ruleset | grep -c '@')" 6
tap_is 'and all elements' "$(count in4)" 20
nf teardown >/dev/null

# other people's changes, and tables that are dumped meanwhile
loop 'nft "add table ip busy; add chain ip busy c { type filter hook input priority 0; }; delete table ip busy"'
loop 'nft list ruleset'
for ((i = 0; i < 4; i++)); do
    nf churn "$server4" 22 "$client4" $((10000 + i * many)) "$many" remove >>/run/churned &
    churns[i]=$!
done
snapshots=0 failed=0
while kill -0 "${churns[0]}" 2>/dev/null || [ "$snapshots" -lt 20 ]; do
    snapshots=$((snapshots + 1))
    [[ $(nf snapshot "$server4" 22 "$client4" 1 1 2>/dev/null) == OK* ]] || failed=$((failed + 1))
done
wait "${churns[@]}"
: >/run/enough
wait
tap_is "$many added and half of them removed, four times, while others change theirs" \
    "$(sort /run/churned | uniq -c | tr -s ' ')" \
    ' 4 OK'
tap_is 'and what was not removed is there' "$(count in4) $(count out4)" "$((many * 2)) $((many * 2))"
tap_is "and $snapshots snapshots are taken meanwhile, none of which fails" "$failed" 0
tap_is 'and later' "$(nf snapshot "$server4" 22 "$client4" 10000 2000 2>/dev/null | wc -l)" $((many * 2 + 1))
nf teardown >/dev/null

# many elements: other people change something during every dump of them
nf setup >/dev/null
for way in "in4 $client4 \$i $server4 22" "out4 $server4 22 $client4 \$i"; do
    read -r set from from_port to to_port <<<"$way"
    echo "add element inet pam_traffic $set {"
    for ((i = 1; i <= 20000; i++)); do
        echo "$from . ${from_port/\$i/$i} . $to . ${to_port/\$i/$i},"
    done
    echo '}'
done | nft -f -
rm -f /run/enough
loop 'nft "add table ip busy; delete table ip busy"'
for ((i = 0; i < 3; i++)); do
    tap_is 'a snapshot of many elements has them all' \
        "$(nf snapshot "$server4" 22 "$client4" 1 20000 2>/dev/null | wc -l)" \
        20001
done
: >/run/enough
wait
nf teardown >/dev/null

# flushed all the time
rm -f /run/enough /run/churned
loop 'nft flush ruleset'
for ((i = 0; i < 2; i++)); do
    nf churn "$server6" 22 "$client6" $((20000 + i * many)) "$many" stay >>/run/churned &
    churns[i]=$!
done
wait "${churns[@]:0:2}"
: >/run/enough
wait
tap_is 'somebody flushes everything all the time' "$(sort /run/churned | uniq -c | tr -s ' ')" ' 2 OK'
tap_is 'and each rule is there once' "$(nf setup; nft list ruleset | grep -c '@')" 'OK
6'

tap_done
