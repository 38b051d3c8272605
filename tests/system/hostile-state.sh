#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A state folder in which nothing is as it should be: files that are torn, hostile, or no files, states
# of sessions that are no more, thousands of them. Reaps, two at once, end each or put it aside, once, with one line;
# the living sessions in between are counted as ever.
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"

MANY=4000
SESSIONS=$RECORDS_STATE/sessions
count=0
only=

# once `only` is a session: its records alone
records_since() {
    records_all | tail -n "+$RECORDS_FROM" | grep -F "$only"
}

# a name for another session, in ID and FILE
new_id() {
    count=$((count + 1))
    printf -v ID '01a20485-6846-7000-8000-%012x' "$count"
    FILE=$SESSIONS/$ID.json
}

# damaged COMMAND...: its output is a state file
damaged() {
    new_id
    "$@" >"$FILE"
    aside+=("$ID")
}

# strange COMMAND...: makes something that is no file, at the path that is added
strange() {
    new_id
    "$@" "$FILE" && aside+=("$ID")
}

changed() {
    jq -c --arg session "$ID" '.session = $session | .remote.port = 1 | .inode = 1 | .cookie = 1
        | .pid = 1 | .pid_started = 1 | .gone_boottime = 1 | '"$1" "$WORLD/files/template" |
        sed 's/"@\(-*[0-9]*\)"/\1/g' # numbers that jq would write as 9e+18
}

# dead FILTER: a state as it should be, but nothing of what it tells of is there
dead() {
    new_id
    changed "$1" >"$FILE"
    ended+=("$ID")
}

