#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The xtables lock: waited for until the deadline, shared with iptables, lost by nobody.
set -u
# shellcheck source=tests/netfilter/lib.sh
. "$(dirname "$0")/lib.sh"

connection=(10.8.0.1 22 10.8.0.2 40000)
"$tool" add "${connection[@]}" >/dev/null
tap_is 'the lock file is made where it is missing, for root alone' "$(stat -c '%a %U' /run/xtables.lock)" '600 root'

# somebody has the lock until he is told to let go
mkfifo /run/let_go
flock /run/xtables.lock sh -c ': >/run/held; read -r _ </run/let_go' &
holder=$!
await test -e /run/held

# One has ten minutes to wait for it. What it tries is looked at from outside; the leak detector does not work so.
ASAN_OPTIONS=detect_leaks=0 strace -f -e trace=flock -o /run/tries "$tool" -w 600000 read "${connection[@]}" >/run/answer &
waiting=$!
waits() { # FILE: the lock was tried and not had, more than once
    [ "$(grep -c EAGAIN "$1")" -gt 1 ]
}
await waits /run/tries

for operation in setup teardown "add ${connection[*]}" "read ${connection[*]}" \
    "remove ${connection[*]}" "snapshot ${connection[*]} 1"; do
    # shellcheck disable=SC2086
    tap_is "${operation%% *} gives up while somebody has the lock" "$(ASAN_OPTIONS=detect_leaks=0 \
        strace -f -e trace=flock -o /run/these "$tool" -w 300 $operation)" BUSY
    tap_ok "${operation%% *} has tried before" grep -q EAGAIN /run/these
done
tap_not 'he has it still' flock -n /run/xtables.lock true
tap_is 'who has longer waits still' "$(cat /run/answer)" ''
echo >/run/let_go
wait "$waiting" "$holder"
tap_is 'and goes on when the lock is free' "$(cat /run/answer)" 'OK 0 0 0 0'

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
tap_is 'two of us and iptables change the tables at once' "$(cat /run/churn1 /run/churn2)" 'OK
OK'
tap_is 'no rule of theirs is lost' "$(iptables-legacy-save -t mangle | grep -c -- '-A THEIRS')" "$rounds"
tap_is 'in no table' "$(iptables-legacy-save -t filter | grep -c -- '-A INPUT')" "$rounds"
for i in 1 2; do
    tap_is "of ours ($i) half are left, two rules each" \
        "$(iptables-legacy-save -t mangle | grep -c -- "10.9.0.$i/32")" \
        "$rounds"
done
tap_is 'there is one jump to a chain' "$(iptables-legacy-save -t mangle | grep -c -- '-j PAM_TRAFFIC')" 2

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
tap_is 'a table that changes under our hands' "$(cat /run/churn)" OK
# an iptables whose counters could not be put back says that it failed, and its rule is there
tap_is 'keeps the rules of the one who ignores our lock' \
    "$(iptables-legacy-save -t mangle | grep -- '-A THEIRS -p tcp' | sort -u | wc -l)" \
    "$rounds"
tap_is 'and ours' "$(iptables-legacy-save -t mangle | grep -c -- '10.9.0.1/32')" 2000

tap_done
