# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The disk of one run: the base, with what is under test installed as README.md says, and the machine's
# own settings.
#
#   disk_make        makes WORK/disk, WORK/kernel, WORK/initrd, and the keys in WORK/keys
#
# The base stays as it is: an overlay takes what is written.

disk_make() {
    local root=$WORK/root

    mkdir -p "$WORK/upper" "$WORK/overlay" "$root" "$WORK/keys" &&
        mount -t overlay overlay -o "lowerdir=$BASE,upperdir=$WORK/upper,workdir=$WORK/overlay" "$root" &&
        disk_install "$root" &&
        disk_configure "$root" &&
        disk_users "$root" || return
    cp "$root"/boot/vmlinuz-* "$WORK/kernel" && cp "$root"/boot/initrd.img-* "$WORK/initrd" &&
        # sparse; what is not written takes no room
        truncate -s 2G "$WORK/disk" &&
        mkfs.ext4 -q -F -E lazy_itable_init=1 -d "$root" "$WORK/disk" || return
    umount "$root" && rm -rf "$WORK/upper" "$WORK/overlay"
}

disk_install() {
    local root=$1

    DESTDIR=$root meson install -C "$PAM_TRAFFIC_BUILD" --no-rebuild --quiet &&
        # where README.md says: the systemd session is known there, and pam_env has not been
        sed -i '/^@include common-session/a session    optional     pam_traffic.so' "$root/etc/pam.d/sshd" &&
        printf 'interim_interval = 5s\n' >"$root/etc/pam_traffic.conf" &&
        # as far as a real host has firewalls at boot, this is one: it flushes nf_tables
        chroot "$root" systemctl --quiet enable pam_traffic-setup.service pam_traffic-reap.timer nftables.service
}

disk_configure() {
    local root=$1

    printf 'machine\n' >"$root/etc/hostname"
    printf '127.0.0.1 localhost machine\n' >"$root/etc/hosts"
    rm -f "$root/etc/resolv.conf"
    printf '%s\n' '[Match]' 'Type=ether' '[Network]' "Address=$MACHINE_ADDR/16" 'LinkLocalAddressing=no' \
        'IPv6AcceptRA=no' >"$root/etc/systemd/network/machine.network"
    # packets that are merged on arrival would be fewer than those that the client has sent
    printf '%s\n' '[Match]' 'OriginalName=*' '[Link]' 'GenericReceiveOffload=no' \
        >"$root/etc/systemd/network/machine.link"
    mkdir -p "$root/var/log/journal"
    chroot "$root" systemctl --quiet enable systemd-networkd.service &&
        # there is no network to ask
        chroot "$root" systemctl --quiet mask apt-daily.timer apt-daily-upgrade.timer systemd-networkd-wait-online.service
}

disk_users() {
    local root=$1 home

    ssh-keygen -q -t ed25519 -N '' -C machine -f "$WORK/keys/id" &&
        sed 's/^/* /' "$root/etc/ssh/ssh_host_ed25519_key.pub" >"$WORK/keys/known_hosts" || return
    for home in root home/alice; do
        install -d -m 700 "$root/$home/.ssh" &&
            install -m 600 "$WORK/keys/id.pub" "$root/$home/.ssh/authorized_keys" || return
    done
    chroot "$root" chown -R alice:alice /home/alice
}
