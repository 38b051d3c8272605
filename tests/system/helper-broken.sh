#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A helper that is broken, in every way: the login works, and one clear line says why there is no record yet. Once the
# helper is back, a reap makes it. One that hangs is waited for until open_timeout, one that fails is not: then
# open_timeout is so long that no login reaches it. With `strict`, and only then, the session fails.
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"

hangs() {
    pgrep -x hangs >/dev/null
}

# broken NAME waits|at-once: with the helper as it is placed now
broken() {
    local timeout=60s waited=0

    [ "$2" = at-once ] || timeout=500ms waited=1
    pam_write sshd "$(pam_traffic_line "open_timeout=$timeout")"
    case_begin "$1"
    tap_ok "$CASE_NAME: login" client_ssh "alice@$WORLD_SERVER4" true
    [ "$2" = at-once ] || tap_ok "$CASE_NAME: the helper hangs still" await hangs
    case_settle
    tap_is "$CASE_NAME: open_timeout was reached" "$(syslog_count 'did not answer within open_timeout')" "$waited"
    tap_is "$CASE_NAME: one line in the log at open, with the helper's path" \
        "$(syslog_since | grep pam_traffic | grep 'open' | grep -c -F "$PAM_TRAFFIC_HELPER_PATH")" 1
    tap_is "$CASE_NAME: no record" "$(records_since)" ''

    pam_write sshd "$(pam_traffic_line strict "open_timeout=$timeout" | sed 's/optional/required/')"
    tap_not "$CASE_NAME: strict refuses" client_ssh "alice@$WORLD_SERVER4" true
    tap_ok "$CASE_NAME: sshd says so" syslog_wait 'pam_open_session\(\): '
    case_settle
    [ $$ -ne 1 ] || pkill -KILL -x 'hangs|yes' # only ever inside a world
}

world_enter "$@"
# where the installed module is gone, too, nothing is left for a reap: the programs were removed
world_shadow "${PAM_TRAFFIC_MODULE_PATH%/*}" && install -m 644 "$PAM_TRAFFIC_MODULE" "$PAM_TRAFFIC_MODULE_PATH"
traffic_install
sshd_start

traffic_displace
broken 'missing' at-once

traffic_place
chmod 644 "$PAM_TRAFFIC_HELPER_PATH"
broken 'not executable' at-once

traffic_displace
mkdir "$PAM_TRAFFIC_HELPER_PATH"
broken 'a folder' at-once
rmdir "$PAM_TRAFFIC_HELPER_PATH"

ln -s "$(type -P sleep)" "$WORLD/hangs"
traffic_place_script "exec $WORLD/hangs 1000"
broken 'hanging' waits

traffic_place_script 'kill -SEGV $$'
broken 'dying by a signal' at-once

traffic_place_script 'exit 1'
broken 'failing without a word' at-once

traffic_place_script 'exec head -c 100000 /dev/urandom'
broken 'printing garbage' at-once

traffic_place_script 'exec yes'
broken 'printing without end' at-once

traffic_displace
printf '\177ELF but not really\n' >"$PAM_TRAFFIC_HELPER_PATH"
chmod 755 "$PAM_TRAFFIC_HELPER_PATH"
broken 'no program' at-once

# all but the one that hung were left to a reap; those that were refused were not
traffic_place
case_begin 'back again'
tap_ok "$CASE_NAME: a reap" traffic_reap
tap_is "$CASE_NAME: a start and a stop for each login that worked" \
    "$(records_count start) $(records_count stop) $(records_jq 'map(.session) | unique | length')" '8 8 8'
tap_is "$CASE_NAME: whose they are" "$(records_jq 'map("\(.user) \(.remote_addr) \(.auth_method)") | unique[]')" \
    "alice $CASE_ADDR publickey"
tap_is "$CASE_NAME: how they ended" "$(records_jq 'map(select(.event == "stop").duration > 0) | unique | tostring')" '[true]'
tap_is "$CASE_NAME: nothing is left to do" "$(traffic_left)" ''
case_clean

# the helper is there, but not what it goes on as: the session waits in the state folder for a reap
reaped() {
    traffic_reap && records_age 11 && traffic_reap # once the grace for a close that may still come is over
    [ "$(records_count stop)" = 1 ]
}

traffic_place
rm "$PAM_TRAFFIC_WORKER_PATH"
pam_write sshd "$(pam_traffic_line)"
case_begin 'without the worker'
tap_ok "$CASE_NAME: login" client_ssh "alice@$WORLD_SERVER4" true
tap_ok "$CASE_NAME: one clear line" syslog_wait "start: cannot run $PAM_TRAFFIC_WORKER_PATH: No such file"
tap_ok "$CASE_NAME: and one at close" syslog_wait "close: cannot run $PAM_TRAFFIC_WORKER_PATH: No such file"
tap_not "$CASE_NAME: a reap by hand fails" traffic_reap
traffic_place
tap_ok "$CASE_NAME: once it is back a reap ends the session" await reaped
tap_is "$CASE_NAME: its cause" "$(records_jq 'map(select(.event == "stop").terminate_cause)[]')" NAS-Error
case_end user=alice

# the login goes on without it, and its close comes first
pam_write sshd "$(pam_traffic_line open_timeout=100ms)"
traffic_place
cp "$PAM_TRAFFIC_HELPER_PATH" "$WORLD/real"
traffic_place_script "[ \$1 != open ] || until [ -e $WORLD/go ]; do sleep 0.02; done" "exec $WORLD/real \"\$@\""
case_begin 'an open that comes after its close'
tap_ok "$CASE_NAME: login" client_ssh "alice@$WORLD_SERVER4" true
await sshd_is_alone
await pgrep -x 'real|pam_traffic_wor' >/dev/null
: >"$WORLD/go"
case_settle
records_wait stop 1
await traffic_idle
tap_is "$CASE_NAME: one start, one stop" "$(records_count start) $(records_count stop)" '1 1'
case_exact
traffic_place

# and once all is back, all is well; with strict, too
pam_write sshd "$(pam_traffic_line strict | sed 's/optional/required/')"
case_begin 'with all that it needs'
tap_ok "$CASE_NAME: login" client_ssh "alice@$WORLD_SERVER4" true
case_end user=alice
tap_done