# MANY of them: of an earlier boot, one in a hundred of this one
many() {
    jq -r --argjson many "$MANY" '.remote.port = 1 | .inode = 1 | .cookie = 1 | .pid = 1 | .pid_started = 1
        | .gone_boottime = 1 | . as $template | range($many) | "01a20485-6846-7000-9000-\(1000000000000 + . | tostring | .[1:])" as $id
        | (if . % 100 == 0 then $template.boot_id else "another" end) as $boot_id
        | "\($id) \($template | .session = $id | .boot_id = $boot_id | tojson)"' "$WORLD/files/template" |
        (cd "$SESSIONS" && perl -ne 'my ($id, $state) = /^(\S+) (.*)/;
            open(my $file, ">", "$id.json"); print $file $state')
}

reap() {
    world_in server env -i "$PAM_TRAFFIC_HELPER_PATH" reap --config "$TRAFFIC_CONFIG"
}

# a reap with a system log of its own, which somebody reads or not
reap_telling() {
    world_in server unshare --mount sh -c "mount --bind $WORLD/files/log /dev/log &&
        exec env -i $PAM_TRAFFIC_HELPER_PATH reap --config $TRAFFIC_CONFIG"
}

# neither goes on while nobody reads it: both stand in a send to a queue that is full
reaps_are_held() {
    local pid held=0

    for pid in $(pgrep -f 'pam_traffic_worker reap'); do
        ! grep -q -E 'unix_wait_for_peer|sock_alloc_send' "/proc/$pid/wchan" || held=$((held + 1))
    done
    [ "$held" = 2 ]
}

reaps_told() {
    grep -q 'that is all' "$WORLD/files/told"
}

bomb() {
    printf '%*s' 100000 '' | tr ' ' '['
}

huge() {
    printf '%*s' 300000 ''
    changed .
}

# the sessions whose records are "EVENT EVENT..." alone
recorded_as() {
    records_jq 'group_by(.session)[] | "\(.[0].session) \(map(.event) | join(" "))"' | sed -n "s/ $1\$//p" | sort
}

world_enter "$@"
traffic_install
sshd_start
ended=() aside=()

case_begin 'a living session'
client_hold "alice@$WORLD_SERVER4" 'head -c 1000000 /dev/zero'
records_wait start 1
living=$(records_get start session)
await grep -q '"seq": 1' "$SESSIONS/$living.json"
await eval '! traffic_works'
cp "$SESSIONS/$living.json" "$WORLD/files/template"

damaged true
damaged head -c 700 "$WORLD/files/template"
damaged head -c 5000 /dev/urandom
damaged bomb
damaged huge
damaged cat "$WORLD/files/template" # of another session
for filter in '.opened_boottime = -5' '.uid = 1e300' '.seq = "@99999999999999999999"' '.remote.port = 70000' '[.]' \
    '.local.address = "::1"' '.total = []' '.user = null' '.pending = "{}"' '.rhost = "a\u0000b"' '.closed = 1'; do
    damaged changed "$filter"
done
strange mkfifo
strange mkdir
strange ln -s "$WORLD/files/template"
strange ln -s /nowhere
strange ln -s /dev/zero
strange perl -MIO::Socket::UNIX -e 'IO::Socket::UNIX->new(Local => $ARGV[0], Listen => 1) or exit 1'
new_id && ln -s "$ID.json" "$FILE" && aside+=("$ID")

dead .
dead '.boot_id = "another"'
dead '.boot_id = "another" | .opened_boottime = "@4000000000000000000" | .seen_boottime = "@9000000000000000000"'
dead '.opened_boottime = "@9000000000000000000" | .opened_realtime = "@9000000000000000000" | .gone_boottime = "@9000000000000000000" | .closed = true | .closed_boottime = 1'
dead '.opened_boottime = "@9000000000000000000" | .closed_boottime = "@9000000000000000000" | .reported_boottime = "@9000000000000000000" | .seen_boottime = "@9000000000000000000"'
dead '.total.in_bytes = "@9223372036854775807" | .reported.in_bytes = "@9223372036854775807"'
dead '.pid = "@9223372036854775807" | .user = "<&\"\n\\" * 500'
dead ".remote.port = $(records_get start remote_port)" # the client's port, long before
followed=$ID
chmod 0 "$FILE"
rm -f "$SESSIONS/"*.tmp && : >"$SESSIONS/$ID.json.tmp" && : >"$SESSIONS/README"

tap_not 'a reap fails where something is damaged' reap 2>"$WORLD/files/said"
tap_is 'one line for each' "$(sed -n 's/.* session \([0-9a-f-]*\): its state file is damaged .*/\1/p' "$WORLD/files/said" | sort)" \
    "$(printf '%s\n' "${aside[@]}" | sort)"
tap_is 'each is put aside' "$(find "$SESSIONS" -name '*.damaged' -printf '%f\n' | sort)" \
    "$(printf '%s.json.damaged\n' "${aside[@]}" | sort)"
tap_is 'each of the dead has one stop record' "$(recorded_as stop)" "$(printf '%s\n' "${ended[@]}" | sort)"
tap_is 'one whose addresses and ports another has now is not given its traffic' \
    "$(records_jq ".[] | select(.session == \"$followed\") | \"\(.complete) \(.out_bytes)\"")" \
    "false $(jq '.rules_offset.out_bytes + .rules_last.out_bytes' "$WORLD/files/template")"
tap_is 'nor does its end take away the rules of that one' "$(rules_count "$(records_get start remote_port)")" 2
tap_is 'what is left' "$(find "$SESSIONS" -name '*.json' -printf '%f\n')" "$living.json"
find "$SESSIONS" -mindepth 1 -not -name "$living.json" -delete

many
world_spawn perl "$HARNESS_LIB/syslog.pl" "$WORLD/files/log" "$WORLD/files/told"
reader=$WORLD_PID
await test -S "$WORLD/files/log"
kill -STOP "$reader"
reaps=()
for n in 0 1; do
    reap_telling &
    reaps[n]=$!
done
tap_ok 'two reaps are at work' await reaps_are_held
client_release
tap_ok 'the close of a living session has its turn' await test ! -e "$SESSIONS/$living.json"
tap_ok 'and a new one' client_ssh -b "$(client_address 9)" "bob@$WORLD_SERVER4" true
tap_ok 'and its end' records_wait stop $((2 + ${#ended[@]}))
tap_ok 'two reaps are still at work' reaps_are_held
kill -CONT "$reader"
wait "${reaps[0]}"
tap_is 'the first reap' "$?" 0
wait "${reaps[1]}"
tap_is 'the second reap' "$?" 0
logger --socket "$WORLD/files/log" 'that is all'
await reaps_told
await traffic_idle
tap_is 'one line for each' "$(grep -c '7000-9000.* ended' "$WORLD/files/told")" "$MANY"
tap_is 'each has one stop record' "$(recorded_as stop | grep -c 7000-9000)" "$MANY"
tap_is 'nothing else was written' "$(records_count stop) $(records_count start)" "$((MANY + ${#ended[@]} + 2)) 2"

# now those that lived
only=$living
case_exact
tap_is "$CASE_NAME: as the contract says" "$(records_complaints true)" ''
case_clean

# what others can write is no state of ours
only=
case_begin 'a state folder of mode 0777'
chmod 777 "$RECORDS_STATE"
client_ssh "alice@$WORLD_SERVER4" true
case_end user=alice
tap_is "$CASE_NAME: it is so no more, and that is said, once" \
    "$(stat -c %a "$RECORDS_STATE") $(syslog_count 'users other than root could write to the state folder')" '700 1'
tap_done
