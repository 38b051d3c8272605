#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The lists of what is needed to build say the same: packages.txt (build), Debian's Build-Depends, the
# spec's BuildRequires; the version is meson's everywhere.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

control=packaging/debian/control

# section NAME...: the packages of packages.txt, one a line
section() {
    awk -v sections=" $* " '/^\[/ { gsub(/[][]/, ""); on = index(sections, " " $1 " "); next }
        on && !/^#/ && NF { sub(/\?$/, "", $1); print $1 }' packaging/packages.txt | sort
}

# Build-Depends without versions, the alternatives of one on a line
depends() {
    sed -n '/^Build-Depends:/,/^[A-Z][a-z-]*:/ { s/^Build-Depends://; /^[A-Z]/d; p }' "$control" |
        tr ',' '\n' | sed -E 's/\([^)]*\)//g; s/<[^>]*>//g; s/ *\| */ /g; s/^ +| +$//g; /^$/d'
}

# what Debian's policy lets a package take for granted
essential() {
    printf '%s\n' gcc libc6-dev
}

build_depends() {
    local alternatives name found
    comm -23 <(section build) <({ depends | tr ' ' '\n'; essential; } | sort) | sed 's/$/: in packages.txt (build), not in Build-Depends/'
    depends | while read -ra alternatives; do
        found=no
        for name in "${alternatives[@]}"; do
            ! section build packaging | grep -qx "${name/-compat/}" || found=yes
        done
        [ "$found" = yes ] || echo "${alternatives[*]}: in Build-Depends, not in packages.txt (build, packaging)"
    done
}

# what the build finds by pkg-config, beside libpam, which has such a file only since 1.6, and what tests need
spec_requires() {
    diff --label meson.build --label packaging/pam_traffic.spec \
        <(sed -n "s/.*dependency('\([^']*\)'.*/\1/p" meson.build ledger/meson.build lib/meson.build lib/*/meson.build | grep -vxE 'cmocka|pam|threads' | sort) \
        <(sed -n 's/^BuildRequires: *pkgconfig(\(.*\)).*/\1/p' packaging/pam_traffic.spec | sort)
}

versions() {
    local meson
    meson=$(sed -n "s/^ *version: '\(.*\)',/\1/p" meson.build)
    grep -q "^pam-traffic (${meson//./\\.}-[0-9]" packaging/debian/changelog ||
        echo "packaging/debian/changelog: its last entry is not of $meson"
    grep -qx "Version: *${meson//./\\.}" packaging/pam_traffic.spec || echo "packaging/pam_traffic.spec: not of $meson"
}

check 'Build-Depends are those of packages.txt' build_depends
check "the spec's BuildRequires are those of meson.build" spec_requires
check 'packages have the version of meson.build' versions
tap_done
