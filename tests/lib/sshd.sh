# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The system's real sshd, in the server's namespace, with keys and configuration of the world.
#
#   sshd_start [KEYWORD=VALUE...]       listens on port 22 for IPv4 and IPv6; waits until it does
#   sshd_stop                           ends listener and sessions, waits until they are gone
#   sshd_is_alone                       true if the listener has no process for a connection
#   sshd_super PORT [KEYWORD=VALUE...]  `sshd -i` behind a dual-stack super-server instead
#   SSHD_PRELOAD                        a library that is loaded into it; set before it is started
#   SSHD_LISTENER                       pid of the listener or super-server
#
# With PAM_TRAFFIC_PRELOAD the sanitizer runtime is loaded into sshd; it is what finds faults of a
# module that was built with it. ASan's reports show up in traffic_faults. UBSan starts too late to read its
# options (sshd has overwritten its environment by then) and writes to a stderr that is /dev/null:
# build with -fno-sanitize-recover=undefined, then what it finds ends the process, and so the login.
# Leaks are not looked for: OpenSSH leaves much to exit().

SSHD_LISTENER=
SSHD_PRELOAD=
SSHD_BINARY=/usr/sbin/sshd
SSHD_ENV=(PATH=/usr/sbin:/usr/bin:/sbin:/bin)

sshd_configure() {
    local option

    {
        # the first value of a keyword wins
        for option in "$@"; do
            printf '%s %s\n' "${option%%=*}" "${option#*=}"
        done
        printf '%s\n' 'UsePAM yes' 'PasswordAuthentication yes' 'KbdInteractiveAuthentication no' \
            'PermitRootLogin yes' 'UseDNS no' 'PrintMotd no' 'LogLevel VERBOSE' 'MaxStartups 500' \
            'MaxSessions 50' 'LoginGraceTime 600' 'Subsystem sftp /usr/lib/openssh/sftp-server' 'Port 22' \
            "HostKey $WORLD/keys/host" "AuthorizedKeysFile $WORLD/keys/authorized" \
            "TrustedUserCAKeys $WORLD/keys/ca.pub" "PidFile $WORLD/sshd.pid"
    } >"$WORLD/sshd_config"
    if [ -n "$PAM_TRAFFIC_PRELOAD" ]; then
        SSHD_ENV=(PATH=/usr/sbin:/usr/bin:/sbin:/bin LD_PRELOAD="$PAM_TRAFFIC_PRELOAD"
            ASAN_OPTIONS="detect_leaks=0:log_path=$WORLD/sanitizer.sshd")
    fi
    [ -z "$SSHD_PRELOAD" ] || SSHD_ENV+=("LD_PRELOAD=${PAM_TRAFFIC_PRELOAD:+$PAM_TRAFFIC_PRELOAD:}$SSHD_PRELOAD")
}

sshd_exec() {
    world_exec server env -i "${SSHD_ENV[@]}" "$@" >>"$WORLD/sshd.err" 2>&1 </dev/null
}

# sshd_listens PORT: somebody does
sshd_listens() {
    [ -n "$(world_in server ss -Hltn "sport = :$1")" ]
}

# the one that was started does
sshd_has_port() {
    [[ $(world_in server ss -Hltnp "sport = :$1") = *"pid=$SSHD_LISTENER,"* ]]
}

sshd_is_alone() {
    ! pgrep -P "$SSHD_LISTENER" >/dev/null
}

sshd_start() {
    local port=22 option

    for option in "$@"; do
        [ "${option%%=*}" != Port ] || port=${option#*=}
    done
    sshd_configure "$@"
    sshd_exec "$SSHD_BINARY" -D -f "$WORLD/sshd_config" &
    SSHD_LISTENER=$!
    await sshd_has_port "$port" || tap_bail "sshd does not start: $(cat "$WORLD/sshd.err")"
}

sshd_super() {
    local port=$1

    shift
    sshd_configure "$@"
    # nofork: socat becomes sshd, with the client's socket itself as stdin and stdout
    sshd_exec socat "TCP6-LISTEN:$port,ipv6only=0,reuseaddr,fork" \
        "EXEC:$SSHD_BINARY -i -f $WORLD/sshd_config,nofork" &
    SSHD_LISTENER=$!
    await sshd_has_port "$port" || tap_bail "the super-server does not start: $(cat "$WORLD/sshd.err")"
}

sshd_gone() {
    ! pgrep -x 'sshd.*' >/dev/null
}

sshd_stop() {
    [ $$ -eq 1 ] || return # only ever inside a world: there, every sshd is ours
    kill "$SSHD_LISTENER" 2>/dev/null
    pkill -x 'sshd.*' # 9.8 and later: sshd-session, sshd-auth, too
    wait "$SSHD_LISTENER" 2>/dev/null
    await sshd_gone
}
