#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What OpenSSH 10 changes, on Debian 13, where sshd-session serves a session and sshd-auth the time before:
# debian13.sh NAME...
#
# Runs the system tests NAME in there, with module, helper and command of the Debian package. Their cases are passed on,
# each as a case of this test.
set -u
# shellcheck source=lib/harness.sh
. "$(dirname "$0")/lib/harness.sh"
# shellcheck source=lib/debian13.sh
. "$(dirname "$0")/lib/debian13.sh"

# most of a test's time is waiting
JOBS=3

# one test, its log as meson has it
run() {
    local name=$1 logs=$ROOT$DEBIAN13_WORK/logs result=OK

    debian_in "$ROOT" env "${ENVIRONMENT[@]}" bash "$DEBIAN13_WORK/source/tests/system/$name.sh" \
        >"$logs/$name.out" 2>"$logs/$name.err" </dev/null || result=FAIL
    jq -cn --arg name "$name" --arg result "$result" --rawfile stdout "$logs/$name.out" --rawfile stderr "$logs/$name.err" \
        '{name: ("pam_traffic:system / " + $name), result: $result, stdout: $stdout, stderr: $stderr}' >"$logs/$name.json"
}

run_all() {
    local name

    mkdir "$ROOT$DEBIAN13_WORK/logs" || return
    for name; do
        [ "$(jobs -rp | wc -l)" -lt "$JOBS" ] || wait -n
        run "$name" &
    done
    wait
}

debian13_enter "$@"
debian13_step 'the package is built' package_deb trixie
debian13_step 'it is unpacked' dpkg-deb -x "$DEB" "$ROOT$DEBIAN13_WORK/package"
module=$(cd "$ROOT" && echo "${DEBIAN13_WORK#/}"/package/usr/lib/*/security/pam_traffic.so)
ENVIRONMENT=(
    "PAM_TRAFFIC_CLI=$DEBIAN13_WORK/package/usr/bin/pam_traffic"
    "PAM_TRAFFIC_HELPER=$DEBIAN13_WORK/package/usr/libexec/pam_traffic_helper"
    "PAM_TRAFFIC_LOGS=$DEBIAN13_WORK/logs"
    "PAM_TRAFFIC_MODULE=/$module"
    "PAM_TRAFFIC_MODULE_PATH=/${module#*/package/}"
    "PAM_TRAFFIC_PAM_HOLD=$DEBIAN13_WORK/pam_hold.so"
)
debian13_step 'pam_hold.so is built' debian_in "$ROOT" cc -D_GNU_SOURCE -shared -fPIC -o "$DEBIAN13_WORK/pam_hold.so" \
    "$DEBIAN13_WORK/source/tests/system/pam_hold.c" -lpam
debian13_step 'system tests run' run_all "$@"
logs=("${@/%/.json}")
debian13_pass "${logs[@]/#/$ROOT$DEBIAN13_WORK/logs/}" -- "${@/#/system/}"
