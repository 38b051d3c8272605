#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The users' ledger where somebody has many uids, or many logins: they fill no place but his own.  ledger-many.sh [full]
#
# full: more than 100,000 pairs of uid and login, and more accounts than get a record at once.
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"

HERE=$(cd "$(dirname "$0")" && pwd)
FULL=${1:-} UIDS=1500 LOGINS=2000 FEW=20
[ "$FULL" != full ] || UIDS=65536 LOGINS=40000 FEW=2000

# moved USER    what a user's records since the mark say
moved() {
    ledger_read "select(.user == \"$1\")"
}

world_enter "$@"
traffic_install
ledger_install
printf 'bob:100000:65536\n' >/etc/subuid

# many uids: root gives bob's namespace his subordinate ones
ledger_mark
tap_ok 'bob with many uids: it flowed' world_in server perl "$HERE/ledger-uids.pl" 20002 100000 "$UIDS" sent
tap_is 'bob with many uids: no more rows than one user may have' \
    "$(ledger_rows '$4 == 20002 && $1 == "user"' | wc -l)" 512
tap_is 'bob with many uids: what is beyond them has a row of his own' \
    "$(ledger_rows '$1 == "rest"' | awk '{ print $2, $4 }' | sort -u)" '20002 20002'
read -r _ _ _ op < <(moved bob)
tap_is 'bob with many uids: every packet is his' "$op" "$UIDS"
# where his range answers for them, and not he himself: the range has its part, too
ledger_mark
tap_ok 'bob with 600 setuid programs: it flowed' world_in server perl "$HERE/ledger-uids.pl" 20002 120000 600 outside
tap_is 'bob with 600 setuid programs: no more rows than one user may have' \
    "$(ledger_rows '$4 == 100000 && $1 == "user"' | wc -l)" 512
tap_is 'bob with 600 setuid programs: what is beyond them has a row' \
    "$(ledger_rows '$1 == "rest" && $4 == 100000 { print $2 }')" 100000
read -r _ _ _ op < <(moved bob)
tap_is 'bob with 600 setuid programs: every packet is his' "$op" 600
tap_is 'bob with 600 setuid programs: the row of the rest ends' "$(ledger_rows '$1 == "rest"')" ''
for way in space unnoted accepted; do
    ledger_mark
    tap_ok "bob's uids, $way: it flowed" world_in server perl "$HERE/ledger-uids.pl" 20002 130000 "$FEW" "$way"
    tap_is "bob's uids, $way: none answers for itself" \
        "$(ledger_rows '$4 >= 100000 && $4 < 165536 { print $4 }' | sort -u)" 100000
    read -r _ ip _ op < <(moved bob)
    tap_ok "bob's uids, $way: every packet is his" test $((ip + op)) -ge "$FEW"
done
ledger_mark
ledger_as alice perl "$LEDGER_PEERS" ask 127.0.0.1 9 1 100 2>/dev/null
read -r _ _ _ op < <(moved alice)
tap_is 'bob with many uids: alice still has a row' "$op" 1

# owners by their uids, as subuid(5) allows: bob, and one who has no name
printf '20002:100000:65536\n20009:300000:10\n' >/etc/subuid
ledger_mark
for uid in 100005 300005; do
    ledger_as "$uid" perl "$LEDGER_PEERS" ask 127.0.0.1 9 1 100 2>/dev/null
done
read -r _ _ _ op < <(moved bob)
tap_is 'a uid that is subordinate to 20002 is of bob' "$op" 1
tap_is 'one that is subordinate to a uid without a name has none' "$(ledger_last '.uid == 300005' user)" null

# bob's range has users: alice, one of a directory that nobody is asked for, and carol, with whom the rest of it begins
printf 'carol:x:65536:65536::/:/bin/sh\n' >>/etc/passwd
printf 'bob:20001:80000\n' >/etc/subuid
ledger_mark
tap_ok 'users in a range: it flowed' world_in server perl "$HERE/ledger-uids.pl" 20002 70000 600 outside
for uid in 20001 20003 65536; do
    ledger_as "$uid" perl "$LEDGER_PEERS" ask 127.0.0.1 9 1 100 2>/dev/null
