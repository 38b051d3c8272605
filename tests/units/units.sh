#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The systemd units, as far as systemd-analyze can judge them without running them: they load without
# a complaint, are closed in (exposure at most 2.5, reap 3.0), and close no ordering cycle with ssh.socket and
# any firewall. That they work when they run is shown by tests/machine.
#
# units.sh HELPER HELPER_PATH UNIT...    the built helper, where it will be installed, the made units
set -u
# shellcheck source=../lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"

UNITS_EXPOSURE=25
UNITS_HELPER=$1
UNITS_HELPER_PATH=$2
shift 2

type -P systemd-analyze >/dev/null || tap_skip_all 'systemd-analyze is missing (package systemd)'
UNITS=$(mktemp -d) || tap_bail 'no temporary folder'
trap 'rm -rf "$UNITS"' EXIT

# the program that ExecStart= names has to be there to please `verify`
for unit in "$@"; do
    sed "s|=\(+\{0,1\}\)$UNITS_HELPER_PATH |=\1$UNITS_HELPER |; s|^ExecStart=.*/pam_traffic |ExecStart=${PAM_TRAFFIC_CLI:?} |" "$unit" >"$UNITS/${unit##*/}" || tap_bail "cannot copy $unit"
done

verify() {
    systemd-analyze verify --man=no --generators=no --recursive-errors=no "$@" 2>&1
}

exposure() {
    local service=$1 most=$UNITS_EXPOSURE answer

    # its child may look whose sockets sshd holds, and ask them: CAP_SYS_PTRACE, pidfd_getfd; and it takes the pins of the
    # users' ledger away, so it does without ProtectKernelTunables=
    [ "$service" != pam_traffic-reap.service ] || most=$((most + 5))
    if answer=$(systemd-analyze security --offline=yes --no-pager --threshold="$most" "$UNITS/$service" 2>&1) &&
        [[ $answer = *'Overall exposure level'* ]]; then
        tap_pass "$service: exposure at most ${most:0:1}.${most:1}"
        tap_diag "$(grep -o 'Overall.*: [0-9.]*' <<<"$answer")"
    else
        tap_fail "$service: exposure at most ${most:0:1}.${most:1}" "$(grep -v '✓' <<<"$answer")"
    fi
}

# stub NAME LINE...    a unit as a distribution has it, as far as its place in the order goes
stub() {
    local name=$1

    shift
    printf '%s\n' '[Unit]' "$@" >"$UNITS/$name"
    case $name in
    *.service) printf '%s\n' '[Service]' 'Type=oneshot' 'ExecStart=/bin/true' >>"$UNITS/$name" ;;
    *.socket) printf '%s\n' '[Socket]' 'ListenStream=22' >>"$UNITS/$name" ;;
    esac
}

# a boot with socket activation and every firewall at once: worse than any real one
stub_boot() {
    stub ssh.service After=network.target
    stub ssh.socket Before=sockets.target
    stub nftables.service DefaultDependencies=no Before=network-pre.target Wants=network-pre.target
    stub ufw.service DefaultDependencies=no Before=network-pre.target Wants=network-pre.target
    stub netfilter-persistent.service DefaultDependencies=no Before=network-pre.target Wants=network-pre.target
    stub firewalld.service Before=network-pre.target Wants=network-pre.target
    stub boot.target 'Wants=ssh.socket ssh.service sockets.target basic.target pam_traffic-setup.service' \
        'Wants=pam_traffic-reap.timer nftables.service ufw.service netfilter-persistent.service firewalld.service'
}

cycles() {
    systemd-analyze verify --man=no --generators=no --recursive-errors=yes "$UNITS/boot.target" 2>&1 |
        grep -iE 'ordering cycle|Found dependency'
}

tap_is 'systemd-analyze verify has nothing to say' "$(verify "$UNITS"/*)" ''
for unit in "$UNITS"/*.service; do
    exposure "${unit##*/}"
done

# may_bpf UNIT    what its SystemCallFilter= lets through; the kernel's maps have what users moved
may_bpf() {
    awk -F= '$1 == "SystemCallFilter" {
        denied = sub(/^~/, "", $2)
        if (denied ? $2 ~ /(^| )(bpf|@privileged)( |$)/ : $2 ~ /(^| )bpf( |$)/) may = !denied
    } END { exit !may }' "$1"
}
for unit in reap setup usage; do
    tap_ok "pam_traffic-$unit.service may call bpf(2)" may_bpf "$UNITS/pam_traffic-$unit.service"
done
tap_not 'pam_traffic-metrics.service, which reads the log alone, may not' may_bpf "$UNITS/pam_traffic-metrics.service"

# setup makes what users = no has a reap remove
for unit in reap setup; do
    tap_not "pam_traffic-$unit.service: the BPF file system is not read-only" \
        grep -q '^ProtectKernelTunables=yes' "$UNITS/pam_traffic-$unit.service"
    tap_ok "pam_traffic-$unit.service: it may write there" grep -qx 'ReadWritePaths=-/sys/fs/bpf' "$UNITS/pam_traffic-$unit.service"
done

stub_boot
tap_is 'no ordering cycle with ssh.socket and firewalls' "$(cycles)" ''
printf '[Unit]\nAfter=firewalld.service\n' >>"$UNITS/pam_traffic-setup.service"
tap_not 'a cycle would be seen' test -z "$(cycles)"

# what units and examples call is a verb of the helper
usage=$("$UNITS_HELPER" --help)
mapfile -t verbs < <(sed -n 's|^[^#]*pam_traffic_helper \([a-z]*\).*|\1|p' "$@" "$(dirname "$0")/../../examples/cron.d-pam_traffic" | sort -u)
tap_is 'units and examples call two verbs' "${verbs[*]}" 'reap setup'
for verb in "${verbs[@]}"; do
    tap_ok "$verb is a verb" grep -q "^  $verb " <<<"$usage"
done
tap_done
