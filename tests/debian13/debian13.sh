#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The core cases on Debian 13, whose OpenSSH 10 serves a session by sshd-session:  debian13.sh NAME...
#
# Makes a Debian 13 in a folder, builds a copy of this source in it, and runs there the unit, module and
# netfilter tests and the system tests NAME (or patterns of meson). Their cases are passed on, each as
# a case of this test. Skips without root, without debootstrap, and where the mirror cannot be reached.
#
#   PAM_TRAFFIC_LOGS   takes the logs when something fails; tests/lib/debian.sh has more
#
# Mounts and processes are in namespaces of this test and end with it, however it ends; source and
# build are in a tmpfs of theirs.
set -u

SOURCE=$(cd "$(dirname "$0")/../.." && pwd) || exit 1
SUITES=(unit module netfilter)
WORK=/tmp/pam_traffic # in there
: "${PAM_TRAFFIC_LOGS:=${TMPDIR:-/tmp}/pam_traffic-debian13-logs}" "${DEBIAN13_STAGE:=}"

for noun in lib/tap lib/debian; do
    # shellcheck source=/dev/null
    . "$SOURCE/tests/$noun.sh"
done

# what the tests are about: if Debian changes it, they are about something else
debian13_openssh() {
    debian_in "$ROOT" sshd -V 2>&1 | grep -qE '^OpenSSH_[1-9][0-9]' && [ -x "$ROOT/usr/lib/openssh/sshd-session" ]
}

# debian13_test NAME ARGUMENT...: its log is NAME.json; failures are seen there
debian13_test() {
    local name=$1

    shift
    debian_in "$ROOT" meson test -C "$WORK/build" --no-rebuild --num-processes 2 --logbase "$name" "$@" >>"$LOG" 2>&1
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

debian_paths trixie
ROOT=$DEBIAN_FULL
if [ "$DEBIAN13_STAGE" != inside ]; then
    debian_tools
    [ -e "$ROOT.done" ] || debian_mirror trixie
    export DEBIAN13_STAGE=inside
    exec unshare --mount --pid --fork --kill-child --mount-proc --propagation private -- "$BASH" "$0" "$@"
    exit 1
fi

trap 'exit 130' INT
trap 'exit 143' TERM HUP
umask 022
debian_lock
LOG=$PAM_TRAFFIC_DEBIAN13_CACHE/log
: >"$LOG"

if [ ! -e "$ROOT.done" ]; then
    step 'Debian 13 is made' debian_make_minimal trixie
    step 'it is copied' debian_make_full trixie
fi
step 'it is mounted' debian_mount "$ROOT"
step 'the source is copied' debian_copy "$ROOT" "$WORK/source"
if [ ! -e "$ROOT.done" ]; then
    step 'packages are installed' debian_packages "$ROOT" "$WORK/source"
    : >"$ROOT.done"
fi
step 'sshd is OpenSSH 10 or later, with sshd-session' debian13_openssh
step 'meson setup' debian_in "$ROOT" meson setup "$WORK/build" "$WORK/source" -Dwerror=true
step 'ninja' debian_in "$ROOT" ninja -C "$WORK/build"
step 'suites run' debian13_test suites "${SUITES[@]/#/--suite=}"
step 'system tests run' debian13_test system --suite=system "$@"

python3 "$SOURCE/tests/debian13/tap.py" "$TAP_COUNT" "$ROOT$WORK/build/meson-logs"/{suites,system}.json \
    -- "${SUITES[@]/%//*}" "${@/#/system/}"
status=$?
[ "$status" -eq 0 ] || debian13_keep_logs
exit "$status"
