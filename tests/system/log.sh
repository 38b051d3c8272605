#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The log loses no record and tears none: rotated by rename and by copy and truncate, in the middle of a
# session, and between the writing of a record and the note of it; on a full disk, on one that is mounted
# read-only, without its folder, with something else in its place; after a line that a crash tore, which
# pam_traffic log names.
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"
# shellcheck source=../lib/kill.sh
. "$HARNESS_LIB/kill.sh"

FOLDER=$WORLD/log
RECORDS_LOG=$FOLDER/records

[ -n "$PAM_TRAFFIC_CLI" ] || tap_bail 'PAM_TRAFFIC_CLI is not set: run this by meson test --suite system'
network=0

# what rotation has put aside comes first
records_all() {
    local file

    for file in "$RECORDS_LOG.1" "$RECORDS_LOG"; do
        # what is glued to the line that a crash tore is lost; the blanks are of full()
        [ ! -f "$file" ] || [ -L "$file" ] || grep -v -e '"session":"torn' -e '^ *$' -e '"event":"port"' "$file"
    done
}

rename() {
    mv "$RECORDS_LOG" "$RECORDS_LOG.1"
}

copytruncate() {
    cp "$RECORDS_LOG" "$RECORDS_LOG.1"
    truncate -s 0 "$RECORDS_LOG"
}

# logrotate itself, as the option says
rotate() {
    printf '%s {\n rotate 3\n missingok\n %s\n}\n' "$RECORDS_LOG" "$1" >"$WORLD/logrotate.conf"
    logrotate -f -s "$WORLD/logrotate.state" "$WORLD/logrotate.conf"
}

rotates() {
    rm -f "$RECORDS_LOG.1"
    case_begin "$1"
    client_hold "alice@$WORLD_SERVER4" 'head -c 100000 /dev/zero'
    records_wait start 1
    "${@:2}" || tap_fail "$1: rotation" "$*"
    client_release
    case_end user=alice
    tap_is "$1: the start record is in the old file, the stop record in the new one" \
        "$(jq -r .event "$RECORDS_LOG.1" | tail -n 1) $(jq -r .event "$RECORDS_LOG")" 'start stop'
    tap_is "$1: mode" "$(stat -c %a "$RECORDS_LOG")" 640
}

# killed NAME VERB ROTATION...: the record is written, the helper dies before it can note that; then the
# log is rotated, and others go on writing
killed() {
    local addr

    rm -f "$RECORDS_LOG.1"
    network=$((network + 1))
    addr=10.77.107.$network
    kill_session "$addr"
    kill_plan "$addr" "$2" fdatasync
    case_begin "$1" "$addr"
    kill_hold "$addr"
    [ "$2" = open ] || kill_release
    tap_ok "$1: killed behind the record" grep -q '^killed at .* fdatasync' "$KILL_FOLDER/$addr.$2.report"
    "${@:3}" || tap_fail "$1: rotation" "$*"
    kill_login 10.77.108.1
    [ "$2" != open ] || kill_release
    tap_is "$1: the logins work, and end" "$(kill_failed)" ''
    kill_reap "$addr"
    tap_is "$1: one start, one stop, the client's numbers, no state" "$(kill_results "$addr")" "$(kill_wanted "$addr")"
}

reap() {
    world_in server env -i "$PAM_TRAFFIC_HELPER_PATH" reap --config "$TRAFFIC_CONFIG"
}

no_helper() {
    ! traffic_helpers >/dev/null
}

states() {
    find "$RECORDS_STATE/sessions" -type f | wc -l
}

# waits NAME BREAK MEND: the log cannot be written for a whole session, and then it can
waits() {
    case_begin "$1"
    $2 || tap_fail "$1: $2"
    tap_is "$1: login" "$(client_ssh "alice@$WORLD_SERVER4" 'head -c 100000 /dev/zero' | wc -c)" 100000
    case_settle
    await no_helper
    tap_is "$1: no record yet, one state" "$(records_since) $(states)" ' 1'
    tap_ok "$1: the helper says so" syslog_wait "cannot write to $RECORDS_LOG: .* the record waits in"
    tap_not "$1: a reap cannot, either" reap 2>>"$WORLD/spawned"
    $3 || tap_fail "$1: $3"
    tap_ok "$1: then it can" reap
    case_end user=alice
}

