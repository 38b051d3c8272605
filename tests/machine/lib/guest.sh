# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Inside the machine: logins, and questions to it. Questions are asked by root through one connection that stays
# open, itself a session that is accounted. Each keeps the emulated processor busy: so many things are asked in one,
# and the machine itself waits for what shall happen.
#
#   guest COMMAND                 runs a shell command as root and prints what it prints
#   guest_ask NAME=COMMAND...     one question: what each COMMAND prints, errors too, is for guest_answer
#   guest_answer NAME             what it was; NAME is a word
#   guest_sort                    makes answers of standard input, where a line "@@ NAME" begins each
#   guest_wait COMMAND            waits until COMMAND succeeds inside
#   guest_login ARG...            ssh to alice, from the client's address MACHINE_CLIENT
#   guest_first_login             the earliest login that the machine lets in
#   guest_records [FILTER]        the sessions' records, or what jq FILTER makes of the array of them
#   guest_session ADDR            the records of the login from ADDR, as an array
#   guest_has ADDR EVENT          waits until the login from ADDR has such a record
#   guest_exact NAME ADDR         cases: the login from ADDR has one start and one stop, both as the contract says,
#                                 and the client's count
#   guest_hold ADDR, guest_release   a login that stays, and its end
#   guest_boot                    the machine's boot id

guest_ssh() {
    world_in client ssh -F none -o BatchMode=yes -o IdentitiesOnly=yes -o "IdentityFile=$WORK/keys/id" \
        -o "UserKnownHostsFile=$WORK/keys/known_hosts" -o GlobalKnownHostsFile=none -o StrictHostKeyChecking=yes \
        -o KexAlgorithms=curve25519-sha256 -o LogLevel=ERROR -o ConnectTimeout=60 -o ServerAliveInterval=5 \
        -o ServerAliveCountMax=24 "$@"
}

guest() {
    guest_ssh -b 10.77.0.2 -o ControlMaster=auto -o ControlPersist=yes -o "ControlPath=$WORK/control" \
        "root@$MACHINE_ADDR" "$1" </dev/null 2>>"$WORK/ssh"
}

# the machine is gone, its connection must not be used again
guest_hang_up() {
    guest_ssh -o "ControlPath=$WORK/control" -O exit "root@$MACHINE_ADDR" 2>/dev/null
    rm -f "$WORK/control" "$WORK/boot"
}

# answers of another question are none of this one
guest_ask() {
    local question script=''

    for question; do
        script+="printf '\n@@ %s\n' '${question%%=*}'; { ${question#*=}
} 2>&1; "
    done
    guest "$script" | guest_sort
}

# a file each
guest_sort() {
    rm -rf "$WORK/answers"
    mkdir "$WORK/answers"
    awk -v folder="$WORK/answers/" '/^@@ / { file = folder $2; printf "" >file; next } file { print >file }'
}

# no two that are missing are the same
guest_answer() {
    cat "$WORK/answers/$1" 2>/dev/null || printf 'no answer to %s\n' "$1"
}

guest_wait() {
    guest "end=\$((SECONDS + $AWAIT_SECONDS)); until { $1; } >/dev/null 2>&1; do
        [ \$SECONDS -lt \$end ] || exit 1
        sleep 0.5
    done"
}

guest_login() {
    guest_ssh -b "$MACHINE_CLIENT" "alice@$MACHINE_ADDR" "$@" </dev/null 2>>"$WORK/ssh"
}

# a try that is refused (pam_nologin, early at boot) has its packets too: each has its own address
guest_first_try() {
    machine_alive || return 0
    machine_address && guest_login true
}

guest_first_login() {
    await guest_first_try && machine_alive
}

guest_records() {
    guest 'cat /var/log/pam_traffic.1 /var/log/pam_traffic 2>/dev/null' |
        grep -a -v -E '"event":"(port|user|off|on|users-off|users-on)"' | if [ $# -gt 0 ]; then jq -s -c "$1"; else cat; fi
}

guest_session() {
    guest_records "map(select(.remote_addr == \"$1\"))"
}

guest_boot() {
    [ -s "$WORK/boot" ] || guest 'cat /proc/sys/kernel/random/boot_id' >"$WORK/boot"
    cat "$WORK/boot"
}

guest_has() {
    guest_wait "cat /var/log/pam_traffic.1 /var/log/pam_traffic | grep -aF '\"remote_addr\":\"$1\"' | grep -qF '\"event\":\"$2\"'"
}

guest_exact() {
    local name=$1 addr=$2 records

    guest_has "$addr" stop || tap_diag "$name: no stop record"
    records=$(guest_session "$addr")
    tap_is "$name: one start, one stop, as the contract says" \
        "$(jq -r --argjson counted true --arg backend iptables --arg host machine --arg boot_id "$(guest_boot)" \
            -f "$HARNESS_RECORDS_JQ" <<<"$records" 2>&1)" ''
    tap_is "$name: bytes and packets are the client's" \
        "$(jq -r '.[-1] | "\(.in_bytes) \(.in_packets) \(.out_bytes) \(.out_packets)"' <<<"$records")" \
        "$(yardstick_read "$addr")"
}

guest_held_now() {
    grep -q held "$WORK/held"
}

guest_hold() {
    : >"$WORK/held"
    guest_login 'rm -f release; echo held; until [ -e release ]; do sleep 0.5; done' >"$WORK/held" &
    GUEST_HELD=$!
    await guest_held_now || tap_diag "no session from $1"
}

guest_release() {
    guest 'touch /home/alice/release'
    wait "$GUEST_HELD"
}

guest_flowed() {
    [ "$(stat -c %s "$WORK/flow")" -ge "$1" ]
}

# what is wrong with the totals of a session that was lost: they are those of its last record before, or
# what was written down since, and never more than the client has seen
guest_totals() {
    local in_bytes in_packets out_bytes out_packets

    read -r in_bytes in_packets out_bytes out_packets <<<"$3"
    jq -nr --argjson before "$1" --argjson after "$2" --argjson counted \
        "{\"in_bytes\": $in_bytes, \"in_packets\": $in_packets, \"out_bytes\": $out_bytes, \"out_packets\": $out_packets}" '
        $before[-1] as $last | $after[-1] as $stop | ("in_bytes", "in_packets", "out_bytes", "out_packets")
        | if $stop[.] == null or $stop[.] < $last[.] or $stop[.] > $counted[.]
          then "\(.) is \($stop[.]); last record \($last[.]), client \($counted[.])" else empty end'
}

# sessions without exactly one start and one stop, but for the one that asks
guest_unpaired() {
    guest_records "
        group_by(.session)
        | if length < 6 then \"only \(length) sessions\" else
            .[]
            | select(.[0] | .remote_addr != \"10.77.0.2\" or .boot_id != \"$(guest_boot)\")
            | select((map(select(.event == \"start\")) | length) != 1 or (map(select(.event == \"stop\")) | length) != 1)
          end"
}
