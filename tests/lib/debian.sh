# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Debians in folders ("trees"), made once and kept for the next time; no test writes to one. A RELEASE has these
# KINDs, and a package of the source as it stands (package.sh):
#
#   minimal   what debootstrap makes of its smallest variant
#   full      a copy with all that builds and tests pam_traffic
#   guest     a copy with a kernel, systemd and sshd, for a machine to boot
#
#   debian_need RELEASE KIND...  skips the test where it could not have them: no root, no debootstrap, or the mirror
#                                is needed and cannot be reached
#   debian_tree RELEASE KIND     makes it if it is not there, and keeps it from being removed until the caller ends;
#                                its path is in DEBIAN_TREE. False if it cannot be made: the end of the log is shown
#   debian_open FOLDER TREE      mounts the tree at FOLDER: what is written there goes to memory
#   debian_close FOLDER          unmounts it, and all in it
#   debian_mount ROOT            mounts /dev, /proc, /run and so on in it
#   debian_in ROOT COMMAND...    runs COMMAND in it
#   debian_apt ROOT ARG...       apt-get in it. A package is downloaded once a release
#   debian_copy ROOT FOLDER      a copy of the source, at FOLDER in it
#
#   PAM_TRAFFIC_DEBIANS          the folder that keeps them
#   PAM_TRAFFIC_MIRROR           where Debian comes from
#   PAM_TRAFFIC_BUILD            the build folder, which is not copied
#
# Callers are root in a mount namespace of their own, with which all mounts end, and load tap.sh. Each tree has its
# lock: who makes or removes it holds it alone, who uses it shares it. A tree that has no .done beside it was
# interrupted. debian-prepare makes them all, in the background too.

DEBIAN_SOURCE=$(cd "${BASH_SOURCE[0]%/*}/../.." && pwd) || exit 1
: "${PAM_TRAFFIC_DEBIANS:=$DEBIAN_SOURCE/build/debians}"
: "${PAM_TRAFFIC_MIRROR:=http://deb.debian.org/debian}"
: "${PAM_TRAFFIC_BUILD:=}"
DEBIAN_TREE=
DEBIAN_SECTIONS='build packaging quickstart system tests'
# nftables: a firewall that flushes at boot. perl: sends what the tables are filled with
DEBIAN_GUEST='dbus initramfs-tools iproute2 iptables jq kmod libpam-systemd linux-image-cloud-amd64 logrotate nftables
    openssh-server openssh-sftp-server perl procps strace systemd-sysv udev'

debian_need() {
    local release=$1 kind

    shift
    [ "$(id -u)" = 0 ] || tap_skip_all 'needs root'
    [ -n "$(type -P debootstrap)" ] || tap_skip_all 'debootstrap is not here (packaging/install-packages debian)'
    for kind; do
        [ ! -e "$(debian_path "$release" "$kind").done" ] || continue
        wget -q --spider --timeout=20 --tries=2 "$PAM_TRAFFIC_MIRROR/dists/$release/InRelease" || {
            [ -z "${PAM_TRAFFIC_GATE:-}" ] || tap_bail "$PAM_TRAFFIC_MIRROR cannot be reached"
            tap_skip_all "$PAM_TRAFFIC_MIRROR cannot be reached"
        }
        return
    done
}

# the mirror, the list of packages, and the function that makes it
debian_key() {
    echo "$PAM_TRAFFIC_MIRROR"
    declare -f debian_make_minimal
    case $1 in
    full)
        declare -f debian_make_full debian_lean
        cat "$DEBIAN_SOURCE/packaging/install-packages"
        awk -v sections=" $DEBIAN_SECTIONS " '/^\[/ { gsub(/[][]/, ""); on = index(sections, " " $1 " ") }
            on && NF { print $1 }' "$DEBIAN_SOURCE/packaging/packages.txt"
        ;;
    guest)
        declare -f debian_make_guest debian_lean
        echo "$DEBIAN_GUEST"
        ;;
    esac
}

debian_path() {
    local key

    key=$(debian_key "$2" | sha256sum) && printf '%s\n' "$PAM_TRAFFIC_DEBIANS/$1-$2-${key:0:16}"
}

debian_folder() {
    # others shall not reach the setuid programs in there, which nobody updates
    mkdir -p "$PAM_TRAFFIC_DEBIANS" && chmod 700 "$PAM_TRAFFIC_DEBIANS"
}

debian_tree() {
    local release=$1 kind=$2 lock tree

    tree=$(debian_path "$release" "$kind")
    debian_folder && exec {lock}>"$tree.lock" && debian_lock "$lock" "$tree" || return
    if [ ! -e "$tree.done" ]; then
        debian_sweep "$tree" "$PAM_TRAFFIC_DEBIANS/$release-$kind"
        rm -rf --one-file-system "$tree"
        # its mounts end with it, and its processes, too, when somebody ends it
        # shellcheck disable=SC2016  # for the inner shell
        unshare --mount --pid --fork --kill-child --propagation private \
            "$BASH" -c '. "$1/tests/lib/tap.sh" && . "$1/tests/lib/debian.sh" && debian_make "${@:2}"' - \
            "$DEBIAN_SOURCE" "$release" "$kind" "$tree" >"$tree.log" 2>&1 </dev/null || {
            tap_diag "$(tail -n 30 "$tree.log")"
            return 1
        }
        : >"$tree.done"
    fi
    flock -s "$lock"
    DEBIAN_TREE=$tree
}

