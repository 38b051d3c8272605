#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A cross build with a sysroot: pkg-config puts it before the folders that systemd's file names, and files are installed
# where they are on the target all the same. Only set up: what would be installed is asked of meson.
set -u
LIB=$(cd "$(dirname "$0")/../lib" && pwd) || exit 1
# shellcheck source=../lib/tap.sh
. "$LIB/tap.sh"
SOURCE=${LIB%/tests/lib}

FOLDER=$(mktemp -d) || tap_bail 'no temporary folder'
trap 'rm -rf "$FOLDER"' EXIT
mkdir "$FOLDER/root" "$FOLDER/packages"
ln -s /usr "$FOLDER/root/usr"

# a folder for each, as no default has it, written in each of the ways in which systemd's file writes them
cat >"$FOLDER/packages/systemd.pc" <<'END'
prefix=/usr
rootprefix=/opt/target
systemd_system_unit_dir=${rootprefix}/lib/systemd/system
systemdsystemunitdir=${systemd_system_unit_dir}
sysctldir=${prefix}/lib/target/sysctl.d
tmpfilesdir=/usr/lib/target/tmpfiles.d
Name: systemd
Description: the target's
Version: 252
END

# The compiler is this machine's: nothing is built. Both names of pkg-config: an older meson knows the second only.
cat >"$FOLDER/cross" <<END
[binaries]
c = 'cc'
ar = 'ar'
strip = 'strip'
pkg-config = 'pkg-config'
pkgconfig = 'pkg-config'
[properties]
pkg_config_libdir = '$FOLDER/packages:$(pkg-config --variable pc_path pkg-config)'
sys_root = '$FOLDER/root'
[host_machine]
system = 'linux'
cpu_family = '$(uname -m)'
cpu = '$(uname -m)'
endian = 'little'
END

# setup NAME ARGUMENT...
setup() {
    meson setup "$FOLDER/$1" "$SOURCE" --cross-file "$FOLDER/cross" -Dtests=disabled "${@:2}" >"$FOLDER/said" 2>&1 ||
        { tap_diag "$(tail -n 20 "$FOLDER/said")"; return 1; }
}

# installed NAME: where the files go that systemd, sysctl and systemd-tmpfiles take in, each folder once
installed() {
    meson introspect "$FOLDER/$1" --installed |
        jq -r '.[] | select(test("/pam_traffic-reap.timer$|/30-pam_traffic.conf$|tmpfiles.d/")) | sub("/[^/]*$"; "")' |
        sort | paste -sd ' '
}

tap_ok 'it can be set up' setup plain
tap_is 'the folders are those of the target' "$(installed plain)" \
    '/opt/target/lib/systemd/system /usr/lib/target/sysctl.d /usr/lib/target/tmpfiles.d'
tap_is 'nothing is installed into the sysroot' \
    "$(meson introspect "$FOLDER/plain" --installed | jq -r --arg root "$FOLDER" '.[] | select(startswith($root))')" ''
tap_ok 'it can be set up with a folder of its own' setup option -Dsystemdsystemunitdir="$FOLDER/root/units"
tap_is 'an option is taken as it is' "$(installed option)" \
    "$FOLDER/root/units /usr/lib/target/sysctl.d /usr/lib/target/tmpfiles.d"
tap_done
