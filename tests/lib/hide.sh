# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What the host has and must not matter to a test that has no world of its own (world.sh): its umask and proxies, and
# the configuration, log and state of a pam_traffic that is installed there.
#
#   hide_host "$@"    the first call of such a test, after tap.sh. Where there is something to hide it comes back in a
#                     mount namespace without it; only root can do that, others skip the test.

HIDE_FILES='/etc/pam_traffic.conf /var/log/pam_traffic /var/lib/pam_traffic /var/lib/pam_traffic_usage'

hide_host() {
    local file

    umask 022
    export no_proxy='*' NO_PROXY='*'
    for file in $HIDE_FILES; do
        [ -e "$file" ] || continue
        [ "$(id -u)" = 0 ] || tap_skip_all "$file is there, and only root can hide it"
        [ -n "${HIDE_DONE:-}" ] || HIDE_DONE=yes exec unshare --mount --propagation private -- "$BASH" "$0" "$@"
        hide_remove || tap_bail "$file cannot be hidden"
        return
    done
}

# Below overlays, whose upper layer goes with the namespace. What is removed is removed there: a mount that fails ends it.
hide_remove() {
    local folder upper status

    upper=$(mktemp -d) && mount -t tmpfs -o mode=755 tmpfs "$upper" || return
    for folder in etc var/log var/lib; do
        mkdir -p "$upper/$folder" "$upper/work/$folder" &&
            mount -t overlay -o "lowerdir=/$folder,upperdir=$upper/$folder,workdir=$upper/work/$folder" overlay "/$folder" ||
            return
    done
    # shellcheck disable=SC2086  # they are words
    rm -rf $HIDE_FILES
    status=$?
    umount --lazy "$upper"
    rmdir "$upper"
    return "$status"
}
