#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The users' ledger in `pam_traffic enable` and `disable`, and where it cannot be loaded: one line says what is not kept,
# why, and that everything else works. A state folder that cannot be written is no such reason.
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"

PINS=/sys/fs/bpf/pam_traffic

# cli ARG...    of the command; STATUS, OUT and ERR are what it says of the ledger
cli() {
    ledger_at_root "${WITHOUT[@]}" "$PAM_TRAFFIC_CLI" "$@" --config "$TRAFFIC_CONFIG" >"$WORLD/out" 2>"$WORLD/err" </dev/null
    STATUS=$?
    OUT=$(grep ledger "$WORLD/out")
    ERR=$(cat "$WORLD/err")
}

setup() {
    ledger_at_root "${WITHOUT[@]}" "$PAM_TRAFFIC_HELPER_PATH" setup --config "$TRAFFIC_CONFIG" 2>"$WORLD/err"
    STATUS=$?
}

pins() {
    find /sys/fs/bpf -mindepth 1 ! -name '*.debug' | sort | xargs
}

# refused NAME REASON    what setup and enable say, which do all the rest
refused() {
    setup
    tap_is "$1: setup does all the rest" "$STATUS" 0
    tap_ok "$1: it says why, and that everything else works" \
        grep -qE "^[a-z_]+: users' ledger: ${KEPT}[,:] .*$2" "$WORLD/err"
    tap_is "$1: in one line" "$(wc -l <"$WORLD/err")" 1
    cli enable
    tap_ok "$1: enable says it, too" grep -qE "^pam_traffic: users' ledger: ${KEPT}[,:] .*$2" "$WORLD/err"
    tap_is "$1: in one line; it does all the rest" "$(wc -l <"$WORLD/err") $STATUS $(grep -c '^Made' "$WORLD/out")" '1 0 1'
}

# without a mount point's writing: NAME
read_only() {
    # shellcheck disable=SC2016  # the inner shell's
    WITHOUT=("$(type -P unshare)" --mount -- "$BASH" -c 'PATH=/usr/bin:/bin && mount -o bind,ro "$0" "$0" && exec "$@"' "$1")
}

world_enter "$@"
traffic_install
ledger_install
WITHOUT=()
traffic_teardown
traffic_place_module
traffic_configure users=yes

cli enable --dry-run
tap_is 'enable --dry-run: says so' "$STATUS $OUT $ERR" \
    "0 Would load the users' ledger: the kernel counts what each user moves, by any program "
tap_is 'enable --dry-run: nothing is loaded' "$(pins)" ''
cli enable
tap_is 'enable: says so' "$STATUS $OUT $ERR" "0 Loaded the users' ledger: the kernel counts what each user moves, by any program "
tap_ok 'enable: it is loaded' test -e "$PINS/link_out"
cli disable --dry-run
tap_is 'disable --dry-run: says so' "$STATUS $OUT $ERR" \
    "0 Would take the users' ledger away: the kernel no longer counts what each user moves "
tap_ok 'disable --dry-run: it stays' test -e "$PINS/link_out"
cli disable
tap_is 'disable: says so' "$STATUS $OUT $ERR" "0 Took the users' ledger away: the kernel no longer counts what each user moves "
tap_is 'disable: nothing is left' "$(pins)" ''
cli disable --dry-run
tap_is 'disable --dry-run: what is not there is not taken' "$STATUS $OUT $ERR" '0  '

KEPT='not (kept|loaded), everything else works'
WITHOUT=("$(type -P setpriv)" "--bounding-set=-cap_39,-cap_21")
refused 'without CAP_BPF' 'may not load programs into the kernel \(CAP_BPF, .*\): Operation not permitted$'
read_only /sys/fs/bpf
refused 'a BPF file system that is read-only' 'cannot write to /sys/fs/bpf: Read-only file system$'
read_only /run/pam_traffic
refused 'no place for the lock' 'cannot take the lock .*/lock: Read-only file system$'
WITHOUT=()
mv "$PAM_TRAFFIC_LEDGER_PATH" "$WORLD/ledger"
refused 'built without clang and libbpf' 'built without clang and libbpf; users = no in the configuration silences this$'
printf '#!/bin/sh\nkill -KILL $$\n' >"$PAM_TRAFFIC_LEDGER_PATH"
chmod 755 "$PAM_TRAFFIC_LEDGER_PATH"
refused 'a loader that is killed' 'it could not be run, or was killed$'
mv "$WORLD/ledger" "$PAM_TRAFFIC_LEDGER_PATH"
tap_is 'nothing is left of any' "$(pins)" ''

read_only "$RECORDS_STATE"
setup
tap_ok 'a state folder that is read-only: it is loaded' test -e "$PINS/link_out"
tap_is 'a state folder that is read-only: no word of the ledger' "$(grep ledger "$WORLD/err")" ''
cli doctor --json
tap_is 'a state folder that is read-only: doctor finds the ledger well' \
    "$(jq -r 'select(.check == "users-ledger") | .status' "$WORLD/out")" pass
tap_ok 'a state folder that is read-only: doctor says that it is' \
    grep -q "\"login-helper\",\"status\":\"fail\",.*$RECORDS_STATE: Read-only file system" "$WORLD/out"

KEPT='it counts as before, its programs were not replaced'
WITHOUT=("$(type -P setpriv)" "--bounding-set=-cap_39,-cap_21")
refused 'a setup without CAP_BPF later' 'may not load programs'
tap_is 'a setup without CAP_BPF later: enable does not say that it loaded anything' "$OUT" ''
tap_ok 'a setup without CAP_BPF later: what counts stays' test -e "$PINS/link_out"

WITHOUT=()
traffic_configure users=no
setup
tap_is 'users = no: setup takes it away, without a word' "$STATUS $(pins) $(cat "$WORLD/err")" '0  '
cli enable
tap_is 'users = no: enable has no word of it' "$STATUS $OUT $ERR" '0  '

tap_is 'the sanitizers have nothing to say' "$(traffic_faults)" ''
tap_done
