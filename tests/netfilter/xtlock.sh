#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The xtables lock: waited for until the deadline, shared with iptables, lost by nobody.

# shellcheck source=tests/netfilter/world.sh
. "$(dirname "$0")/world.sh"

mount -t tmpfs tmpfs /run
connection=(10.8.0.1 22 10.8.0.2 40000)
"$tool" add "${connection[@]}" >/dev/null
[ -e /run/xtables.lock ]
ok 'the lock file is made where it is missing'
is "$(stat -c '%a %U' /run/xtables.lock)" '600 root' 'for root alone'

milliseconds() {
        echo $((${EPOCHREALTIME/./} / 1000))
}

hold() {
        rm -f /run/held
        flock /run/xtables.lock sh -c 'touch /run/held; exec sleep 60' &
        holder=$!
        until_true test -e /run/held
}

hold
for operation in setup teardown "add ${connection[*]}" "read ${connection[*]}" \
        "remove ${connection[*]}" "snapshot ${connection[*]} 1"; do
        start=$(milliseconds)
        # shellcheck disable=SC2086
        is "$("$tool" -w 300 $operation)" BUSY "${operation%% *} gives up"
        took=$(($(milliseconds) - start))
        [ "$took" -ge 300 ] && [ "$took" -lt 1500 ]
        ok "${operation%% *} gave up at the deadline"
done

"$tool" -w 9000 read "${connection[@]}" >/run/answer &
waiting=$!
sleep 0.2
[ ! -s /run/answer ]
ok 'read waits'
pkill -P "$holder"
wait "$waiting"
is "$(cat /run/answer)" 'OK 0 0 0 0' 'and goes on when the lock is free'

# Many at once. Each side makes 60 rules; of ours every second is removed again.
rounds=60
for i in 1 2; do
        "$tool" churn 10.9.0."$i" 22 10.9.0.9 1000 "$rounds" remove >"/run/churn$i" &
        churn[i]=$!
done
iptables-legacy -w 60 -t mangle -N THEIRS
for ((n = 0; n < rounds; n++)); do
        iptables-legacy -w 60 -t mangle -A THEIRS -p udp --dport $((1000 + n)) || echo "# round $n"
        iptables-legacy -w 60 -t filter -A INPUT -p udp --dport $((1000 + n)) || echo "# round $n"
done
wait "${churn[1]}" "${churn[2]}"
is "$(cat /run/churn1 /run/churn2)" 'OK
OK' 'two of us and iptables change the tables at once'
is "$(iptables-legacy-save -t mangle | grep -c -- '-A THEIRS')" "$rounds" 'no rule of theirs is lost'
is "$(iptables-legacy-save -t filter | grep -c -- '-A INPUT')" "$rounds" 'in no table'
for i in 1 2; do
        is "$(iptables-legacy-save -t mangle | grep -c -- "10.9.0.$i/32")" "$rounds" \
                "of ours ($i) half are left, two rules each"
done
is "$(iptables-legacy-save -t mangle | grep -c -- '-j PAM_TRAFFIC')" 2 'there is one jump to a chain'

# Somebody who has another lock, and so changes the table between our snapshot and our commit.
stranger() {
        local tries=0

        until [ $((tries++)) -ge 1000 ] || XTABLES_LOCKFILE=/run/other.lock iptables-legacy -t mangle -A THEIRS "$@" ||
                iptables-legacy -t mangle -C THEIRS "$@"; do
                :
        done 2>/dev/null
}

"$tool" teardown >/dev/null
"$tool" churn 10.9.0.1 22 10.9.0.9 1000 1000 keep >/run/churn &
churning=$!
for ((n = 0; n < rounds; n++)); do
        stranger -p tcp --dport $((1000 + n))
done
wait "$churning"
is "$(cat /run/churn)" OK 'a table that changes under our hands'
# an iptables whose counters could not be put back says that it failed, and its rule is there
is "$(iptables-legacy-save -t mangle | grep -- '-A THEIRS -p tcp' | sort -u | wc -l)" "$rounds" \
        'keeps the rules of the one who ignores our lock'
is "$(iptables-legacy-save -t mangle | grep -c -- '10.9.0.1/32')" 2000 'and ours'

finish
