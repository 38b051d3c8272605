# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# A Debian to install the package in: debootstrap's smallest one below an overlay, an sshd, and a user.
#
#   root_enter RELEASE "$@"   first call of the test: makes the root and the package for it, while there
#                             is a network; then world_enter (tests/lib/world.sh): from there on
#                             it is the server, without any network but the client
#   root_in COMMAND...        runs COMMAND in it, in the server's namespace
#   root_apt ARG...           apt-get, without a network; what it says is in ROOT_LOG
#   root_sshd                 starts its sshd, with Debian's configuration
#   root_files                the files that no installed package has, one a line, sorted
#
#   ROOT       its folder
#   ROOT_LOG   what apt and so on said
#   ROOT_DEB   the package, as a path in there

: "${ROOT_STAGE:=}" "${ROOT_DEB:=}"
ROOT_WORK=$PAM_TRAFFIC_BUILD/tests/packaging/work
ROOT=$ROOT_WORK/root
ROOT_LOG=$ROOT_WORK/log
# what a test asks for beside the package; logrotate is recommended by it, the first two are autopkgtest's
ROOT_PACKAGES='apt-utils dpkg-dev iproute2 jq logrotate openssh-client openssh-server'
ROOT_SOURCE=/tmp/source # in the Debian that builds

root_enter() {
    local release=$1

    shift
    if [ "$ROOT_STAGE" = '' ]; then
        debian_tools
        debian_mirror "$release"
        ROOT_STAGE=prepare exec unshare --mount --pid --fork --kill-child --mount-proc --propagation private \
            -- "$BASH" "$0" "$@"
        exit 1
    fi
    if [ "$ROOT_STAGE" = prepare ]; then
        trap 'exit 130' INT
        trap 'exit 143' TERM HUP
        umask 022
        debian_lock
        rm -rf --one-file-system "$ROOT_WORK"
        mkdir -p "$ROOT_WORK"/{root,upper,overlay} "$PAM_TRAFFIC_LOGS" || tap_bail "cannot make $ROOT_WORK"
        debian_paths "$release"
        root_step debian_make_minimal "$release"
        root_package "$release" || tap_bail 'the package could not be built'
        root_step root_make
        export ROOT_STAGE=world ROOT_DEB=/root/${DEB##*/}
    fi
    world_enter "$@"
    root_step root_mount
    root_step root_users
    # where the harness of the system tests looks
    # shellcheck disable=SC2034
    RECORDS_LOG=$ROOT/var/log/pam_traffic
    # shellcheck disable=SC2034
    RECORDS_STATE=$ROOT/var/lib/pam_traffic
}

root_step() {
    "$@" >>"$ROOT_LOG" 2>&1 && return
    tap_diag "$(tail -n 30 "$ROOT_LOG")"
    tap_bail "$* failed"
}

# the world's: its /dev/log, its processes
root_mount() {
    mount --rbind /dev "$ROOT/dev" &&
        mount -t proc proc "$ROOT/proc" &&
        mount -t tmpfs -o mode=755 tmpfs "$ROOT/run" &&
        mkdir -p "$ROOT/run/sshd"
}

# the package for that release: libraries have other versions in another
root_package() {
    # shellcheck source=/dev/null
    if [ "$(. /etc/os-release && echo "${VERSION_CODENAME:-}")" = "$1" ]; then
        package_deb
    else
        package_deb_in "$1" root_build "$1"
    fi
}

root_build() {
    local release=$1 out=$2 full=$DEBIAN_FULL

    [ -e "$full.done" ] || debian_make_full "$release" || return
    debian_mount "$full" && debian_copy "$full" "$ROOT_SOURCE" || return
    if [ ! -e "$full.done" ]; then
        debian_packages "$full" "$ROOT_SOURCE" && : >"$full.done" || return
    fi
    debian_in "$full" "$ROOT_SOURCE/packaging/build-deb" "$ROOT_SOURCE/out" && cp "$full$ROOT_SOURCE"/out/* "$out"
}

# everything that needs the network
root_make() {
    mount -t overlay overlay -o "lowerdir=$DEBIAN_MINIMAL,upperdir=$ROOT_WORK/upper,workdir=$ROOT_WORK/overlay" "$ROOT" &&
        debian_mount "$ROOT" && cp "$DEB" "$ROOT/root/" || return
    # no sshd of this chroot is to begin to listen
    printf '#!/bin/sh\nexit 101\n' >"$ROOT/usr/sbin/policy-rc.d" && chmod 755 "$ROOT/usr/sbin/policy-rc.d" || return
    # shellcheck disable=SC2086  # a list
    debian_in "$ROOT" apt-get -q update &&
        debian_in "$ROOT" apt-get -q install -y --no-install-recommends $ROOT_PACKAGES &&
        debian_in "$ROOT" apt-get -q install -y --download-only "/root/${DEB##*/}"
}

root_users() {
    debian_in "$ROOT" useradd --create-home --shell /bin/bash alice &&
        install -d -m 700 "$ROOT/home/alice/.ssh" &&
        install -m 600 "$WORLD/keys/id.pub" "$ROOT/home/alice/.ssh/authorized_keys" &&
        debian_in "$ROOT" chown -R alice: /home/alice &&
        install -m 600 "$WORLD/keys/host" "$ROOT/root/host"
}

root_in() {
    world_in server chroot "$ROOT" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 \
        DEBIAN_FRONTEND=noninteractive "$@"
}

root_sshd() {
    world_in server chroot "$ROOT" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin /usr/sbin/sshd -D -o HostKey=/root/host \
        -o LogLevel=VERBOSE -o UseDNS=no >>"$WORLD/sshd.err" 2>&1 </dev/null &
    await sshd_listens 22 || tap_bail "sshd does not start: $(cat "$WORLD/sshd.err")"
}

# a merged /usr: dpkg may know a file by its other name. Caches and the books of dpkg and apt are not meant,
# nor is what the test itself puts there.
root_files() {
    comm -23 \
        <(cd "$ROOT" && find . \( -path ./proc -o -path ./sys -o -path ./dev -o -path ./run -o -path ./tmp \) -prune -o \
            -path ./var/lib/dpkg -prune -o -path ./var/lib/apt -prune -o -path ./var/cache -prune -o \
            ! -type d -printf '/%P\n' |
            grep -vE '^/(root|home)/|^/var/log/(apt/|dpkg\.log)|^/etc/ld\.so\.cache$' | sort) \
        <(root_in dpkg-query -W -f "\${db:Status-Abbrev} \${binary:Package}\n" | sed -n 's/^ii *//p' | root_in xargs dpkg -L |
            sed -E 's,^/(bin|sbin|lib|lib64)/,/usr/\1/,' | sort -u)
}