# debian_lock FD WHAT: shared, if it is whole, else alone: then somebody may have made it in the meantime
debian_lock() {
    flock -s "$1" && { [ -e "$2.done" ] || flock -x "$1"; }
}

# debian_sweep KEEP PREFIX: what has another key goes, unless somebody uses it
debian_sweep() {
    local lock old

    for lock in "$2"-*.lock; do
        old=${lock%.lock}
        [ "$old" = "$1" ] || flock -n "$lock" rm -rf --one-file-system "$old" "$old.done" "$old.log" "$lock"
    done
}

debian_make() {
    local release=$1 kind=$2 tree=$3

    umask 022
    if [ "$kind" != minimal ]; then
        debian_tree "$release" minimal && cp -a --reflink=auto "$DEBIAN_TREE" "$tree" && debian_mount "$tree" || return
    fi
    "debian_make_$kind" "$release" "$tree"
}

debian_make_minimal() {
    local release=$1 root=$2

    # in two steps: no disk is asked to be safe while packages are configured
    debootstrap --variant=minbase --foreign --cache-dir="$(debian_archive "$release")" "$release" "$root" "$PAM_TRAFFIC_MIRROR" &&
        printf 'force-unsafe-io\n' >"$root/etc/dpkg/dpkg.cfg.d/unsafe" &&
        # proxies and the like
        apt-config dump | sed -nE '/^Acquire::(http|https|Check-|Retries|ForceIPv)/p' >"$root/etc/apt/apt.conf.d/99host" &&
        chroot "$root" /debootstrap/debootstrap --second-stage &&
        debian_apt "$root" update
}

# nobody reads there
debian_lean() {
    printf '%s\n' 'path-exclude=/usr/share/doc/*' 'path-exclude=/usr/share/man/*' 'path-exclude=/usr/share/locale/*' \
        'path-include=/usr/share/doc/libpam-traffic/*' >"$1/etc/dpkg/dpkg.cfg.d/lean"
}

debian_make_full() {
    local root=$2

    debian_lean "$root" && mkdir "$root/packaging" &&
        cp "$DEBIAN_SOURCE"/packaging/{install-packages,packages.txt} "$root/packaging/" || return
    # shellcheck disable=SC2086  # a list
    debian_with_archive "$root" debian_in "$root" /packaging/install-packages $DEBIAN_SECTIONS && rm -rf "$root/packaging"
}

debian_make_guest() {
    local root=$2

    debian_lean "$root" && mkdir -p "$root/etc/initramfs-tools/conf.d" || return
    # what a virtual machine needs to find its root: unpacking the rest takes seconds at each boot
    printf 'MODULES=list\n' >"$root/etc/initramfs-tools/conf.d/guest"
    printf '%s\n' virtio_pci virtio_blk ext4 >"$root/etc/initramfs-tools/modules"
    # shellcheck disable=SC2086  # a list
    debian_apt "$root" install --no-install-recommends $DEBIAN_GUEST && chroot "$root" useradd --create-home --shell /bin/bash alice
}

debian_archive() {
    mkdir -p "$PAM_TRAFFIC_DEBIANS/$1-archive" && printf '%s\n' "$PAM_TRAFFIC_DEBIANS/$1-archive"
}

# the packages that were downloaded for another tree of the same release are there. One apt-get at a time.
debian_with_archive() {
    local root=$1 release archive lock status

    shift
    release=$(sed -n 's/^VERSION_CODENAME=//p' "$root/etc/os-release")
    archive=$(debian_archive "$release") && exec {lock}>"$archive.lock" && flock "$lock" &&
        mount --bind "$archive" "$root/var/cache/apt/archives" || return
    "$@"
    status=$?
    umount "$root/var/cache/apt/archives" && exec {lock}>&-
    return "$status"
}

debian_apt() {
    local root=$1

    shift
    debian_with_archive "$root" debian_in "$root" apt-get -q -y "$@"
}

debian_open() {
    mkdir -p "$1" && mount -t tmpfs -o mode=755 tmpfs "$1" && mkdir "$1/upper" "$1/work" "$1/root" &&
        mount -t overlay overlay -o "lowerdir=$2,upperdir=$1/upper,workdir=$1/work" "$1/root" &&
        mount --move "$1/root" "$1"
}

debian_close() {
    while mountpoint -q "$1"; do
        umount -R "$1" || return
    done
}

debian_mount() {
    local root=$1

    mount --rbind /dev "$root/dev" &&
        mount --rbind /sys "$root/sys" &&
        mount -t proc proc "$root/proc" &&
        mount -t tmpfs -o mode=755 tmpfs "$root/run" &&
        mount -t tmpfs -o mode=1777 tmpfs "$root/tmp" &&
        cp -L /etc/resolv.conf "$root/etc/resolv.conf"
}

debian_in() {
    local root=$1

    shift
    chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
        ${http_proxy:+"http_proxy=$http_proxy"} ${https_proxy:+"https_proxy=$https_proxy"} "$@"
}

debian_copy() {
    local build=()

    case $PAM_TRAFFIC_BUILD in
    "$DEBIAN_SOURCE"/*) build=(--exclude="./${PAM_TRAFFIC_BUILD#"$DEBIAN_SOURCE"/}") ;;
    esac
    mkdir -p "$1$2" &&
        tar -C "$DEBIAN_SOURCE" --exclude=./build --exclude=./.git "${build[@]}" -c . | tar -C "$1$2" -x
}
