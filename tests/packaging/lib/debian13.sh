# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Debian 13, where a test of this folder runs other tests: a full tree of it, with a copy of the source.
#
#   debian13_enter "$@"        first call of the test: own namespaces, the tree
#   debian13_step NAME COMMAND...   a case without which nothing more can be tested
#   debian13_pass LOG.json... -- WANTED...   the cases of what ran in there become cases of this test (tap.py), which
#                              ends with them
#
#   ROOT     the tree;  DEBIAN13_WORK  the folder in there: a tmpfs, that ends with the test
#   LOG      what the steps said

ROOT=$PAM_TRAFFIC_BUILD/tests/packaging/${0##*/}.root
LOG=$ROOT.log
DEBIAN13_WORK=/tmp/pam_traffic
: "${DEBIAN13_STAGE:=}"

# what the tests are about: if Debian changes it, they are about something else
debian13_openssh() {
    debian_in "$ROOT" sshd -V 2>&1 | grep -qE '^OpenSSH_[1-9][0-9]' && [ -x "$ROOT/usr/lib/openssh/sshd-session" ]
}

debian13_enter() {
    if [ "$DEBIAN13_STAGE" != inside ]; then
        debian_need trixie full
        DEBIAN13_STAGE=inside exec unshare --mount --pid --fork --kill-child --mount-proc --propagation private \
            -- "$BASH" "$0" "$@"
        exit 1
    fi
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
    umask 022
    mkdir -p "${LOG%/*}" && : >"$LOG"
    debian13_step 'Debian 13 is there' debian_tree trixie full
    debian13_step 'it is mounted' debian13_mount
    debian13_step 'the source is copied' debian_copy "$ROOT" "$DEBIAN13_WORK/source"
    debian13_step 'sshd is OpenSSH 10 or later, with sshd-session' debian13_openssh
}

debian13_mount() {
    debian_open "$ROOT" "$DEBIAN_TREE" && debian_mount "$ROOT"
}

debian13_step() {
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

debian13_keep_logs() {
    rm -rf "$PAM_TRAFFIC_LOGS"
    mkdir -p "$PAM_TRAFFIC_LOGS" || return
    cp -r "$LOG" "$ROOT$DEBIAN13_WORK"/{logs,build/meson-logs,build/tests/system/logs} "$PAM_TRAFFIC_LOGS" 2>/dev/null
    tap_diag "logs kept in $PAM_TRAFFIC_LOGS"
}

debian13_pass() {
    local status

    python3 "$SOURCE/tests/packaging/lib/tap.py" "$TAP_COUNT" "$@"
    status=$?
    [ "$status" -eq 0 ] || debian13_keep_logs
    exit "$status"
}
