#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A real machine, with its own kernel and systemd, everything installed as README.md says: setup comes
# before sshd (once with ssh.service, once with ssh.socket), the first login is exact, reap works in its
# sandbox, and a login that was open when the power went gets its one stop record after the next boot.
set -u
# shellcheck source=lib/harness.sh
. "$(dirname "$0")/lib/harness.sh"

# setup_before UNIT PROPERTY: setup was done when that unit began
setup_before() {
    local setup unit

    setup=$(guest 'systemctl show -P ActiveEnterTimestampMonotonic pam_traffic-setup.service')
    unit=$(guest "systemctl show -P $2 $1")
    tap_diag "setup done at ${setup}us, $1 at ${unit}us"
    [ "${setup:-0}" -gt 0 ] && [ "${unit:-0}" -gt "$setup" ]
}

boot_first_login() {
    tap_ok "$1: first login" guest_first_login
    guest_exact "$1: first login" "$MACHINE_CLIENT"
    tap_is "$1: first login: its systemd session is known" \
        "$(guest_session "$MACHINE_CLIENT" | jq -r '.[0].login_session | type')" string
    tap_is "$1: conntrack counts" "$(guest 'cat /proc/sys/net/netfilter/nf_conntrack_acct')" 1
    for tables in iptables ip6tables; do
        tap_is "$1: base chains in $tables" \
            "$(guest "$tables-legacy-save -t mangle | sed -n 's/^:\(PAM_TRAFFIC_[A-Z]*\) .*/\1/p' | sort | paste -sd ' '")" \
            'PAM_TRAFFIC_IN PAM_TRAFFIC_OUT'
    done
}

boot_healthy() {
    tap_is "$1: no unit failed" "$(guest 'systemctl --failed --no-legend --plain; echo end')" end
    tap_is "$1: the timer is active" "$(guest 'systemctl is-active pam_traffic-reap.timer')" active
    tap_is "$1: the units are content" \
        "$(guest 'systemctl show -P Result pam_traffic-setup.service pam_traffic-reap.service' | paste -sd ' ')" 'success  success'
    tap_is "$1: nobody but root can hold the lock of the tables" "$(guest 'stat -c "%a %U" /run/xtables.lock')" '600 root'
    tap_is "$1: nothing of ours in the journal from warning up" \
        "$(guest 'journalctl -b -p warning -o short-monotonic --no-pager --quiet | grep -iE "pam_traffic|ordering cycle"; echo end')" end
    boot_doctor "$1"
}

boot_doctor() {
    tap_is "$1: doctor without a fail" \
        "$(guest 'pam_traffic doctor --json; echo "{\"status\": \"exit $?\"}"' |
            jq -r 'select(.status | IN("pass", "warn") | not) | "\(.status) \(.check // "") \(.finding // "")"')" 'exit 0  '
}

# above FLOW_LARGE of lib/netfilter/flow_walk.c
FLOWS=17000

# all UDP rows but for their ages, in an order, as one number
tables() {
    guest "$1 pam_traffic sockets --proto udp --json | jq -c '.sockets[] | del(.age)' | sort | md5sum"
}

