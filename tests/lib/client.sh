# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The system's ssh client, in the client's namespace, with keys and configuration of the world.
#
#   client_ssh ARG...          ssh, nothing on stdin
#   client_pipe ARG...         ssh, with the caller's stdin
#   client_sftp ARG...         sftp -q -b -   (commands on stdin)
#   client_scp ARG...          scp
#   client_password ARG...     ssh, with USERS_PASSWORD for who asks
#   client_address N           gives the client another address, 10.77.1.N, and prints it; a connection
#                              from there (ssh -b) has a yardstick of its own
#   CLIENT_IDENTITY            options that choose the key; a test may set another
#   CLIENT_KEX                 its key exchange: ssh's own of 2022, sntrup761, takes each side 0.1 s of processor;
#                              a test may set another, or none for that, before its first login
#   client_hold ARG... COMMAND a session in the background: runs COMMAND, then stays; comes back when
#                              COMMAND is done, its output is in CLIENT_OUTPUT
#   client_release             the held session ends; gives ssh's exit status
#   client_await PID...        waits for these; CLIENT_FAILED is how many of them failed
#   client_kill [SIGNAL]       ends every ssh client of the world, with SIGTERM if not said: until they are gone, since
#                              ssh does not see a signal that comes just before it waits for the server
#   client_over ADDR           true once no connection from ADDR is alive on either side
#   client_quiet               true once neither side has anything to send or to acknowledge, on any TCP connection

CLIENT_OUTPUT=$WORLD/output
CLIENT_PID=
CLIENT_KEX=curve25519-sha256
CLIENT_IDENTITY=(-o "IdentityFile=$WORLD/keys/id")

client_configure() {
    [ ! -e "$WORLD/ssh_config" ] || return 0
    printf '%s\n' 'StrictHostKeyChecking yes' 'BatchMode yes' 'IdentitiesOnly yes' 'LogLevel ERROR' \
        'ControlPath none' 'GlobalKnownHostsFile none' 'ConnectTimeout 600' ${CLIENT_KEX:+"KexAlgorithms $CLIENT_KEX"} \
        "UserKnownHostsFile $WORLD/keys/known_hosts" >"$WORLD/ssh_config"
}

client_ssh() {
    client_configure
    world_in client ssh -F "$WORLD/ssh_config" "${CLIENT_IDENTITY[@]}" "$@" </dev/null
}

client_pipe() {
    client_configure
    world_in client ssh -F "$WORLD/ssh_config" "${CLIENT_IDENTITY[@]}" "$@"
}

client_sftp() {
    client_configure
    world_in client sftp -q -b - -F "$WORLD/ssh_config" "${CLIENT_IDENTITY[@]}" "$@"
}

client_scp() {
    client_configure
    world_in client scp -q -F "$WORLD/ssh_config" "${CLIENT_IDENTITY[@]}" "$@" </dev/null
}

client_password() {
    client_configure
    SSHPASS=$USERS_PASSWORD world_in client sshpass -e ssh -F "$WORLD/ssh_config" "${CLIENT_IDENTITY[@]}" \
        -o BatchMode=no "$@" </dev/null
}

client_await() {
    local pid

    CLIENT_FAILED=0
    for pid; do
        wait "$pid" || CLIENT_FAILED=$((CLIENT_FAILED + 1))
    done
}

client_address() {
    world_in client ip addr add "10.77.1.$1/16" dev "$WORLD_LINK" && printf '10.77.1.%d\n' "$1"
}

client_hold() {
    gate_shut release
    : >"$CLIENT_OUTPUT"
    client_ssh "${@:1:$#-1}" "${!#}
        echo held; $(gate_wait release)" >"$CLIENT_OUTPUT" 2>>"$WORLD/spawned" &
    CLIENT_PID=$!
    await grep -a -q 'held$' "$CLIENT_OUTPUT"
}

client_release() {
    gate_open release
    wait "$CLIENT_PID"
}

client_kill() {
    [ $$ -eq 1 ] || return # only ever inside a world
    if [ $# -gt 0 ]; then
        pkill "-$1" -x ssh
    else
        await client_gone
    fi
}

# true once no ssh client is alive; else asks them to end
client_gone() {
    ! pkill -TERM -x -r D,R,S,t,T ssh
}

client_over() {
    local side alive

    for side in server client; do
        alive=$(world_in "$side" ss -Htan exclude listening exclude closed exclude time-wait)
        [[ $alive != *"$1"* ]] || return
    done
}

# what is not acknowledged, a FIN too, is in Send-Q (tcp_diag_get_info() in net/ipv4/tcp_diag.c)
client_quiet() {
    local side

    for side in server client; do
        world_in "$side" ss -Htan exclude listening exclude time-wait | awk '$3 { busy = 1 } END { exit busy }' || return
    done
}
