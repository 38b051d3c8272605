# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The disk of one run: a guest tree (tests/lib/debian.sh) with the package installed and enabled, and the machine's
# own settings. DISK_BARE=yes: the package is not installed; the machine has a repository with it and nothing else, so
# that apt works as it does on a host, and DISK_PACKAGES more packages of Debian.
#
#   disk_make        makes WORK/disk, WORK/kernel, WORK/initrd, and the keys in WORK/keys, of DEBIAN_TREE and DEB;
#                    the package is in the machine's /root

: "${DISK_BARE:=}" "${DISK_PACKAGES:=}"

disk_make() {
    local root=$WORK/root mounted

    mkdir -p "$WORK/keys" && debian_open "$root" "$DEBIAN_TREE" && debian_mount "$root" &&
        "disk_${DISK_BARE:+bare_}install" "$root" &&
        disk_configure "$root" &&
        disk_users "$root" || return
    for mounted in dev sys proc run tmp; do
        umount -R "$root/$mounted" || return
    done
    cp "$root"/boot/vmlinuz-* "$WORK/kernel" && cp "$root"/boot/initrd.img-* "$WORK/initrd" &&
        # sparse; what is not written takes no room
        truncate -s 4G "$WORK/disk" &&
        mkfs.ext4 -q -F -E lazy_itable_init=1 -d "$root" "$WORK/disk" || return
    debian_close "$root"
}

# as the admin does it. What `enable` makes in the kernel is of a network namespace that ends at once; of systemd it
# sees nothing here, so that the units are enabled beside it.
disk_install() {
    local root=$1

    cp "$DEB" "$root/root/" &&
        debian_apt "$root" install --no-install-recommends "/root/${DEB##*/}" &&
        unshare --net chroot "$root" pam_traffic enable &&
        # as far as a real host has firewalls at boot, nftables.service is one: it flushes nf_tables
        chroot "$root" systemctl --quiet enable pam_traffic-setup.service pam_traffic-reap.timer nftables.service || return
    # nobody waits for a minute
    printf 'interim_interval = 5s\n' >"$root/etc/pam_traffic.conf"
    mkdir "$root/etc/systemd/system/pam_traffic-reap.timer.d" &&
        printf '%s\n' '[Timer]' 'OnActiveSec=' 'OnActiveSec=1s' 'OnUnitInactiveSec=5s' 'AccuracySec=100ms' \
            >"$root/etc/systemd/system/pam_traffic-reap.timer.d/often.conf"
}

# what the package depends on stays when it is removed
disk_bare_install() {
    local root=$1 repository=$1/srv/repository

    cp "$DEB" "$root/root/" || return
    # shellcheck disable=SC2086  # a list
    debian_apt "$root" install --no-install-recommends $DISK_PACKAGES "/root/${DEB##*/}" &&
        unshare --net chroot "$root" env DEBIAN_FRONTEND=noninteractive apt-get -q -y purge libpam-traffic &&
        disk_repository "$repository" || return
    rm -f "$root"/etc/apt/sources.list "$root"/etc/apt/sources.list.d/*
    printf 'deb [trusted=yes] file:/srv/repository ./\n' >"$root/etc/apt/sources.list"
}

disk_repository() {
    local name=${DEB##*/}

    mkdir -p "$1" && cp "$DEB" "$1/" &&
        {
            dpkg-deb -f "$DEB"
            printf 'Filename: ./%s\nSize: %d\nSHA256: %s\n' "$name" "$(stat -c %s "$DEB")" "$(sha256sum <"$DEB" | cut -c 1-64)"
        } >"$1/Packages"
}

disk_configure() {
    local root=$1

    printf 'machine\n' >"$root/etc/hostname"
    printf '127.0.0.1 localhost machine\n' >"$root/etc/hosts"
    rm -f "$root/etc/resolv.conf" "$root/etc/apt/apt.conf.d/99host"
    # reading them takes the emulated processor a minute, and there is no network
    rm -rf "$root"/var/lib/apt/lists/* "$root"/var/cache/apt/*.bin
    printf '%s\n' '[Match]' "MACAddress=$MACHINE_MAC:01" '[Network]' "Address=$MACHINE_ADDR/16" 'LinkLocalAddressing=no' \
        'IPv6AcceptRA=no' >"$root/etc/systemd/network/machine.network"
    # packets that are merged on arrival would be fewer than those that the client has sent
    printf '%s\n' '[Match]' 'OriginalName=*' '[Link]' 'GenericReceiveOffload=no' \
        >"$root/etc/systemd/network/machine.link"
    mkdir -p "$root/var/log/journal"
    chroot "$root" systemctl --quiet enable systemd-networkd.service &&
        # what is of no use here, and takes the emulated processor its time
        chroot "$root" systemctl --quiet mask apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer \
            e2scrub_all.timer e2scrub_reap.service fstrim.timer systemd-networkd-wait-online.service
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
