# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The machine itself: qemu emulates a processor (no KVM needed), a tap device in a network namespace of
# its own leads to it. The client is in that namespace; it reaches nothing else.
#
#   machine_enter "$@"       first call of the test: root, tools, own namespaces
#   machine_network          the namespace and the tap device
#   machine_power_on         starts it; machine_power_off: the plug is pulled
#   machine_reboot           as the admin does it: systemctl reboot
#   machine_up               waits until sshd answers
#   machine_alive            true while qemu runs
#   world_in client COMMAND  runs COMMAND beside the machine (the name is that of tests/lib)
#   machine_address          gives the client another address, 10.77.1.N, in MACHINE_CLIENT: a connection
#                            from there has a yardstick of its own
#
#   WORK                     working folder, removed at the end
#   MACHINE_ADDR             the machine's address

WORK=
MACHINE_ADDR=10.77.0.1
MACHINE_CLIENT=10.77.0.2
MACHINE_PID=
MACHINE_BOOTS=0
MACHINE_NET=
MACHINE_TOOLS='debootstrap ip iptables-legacy jq ldd meson mkfs.ext4 qemu-system-x86_64 ssh ssh-keygen unshare'

: "${MACHINE_STAGE:=}" "${MACHINE_ADDRESSES:=0}"

machine_enter() {
    local tool

    if [ "$MACHINE_STAGE" != inside ] || [ $$ -ne 1 ]; then
        [ "$(id -u)" = 0 ] || tap_skip_all 'needs root'
        [ "$(uname -m)" = x86_64 ] || tap_skip_all 'the machine is an x86_64, as this host has to be'
        PATH=$PATH:/usr/sbin:/sbin
        for tool in $MACHINE_TOOLS; do
            [ -n "$(type -P "$tool")" ] || tap_skip_all "$tool is missing (see packaging/packages.txt)"
        done
        base_release >/dev/null || tap_skip_all 'this host is no Debian, which the machine is'
        [ -c /dev/net/tun ] || tap_skip_all 'no /dev/net/tun'
        # however this ends, the kernel ends every process in it, and the mounts with them
        MACHINE_STAGE=inside exec unshare --mount --pid --fork --kill-child --mount-proc --propagation private \
            -- "$BASH" "$0" "$@"
        exit 1
    fi
    unset MACHINE_STAGE
    export LC_ALL=C
    umask 022
    WORK=$PAM_TRAFFIC_BUILD/tests/machine/work
    MACHINE_NET=$WORK/net
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
    trap machine_leave EXIT
    rm -rf "$WORK"
    mkdir -p "$WORK" || tap_bail "cannot make $WORK"
}

world_in() {
    shift
    nsenter --net="$MACHINE_NET" -- "$@"
}

machine_network() {
    : >"$MACHINE_NET" && unshare --net="$MACHINE_NET" true &&
        world_in client ip link set lo up &&
        world_in client ip tuntap add dev tap0 mode tap &&
        world_in client sysctl -qw net.ipv6.conf.tap0.disable_ipv6=1 &&
        world_in client ip addr add "$MACHINE_CLIENT/16" dev tap0 &&
        world_in client ip link set tap0 up
}

machine_address() {
    MACHINE_ADDRESSES=$((MACHINE_ADDRESSES + 1))
    MACHINE_CLIENT=10.77.1.$MACHINE_ADDRESSES
    world_in client ip addr add "$MACHINE_CLIENT/16" dev tap0 && yardstick_watch "$MACHINE_CLIENT"
}

machine_power_on() {
    MACHINE_BOOTS=$((MACHINE_BOOTS + 1))
    # not by world_in, whose process would stand between: this one is killed
    nsenter --net="$MACHINE_NET" -- qemu-system-x86_64 -accel tcg -m 512 -nodefaults -display none -no-reboot \
        -kernel "$WORK/kernel" -initrd "$WORK/initrd" -append 'root=/dev/vda rw console=ttyS0 quiet systemd.show_status=1' \
        -drive "file=$WORK/disk,format=raw,if=virtio" \
        -netdev tap,id=net,ifname=tap0,script=no,downscript=no -device virtio-net-pci,netdev=net,romfile= \
        -device virtio-rng-pci -serial "file:$WORK/console.$MACHINE_BOOTS" \
        </dev/null >>"$WORK/qemu" 2>&1 &
    MACHINE_PID=$!
}

machine_power_off() {
    kill -KILL "$MACHINE_PID"
    wait "$MACHINE_PID" 2>/dev/null
    guest_hang_up
    MACHINE_PID=
}

# qemu ends where a machine would begin anew (-no-reboot): then it is started again
machine_reboot() {
    guest 'systemctl reboot'
    await machine_dead || return
    wait "$MACHINE_PID" 2>/dev/null
    guest_hang_up
    machine_power_on
}

machine_dead() {
    ! machine_alive
}

machine_alive() {
    [ -n "$MACHINE_PID" ] && kill -0 "$MACHINE_PID" 2>/dev/null
}

# sshd says its banner, and is left again: no login. Waiting for a machine that is dead ends, too.
machine_answers() {
    machine_alive || return 0
    # shellcheck disable=SC2016  # for the inner shell
    world_in client timeout 2 "$BASH" -c 'exec 3<>"/dev/tcp/$1/22" && read -r banner <&3 && [[ $banner = SSH-* ]]' - \
        "$MACHINE_ADDR" 2>/dev/null
}

machine_up() {
    await machine_answers && machine_alive
}

machine_leave() {
    local status=$?

    trap '' INT TERM HUP
    trap - EXIT
    if [ "$status" -ne 0 ] || [ "$TAP_FAILED" -ne 0 ]; then
        machine_keep_logs
        [ "$status" -ne 0 ] || status=1
    fi
    ! machine_alive || machine_power_off
    umount "$WORK/root" "$MACHINE_NET" 2>/dev/null
    rm -rf "$WORK"
    exit "$status"
}

machine_keep_logs() {
    local file

    rm -rf "$PAM_TRAFFIC_LOGS"
    mkdir -p "$PAM_TRAFFIC_LOGS" || return
    if machine_alive; then
        guest 'journalctl --no-pager' >"$PAM_TRAFFIC_LOGS/journal"
        guest 'systemctl --no-pager status --all "pam_traffic*"' >"$PAM_TRAFFIC_LOGS/units"
        guest 'iptables-legacy-save -c; ip6tables-legacy-save -c' >"$PAM_TRAFFIC_LOGS/iptables"
        guest 'find /var/lib/pam_traffic -type f -exec tail -n +1 {} +' >"$PAM_TRAFFIC_LOGS/state"
        guest_records >"$PAM_TRAFFIC_LOGS/records"
    fi 2>/dev/null
    for file in qemu console.1 console.2 disk.log ssh; do
        [ ! -e "$WORK/$file" ] || cp "$WORK/$file" "$PAM_TRAFFIC_LOGS/"
    done
    tap_diag "logs kept in $PAM_TRAFFIC_LOGS"
}
