#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The package on a real machine, with its own kernel and systemd:  guest.sh RELEASE [full]
#
# Setup comes before sshd, the first login is exact, reap works in its sandbox by its timer, and takes what is left to it.
# Then the package is purged, and logins go on. full: also a VRF, an sshd that is stopped, limits, an orderly reboot, a
# loss of power, whose open login gets its one stop record after the next boot (there with ssh.socket), and the admin's
# ways: enabled twice, installed anew, disabled, removed, installed.
set -u
# shellcheck source=lib/harness.sh
. "$(dirname "$0")/lib/harness.sh"

PAM=/etc/pam.d/sshd

# setup_before UNIT PROPERTY: setup was done when that unit began
setup_before() {
    local setup unit

    read -r setup unit < <(guest "systemctl show -P ActiveEnterTimestampMonotonic pam_traffic-setup.service
        systemctl show -P $2 $1" | paste -sd ' ')
    tap_diag "setup done at ${setup}us, $1 at ${unit}us"
    [ "${setup:-0}" -gt 0 ] && [ "${unit:-0}" -gt "$setup" ]
}

# shellcheck disable=SC2016  # for the machine's shell
first_login() {
    tap_ok "$1: first login" guest_first_login
    guest_exact "$1: first login" "$MACHINE_CLIENT"
    tap_is "$1: first login: its systemd session is known" \
        "$(guest_session "$MACHINE_CLIENT" | jq -r '.[0].login_session | type')" string
    guest_ask acct='cat /proc/sys/net/netfilter/nf_conntrack_acct' \
        chains='for tables in iptables ip6tables; do
            $tables-legacy-save -t mangle | sed -n "s/^:\(PAM_TRAFFIC_[A-Z]*\) .*/\1/p" | sort
        done'
    tap_is "$1: conntrack counts" "$(guest_answer acct)" 1
    tap_is "$1: base chains in iptables and ip6tables" "$(guest_answer chains | paste -sd ' ')" \
        'PAM_TRAFFIC_IN PAM_TRAFFIC_OUT PAM_TRAFFIC_IN PAM_TRAFFIC_OUT'
}

# of both units
STATES='systemctl is-enabled pam_traffic-setup.service pam_traffic-reap.timer
    systemctl is-active pam_traffic-setup.service pam_traffic-reap.timer'
# those of ours, of iptables and nftables
RULES='{ iptables-legacy-save; ip6tables-legacy-save; nft list ruleset; } | grep -ci pam_traffic'
# what the package brings and makes; its .deb is lib...
FILES='find / -xdev \( -name "pam_traffic*" -o -path "/etc/systemd/system/*pam_traffic*" \) ! -path "/proc/*" | sort'

# healthy NAME [ERE]: with lines in the journal that are right
healthy() {
    guest_ask states="$STATES" failed='systemctl --failed --no-legend --plain' \
        results='systemctl show -P Result pam_traffic-setup.service pam_traffic-reap.service' \
        lock='stat -c "%a %U" /run/xtables.lock' \
        journal='journalctl -b -p warning -o short-monotonic --no-pager --quiet | grep -iE "pam_traffic|ordering cycle" | grep -vE "'"${2:-^$}"'"' \
        doctor='pam_traffic doctor --json; echo "{\"status\": \"exit $?\"}"'
    tap_is "$1: units are enabled and active" "$(guest_answer states | xargs)" 'enabled enabled active active'
    tap_is "$1: no unit failed" "$(guest_answer failed)" ''
    tap_is "$1: the units are content" "$(guest_answer results | xargs)" 'success success'
    tap_is "$1: nobody but root can hold the lock of the tables" "$(guest_answer lock)" '600 root'
    tap_is "$1: nothing of ours in the journal from warning up" "$(guest_answer journal)" ''
    # a login of the last seconds is not held against the log yet
    tap_is "$1: doctor without a fail" "$(guest_answer doctor |
        jq -r 'select((.status | IN("pass", "warn") | not) and (.check != "logins" or .status != "skip")) |
            "\(.status) \(.check // "") \(.finding // "")"')" 'exit 0  '
}

# a case: COMMAND succeeds in there; if not, what it says is shown
does() {
    local said

    if said=$(guest "{ $2; } 2>&1"); then
        tap_pass "$1"
    else
        tap_fail "$1" "$(tail -n 40 <<<"$said")"
    fi
}

apt() {
    does "apt $1" "DEBIAN_FRONTEND=noninteractive apt-get -q -y $1"
}

# one_login NAME: another login, exact
one_login() {
    machine_address
    tap_ok "$1: a login" guest_login true
    guest_exact "$1: a login" "$MACHINE_CLIENT"
}

# the package is gone, or as good as
gone() {
    guest_ask units='systemctl list-units --all --no-legend --plain "pam_traffic*"' rules="$RULES" files="$FILES" \
        pins='ls /sys/fs/bpf'
    tap_is "$1: no unit is left" "$(guest_answer units)" ''
    tap_is "$1: the users' ledger is gone" "$(guest_answer pins | grep pam_traffic)" ''
    tap_is "$1: no rule is left" "$(guest_answer rules)" 0
    tap_is "$1: nothing else of it stays" "$(guest_answer files | xargs)" "$2"
    machine_address
    tap_ok "$1: logins go on" guest_login true
}

# sshd's listener takes the connections of a VRF, too; netfilter sees what goes out through it twice
in_a_vrf() {
    local sent before

    MACHINE_ADDR=10.78.0.1 MACHINE_CLIENT=10.78.1.1
    guest "ip link add blue type vrf table 10 && ip link set blue up &&
        card=\$(basename \$(dirname \$(grep -l '$MACHINE_MAC:02' /sys/class/net/*/address))) &&
        ip link set \$card master blue && ip addr add $MACHINE_ADDR/16 dev \$card && ip link set \$card up &&
        sysctl -qw net.ipv4.tcp_l3mdev_accept=1"
    tap_ok 'VRF: a client in it' eval 'world_in client ip addr add "$MACHINE_CLIENT/16" dev tap1 && yardstick_watch "$MACHINE_CLIENT"'
    sent="iptables-legacy-save -c -t mangle | sed -n 's/^.[0-9]*:\([0-9]*\). -A PAM_TRAFFIC_OUT .*-g PAM_TRAFFIC_OUT_22\$/\1/p'"
    before=$(MACHINE_ADDR=10.77.0.1 guest "$sent")
    tap_is 'VRF: a login' "$(guest_login 'head -c 300000 /dev/zero' | wc -c)" 300000
    MACHINE_ADDR=10.77.0.1
    guest_exact 'VRF' "$MACHINE_CLIENT"
    guest_ask sent="$sent" doctor='pam_traffic doctor --json'
    tap_ok 'VRF: the rules had it twice' [ $(($(guest_answer sent) - before)) -ge 600000 ]
    tap_is 'VRF: doctor says so' \
        "$(guest_answer doctor | jq -r 'select(.check == "vrf") | "\(.status) \(.finding | test("^port 22 .*blue"))"')" 'warn true'
    guest 'ip link del blue && sysctl -qw net.ipv4.tcp_l3mdev_accept=0'
}

# users_moved FILTER: the sums of the deltas of the users' records since the mark that the filter selects
users_moved() {
    guest "systemctl start pam_traffic-reap.service; grep -a -h '\"event\":\"user\"' /var/log/pam_traffic" |
        tail -n "+$((USERS_FROM + 1))" | jq -s -r "[ .[] | select($1) ] |
            [ (map(.delta_in_bytes) | add // 0), (map(.delta_out_bytes) | add // 0) ] | map(tostring) | join(\" \")"
}

# all that has moved so far is in the log: records are made as often as a reap comes here
users_mark() {
    USERS_FROM=$(guest "systemctl start pam_traffic-reap.service; grep -a -c '\"event\":\"user\"' /var/log/pam_traffic")
}

# what the peer of port 7001 has counted, bytes in and out
users_counted() {
    yardstick_port_read users | cut -d ' ' -f 1,3
}

# the users' ledger at the root of cgroup2, on this kernel, beside systemd's own programs on the same hooks
users_ledger() {
    local script accounted before

    script=$(dirname "$0")/../system/ledger.pl
    guest_ssh -b 10.77.0.2 -o "ControlPath=$WORK/control" "root@$MACHINE_ADDR" 'cat >/root/ledger.pl; chmod 755 /root /root/ledger.pl' <"$script"
    guest "mkdir /etc/pam_traffic.conf.d && printf 'interim_interval = 1us\n' >/etc/pam_traffic.conf.d/users.conf"
    WORLD_LINK=tap0 yardstick_port users 4 tcp remote 7001
    world_in client perl "$script" serve 10.77.0.2 7001 100 1000 >"$WORK/serving" 2>>"$WORK/ssh" &
    await grep -q ready "$WORK/serving"
    # what is sent twice, because the machine is slow, may come to a socket in TIME_WAIT
    users_resends 0 10000000
    users_mark
    does 'users: alice moves something' 'setpriv --reuid=alice --regid=alice --clear-groups -- perl /root/ledger.pl connect 10.77.0.2 7001 20 20000'
    tap_is 'users: the ledger has what the peer counted' "$(users_moved '.user == "alice"')" "$(users_counted)"

    before=$(users_counted)
    users_mark
    does 'users: a service of alice, with IPAccounting=yes' 'systemd-run --quiet -p User=alice -p IPAccounting=yes \
        -p Type=oneshot -p RemainAfterExit=yes --unit users perl /root/ledger.pl connect 10.77.0.2 7001 20 20000'
    accounted=$(guest 'systemctl show -P IPIngressBytes -P IPEgressBytes users; systemctl stop users' | paste -sd ' ')
    tap_is 'users: the ledger has what systemd accounts, beside it' "$(users_moved '.user == "alice"')" "$accounted"
    tap_not 'users: that is what moved' test "$accounted" = '0 0' -o "$before" = "$(users_counted)"

    users_mark
    guest 'systemd-run --quiet --wait -p User=alice -p IPAddressDeny=any perl -MSocket -e "
        socket S, PF_INET, SOCK_DGRAM, 0; send S, q(x) x 72, 0, sockaddr_in(9, inet_aton(q(10.77.0.2))) for 1 .. 10"' 2>/dev/null
    tap_is 'users: what a unit'"'"'s IPAddressDeny= drops is counted' "$(users_moved '.user == "alice"')" '0 1000'

    users_mark
    world_in client perl -MIO::Socket::IP -e 'IO::Socket::IP->new(PeerHost => $ARGV[0], PeerPort => 9) for 1 .. 10' "$MACHINE_ADDR"
    tap_ok 'users: resets to a closed port are the kernel'"'"'s' \
        [ "$(users_moved '.socket_owner == "kernel"' | cut -d ' ' -f 2)" -ge 400 ]
    users_resends 3 200000
    [ "$1" != full ] || users_lossy "$script"
    guest_ask doctor='pam_traffic doctor --json' pins='ls /sys/fs/bpf/pam_traffic | xargs' \
        report='pam_traffic report --ledger users --csv --noheadings | grep -c ^alice,'
    tap_is 'users: doctor' "$(guest_answer doctor | jq -r 'select(.check == "users-ledger") | .status')" pass
    tap_is 'users: report' "$(guest_answer report)" 1
    guest 'rm /root/ledger.pl'
    users_off
}

# users = no, in the sandbox of the reap's unit; that of setup's loads it again. Inside of users_ledger
users_off() {
    users_mark
    does 'users = no: alice moves something before' 'setpriv --reuid=alice --regid=alice --clear-groups -- perl -MSocket -e "
        socket S, PF_INET, SOCK_DGRAM, 0; send S, q(x) x 72, 0, sockaddr_in(9, inet_aton(q(10.77.0.2)))" &&
        echo users = no >>/etc/pam_traffic.conf.d/users.conf'
    tap_is 'users = no: what was counted is recorded' "$(users_moved '.user == "alice"')" '0 100'
    tap_is 'users = no: nothing counts any more, and the reap is content' \
        "$(guest 'systemctl show -P Result pam_traffic-reap.service; ls /sys/fs/bpf | grep pam_traffic' | xargs)" success
    does 'users = yes again' 'rm -r /etc/pam_traffic.conf.d; systemctl restart pam_traffic-setup && test -e /sys/fs/bpf/pam_traffic/link_out'
}

# users_resends EARLY MIN: how the peer's TCP sends again (tcp_early_retrans, tcp_rto_min_us)
users_resends() {
    world_in client sysctl -qw net.ipv4.tcp_early_retrans="$1" net.ipv4.tcp_rto_min_us="$2" 2>/dev/null
}

# a link that loses packets: what counts then is what the machine's own chains have seen. full, inside of users_ledger.
# The peer ends the connections, so that nothing comes to a socket in TIME_WAIT here, which is in no row
users_lossy() {
    local card chain

    card=$(guest "ip -o route get 10.77.0.2 | sed 's/.* dev \([^ ]*\).*/\1/'")
    for chain in 'INPUT -p tcp --dport 7002' 'POSTROUTING -p tcp --sport 7002'; do
        guest "iptables-legacy -t mangle -A $chain -m comment --comment lossy"
    done
    users_mark
    guest "tc qdisc add dev $card root netem loss 5% && cd /root &&
        { setpriv --reuid=alice --regid=alice --clear-groups -- perl ledger.pl serve $MACHINE_ADDR 7002 10 100000 >/dev/null 2>&1 </dev/null & }"
    tap_ok 'users: a server of alice' guest_wait 'ss -Hltn "sport = :7002" | grep -q .'
    tap_ok 'users: where one packet of twenty is lost, the data flowed' \
        world_in client perl "$1" connect "$MACHINE_ADDR" 7002 10 100000
    guest "tc -s qdisc show dev $card; tc qdisc del dev $card root" >"$WORK/netem"
    tap_ok 'users: its last connection is over' guest_wait '! ss -Htan "sport = :7002" | grep -q .'
    tap_is 'users: the ledger has what the chains have seen' "$(users_moved '.user == "alice"')" \
        "$(guest 'iptables-legacy-save -c -t mangle' | tr '[:]' '   ' | awk '/lossy/ { n[$4] = $2 } END { print n["INPUT"], n["POSTROUTING"] }')"
    tap_not 'users: packets were lost' grep -q 'dropped 0,' "$WORK/netem"
    for chain in 'INPUT -p tcp --dport 7002' 'POSTROUTING -p tcp --sport 7002'; do
        guest "iptables-legacy -t mangle -D $chain -m comment --comment lossy"
    done
}

# sshd is stopped by its user, and the connection goes: the reap in its sandbox may still ask the socket
stopped() {
    machine_address
    guest_hold "$MACHINE_CLIENT"
    guest "pkill -STOP -f '^sshd.*: alice@notty' && ss -K dst $MACHINE_CLIENT" >/dev/null
    tap_ok 'stopped: a reap ends it' guest_has "$MACHINE_CLIENT" stop
    tap_is 'stopped: what TCP had counted is known' \
        "$(guest_session "$MACHINE_CLIENT" | jq -r '.[-1] | "\(.tcp_out_bytes | type) \(.complete) \(.terminate_cause)"')" \
        'number true Lost-Carrier'
    guest "pkill -CONT -f '^sshd.*: alice@notty'"
    wait "$GUEST_HELD"
}

# limited LIMIT VALUE...: the smallest VALUE with which a login works without us; with it, one works with us, below
# pam_limits; the helper has CAP_SYS_RESOURCE here, and undoes it
limited() {
    local value works=no

    for value in "${@:2}"; do
        guest "printf 'alice hard $1 $value\\n' >/etc/security/limits.d/test.conf; grep -v pam_traffic /root/pam >$PAM"
        machine_address
        guest_login true && works=yes && break
    done
    tap_is "$1: a login works without us, at the most with $value" "$works" yes
    guest "grep pam_traffic /root/pam >>$PAM"
    machine_address
    tap_ok "$1 $value: a login" guest_login true
    guest_exact "$1 $value" "$MACHINE_CLIENT"
}

# the package is installed anew, disabled, removed, installed, enabled
admins_ways() {
    local pam stops

    pam=$(guest "cat $PAM")
    does 'pam_traffic enable, where all is there' 'pam_traffic enable'
    tap_is 'enable: the line stays' "$(guest "cat $PAM")" "$pam"
    apt 'install --reinstall /root/libpam-traffic*.deb'
    healthy 'installed anew'
    does 'pam_traffic disable' 'pam_traffic disable'
    guest_ask pam="cat $PAM" states="$STATES" rules="$RULES"
    tap_is 'disable: the line is gone, and nothing else' "$(guest_answer pam)" "$(grep -v pam_traffic <<<"$pam")"
    tap_is 'disable: the units, too' "$(guest_answer states | xargs)" 'disabled disabled inactive inactive'
    tap_is 'disable: no rules' "$(guest_answer rules)" 0
    stops=$(guest_records 'map(select(.event == "stop" and .user == "alice")) | length')
    # the drop-in is the test's
    guest 'rm -r /etc/systemd/system/pam_traffic-reap.timer.d'
    apt 'remove libpam-traffic'
    gone 'removed' '/etc/logrotate.d/pam_traffic /etc/pam_traffic.conf /var/log/pam_traffic /var/log/pam_traffic.1'
    tap_is 'removed: the log stays' "$(guest_records 'map(select(.event == "stop" and .user == "alice")) | length')" "$stops"

    apt 'install /root/libpam-traffic*.deb'
    guest_ask states="$STATES" rules="$RULES"
    tap_is 'installed: nothing is started' "$(guest_answer states | xargs)" 'disabled disabled inactive inactive'
    tap_is 'installed: nothing is in the kernel' "$(guest_answer rules)" 0
    does 'pam_traffic enable' 'pam_traffic enable'
    tap_is 'enabled: the file as it was' "$(guest "cat $PAM")" "$pam"
    one_login 'enabled'
    # the session that asks was open when the rules were taken away, and its records say so
    healthy 'enabled' 'session [0-9a-f-]+: (no source saw all of its traffic|rules and conntrack differ|its rules were flushed or zeroed)'
}

# the power goes while traffic flows; sshd is started by ssh.socket at the next boot
power_loss() {
    local lost before after counted

    machine_address
    lost=$MACHINE_CLIENT
    : >"$WORK/flow"
    guest_login 'while :; do head -c 20000 /dev/urandom; sleep 0.2; done' >"$WORK/flow" &
    tap_ok 'traffic flows' await guest_flowed 400000
    tap_ok 'interim record of it' guest_has "$lost" interim
    before=$(guest_session "$lost")
    # the reap that wrote these has synced them when its service has ended; ssh.socket is for the next boot
    guest "systemctl stop pam_traffic-reap.timer && systemctl start pam_traffic-reap.service &&
        systemctl --quiet disable ssh.service && systemctl --quiet enable ssh.socket && sync" 2>/dev/null
    tap_ok 'traffic flows on' await guest_flowed $(($(stat -c %s "$WORK/flow") + 200000))
    machine_power_off
    counted=$(yardstick_read "$lost")

    machine_power_on
    machine_up
    first_login 'next boot'
    tap_ok 'next boot: setup was before ssh.socket' setup_before ssh.socket ActiveEnterTimestampMonotonic
    tap_ok 'power loss: a stop record' guest_has "$lost" stop
    after=$(guest_session "$lost")
    tap_is 'power loss: one start, one stop' "$(jq -c 'map(.event | select(. != "interim"))' <<<"$after")" '["start","stop"]'
    tap_is 'power loss: cause, completeness' "$(jq -c '.[-1] | [.terminate_cause, .complete]' <<<"$after")" '["NAS-Reboot",false]'
    tap_is 'power loss: the last known totals' "$(guest_totals "$before" "$after" "$counted")" ''
    tap_is 'power loss: no other record is gone' "$(jq -c --argjson n "$(jq length <<<"$before")" '.[:$n]' <<<"$after")" "$before"
    tap_ok 'next boot: no state but of the connection that asks' guest_wait \
        "ls /var/lib/pam_traffic/sessions | awk 'END { exit NR != 1 }'"
    tap_is 'every session has one start and one stop' "$(guest_unpaired)" ''
    tap_ok 'the log has all boots' test "$(guest_records 'map(select(.event == "stop" and .user == "alice") | .boot_id) | unique | length')" -ge 2
    healthy 'next boot'
}

machine_enter "$1" "$@"
machine_power_on
machine_up
first_login 'boot'
tap_ok 'boot: setup was before sshd' setup_before ssh.service ExecMainStartTimestampMonotonic

# two sessions while reap runs: one whose sshd is gone, one that goes on. The log is away: reap makes it.
machine_address
dead=$MACHINE_CLIENT
guest_hold "$dead"
tap_ok 'its sshd is killed' guest 'pkill -KILL -f "^sshd.*: alice \[priv\]" && pkill -KILL -u alice'
machine_address
living=$MACHINE_CLIENT
guest_hold "$living"
guest 'mv /var/log/pam_traffic /var/log/pam_traffic.1'
tap_ok 'reap by the timer' guest_wait 'test -s /var/log/pam_traffic'
guest_exact 'killed sshd: reap ends it' "$dead"
tap_ok 'living session: interim record' guest_has "$living" interim
tap_ok 'the timer goes on' guest_wait \
    "journalctl -b -u pam_traffic-reap.service -o cat | awk '/^Finished/ { n++ } END { exit n < 2 }'"
guest_ask log='stat -c "%a %U:%G" /var/log/pam_traffic' journal='journalctl -b -t pam_traffic -o cat --no-pager'
tap_is 'reap made the log' "$(guest_answer log)" '640 root:adm'
tap_ok 'killed sshd: reap tells the system log' \
    grep -q "ended.*user alice from $dead" <(guest_answer journal)
tap_is 'killed sshd: cause' "$(guest_session "$dead" | jq -r '.[-1].terminate_cause')" NAS-Error
guest_release
guest_exact 'living session' "$living"
# sshd may close first (docs/records.md)
tap_is 'living session: cause' "$(guest_session "$living" | jq -r '.[-1].terminate_cause | IN("User-Request", "Admin-Reset")')" true
healthy 'boot'
users_ledger "${2:-brief}"

# a user has used up the processes of his session's control group: the helper begins in sshd's
guest "printf '%s\n' '#!/bin/sh' 'echo 2 >\"/sys/fs/cgroup\$(sed -n s/^0:://p /proc/self/cgroup)/pids.max\"' >/root/slice &&
    chmod 755 /root/slice && sed -i '/pam_traffic.so/i session optional pam_exec.so type=open_session /root/slice' $PAM"
machine_address
tap_ok 'no process left: a tunnel, which needs one more alone' \
    grep -a -q '^SSH-2.0' <(guest_ssh -b "$MACHINE_CLIENT" -W 127.0.0.1:22 "alice@$MACHINE_ADDR" </dev/null 2>>"$WORK/ssh")
guest_exact 'no process left' "$MACHINE_CLIENT"
guest_ask slice='grep -c slice '"$PAM" journal='journalctl -b -o cat --no-pager'
tap_is 'no process left: the script ran' "$(guest_answer slice) $(grep -c 'pam_exec.*/root/slice failed' <(guest_answer journal))" '1 0'
tap_is 'no process left: nothing is left to a reap' \
    "$(grep 'pam_traffic_helper reap will record' <(guest_answer journal))" ''
guest "sed -i '/slice/d' $PAM"

# what is left to a reap is taken when it comes: the timer does not come for an hour
guest "mkdir -p /run/systemd/system/pam_traffic-reap.timer.d &&
    printf '[Timer]\nOnUnitInactiveSec=\nOnUnitInactiveSec=1h\n' >/run/systemd/system/pam_traffic-reap.timer.d/hour.conf &&
    systemctl daemon-reload && systemctl restart pam_traffic-reap.timer"
tap_ok 'spool: the next reap of the timer is far' guest_wait \
    'systemctl show -p NextElapseUSecMonotonic pam_traffic-reap.timer | grep -q "min"'
guest 'ln -s nothing /var/lib/pam_traffic/spool/none.open'
tap_ok 'spool: a reap comes at once' guest_wait 'test -h /var/lib/pam_traffic/none.open.damaged'
guest 'rm /var/lib/pam_traffic/none.open.damaged && rm -r /run/systemd/system/pam_traffic-reap.timer.d &&
    systemctl daemon-reload && systemctl reset-failed pam_traffic-reap.service && systemctl restart pam_traffic-reap.timer'
if [ "${2:-}" = full ]; then
    in_a_vrf
    stopped
    guest "cp $PAM /root/pam"
    limited fsize 0
    limited nofile 3 4 5 6 7 8 10 12 14 16 20 24
    limited nproc 0 1 2 4 6 8 12
    limited stack 100
    limited as 10000 20000 40000 80000 160000
    guest "mv /root/pam $PAM && rm /etc/security/limits.d/test.conf"
    tap_ok 'reboot' machine_reboot
    machine_up
    first_login 'reboot'
    tap_ok 'reboot: setup was before sshd' setup_before ssh.service ExecMainStartTimestampMonotonic
    healthy 'reboot'
    power_loss
    admins_ways
fi

# not disabled before: the removal itself undoes what enable did. /etc/pam_traffic.conf and the drop-in are the test's.
guest "rm -rf /etc/systemd/system/pam_traffic-reap.timer.d"
apt 'purge libpam-traffic'
gone 'purged' '/etc/pam_traffic.conf'
tap_done
