#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# autossh: its monitoring port, and a connection that it makes again.
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"
# shellcheck source=../lib/clients.sh
. "$(dirname "$0")/../lib/clients.sh"

clients_need autossh socat
world_enter "$@"
traffic_install
sshd_start
head -c 3000000 /dev/urandom >"$WORLD/files/big"
client_configure
world_spawn world_in server socat TCP-LISTEN:7000,bind=127.0.0.1,reuseaddr,fork EXEC:cat
await clients_listen server 7000

# -M 20000: test data goes round through the connection, every three seconds here
autossh_start() {
    clients_background env AUTOSSH_GATETIME=0 AUTOSSH_POLL=3 AUTOSSH_PATH=/usr/bin/ssh \
        autossh -M 20000 -N -F "$WORLD/ssh_config" "${CLIENT_IDENTITY[@]}" -L 127.0.0.1:9000:127.0.0.1:7000 \
        "alice@$WORLD_SERVER4"
    await clients_listen client 9000
}

autossh_stop() {
    kill "$WORLD_PID"
    wait "$WORLD_PID" 2>/dev/null
}

echoed() {
    world_in client socat -t 30 - TCP:127.0.0.1:9000 <"$WORLD/files/big" >"$WORLD/files/back" &&
        cmp "$WORLD/files/big" "$WORLD/files/back"
}

# connected N: sshd accepted N, and the newest one carries the forward
connected() {
    [ "$(syslog_accepted port | wc -l)" -eq "$1" ] && clients_listen client 9000
}

case_begin 'autossh'
autossh_start
tap_ok "$CASE_NAME: the data came back" echoed
autossh_stop
case_end user=alice

case_begin 'autossh, again after the server ended it'
autossh_start
tap_ok "$CASE_NAME: the data came back" echoed
kill "$(syslog_accepted pid)"
tap_ok "$CASE_NAME: it connects again" await connected 2
tap_ok "$CASE_NAME: the data came back again" echoed
autossh_stop
clients_end user=alice

tap_done
