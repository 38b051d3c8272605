#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A release's own kernel, which has modules, without anything around it:  kernel.sh RELEASE
#
# What it tells of sockets by its diagnosis is what its files tell. Kernel and an initramfs of a few programs boot in
# seconds; its first process asks, and writes the answers to the second serial line.
set -u
# shellcheck source=lib/harness.sh
. "$(dirname "$0")/lib/harness.sh"

FLOWS=2000
PROGRAMS='bash cat grep jq md5sum modprobe mount pam_traffic perl sort strace sysctl'

# the first process; the machine ends when it does (panic=-1)
init() {
    cat <<END
#!/bin/bash
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
answer() {
    printf '@@ %s\n' "\$1"
    "\${@:2}"
}
# all rows but for their ages, in an order, as one number
sum() {
    "\$@" pam_traffic sockets --listen --json 2>/run/errors | jq -c '.sockets[] | del(.age)' | sort | md5sum
}
mount -t devtmpfs dev /dev
{
    mount -t proc proc /proc && mount -t sysfs sys /sys && mount -t tmpfs tmpfs /run
    for module in ip_tables iptable_mangle ip6table_mangle nf_conntrack nf_conntrack_netlink xt_conntrack; do
        modprobe \$module
    done
    /usr/libexec/pam_traffic_helper setup
    sysctl -qw net.netfilter.nf_conntrack_udp_timeout=600 net.netfilter.nf_conntrack_max=60000
    perl -MSocket -e '
        # the loopback goes up: SIOCSIFFLAGS, IFF_UP
        my \$up = pack("a16 s x22", "lo", 1);
        socket(L, PF_INET, SOCK_DGRAM, 0) && ioctl(L, 0x8914, \$up) or die "lo: \$!";
        socket(S, PF_INET, SOCK_DGRAM, 0) && bind(S, sockaddr_in(4000, INADDR_LOOPBACK)) or die;
        send(S, "x" x (\$_ % 100), 0, sockaddr_in(20000 + \$_, INADDR_LOOPBACK)) for 1..$FLOWS'
    answer entries cat /proc/sys/net/netfilter/nf_conntrack_count
    # none is loaded on demand
    echo >/proc/sys/kernel/modprobe
    answer files sum strace -e trace=openat -o /run/calls
    answer opened grep -c net/tcp6 /run/calls
    modprobe -a tcp_diag udp_diag
    answer told sum strace -e trace=openat -o /run/calls
    answer not_opened grep -c net/tcp6 /run/calls
} >/dev/ttyS1 2>&1
END
}

# the tree with the package in it, as far as it is needed: programs with their libraries, and modules
initramfs() {
    local root=$1 to=$1/tmp/initramfs version program

    version=$(cd "$root/lib/modules" && echo *)
    mkdir -p "$to"/{dev,etc,proc,run,sys,tmp,var/lib,var/log,usr/{bin,sbin,lib,lib64,libexec}} "$to/usr/lib/modules/$version/kernel" &&
        ln -s usr/bin usr/sbin usr/lib usr/lib64 "$to/" &&
        cp -r "$root/lib/modules/$version"/modules.{builtin,builtin.modinfo,order} "$to/usr/lib/modules/$version/" || return
    for program in net/ipv4 net/ipv6 net/netfilter lib arch crypto; do
        [ ! -d "$root/lib/modules/$version/kernel/$program" ] ||
            (cd "$root/lib/modules/$version" && cp -r --parents "kernel/$program" "$to/usr/lib/modules/$version/") || return
    done
    # shellcheck disable=SC2016  # for the tree's shell
    debian_in "$root" bash -c '
        programs=$(type -P $1) && cd / && {
            printf "%s\n" $programs /usr/libexec/pam_traffic_{helper,worker} $(perl -e "print \"@INC\"" | tr " " "\n" | grep perl-base)
            ldd $programs /usr/libexec/pam_traffic_worker | grep -o "/[^ ]*\.so[^ ]*"
            find $(perl -e "print \"@INC\"" | tr " " "\n" | grep perl-base) -path "*/Socket/*.so"
        } | sort -u | while read -r path; do
            case $path in
            /usr/*) cp -rL --parents "$path" /tmp/initramfs ;;
            *) cp -rL --parents "/usr$path" /tmp/initramfs ;;
            esac || exit
        done && depmod -b /tmp/initramfs "$2"' - "$PROGRAMS" "$version" &&
        init >"$to/init" && chmod 755 "$to/init" &&
        debian_in "$root" sh -c 'cd /tmp/initramfs && find . | cpio --quiet -o -H newc | gzip -1' >"$WORK/initrd" &&
        cp "$root"/boot/vmlinuz-* "$WORK/kernel"
}

make() {
    debian_open "$WORK/root" "$DEBIAN_TREE" && debian_mount "$WORK/root" && cp "$DEB" "$WORK/root/root/" &&
        debian_apt "$WORK/root" install --no-install-recommends "/root/${DEB##*/}" &&
        initramfs "$WORK/root"
}

machine_begin "$1" "$@"
make >"$WORK/disk.log" 2>&1 || tap_bail "the initramfs could not be made: $(tail -n 3 "$WORK/disk.log")"
qemu-system-x86_64 -accel tcg -m 512 -nodefaults -display none -no-reboot -kernel "$WORK/kernel" -initrd "$WORK/initrd" \
    -append 'console=ttyS0 panic=-1 quiet' -serial "file:$WORK/console.1" -serial "file:$WORK/asked" \
    </dev/null >>"$WORK/qemu" 2>&1
tr -d '\r' <"$WORK/asked" | guest_sort
tap_diag "$(sed -n '/^@@/q; p' "$WORK/asked")"
tap_ok 'so many entries' [ "$(guest_answer entries)" -ge "$FLOWS" ]
tap_is 'told by the diagnosis, as by files' "$(guest_answer told)" "$(guest_answer files)"
tap_is 'files were read, and then not' "$(guest_answer opened) $(guest_answer not_opened)" '1 0'
tap_done
