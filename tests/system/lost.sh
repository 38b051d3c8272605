#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Somebody deletes the state folder: each session of the log ends, once, whatever becomes of its connection; what lives is
# counted on. And a time in which no reap ran is in the log, as what it was.
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"

OTHER_BOOT=01234567-89ab-4cde-8f01-23456789abcd
ALIVE=$RECORDS_STATE/alive

# what the log has of a session: its events, and its last record
told() {
    records_all | jq -s -r --arg session "$1" 'map(select(.session == $session)) |
        "\(map(.event) | reduce .[] as $event ([]; if .[-1] == $event then . else . + [$event] end) | join(" ")): \(.[-1] | "\(.complete) \(.incomplete_cause) \(.terminate_cause) \(.duration)") \(map(.seq) == [range(length)])"'
}

# another NAME BOOT HOST: a session that the log alone has; prints its id
another() {
    records_all | jq -c -n --arg name "$1" --arg boot "$2" --arg host "$3" 'first(inputs | select(.event == "start")) |
        .session |= .[:24] + "00000000000" + $name | .boot_id = $boot | .host = $host | .remote_port = 9' >>"$RECORDS_LOG"
    records_all | jq -s -r '.[-1].session'
}

marks() {
    records_all | jq -s -r 'map(select(.event == "off" or .event == "on") | "\(.event) \(.incomplete_cause)") | join(", ")'
}

# a reap in the second minute after a boot; a boot_id is the kernel's
early_reap() {
    world_in server unshare --fork --time --boottime $((90 + WORLD_UPTIME - $(cut -d . -f 1 /proc/uptime))) \
        env -i "$PAM_TRAFFIC_HELPER_PATH" reap --config "$TRAFFIC_CONFIG" 2>>"$WORLD/reap"
}

# alive REALTIME MONOTONIC BOOT: when the last reap was, in seconds before now
alive() {
    printf '%d %d %s\n' $(($(date +%s%6N) - $1 * 1000000)) \
        $(($(world_in server perl -MTime::HiRes -e 'printf "%d", Time::HiRes::clock_gettime(Time::HiRes::CLOCK_MONOTONIC()) * 1e6') - $2 * 1000000)) \
        "$3" >"$ALIVE"
}

# gap NAME WANTED [REAP]: a reap adds these marks
gap() {
    local before after reap=${3:-traffic_reap}

    before=$(marks)
    "$reap"
    after=$(marks)
    tap_is "$1" "${after#"$before"}" "$2"
    before=$after
    "$reap"
    tap_is "$1: once" "$(marks)" "$before"
}

world_enter "$@"
{ echo 20009 >/proc/self/loginuid; } 2>/dev/null || tap_skip_all 'this kernel has no audit sessions'
boot=$(cat /proc/sys/kernel/random/boot_id)
traffic_install
sshd_start

world_spawn client_ssh "alice@$WORLD_SERVER4" 'head -c 100000 /dev/zero; sleep 1000'
records_wait start 1
gone=$(records_jq '.[0].session')
client_hold "bob@$WORLD_SERVER4" 'head -c 100000 /dev/zero'
records_wait start 2
lives=$(records_jq 'map(select(.user == "bob"))[0].session')
await eval '! traffic_works'
traffic_reap
tap_ok 'the state folder is settled' test -e "$RECORDS_STATE/settled"
traffic_configure interim_interval=1us
traffic_reap
known=$(records_jq "map(select(.session == \"$gone\"))[-1].in_bytes")
find "$RECORDS_STATE" -mindepth 1 -delete
# logins are older than the PAM file of this world, as they are made older
echo 1000000 >"$RECORDS_STATE/enabled"
# nobody closes it: the monitor, and the user's sshd
pid=$(records_jq '.[0].pid')
pkill -KILL -f '^sshd.*: alice'
await eval '[ "$(world_in server ss -Htan exclude listening exclude closed exclude time-wait "src $WORLD_SERVER4:22" | wc -l)" = 1 ]'
await test ! -e "/proc/$pid"
earlier=$(another 1 "$OTHER_BOOT" "$(uname -n)")
elsewhere=$(another 2 "$OTHER_BOOT" elsewhere)
traffic_reap
tap_is 'its connection is gone: it ends, and nobody knows when and why' "$(told "$gone")" \
    'start interim stop: false lost null null true'
