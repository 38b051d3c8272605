#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What a login was for: seen while it runs, told by list, show, log and report; and not known where nobody saw it.
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"

# told COMMAND ARG...: as root, in the server's namespace
# what it says on standard error is kept
told() {
    world_in server env -i TZ=UTC LC_ALL=C "ASAN_OPTIONS=log_path=$WORLD/sanitizer.cli" "$WORLD/pam_traffic" \
        "$1" --config "$TRAFFIC_CONFIG" "${@:2}" 2>>"$WORLD/told.err"
}

# what the one session that is open is for
kind() {
    told list --json | jq -r .kind
}

# kind_is WANTED: by the helper's own looks, else by a reap's
kind_is() {
    [ "$(kind)" = "$1" ] || { ! traffic_works && traffic_reap && [ "$(kind)" = "$1" ]; }
}

# seen NAME WANTED: within a second or two
seen() {
    tap_ok "$1" await kind_is "$2"
}

# ended N: what the last session was for, once N have ended
ended() {
    records_wait stop "$1"
    await eval '! traffic_works'
    records_jq 'map(select(.event == "stop"))[-1].kind'
}

# a client in the background, whose standard input is descriptor 9
begin() {
    rm -f "$WORLD/typed"
    mkfifo "$WORLD/typed"
    "$@" <"$WORLD/typed" >>"$WORLD/spawned" 2>&1 &
    CLIENT_PID=$!
    exec 9>"$WORLD/typed"
}

end() {
    exec 9>&-
    wait "$CLIENT_PID"
}

# it ends only when it is told to
sftp_begin() {
    begin world_in client sftp -q -b - -F "$WORLD/ssh_config" "${CLIENT_IDENTITY[@]}" "$@"
}

world_enter "$@"
[ -n "$PAM_TRAFFIC_CLI" ] || tap_bail 'PAM_TRAFFIC_CLI is not set: run this by meson test --suite system'
install -m 755 "$PAM_TRAFFIC_CLI" "$WORLD/pam_traffic"
traffic_install
traffic_configure interim_interval=1us
client_configure
sshd_start
host=alice@$WORLD_SERVER4
head -c 100000 /dev/zero >"$WORLD/files/some"
chmod 644 "$WORLD/files/some"

begin client_pipe -tt "$host"
seen 'shell: list says so' shell
tap_is 'shell: the start record could not know' "$(records_jq '.[0] | "\(.event) \(.kind)"')" 'start null'
traffic_reap
tap_is 'shell: the interim record has it' "$(records_jq '.[-1] | "\(.event) \(.kind)"')" 'interim shell'
# what runs in it is no other kind, whatever it is called
echo 'cp /bin/sleep ~/sftp-server; ~/sftp-server 1000' >&9
await pgrep -x sftp-server >/dev/null
traffic_reap
tap_is 'shell: what runs in it is called as it likes' "$(kind)" shell
pkill -x sftp-server
echo exit >&9
end
tap_is 'shell: the stop record' "$(ended 1)" shell

client_hold "$host" 'true'
seen 'command: list says so' command
client_release
tap_is 'command: the stop record' "$(ended 2)" command

sftp_begin "$host"
seen 'sftp: list says so' sftp
echo "get $WORLD/files/some $WORLD/got" >&9
end
tap_is 'sftp: the stop record' "$(ended 3) $(wc -c <"$WORLD/got")" 'sftp 100000'

world_spawn client_ssh "$host" 'scp -t /tmp & sleep 1001'
seen 'a command that runs scp is a command' command
client_kill
pkill -x -f 'sleep 1001'
tap_is '... to its end' "$(ended 4)" command

# at 125 bytes a second
world_spawn client_scp -O -l 1 "$host:$WORLD/files/some" "$WORLD/got"
seen 'scp -O: list says so' scp
client_kill
tap_is 'scp -O: the stop record' "$(ended 5)" scp

world_spawn client_ssh -N "$host"
records_wait start 6
await eval '! traffic_works'
tap_is 'forward: nobody knows yet' "$(kind)" null
# as if it had begun a moment ago, however slow this machine is
records_age -3600
traffic_reap
tap_is '... nor does a reap, in the first ten seconds' "$(kind)" null
records_age 3611
traffic_reap
tap_is '... then it is known' "$(kind)" forward
client_kill
tap_is 'forward: the stop record' "$(ended 6)" forward

# one connection for several
mux=(-S "$WORLD/mux" "$host")
world_spawn client_ssh -o ControlMaster=yes -N "${mux[@]}"
await eval 'client_ssh -O check "${mux[@]}" 2>/dev/null'
await eval '! traffic_works'
client_ssh "${mux[@]}" true
records_age 11
traffic_reap
tap_is 'a command that was over before anybody looked: not known, and not forward' "$(kind)" null
world_spawn client_ssh "${mux[@]}" 'sleep 1002'
await pgrep -x -f 'sleep 1002' >/dev/null
traffic_reap
tap_is 'a command' "$(kind)" command
sftp_begin -o "ControlPath=$WORLD/mux" "$host"
await pgrep -x sftp-server >/dev/null
traffic_reap
tap_is '... and sftp' "$(kind)" command+sftp
end
pkill -x -f 'sleep 1002'
traffic_reap
tap_is '... are what it was for' "$(kind)" command+sftp
client_ssh -q -O exit "${mux[@]}" 2>/dev/null
tap_is '... in the stop record, too' "$(ended 7)" command+sftp

# root has no sshd of his own in OpenSSH 9.2
client_hold "root@$WORLD_SERVER4" true
seen 'root: command' command
client_release
records_wait stop 8
sshd_stop
# there may be one line of it alone
sed -i 's,^Subsystem .*,Subsystem sftp internal-sftp,' "$WORLD/sshd_config"
sshd_exec "$SSHD_BINARY" -D -f "$WORLD/sshd_config" &
SSHD_LISTENER=$!
await sshd_has_port 22
sftp_begin "root@$WORLD_SERVER4"
seen 'root: internal-sftp' sftp
end
records_wait stop 9
sftp_begin "$host"
seen 'internal-sftp' sftp
end
tap_is 'internal-sftp: the stop record' "$(ended 10)" sftp

# the tool, by what the log has
tap_is 'report --by kind: each session once' "$(told report --by kind --json | jq -r '[.rows[] | "\(.kind) \(.sessions)"] | sort | join(", ")')" \
    'command 3, command+sftp 1, forward 1, scp 1, sftp 3, shell 1'
tap_is '... and each byte' "$(told report --by kind --json | jq '[.rows[].total] | add')" "$(told report --json | jq .total.total)"
tap_is 'log: a column' "$(told log | awk 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "KIND") at = 1 } END { print at }')" 1
tap_is 'log --csv: the last column' "$(told log --csv | cut -d , -f 20 | sort | uniq -c | awk '{ print $2, $1 }' | paste -sd ' ')" \
    'command 3 command+sftp 1 forward 1 kind 1 scp 1 sftp 3 shell 1'
tap_ok 'show' grep -qx 'Kind      forward: nothing was seen that it ran on this host' \
    <(told show "$(records_jq 'map(select(.kind == "forward"))[-1].session')")
tap_is 'nothing was said' "$(grep -v 'no session is open' "$WORLD/told.err")" ''
tap_is 'the sanitizers have nothing to say' "$(traffic_faults)" ''
tap_done