# a page has room for a part of the first record, and there is no other
full() {
    printf '%*s\n' $((4096 + 3900 - $(stat -c %s "$RECORDS_LOG") % 4096)) '' >>"$RECORDS_LOG"
    cat /dev/zero >"$FOLDER/filler" 2>/dev/null
    [ -s "$FOLDER/filler" ]
}

room() {
    rm "$FOLDER/filler"
}

read_only() {
    mount -o remount,ro "$FOLDER"
}

writable() {
    mount -o remount,rw "$FOLDER"
}

folder_away() {
    RECORDS_LOG=$WORLD/other/records
    traffic_configure
    records_mark
}

folder_made() {
    mkdir "$WORLD/other"
}

in_place_of() {
    mv "$RECORDS_LOG" "$FOLDER/kept" && "$@" "$RECORDS_LOG"
}

a_folder() {
    in_place_of mkdir
}

a_fifo() {
    in_place_of mkfifo
}

a_symlink() {
    in_place_of ln -s /etc/passwd
}

log_back() {
    rm -d "$RECORDS_LOG" && mv "$FOLDER/kept" "$RECORDS_LOG"
}

tear() {
    printf '{"v":1,"event":"start","session":"torn' >>"$RECORDS_LOG"
}

# the admin's view of the log, by the configuration
list() {
    env -i ASAN_OPTIONS="log_path=$WORLD/sanitizer.cli" "$PAM_TRAFFIC_CLI" log --config "$TRAFFIC_CONFIG" "$@" \
        2>"$WORLD/list.err"
}

# listed NAME: every session of the log is in it once, with its stop record
listed() {
    tap_is "$1: pam_traffic log has every session once" \
        "$(list --noheadings | grep -o '[0-9a-f]\{8\}$' | sort)" \
        "$(grep '"event":"stop"' "$RECORDS_LOG" | jq -r '.session[-8:]' | sort -u)"
}

world_enter "$@"
mkdir "$FOLDER"
mount -t tmpfs -o size=512k,mode=755 tmpfs "$FOLDER"
traffic_install
sshd_start

rotates 'renamed' rename
rotates 'copied and truncated' copytruncate
if [ -n "$(type -P logrotate)" ]; then
    rotates 'logrotate with create' rotate 'create 640 root adm'
    rotates 'logrotate with nocreate' rotate nocreate
    rotates 'logrotate with copytruncate' rotate copytruncate
else
    tap_skip 'logrotate' 'it is not here'
fi
rm -f "$RECORDS_LOG.1"

case_begin 'a torn line'
client_hold "alice@$WORLD_SERVER4" true
records_wait start 1
tear
client_release
case_end user=alice
tap_is "$CASE_NAME: it stays a line of its own" "$(grep -c '"session":"torn$' "$RECORDS_LOG")" 1
listed "$CASE_NAME"
tap_is "$CASE_NAME: pam_traffic log names it" "$(cat "$WORLD/list.err")" \
    "$RECORDS_LOG:$(grep -n '"session":"torn$' "$RECORDS_LOG" | cut -d : -f 1): skipped: torn, or not a JSON object
1 line of $RECORDS_LOG is not a record and was skipped"
tap_is "$CASE_NAME: the last row is that of the last session" \
    "$(list --bytes | tail -n 1 | awk '{ print $4, $6, $(NF - 4), $(NF - 3) }')" \
    "$(records_jq '.[-1] | "\(.user) \(.remote_addr) \(.in_bytes) \(.out_bytes)"')"

waits 'a full disk' full room
waits 'mounted read-only' read_only writable
waits 'a folder in its place' a_folder log_back
waits 'a fifo in its place' a_fifo log_back
waits 'a symlink in its place' a_symlink log_back
tap_is 'what the symlink led to' "$(grep -c session /etc/passwd)" 0

listed 'after all this'

kill_place ssh
kill_session 10.77.108.1
killed 'start, killed' open true
killed 'start, killed, renamed' open rename
killed 'start, killed, truncated' open copytruncate
killed 'stop, killed' close true
killed 'stop, killed, renamed' close rename
killed 'stop, killed, truncated' close copytruncate

traffic_place
waits 'without its folder' folder_away folder_made
tap_is 'no sanitizer report' "$(traffic_faults)" ''
tap_done
