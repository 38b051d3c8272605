# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The machine itself: qemu emulates a processor (no KVM needed), a tap device in a network namespace of
# its own leads to it. The client is in that namespace; it reaches nothing else.
#
#   machine_begin RELEASE "$@"   first call of the test: root, tools, own namespaces; then the package and the guest
#                            tree of that Debian
#   machine_enter RELEASE "$@"   the same; then the disk of that Debian, and the network
#   machine_power_on         starts it; machine_power_off: the plug is pulled
#   machine_reboot           as the admin does it: systemctl reboot
#   machine_up               waits until sshd answers; ends the test if the machine does not boot
#   machine_alive            true while qemu runs
#   world_in client COMMAND  runs COMMAND beside the machine (the name is that of tests/lib)
#   machine_address          gives the client another address, 10.77.1.N, in MACHINE_CLIENT: a connection
#                            from there has a yardstick of its own
#
#   WORK                     working folder, removed at the end
#   MACHINE_ADDR             the machine's address
#   MACHINE_MAC              begin of the hardware addresses of its network cards, 01 and 02: the second one is not set
#                            up; it leads to the client's tap1

WORK=
MACHINE_ADDR=10.77.0.1
MACHINE_MAC=52:54:00:00:00
MACHINE_CLIENT=10.77.0.2
MACHINE_PID=
MACHINE_BOOTS=0
MACHINE_NET=
MACHINE_TOOLS='dpkg-deb ip iptables-legacy jq mkfs.ext4 qemu-system-x86_64 rsync ssh ssh-keygen sshpass unshare'

: "${MACHINE_STAGE:=}" "${MACHINE_ADDRESSES:=0}"

machine_begin() {
    local release=$1 tool lock

    shift
    if [ "$MACHINE_STAGE" != inside ] || [ $$ -ne 1 ]; then
        PATH=$PATH:/usr/sbin:/sbin
        debian_need "$release" full guest
        [ "$(uname -m)" = x86_64 ] || tap_skip_all 'the machine is an x86_64, as this host has to be'
        for tool in $MACHINE_TOOLS; do
            [ -n "$(type -P "$tool")" ] || tap_skip_all "$tool is missing (packaging/install-packages machine quickstart)"
        done
        [ -c /dev/net/tun ] || tap_skip_all 'no /dev/net/tun'
        # however this ends, the kernel ends every process in it, and the mounts with them
        MACHINE_STAGE=inside exec unshare --mount --pid --fork --kill-child --mount-proc --propagation private \
            -- "$BASH" "$0" "$@"
        exit 1
    fi
    unset MACHINE_STAGE
    export LC_ALL=C
    umask 022
    WORK=$PAM_TRAFFIC_BUILD/tests/machine/work-${0##*/}-$(IFS=- && echo "$*")
    MACHINE_NET=$WORK/net
    mkdir -p "${WORK%/*}" && exec {lock}>"$WORK.lock"
    flock -n "$lock" || tap_bail "$WORK is in use by another run"
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
    trap machine_leave EXIT
    rm -rf --one-file-system "$WORK"
    mkdir -p "$WORK" || tap_bail "cannot make $WORK"
    package_deb "$release" || tap_bail 'the package could not be built'
    debian_tree "$release" guest || tap_bail 'the Debian of the machine could not be made'
}

machine_enter() {
    machine_begin "$@"
    disk_make >"$WORK/disk.log" 2>&1 || tap_bail "the disk could not be made: $(tail -n 3 "$WORK/disk.log")"
    machine_network || tap_bail 'the network could not be made'
}

world_in() {
    shift
    nsenter --net="$MACHINE_NET" -- "$@"
}

machine_network() {
    : >"$MACHINE_NET" && unshare --net="$MACHINE_NET" true &&
        world_in client ip link set lo up &&
        machine_tap tap0 "$MACHINE_CLIENT" && machine_tap tap1 10.78.0.2
}

machine_tap() {
    world_in client ip tuntap add dev "$1" mode tap &&
        world_in client sysctl -qw "net.ipv6.conf.$1.disable_ipv6=1" &&
        world_in client ip addr add "$2/16" dev "$1" &&
        world_in client ip link set "$1" up
}

machine_address() {
    MACHINE_ADDRESSES=$((MACHINE_ADDRESSES + 1))
    MACHINE_CLIENT=10.77.1.$MACHINE_ADDRESSES
    world_in client ip addr add "$MACHINE_CLIENT/16" dev tap0 && yardstick_watch "$MACHINE_CLIENT"
}

# The guest's clock goes with what its processor has done (icount): on a slow host its own deadlines are not over
# sooner. It has one processor and takes longer than all else in tests/run, so it comes first there. What an update of
# /usr would ask for is done already.
machine_power_on() {
    MACHINE_BOOTS=$((MACHINE_BOOTS + 1))
    # not by world_in, whose process would stand between: this one is killed
    nice -n -5 nsenter --net="$MACHINE_NET" -- qemu-system-x86_64 -accel tcg -icount shift=1 -m 512 -nodefaults -display none \
        -no-reboot -kernel "$WORK/kernel" -initrd "$WORK/initrd" \
        -append 'root=/dev/vda rw console=ttyS0 quiet systemd.show_status=1 systemd.condition_needs_update=no fsck.mode=skip' \
        -drive "file=$WORK/disk,format=raw,if=virtio" \
        -netdev tap,id=net,ifname=tap0,script=no,downscript=no \
        -device "virtio-net-pci,netdev=net,romfile=,mac=$MACHINE_MAC:01" \
        -netdev tap,id=second,ifname=tap1,script=no,downscript=no \
        -device "virtio-net-pci,netdev=second,romfile=,mac=$MACHINE_MAC:02" \
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
    world_in client timeout 60 "$BASH" -c 'exec 3<>"/dev/tcp/$1/22" && read -r banner <&3 && [[ $banner = SSH-* ]]' - \
        "$MACHINE_ADDR" 2>/dev/null
}

machine_up() {
    await machine_answers
    machine_alive || tap_bail 'the machine does not boot'
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
    umount "$MACHINE_NET" 2>/dev/null
    debian_close "$WORK/root"
    rm -rf --one-file-system "$WORK"
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
    for file in asked qemu console.1 console.2 console.3 disk.log ssh clients mended; do
        [ ! -e "$WORK/$file" ] || cp "$WORK/$file" "$PAM_TRAFFIC_LOGS/"
    done
    tap_diag "logs kept in $PAM_TRAFFIC_LOGS"
}