# the kernel of this release, which has modules: what it tells by BPF is what its files and netlink tell
boot_tables() {
    guest 'sysctl -qw net.netfilter.nf_conntrack_udp_timeout=600 net.netfilter.nf_conntrack_max=60000'
    guest "perl -MSocket -e '
        socket(S, PF_INET, SOCK_DGRAM, 0) && bind(S, sockaddr_in(4000, INADDR_LOOPBACK)) or die;
        send(S, \"x\" x (\$_ % 100), 0, sockaddr_in(20000 + \$_, INADDR_LOOPBACK)) for 1..$FLOWS'"
    tap_ok "$1: so many entries" [ "$(guest 'cat /proc/sys/net/netfilter/nf_conntrack_count')" -gt "$FLOWS" ]
    tap_is "$1: told by BPF, as by files and netlink" "$(tables 'strace -f -e trace=bpf -o /root/calls')" \
        "$(tables 'setpriv --bounding-set=-bpf,-perfmon,-sys_admin')"
    tap_ok "$1: sockets were told by BPF" guest 'grep -q BPF_ITER_CREATE /root/calls'
    tap_ok "$1: conntrack was" guest 'grep -q flowscan_run /root/calls'
}

machine_enter "$@"
base_make || tap_bail 'the base could not be made'
disk_make >"$WORK/disk.log" 2>&1 || tap_bail "the disk could not be made: $(tail -n 3 "$WORK/disk.log")"
machine_network || tap_bail 'the network could not be made'

machine_power_on
machine_up || tap_bail 'the machine does not boot'
boot_first_login 'boot'
tap_ok 'boot: setup was before sshd' setup_before ssh.service ExecMainStartTimestampMonotonic
boot_tables 'boot'

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
tap_is 'reap made the log' "$(guest 'stat -c "%a %U:%G" /var/log/pam_traffic')" '640 root:adm'
tap_ok 'killed sshd: reap ends it' guest_reaped "$dead"
guest_exact 'killed sshd' "$dead"
tap_is 'killed sshd: cause' "$(guest_session "$dead" | jq -r '.[-1].terminate_cause')" NAS-Error
tap_ok 'killed sshd: reap tells the system log' \
    guest 'journalctl -b -t pam_traffic -o cat --no-pager | grep -q "ended.*user alice from '"$dead"'"'
tap_ok 'living session: interim record' guest_has "$living" interim
guest_release
guest_exact 'living session' "$living"
tap_is 'living session: cause' "$(guest_session "$living" | jq -r '.[-1].terminate_cause')" User-Request
tap_ok 'the timer goes on' guest_wait \
    "journalctl -b -u pam_traffic-reap.service -o cat | awk '/^Finished/ { n++ } END { exit n < 2 }'"
boot_healthy 'boot'

# the power goes
guest 'systemctl --quiet disable ssh.service && systemctl --quiet enable ssh.socket && sync' 2>/dev/null
machine_address
lost=$MACHINE_CLIENT
guest_login 'while :; do head -c 20000 /dev/urandom; sleep 0.1; done' >"$WORK/flow" &
tap_ok 'traffic flows' await guest_flowed 400000
tap_ok 'reap by hand' guest 'systemctl start pam_traffic-reap.service'
tap_ok 'interim record of it' guest_has "$lost" interim
tap_ok 'traffic flows on' await guest_flowed $(($(stat -c %s "$WORK/flow") + 200000))
before=$(guest_session "$lost")
machine_power_off
counted=$(yardstick_read "$lost")

machine_power_on
machine_up || tap_bail 'the machine does not boot again'
boot_first_login 'next boot'
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
boot_healthy 'next boot'

# off and on again, by the admin's program
pam=$(guest 'cat /etc/pam.d/sshd')
tap_ok 'enable, where all is there' guest 'pam_traffic enable >/root/enabled'
tap_is 'enable: the line stays' "$(guest 'cat /etc/pam.d/sshd')" "$pam"
tap_ok 'disable' guest 'pam_traffic disable >/root/disabled'
tap_is 'disable: the line is gone, and nothing else' "$(guest 'cat /etc/pam.d/sshd')" "$(grep -v pam_traffic <<<"$pam")"
tap_is 'disable: the units, too' \
    "$(guest 'systemctl show -P ActiveState -P UnitFileState pam_traffic-setup.service pam_traffic-reap.timer' | xargs)" \
    'inactive disabled inactive disabled'
tap_is 'disable: no rules' "$(guest 'iptables-legacy-save; ip6tables-legacy-save' | grep -c PAM_TRAFFIC)" 0
tap_ok 'enable' guest 'pam_traffic enable >/root/enabled'
tap_is 'enable: the file as it was' "$(guest 'cat /etc/pam.d/sshd')" "$pam"
tap_ok 'enable: a login' guest_first_login
guest_exact 'enable: a login' "$MACHINE_CLIENT"
boot_doctor 'enable'
tap_done