done
tap_is 'users in a range: each answers for himself, and has a row though the range has too many' \
    "$(ledger_rows '$2 == 20001 || $2 == 20003 || $2 == 65536 { print $1, $2, $4 }' | sort)" \
    $'user 20001 20001\nuser 20003 20003\nuser 65536 65536'
tap_is 'users in a range: the rest is called by a uid that is no user'"'"'s' \
    "$(ledger_rows '$1 == "rest" { print $2, $4, $9 }')" '65537 65537 88'
tap_is 'users in a range: the rest is of who has the range' "$(ledger_last '.socket_owner == "rest"' uid user)" '65537 bob'
for user in alice:1 carol:1 bob:600; do
    read -r _ _ _ op < <(moved "${user%:*}")
    tap_is "users in a range: every packet of ${user%:*} is told as such" "$op" "${user#*:}"
done

# what two owners have is of neither; what one of them has alone, is his
printf 'bob:400000:1000\nalice:400400:1000\n' >/etc/subuid
ledger_mark
tap_ok 'ranges that overlap: it flowed' world_in server perl "$HERE/ledger-uids.pl" 20002 400398 604 outside
tap_is 'ranges that overlap: each part answers for itself' \
    "$(ledger_rows '$4 >= 400000 { n[$4]++ } END { for (i in n) print i, n[i] }' | sort -n)" \
    $'400000 2\n400400 513\n401000 2'
tap_is 'ranges that overlap: the rest of what both have' "$(ledger_last '.socket_owner == "rest"' uid user)" '400400 null'
for user in bob alice; do
    read -r _ _ _ op < <(moved "$user")
    tap_is "ranges that overlap: what is of $user alone" "$op" 2
done
rm /etc/subuid

# many logins
ledger_mark
tap_ok 'alice with many logins: it flowed' world_in server "$PAM_TRAFFIC_LEDGER_TOOL" sessions 20001 "$LOGINS"
read -r _ _ _ op < <(moved alice)
tap_is 'alice with many logins: every packet is hers' "$op" "$LOGINS"
tap_ok 'alice with many logins: no more rows than one user may have' \
    test "$(ledger_rows '$4 == 20001 && $1 == "user"' | wc -l)" -le 512
ledger_mark
ledger_as 20003 perl "$LEDGER_PEERS" ask 127.0.0.1 9 1 100 2>/dev/null
read -r _ _ _ op < <(ledger_read 'select(.uid == 20003)')
tap_is 'and who comes after them has a row' "$op" 1
tap_is 'nothing was lost' "$(ledger_read 'select(.complete | not)')" '0 0 0 0'

# more accounts that move than get a record in one reap: who has waited longest is first
if [ "$FULL" = full ]; then
    ledger_mark
    "$PAM_TRAFFIC_LEDGER_TOOL" fill 20500
    ledger_as 20004 perl "$LEDGER_PEERS" ask 127.0.0.1 9 1 100 2>/dev/null
    traffic_reap
    "$PAM_TRAFFIC_LEDGER_TOOL" fill 20500
    traffic_reap
    tap_is 'with 20,500 others that move: a record all the same' \
        "$(ledger_since | jq -c 'select(.uid == 20004) | .out_packets')" 1
fi

# nobody comes again after a teardown: all of them get their record, and on a terminal it says how far it is
LEDGER_FROM=$(($(ledger_all | wc -l) + 1))
"$PAM_TRAFFIC_LEDGER_TOOL" fill 20500
world_in server script -qec "$PAM_TRAFFIC_HELPER_PATH teardown --config $TRAFFIC_CONFIG" /dev/null >"$WORLD/terminal" </dev/null
tap_is 'teardown with 20,500 accounts: each is recorded, once' \
    "$(ledger_since | jq -r 'select(.uid >= 1000000) | .uid' | sort | uniq -c | awk '$1 == 1' | wc -l)" 20500
tap_is 'teardown with 20,500 accounts: none is left' "$(jq '.accounts | length' "$RECORDS_STATE/users/accounts.json")" 0
tap_is 'teardown with 20,500 accounts: it says how far it is, and takes that away' \
    "$(tr '\r\033' '\n ' <"$WORLD/terminal" | sed 's/[0-9]* %/N %/' | paste -sd '|')" \
    "pam_traffic_helper: users' ledger: recording accounts: N %| [K"

tap_is 'the sanitizers have nothing to say' "$(traffic_faults)" ''
tap_done
