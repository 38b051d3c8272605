#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Debian 13 as a whole:  debian13-full.sh NAME...
#
# Builds a copy of this source in it, and runs there the unit, module and netfilter tests and the system tests NAME (or
# patterns of meson). Their cases are passed on, each as a case of this test.
set -u
# shellcheck source=lib/harness.sh
. "$(dirname "$0")/lib/harness.sh"
# shellcheck source=lib/debian13.sh
. "$(dirname "$0")/lib/debian13.sh"

SUITES=(unit module netfilter)

# run NAME ARGUMENT...: its log is NAME.json; failures are seen there
run() {
    local name=$1

    shift
    debian_in "$ROOT" meson test -C "$DEBIAN13_WORK/build" --no-rebuild --num-processes 2 --logbase "$name" "$@"
    [ -s "$ROOT$DEBIAN13_WORK/build/meson-logs/$name.json" ]
}

debian13_enter "$@"
debian13_step 'meson setup' debian_in "$ROOT" meson setup "$DEBIAN13_WORK/build" "$DEBIAN13_WORK/source" -Dwerror=true
debian13_step 'ninja' debian_in "$ROOT" ninja -C "$DEBIAN13_WORK/build"
debian13_step 'suites run' run suites "${SUITES[@]/#/--suite=}"
debian13_step 'system tests run' run system --suite=system "$@"
debian13_pass "$ROOT$DEBIAN13_WORK/build/meson-logs"/{suites,system}.json -- "${SUITES[@]/%//*}" "${@/#/system/}"
