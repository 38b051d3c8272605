#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The core cases on Debian 13, whose OpenSSH 10 serves a session by sshd-session:  debian13.sh NAME...
#
# Makes a Debian 13 in a folder, builds a copy of this source in it, and runs there the unit, module and
# netfilter tests and the system tests NAME (or patterns of meson). Their cases are passed on, each as
# a case of this test. Skips without root, without debootstrap, and where the mirror cannot be reached.
#
#   PAM_TRAFFIC_DEBIAN13_CACHE   keeps the folder for the next time; made anew when packages.txt changes
#   PAM_TRAFFIC_DEBIAN13_MIRROR  where Debian comes from
#   PAM_TRAFFIC_BUILD            the build folder, which is not copied
#   PAM_TRAFFIC_LOGS             takes the logs when something fails
#
# Mounts and processes are in namespaces of this test and end with it, however it ends; source and
# build are in a tmpfs of theirs.
set -u

SOURCE=$(cd "$(dirname "$0")/../.." && pwd) || exit 1
SUITES=(unit module netfilter)
WORK=/tmp/pam_traffic # in there
: "${PAM_TRAFFIC_DEBIAN13_CACHE:=$SOURCE/build/debian13-cache}"
: "${PAM_TRAFFIC_DEBIAN13_MIRROR:=http://deb.debian.org/debian}"
: "${PAM_TRAFFIC_BUILD:=}" "${PAM_TRAFFIC_LOGS:=${TMPDIR:-/tmp}/pam_traffic-debian13-logs}" "${DEBIAN13_STAGE:=}"

# shellcheck source=../system/lib/tap.sh
. "$SOURCE/tests/system/lib/tap.sh"

debian13_bootstrap() {
    debootstrap --variant=minbase trixie "$ROOT" "$PAM_TRAFFIC_DEBIAN13_MIRROR" || return
    # nobody mourns this disk after a power cut
    printf 'force-unsafe-io\n' >"$ROOT/etc/dpkg/dpkg.cfg.d/unsafe"
    # proxies and the like
    apt-config dump | sed -nE '/^Acquire::(http|https|Check-|Retries|ForceIPv)/p' >"$ROOT/etc/apt/apt.conf.d/99host"
}

debian13_packages() {
    debian13_in "$WORK/source/packaging/install-packages" build quickstart tests && debian13_in apt-get clean
}

# the root must be a mount point: what runs in it changes the propagation of its mounts
debian13_mount() {
    mount --bind "$ROOT" "$ROOT" &&
        mount --rbind /dev "$ROOT/dev" &&
        mount --rbind /sys "$ROOT/sys" &&
        mount -t proc proc "$ROOT/proc" &&
        mount -t tmpfs -o mode=755 tmpfs "$ROOT/run" &&
        mount -t tmpfs -o mode=1777 tmpfs "$ROOT/tmp" &&
        cp -L /etc/resolv.conf "$ROOT/etc/resolv.conf"
}

debian13_in() {
    chroot "$ROOT" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 \
        ${http_proxy:+"http_proxy=$http_proxy"} ${https_proxy:+"https_proxy=$https_proxy"} "$@"
}

