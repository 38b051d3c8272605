#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A build without legacy iptables, as for a distribution whose kernel has no such tables: it needs no libiptc, counts
# with nf_tables, and says so where the configuration wants iptables.
set -u
LIB=$(cd "$(dirname "$0")/../lib" && pwd) || exit 1
# shellcheck source=../lib/tap.sh
. "$LIB/tap.sh"
SOURCE=${LIB%/tests/lib}

[ "$(id -u)" = 0 ] || tap_skip_all 'needs root'
[ -n "$(type -P nft)" ] || tap_skip_all 'nft is not here (packaging/install-packages system)'
FOLDER=$(mktemp -d) || tap_bail 'no temporary folder'
trap 'rm -rf "$FOLDER"' EXIT

quietly() {
    "$@" >"$FOLDER/said" 2>&1 || { tap_diag "$(tail -n 20 "$FOLDER/said")"; return 1; }
}

# setup BACKEND: what the helper's setup says, its exit status, and the tables of nf_tables then
setup() {
    printf 'backend = %s\nstate_dir = %s\nlog_file = %s\n' "$1" "$FOLDER/state" "$FOLDER/log" >"$FOLDER/conf"
    # shellcheck disable=SC2016  # for the inner shell
    unshare --net sh -c '"$1/build/helper/pam_traffic_worker" setup "$1/conf" 2>&1; echo "status $?"; nft list tables' - "$FOLDER"
}

tap_ok 'it can be set up' quietly meson setup "$FOLDER/build" "$SOURCE" -Diptables=disabled -Dtests=disabled -Dwerror=true
tap_ok 'and built' quietly ninja -C "$FOLDER/build" --quiet
tap_is 'no libiptc' "$(readelf -d "$FOLDER"/build/helper/pam_traffic_{helper,worker} "$FOLDER/build/cli/pam_traffic" |
    grep -c 'NEEDED.*libip[46]*tc')" 0
said=$(setup auto)
tap_is 'auto is nf_tables' "$(grep -c -e '^status 0' -e '^table inet pam_traffic$' <<<"$said")" 2
said=$(setup iptables)
tap_is 'iptables is not there' "$(grep -c -e '^status 1' -e 'iptables' <<<"$said") $(grep -c '^table' <<<"$said")" '2 0'
tap_done
