# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The base: a folder with Debian as debootstrap makes it, of the same release as this host, since what
# was built here has to run there. Made once, kept in the cache, never written to again.
#
#   base_make            makes it if it is not in the cache; false, with the log's end shown, if it cannot
#   base_release         this host's release, such as bookworm; false if it is not Debian
#
#   BASE                 the folder
#   PAM_TRAFFIC_CACHE    where it is kept (default: pam_traffic in the user's cache)
#   PAM_TRAFFIC_MIRROR   where packages come from (default: deb.debian.org)

BASE=
BASE_CACHE=${PAM_TRAFFIC_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/pam_traffic}
BASE_MIRROR=${PAM_TRAFFIC_MIRROR:-http://deb.debian.org/debian}

# nftables: a firewall that flushes at boot
BASE_PACKAGES='dbus initramfs-tools iptables jq kmod libpam-systemd linux-image-cloud-amd64 nftables
    openssh-server openssh-sftp-server procps strace systemd-sysv udev'

base_release() {
    (
        # shellcheck source=/dev/null
        . /etc/os-release 2>/dev/null && [ "${ID:-}" = debian ] && [ -n "${VERSION_CODENAME:-}" ] &&
            printf '%s\n' "$VERSION_CODENAME"
    )
}

# the packages of the libraries that the built programs need, as the loader finds them here
base_libraries() {
    local library

    ldd "$PAM_TRAFFIC_HELPER" "${PAM_TRAFFIC_HELPER%/*}/pam_traffic_worker" "$PAM_TRAFFIC_BUILD/cli/pam_traffic" | sed -n 's|.* => \(/[^ ]*\) .*|\1|p' | while IFS= read -r library; do
        # a merged /usr: dpkg knows the file by one of two names
        dpkg -S "$library" 2>/dev/null || dpkg -S "/usr$library" 2>/dev/null ||
            dpkg -S "$(realpath "$library")"
    done | cut -d: -f1 | sort -u
}

base_make() {
    local release packages key

    release=$(base_release) && packages=$({ tr -s ' ' '\n' <<<"$BASE_PACKAGES"; base_libraries; } | grep . | sort -u) || return
    key=$({ printf '%s\n' "$release" "$packages"; cat "${BASH_SOURCE[0]}"; } | sha256sum)
    BASE=$BASE_CACHE/machine-$release-${key:0:16}
    mkdir -p "$BASE_CACHE" || return
    # kept until the end: nobody clears away a base in use, and one emulated machine at a time is enough
    exec 9>"$BASE_CACHE/lock" && flock 9 || return
    if [ ! -d "$BASE" ]; then
        rm -rf "$BASE_CACHE"/machine-*
        base_bootstrap "$release" "${packages//$'\n'/,}" "$BASE.new" >"$BASE.log" 2>&1 || {
            tap_diag "$(tail -n 20 "$BASE.log")"
            return 1
        }
        mv "$BASE.new" "$BASE" || return
    fi
}

# in two steps, so that the settings in between are there when packages are configured
base_bootstrap() {
    local release=$1 packages=$2 folder=$3

    debootstrap --variant=minbase --foreign --include="$packages" "$release" "$folder" "$BASE_MIRROR" || return
    mkdir -p "$folder/etc/dpkg/dpkg.cfg.d" "$folder/etc/initramfs-tools/conf.d"
    # no fsync for each file; nobody reads manuals there
    printf '%s\n' force-unsafe-io 'path-exclude=/usr/share/doc/*' 'path-exclude=/usr/share/man/*' \
        'path-exclude=/usr/share/locale/*' >"$folder/etc/dpkg/dpkg.cfg.d/machine"
    # what this one machine needs to find its root: unpacking the rest takes seconds at each boot
    printf 'MODULES=list\n' >"$folder/etc/initramfs-tools/conf.d/machine"
    printf '%s\n' virtio_pci virtio_blk ext4 >"$folder/etc/initramfs-tools/modules"
    # its mounts of proc and sys end with this namespace
    unshare --mount --propagation private chroot "$folder" /debootstrap/debootstrap --second-stage || return
    chroot "$folder" useradd --create-home --shell /bin/bash alice || return
    rm -rf "$folder"/var/cache/apt/archives/*.deb "$folder"/var/lib/apt/lists/*
}
