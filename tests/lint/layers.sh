#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Direction of knowledge: pam_module, helper, cli -> lib/session -> lib/store -> lib/net ->
# lib/base; cli -> lib/audit, lib/index -> lib/store; lib/netfilter stands beside store and is reached through
# backend.h, conntrack.h and flow.h. Nothing points upward, and netfilter's own headers stay in
# lib/netfilter. The admin's program reads: it sees neither netfilter nor what a session does, but a
# look at the open ones (live.h).

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

# The private headers ("net/socktable.h") that a folder may include.
allowed() {
    case $1 in
    lib/base) echo base ;;
    lib/net) echo base net ;;
    lib/netfilter) echo base net netfilter ;;
    lib/store) echo base net store ;;
    lib/audit) echo base net store audit ;;
    lib/index) echo base net store index ;;
    lib/session) echo base net store session ;;
    cli | cli/*) echo cli ;;
    *) echo ;; # programs see include/pam_traffic only
    esac
}

upward() {
    local folder
    for folder in lib/base lib/net lib/netfilter lib/store lib/audit lib/index lib/session pam_module helper cli cli/*/; do
        grep -nE '#include "(base|net|netfilter|store|audit|index|session|pam_module|helper|cli)/' "${folder%/}"/*.[ch] |
            awk -v allowed=" $(allowed "$folder") " '
                { target = $0; sub(/.*#include "/, "", target); sub(/\/.*/, "", target) }
                !index(allowed, " " target " ")'
    done
}

# The public headers of a layer, kept from those below it.
public_upward() {
    grep -nE '#include "pam_traffic/(audit|backend|conntrack|flow|live|request|session|settings|survey|modules)\.h"' \
        lib/base/*.[ch] lib/net/*.[ch]
    grep -nE '#include "pam_traffic/(audit|index|request|session|backend|conntrack|flow|live|modules|survey)\.h"' lib/store/*.[ch]
    grep -nE '#include "pam_traffic/(audit|live|request|session|settings)\.h"' lib/netfilter/*.[ch]
    grep -nE '#include "pam_traffic/(record|logreader|statelock)\.h"' lib/base/*.[ch] lib/net/*.[ch] lib/netfilter/*.[ch]
    grep -nE '#include "pam_traffic/(backend|live|modules|request|session|settings)\.h"' lib/audit/*.[ch]
    grep -nE '#include "pam_traffic/(audit|backend|conntrack|flow|live|modules|request|session|settings)\.h"' lib/index/*.[ch]
    grep -nE '#include "pam_traffic/(audit|index|logset|logstream)\.h"' lib/session/*.[ch] pam_module/*.[ch] helper/*.[ch]
    grep -nE '#include "pam_traffic/(backend|conntrack|flow|request|session|modules)\.h"' cli/*.[ch] cli/*/*.[ch]
    grep -nE '#include "pam_traffic/launch\.h"' -r lib helper
}

# libraries that belong to one folder
strangers() {
    grep -nE '#include <(libiptc|linux/netfilter|libnetfilter|libmnl|linux/netlink)' -r lib pam_module helper cli include |
        grep -vE '^lib/(netfilter/|net/(netlink(answer)?|sockdiag|sockdump|vrf)\.[ch]:)'
    grep -nE '#include <(jansson|libeconf|nettle)' -r lib pam_module helper cli include | grep -v '^lib/store/'
    grep -nE '#include <(zlib|zstd)' -r lib pam_module helper cli include | grep -v '^lib/store/'
    grep -nE '#include <sqlite3' -r lib pam_module helper cli include | grep -v '^lib/index/'
    grep -nE '#include <security/' -r lib helper cli include
    grep -nE '#include <linux/capability' -r lib pam_module cli include
    grep -nE '#include <libsmartcols' -r lib pam_module helper include
}

check 'nothing points upward' upward
check 'public headers are included from above only' public_upward
check 'each outside library has one room' strangers
tap_done