tap_is '... with what was known of it' "$(records_jq "map(select(.session == \"$gone\"))[-1] | \"\\(.in_bytes) \\(.delta_in_bytes)\"")" "$known 0"
tap_is 'one of an earlier boot ends' "$(told "$earlier")" 'start stop: false lost null null true'
tap_is 'one of another host does not' "$(told "$elsewhere" | cut -d : -f 1)" start
tap_is 'one that lives does not' "$(told "$lives" | cut -d : -f 1)" 'start interim'
tap_is 'each is told' "$(syslog_count 'its state was deleted; its stop record has what was recorded')" 2
tap_ok 'the state folder is not settled' test ! -e "$RECORDS_STATE/settled"
traffic_reap
records_age 121
traffic_reap
tap_is 'what lives is found' "$(syslog_count 'found without a state: user bob')" 1
traffic_reap
tap_ok 'the log is read every ten minutes' test ! -e "$RECORDS_STATE/settled"
printf '1\n' >"$RECORDS_STATE/settling"
traffic_reap
tap_is 'the state folder is settled again, for this boot' "$(cat "$RECORDS_STATE/settled")" "$boot"
client_release
await eval '[[ $(told "$lives") = *stop:* ]]'
tap_is 'it has one stop' "$(told "$lives" | cut -d : -f 1 | grep -o stop | wc -l)" 1
traffic_reap
tap_is 'no other has a second one' "$(told "$gone" | cut -d : -f 1) $(told "$earlier" | cut -d : -f 1)" 'start interim stop start stop'

# who closes it finds its record without a state, and with a stop
find "$RECORDS_STATE" -mindepth 1 -delete
client_hold "alice@$WORLD_SERVER4" 'head -c 100000 /dev/zero'
await eval '! traffic_works'
late=$(records_jq 'map(select(.event == "start"))[-1].session')
find "$RECORDS_STATE" -mindepth 1 -delete
# as if it had been looked at long ago
printf '1\n' >"$RECORDS_STATE/settling"
traffic_reap
tap_is 'after ten minutes, what lives and is not found is left to its close' "$(told "$late" | cut -d : -f 1)" start
tap_ok '... and the log is not read at each reap' test "$(cat "$RECORDS_STATE/settling")" != 1
# what it was for is in the log alone
sed -i "/$late/s/\"kind\":null/\"kind\":\"scp\"/" "$RECORDS_LOG"
client_release
await eval '[[ $(told "$late") = *stop:* ]]'
tap_is '... which ends it' "$(told "$late" | cut -d : -f 1)" 'start stop'
tap_is '... as what the log says it was for' "$(records_jq "map(select(.session == \"$late\"))[-1].kind")" scp

# a state that is damaged
damaged=$(another 3 "$boot" "$(uname -n)")
echo nonsense >"$RECORDS_STATE/sessions/$damaged.json"
traffic_reap
tap_is 'a damaged state: its session ends, too' "$(told "$damaged")" 'start stop: false lost null null true'
rm -f "$RECORDS_STATE"/sessions/*.damaged
# a state that was lost at a power loss
another 4 "$OTHER_BOOT" "$(uname -n)" >"$WORLD/lost"
traffic_reap
tap_is 'not each time' "$(told "$(cat "$WORLD/lost")" | cut -d : -f 1)" start
touch -d '61 minutes ago' "$RECORDS_STATE/settled"
traffic_reap
tap_is 'once an hour: somebody may have deleted a state' "$(told "$(cat "$WORLD/lost")" | cut -d : -f 1)" 'start stop'
another 6 "$OTHER_BOOT" "$(uname -n)" >"$WORLD/lost"
printf '%s' "$OTHER_BOOT" >"$RECORDS_STATE/settled"
traffic_reap
tap_is 'once a boot' "$(told "$(cat "$WORLD/lost")" | cut -d : -f 1)" 'start stop'
# an older file that is read later does not bring back what has ended
cp "$RECORDS_LOG" "$RECORDS_LOG.1"
grep -F '"event":"start"' "$RECORDS_LOG.1" >"$RECORDS_LOG-20260101"
: >"$RECORDS_LOG"
printf '%s' "$OTHER_BOOT" >"$RECORDS_STATE/settled"
traffic_reap
tap_is 'files in another order: no second stop' "$(cat "$RECORDS_LOG")" ''
mv "$RECORDS_LOG.1" "$RECORDS_LOG"
rm "$RECORDS_LOG-20260101"

# what an archive had that cannot be read: these may have ended in there
stopped=$(another 5 "$OTHER_BOOT" "$(uname -n)")
grep -F "$stopped" "$RECORDS_LOG" | gzip >"$RECORDS_LOG.3.gz"
records_all | jq -c -s "map(select(.session == \"$stopped\"))[0] | .event = \"stop\" | .seq = 1" | gzip | head -c -20 >"$RECORDS_LOG.2.gz"
sed -i "/$stopped/d" "$RECORDS_LOG"
printf '%s' "$OTHER_BOOT" >"$RECORDS_STATE/settled"
traffic_reap
tap_is 'an archive is damaged: what may have ended in it is left' "$(grep -cF "$stopped" "$RECORDS_LOG")" 0
rm "$RECORDS_LOG.2.gz"
touch -d '41 days ago' "$RECORDS_LOG.3.gz"
printf '%s' "$OTHER_BOOT" >"$RECORDS_STATE/settled"
traffic_reap
tap_is '... nor what is in an old file' "$(grep -cF "$stopped" "$RECORDS_LOG")" 0
touch "$RECORDS_LOG.3.gz"
printf '%s' "$OTHER_BOOT" >"$RECORDS_STATE/settled"
traffic_reap
tap_is '... without it, it ends' "$(grep -F "$stopped" "$RECORDS_LOG" | jq -r .event)" stop
rm "$RECORDS_LOG.3.gz"

# the programs are removed
damaged=$(another 7 "$boot" "$(uname -n)")
echo nonsense >"$RECORDS_STATE/sessions/$damaged.json"
client_hold "alice@$WORLD_SERVER4" 'head -c 100000 /dev/zero'
await eval '! traffic_works'
last=$(records_jq 'map(select(.event == "start"))[-1].session')
lost=$(another 8 "$boot" "$(uname -n)")
world_in server "$PAM_TRAFFIC_HELPER_PATH" end --config "$TRAFFIC_CONFIG"
tap_is 'before a removal: it ends' "$(told "$last" | sed 's/interim //')" 'start stop: false lost null null true'
tap_is '... one whose state is damaged, and one that has none' "$(told "$damaged") $(told "$lost")" \
    'start stop: false lost null null true start stop: false lost null null true'
rm -f "$RECORDS_STATE"/sessions/*.damaged
tap_is '... with what it had moved' "$(records_jq "map(select(.session == \"$last\"))[-1].out_bytes > 100000")" true
tap_is '... and its rules are gone' "$(find "$RECORDS_STATE/sessions" -type f | wc -l) $(rules_count "$(records_jq "map(select(.session == \"$last\"))[-1].remote_port")")" '0 0'
client_release
await sshd_is_alone
await eval '! traffic_works'
tap_is '... once' "$(told "$last" | cut -d : -f 1 | grep -o stop | wc -l)" 1

# no reap ran
rm -f "$ALIVE"
gap 'the first reap' ''
alive 3600 3600 "$boot"
gap 'no reap for an hour' 'off stopped, on null'
tap_is '... of that hour' "$(records_all | jq -s -r 'map(select(.event == "off" or .event == "on").time | .[:19] + "Z" | fromdate)
    | .[1] - .[0] | . > 3590 and . < 7200')" true
alive 300 300 "$boot"
gap 'no reap for five minutes' ''
alive 36000 60 "$boot"
gap 'a clock that was set' ''
alive 86400 0 "$OTHER_BOOT"
gap 'the host was down' ', off reboot, on null' early_reap
alive 180 0 "$OTHER_BOOT"
gap 'a reboot' '' early_reap
rm -f "$ALIVE"
# the line of the PAM file goes away, and nobody ran `disable`
date +%s%6N >"$RECORDS_STATE/enabled"
traffic_reap
before=$(marks)
cp /etc/pam.d/sshd "$WORLD/pam"
sed -i /pam_traffic/d /etc/pam.d/sshd
traffic_reap
traffic_reap
tap_is 'the line is gone: the log says so, once' "$(marks)" "$before, off off"
cp "$WORLD/pam" /etc/pam.d/sshd
traffic_reap
traffic_reap
tap_is '... and when it is back' "$(marks)" "$before, off off, on null"
rm "$RECORDS_STATE/enabled"
for damaged in '' '1' 'a b c' "$(date +%s%6N)" "99999999999999999999 1 $boot" "1 1" "-1 -1 $boot"; do
    printf '%s\n' "$damaged" >"$ALIVE"
    gap "a file that says '$damaged'" ''
done
tap_is 'no sanitizer has to say anything' "$(traffic_faults)" ''
tap_done
