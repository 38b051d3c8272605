#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# pam_traffic doctor about the users' ledger: well only where the kernel counts; each thing that can be missing is told,
# with the command that mends it, and looking changes nothing.
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"
# shellcheck source=../lib/doctor.sh
. "$HARNESS_LIB/doctor.sh"

HERE=$(cd "$(dirname "$0")" && pwd)
PINS=/sys/fs/bpf/pam_traffic

# pins    what is pinned, and since when
pins() {
    find "$PINS" -printf '%p %i %m %U\n' 2>&1 | sort
}

# ill FINDING    here the checks of PAM fail too
ill() {
    sick users-ledger warn "$1" 1
}

world_enter "$@"
traffic_install
ledger_install
DOCTOR_OPTIONS=(--config "$TRAFFIC_CONFIG")
setup="$PAM_TRAFFIC_HELPER_PATH setup --config $TRAFFIC_CONFIG"

before=$(pins)
well users-ledger
tap_ok 'well: how many rows' grep -qE '^[0-9]+ users and logins are counted$' <<<"$(get users-ledger finding)"
tap_is 'looking changes nothing' "$(pins)" "$before"

world_in server setpriv --reuid=20001 --regid=20001 --clear-groups -- \
    "$PAM_TRAFFIC_CLI" doctor --json "${DOCTOR_OPTIONS[@]}" >"$WORLD/out" 2>"$WORLD/err"
answers
tap_is 'a user is told that it needs root' "$(get users-ledger status)" skip

for link in link_create link_in link_out; do
    rm "$PINS/$link"
    ill "$link"
    tap_is "without $link: the command that mends it" "$(get users-ledger mend)" "$setup"
    tap_ok "without $link: setup" ledger_setup
    well users-ledger
done

# where this process is outside of the group in which the kernel counts, as with a container's own cgroup2
world_spawn sleep 1000 # somebody stays in the group
echo $$ >"${LEDGER_GROUP%/*}/cgroup.procs"
ill 'was not counted'
echo $$ >"$LEDGER_GROUP/cgroup.procs"
well users-ledger

traffic_reap
printf nonsense >"$RECORDS_STATE/users/accounts.json"
ill 'users/accounts.json is damaged (JSON): what was not recorded by now is lost'
tap_is 'damaged accounts: the command that mends it' "$(get users-ledger mend)" "${setup/ setup/ reap}"
traffic_reap
well users-ledger
sick state-folder warn "^damaged state files that were set aside in $RECORDS_STATE/users: 1" 1
tap_is 'damaged accounts: the command that ends the warning' "$(get state-folder mend)" "rm $RECORDS_STATE/users/*.json.damaged"
rm "$RECORDS_STATE/users/accounts.json.damaged"
well state-folder

well users-rows
tap_ok 'bob with 600 uids' world_in server perl "$HERE/ledger-uids.pl" 20002 100000 600 sent
well users-ledger
sick users-rows warn '^uid 20002 has more' 1
for uid in 20009 20001 20005; do
    tap_ok "$uid with 600 uids" world_in server perl "$HERE/ledger-uids.pl" "$uid" "$((uid * 10))" 600
done
sick users-rows warn '^uid 20001, and 3 more, have more' 1
traffic_configure users=yes exclude=127.0.0.0/8
tap_ok 'loopback is excluded: setup' ledger_setup
tap_ok 'loopback is excluded: 20001 with another row of the rest' \
    world_in server perl "$HERE/ledger-uids.pl" 20001 200010 1
tap_is 'loopback is excluded: that is there' "$(ledger_rows '$1 == "rest" && $2 == 20001' | wc -l)" 2
sick users-rows warn '^uid 20001, and 3 more, have more' 1

rm -rf "$PINS"
ill '^not kept: '
tap_is 'without maps: the command that mends it' "$(get users-ledger mend)" "$setup"
mv "$PAM_TRAFFIC_LEDGER_PATH" "$WORLD/ledger"
ill 'built without clang and libbpf'
mv "$WORLD/ledger" "$PAM_TRAFFIC_LEDGER_PATH"
tap_ok 'setup' ledger_setup
well users-ledger

# faulty FINDING LINE...    /etc/subuid with these lines
faulty() {
    printf '%s\n' "${@:2}" >/etc/subuid
    sick users-subuid warn "$1" 1
}
well users-subuid
faulty '^/etc/subuid:2: 20001-85536 contains uid 20001 (alice): .*; give' bob:400000:10 bob:20001:65536
faulty '^/etc/subuid:1: 20002-20002 has uids below 65536, ' bob:20002:1
faulty '^/etc/subuid:3: 400900-401899 overlaps line 1, 400000-400999, .*; give' bob:400000:1000 bob:400100:10 alice:400900:1000
faulty '^/etc/subuid:1: .*; 2 more lines are wrong; give' bob:20001:10 alice:400000:1000 bob:400999:1 bob:500000:10 alice:500000:1
printf '%s\n' root:20001:1 20001:400000:1000 alice:401000:1000 alice:401500:1000 >/etc/subuid
well users-subuid
rm /etc/subuid
mkdir /etc/subuid
sick users-subuid warn '^cannot read' 1
rmdir /etc/subuid

traffic_configure users=no
well users-ledger
tap_ok 'switched off: says so' grep -q 'users = no' <<<"$(get users-ledger finding)"

tap_is 'the sanitizers have nothing to say' "$(traffic_faults)" ''
tap_done
