# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Debians in folders, made by debootstrap and kept for the next time. Callers are root in a mount
# namespace of their own, with which all mounts end, and load tests/lib/tap.sh.
#
#   debian_tools                 skips the test without root or debootstrap
#   debian_mirror RELEASE        skips it where the mirror cannot be reached
#   debian_lock                  waits until nobody else uses the cache, and holds it until the test's end
#   debian_paths RELEASE         sets DEBIAN_MINIMAL, the smallest one, which is never written to again, and
#                                DEBIAN_FULL, the one that builds and tests; with .done behind it: it is whole
#   debian_make_minimal RELEASE  makes the former if it is not there
#   debian_make_full RELEASE     makes the latter from the former: without packages
#   debian_packages ROOT FOLDER  installs them; the source is at FOLDER in there
#   debian_mount ROOT            /dev, /proc, /run and so on, and names of hosts
#   debian_in ROOT COMMAND...    runs COMMAND in it
#   debian_copy ROOT FOLDER      a copy of the source, at FOLDER in there
#
#   PAM_TRAFFIC_DEBIAN13_CACHE   keeps them; made anew when packages.txt changes
#   PAM_TRAFFIC_DEBIAN13_MIRROR  where Debian comes from
#   PAM_TRAFFIC_BUILD            the build folder, which is not copied

DEBIAN_SOURCE=$(cd "${BASH_SOURCE[0]%/*}/../../.." && pwd) || exit 1
: "${PAM_TRAFFIC_DEBIAN13_CACHE:=$DEBIAN_SOURCE/build/debian13-cache}"
: "${PAM_TRAFFIC_DEBIAN13_MIRROR:=http://deb.debian.org/debian}"
: "${PAM_TRAFFIC_BUILD:=}"
DEBIAN_MINIMAL=
DEBIAN_FULL=

debian_tools() {
    [ "$(id -u)" = 0 ] || tap_skip_all 'needs root'
    [ -n "$(type -P debootstrap)" ] || tap_skip_all 'debootstrap is not here (packaging/install-packages debian13)'
}

debian_mirror() {
    wget -q --spider --timeout=20 --tries=2 "$PAM_TRAFFIC_DEBIAN13_MIRROR/dists/$1/InRelease" ||
        tap_skip_all "$PAM_TRAFFIC_DEBIAN13_MIRROR cannot be reached"
}

debian_lock() {
    # others shall not reach its setuid programs, which nobody updates
    mkdir -p "$PAM_TRAFFIC_DEBIAN13_CACHE" || tap_bail "$PAM_TRAFFIC_DEBIAN13_CACHE cannot be made"
    chmod 700 "$PAM_TRAFFIC_DEBIAN13_CACHE"
    exec 9>"$PAM_TRAFFIC_DEBIAN13_CACHE/lock"
    flock 9
}

# the same list of packages, made in the same way
debian_paths() {
    local key

    key=$({
        declare -f debian_bootstrap
        echo "$PAM_TRAFFIC_DEBIAN13_MIRROR"
    } | sha256sum)
    DEBIAN_MINIMAL=$PAM_TRAFFIC_DEBIAN13_CACHE/$1-minimal-${key:0:16}
    key=$({
        echo "$key"
        declare -f debian_packages
        cat "$DEBIAN_SOURCE/packaging/packages.txt" "$DEBIAN_SOURCE/packaging/install-packages"
    } | sha256sum)
    DEBIAN_FULL=$PAM_TRAFFIC_DEBIAN13_CACHE/$1-full-${key:0:16}
}

debian_bootstrap() {
    local release=$1 root=$2

    debootstrap --variant=minbase "$release" "$root" "$PAM_TRAFFIC_DEBIAN13_MIRROR" || return
    # nobody mourns this disk after a power cut
    printf 'force-unsafe-io\n' >"$root/etc/dpkg/dpkg.cfg.d/unsafe"
    # proxies and the like
    apt-config dump | sed -nE '/^Acquire::(http|https|Check-|Retries|ForceIPv)/p' >"$root/etc/apt/apt.conf.d/99host"
}

# those of other lists, and what an interrupted run has left, go first
debian_make_minimal() {
    [ ! -e "$DEBIAN_MINIMAL.done" ] || return 0
    rm -rf --one-file-system "$PAM_TRAFFIC_DEBIAN13_CACHE/$1"-minimal-*
    debian_bootstrap "$1" "$DEBIAN_MINIMAL" && : >"$DEBIAN_MINIMAL.done"
}

debian_make_full() {
    rm -rf --one-file-system "$PAM_TRAFFIC_DEBIAN13_CACHE/$1"-full-*
    cp -a "$DEBIAN_MINIMAL" "$DEBIAN_FULL"
}

debian_packages() {
    debian_in "$1" "$2/packaging/install-packages" build packaging quickstart tests && debian_in "$1" apt-get clean
}

# the root must be a mount point: what runs in it changes the propagation of its mounts
debian_mount() {
    local root=$1

    mountpoint -q "$root" || mount --bind "$root" "$root" || return
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
