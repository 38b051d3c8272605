#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# `sshd -i` without TCP, on pipes and on a local socket: nothing is wrong, so one line at notice says that there is no
# record, whatever else of TCP sshd holds. With `strict` the login is refused, and that line says why. And a helper that
# is not root's, as such an sshd may start it: it says so where somebody reads it.
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"

INETD="$SSHD_BINARY -i -f $WORLD/sshd_config"
NOTICE='open: the client did not connect over TCP, so there is no record'

serves() {
    world_in server ss -Hltn 'sport = :389' | grep -q .
}

# piped COMMAND...    a login whose client talks to what its ProxyCommand runs
piped() {
    client_ssh -o "ProxyCommand=nsenter --net=/run/netns/server-$WORLD_ID env -i ${SSHD_ENV[*]} $1" \
        "alice@$WORLD_SERVER4" "${@:2}"
}

# what the module says, with its priority
said() {
    syslog_since | grep -F 'pam_traffic(sshd:session)' | sed 's/^\(<[0-9]*>\).*session): /\1 /'
}

world_enter "$@"
traffic_install
sshd_configure
world_spawn world_in server socat TCP4-LISTEN:389,reuseaddr,fork PIPE
await serves

for way in "$INETD" "socat - 'EXEC:$INETD'"; do
    pam_write sshd "session required $PAM_TRAFFIC_PAM_HOLD $WORLD_SERVER4 389" "$(pam_traffic_line)"
    case_begin "${way%% *}"
    tap_is "$CASE_NAME: the data came" "$(piped "$way" 'head -c 100000 /dev/zero' | wc -c)" 100000
    tap_is "$CASE_NAME: one line, at notice" "$(said)" "<85> $NOTICE"
    case_silent

    pam_write sshd "$(pam_traffic_line strict | sed 's/optional/required/')"
    syslog_mark
    tap_not "$CASE_NAME: strict refuses" piped "$way" true
    tap_is "$CASE_NAME: and says why" "$(said)" "<85> $NOTICE, and the login is refused (strict)"
done

# a user who writes the word himself, while PAM_RHOST says otherwise, is counted: readenv.sh

# the program itself, which with the sanitizers is not what is in its place
install -m 755 "$PAM_TRAFFIC_HELPER" "$WORLD/helper"
syslog_mark
tap_is 'a helper without root: its answer to the module' \
    "$(setpriv --reuid=alice --clear-groups "$WORLD/helper" open 2>/dev/null </dev/null)" \
    'pam_traffic 1 failed'
setpriv --reuid=alice --clear-groups "$WORLD/helper" close 2>"$WORLD/err" </dev/null
tap_is 'a helper without root: exit status' "$?" 1
tap_is 'a helper without root: standard error' "$(cat "$WORLD/err")" \
    'pam_traffic_helper: close: must be run as root, not as uid 20001'
tap_is 'a helper without root: syslog' \
    "$(syslog_since | grep -c -E '<83>.*pam_traffic.*(open|close): must be run as root')" 2

tap_done