debian13_copy() {
    local build=()

    case $PAM_TRAFFIC_BUILD in
    "$SOURCE"/*) build=(--exclude="./${PAM_TRAFFIC_BUILD#"$SOURCE"/}") ;;
    esac
    mkdir -p "$ROOT$WORK/source" &&
        tar -C "$SOURCE" --exclude=./build --exclude=./.git "${build[@]}" -c . | tar -C "$ROOT$WORK/source" -x
}

# what the tests are about: if Debian changes it, they are about something else
debian13_openssh() {
    debian13_in sshd -V 2>&1 | grep -qE '^OpenSSH_[1-9][0-9]' && [ -x "$ROOT/usr/lib/openssh/sshd-session" ]
}

# debian13_test NAME ARGUMENT...: its log is NAME.json; failures are seen there
debian13_test() {
    local name=$1

    shift
    debian13_in meson test -C "$WORK/build" --no-rebuild --num-processes 2 --logbase "$name" "$@" >>"$LOG" 2>&1
    [ -s "$ROOT$WORK/build/meson-logs/$name.json" ]
}

debian13_keep_logs() {
    rm -rf "$PAM_TRAFFIC_LOGS"
    mkdir -p "$PAM_TRAFFIC_LOGS" || return
    cp -r "$LOG" "$ROOT$WORK/build/meson-logs" "$ROOT$WORK/build/tests/system/logs" "$PAM_TRAFFIC_LOGS" 2>/dev/null
    tap_diag "logs kept in $PAM_TRAFFIC_LOGS"
}

# step NAME COMMAND...: a case without which nothing more can be tested
step() {
    local name=$1

    shift
    if "$@" >>"$LOG" 2>&1; then
        tap_pass "$name"
        return
    fi
    tap_fail "$name" "$(tail -n 40 "$LOG")"
    debian13_keep_logs
    tap_done
}

if [ "$DEBIAN13_STAGE" != inside ]; then
    [ "$(id -u)" = 0 ] || tap_skip_all 'needs root'
    [ -n "$(type -P debootstrap)" ] || tap_skip_all 'debootstrap is not here (packaging/install-packages debian13)'
    # the same list of packages, made in the same way
    KEY=$({
        declare -f debian13_bootstrap debian13_packages
        printf '%s\n' "$PAM_TRAFFIC_DEBIAN13_MIRROR"
        cat "$SOURCE/packaging/packages.txt" "$SOURCE/packaging/install-packages"
    } | sha256sum | cut -c 1-16)
    ROOT=$PAM_TRAFFIC_DEBIAN13_CACHE/trixie-$KEY
    if [ ! -e "$ROOT.done" ]; then
        wget -q --spider --timeout=20 --tries=2 "$PAM_TRAFFIC_DEBIAN13_MIRROR/dists/trixie/InRelease" ||
            tap_skip_all "$PAM_TRAFFIC_DEBIAN13_MIRROR cannot be reached"
    fi
    # others shall not reach its setuid programs, which nobody updates
    mkdir -p "$PAM_TRAFFIC_DEBIAN13_CACHE" || tap_bail "$PAM_TRAFFIC_DEBIAN13_CACHE cannot be made"
    chmod 700 "$PAM_TRAFFIC_DEBIAN13_CACHE"
    export DEBIAN13_STAGE=inside ROOT
    exec unshare --mount --pid --fork --kill-child --mount-proc --propagation private -- "$BASH" "$0" "$@"
    exit 1
fi

trap 'exit 130' INT
trap 'exit 143' TERM HUP
umask 022
exec 9>"$PAM_TRAFFIC_DEBIAN13_CACHE/lock"
flock 9 # builds share the cache
LOG=$PAM_TRAFFIC_DEBIAN13_CACHE/log
: >"$LOG"

if [ ! -e "$ROOT.done" ]; then
    # those of other lists, and what an interrupted run has left
    rm -rf --one-file-system "$PAM_TRAFFIC_DEBIAN13_CACHE"/trixie-*
    step 'Debian 13 is made' debian13_bootstrap
fi
step 'it is mounted' debian13_mount
step 'the source is copied' debian13_copy
if [ ! -e "$ROOT.done" ]; then
    step 'packages are installed' debian13_packages
    : >"$ROOT.done"
fi
step 'sshd is OpenSSH 10 or later, with sshd-session' debian13_openssh
step 'meson setup' debian13_in meson setup "$WORK/build" "$WORK/source" -Dwerror=true
step 'ninja' debian13_in ninja -C "$WORK/build"
step 'suites run' debian13_test suites "${SUITES[@]/#/--suite=}"
step 'system tests run' debian13_test system --suite=system "$@"

python3 "$SOURCE/tests/debian13/tap.py" "$TAP_COUNT" "$ROOT$WORK/build/meson-logs"/{suites,system}.json \
    -- "${SUITES[@]/%//*}" "${@/#/system/}"
status=$?
[ "$status" -eq 0 ] || debian13_keep_logs
exit "$status"
