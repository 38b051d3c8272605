# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# A Debian to install the package in: debootstrap's smallest one (tests/lib/debian.sh), an sshd, and a user.
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
ROOT=$PAM_TRAFFIC_BUILD/tests/packaging/${0##*/}-${1:-}
ROOT_LOG=$ROOT.log
# what a test asks for beside the package; logrotate is recommended by it, the first two are autopkgtest's
ROOT_PACKAGES='apt-utils dpkg-dev iproute2 jq logrotate openssh-client openssh-server'

root_enter() {
    local release=$1

    shift
    if [ "$ROOT_STAGE" = '' ]; then
        debian_need "$release" full minimal
        ROOT_STAGE=prepare exec unshare --mount --pid --fork --kill-child --mount-proc --propagation private \
            -- "$BASH" "$0" "$@"
        exit 1
    fi
    if [ "$ROOT_STAGE" = prepare ]; then
        trap 'exit 130' INT
        trap 'exit 143' TERM HUP
        umask 022
        mkdir -p "${ROOT%/*}" "$PAM_TRAFFIC_LOGS"
        : >"$ROOT_LOG" || tap_bail "cannot write $ROOT_LOG"
        package_deb "$release" || tap_bail 'the package could not be built'
        debian_tree "$release" minimal || tap_bail 'the Debian could not be made'
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

# everything that needs the network
root_make() {
    debian_open "$ROOT" "$DEBIAN_TREE" && debian_mount "$ROOT" && cp "$DEB" "$ROOT/root/" || return
    # no sshd of this chroot is to begin to listen
    printf '#!/bin/sh\nexit 101\n' >"$ROOT/usr/sbin/policy-rc.d" && chmod 755 "$ROOT/usr/sbin/policy-rc.d" || return
    # shellcheck disable=SC2086  # a list
    debian_apt "$ROOT" install --no-install-recommends $ROOT_PACKAGES &&
        root_download "/root/${DEB##*/}"
}

# what the package depends on, for an apt that has no network
root_download() {
    debian_apt "$ROOT" install --download-only "$1" &&
        cp -n "$(debian_archive "$(sed -n 's/^VERSION_CODENAME=//p' "$ROOT/etc/os-release")")"/*.deb "$ROOT/var/cache/apt/archives/"
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
