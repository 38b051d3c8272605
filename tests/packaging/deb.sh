#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The Debian package, built in Debian 13: lintian has nothing to say that is not explained, it has all
# that `meson install` installs, and its scripts are those that packaging/debian means.
set -u
# shellcheck source=lib/harness.sh
. "$(dirname "$0")/lib/harness.sh"

for tool in dpkg-deb lintian; do
    [ -n "$(type -P "$tool")" ] || tap_skip_all "$tool is not here (packaging/install-packages packages)"
done
debian_need trixie full

# what the package has beyond meson's installation
deb_extra() {
    grep -vE '^/usr/share/(doc|lintian/overrides)/'
}

# the member NAME of the control archive; nothing if there is none
deb_script() {
    dpkg-deb --ctrl-tarfile "$DEB" | tar -xO "./$1" 2>/dev/null
}

deb_code() {
    deb_script "$1" | grep -v '^[[:space:]]*#'
}

tap_ok 'packaging/build-deb' package_deb trixie || tap_done
changes=$(echo "$DEB_FOLDER"/*.changes)
arch=$(dpkg --print-architecture)
tap_is 'lintian: no error, no warning without an explanation' \
    "$(lintian --allow-root --tag-display-limit 0 --fail-on none "$changes" 2>&1 | grep -E '^[EW]:')" ''
tap_ok 'lintian ran' grep -q libpam-traffic <(lintian --allow-root --show-overrides --fail-on none "$changes" 2>&1)
tap_is 'source, binary and debug symbols are there' \
    "$(find "$DEB_FOLDER" -type f -printf '%f\n' | sed 's/_[0-9][0-9.-]*[0-9]/ /' | sort | paste -sd ' ')" \
    "libpam-traffic _$arch.deb libpam-traffic-dbgsym _$arch.deb pam-traffic .debian.tar.xz pam-traffic .dsc pam-traffic .orig.tar.xz pam-traffic _$arch.buildinfo pam-traffic _$arch.changes"
tap_is 'it has what meson installs' \
    "$(dpkg-deb --fsys-tarfile "$DEB" | tar -t | sed -n 's|^\./|/|; /[^/]$/p' | sed 's|^/lib/|/usr/lib/|; s|\(/man/.*\)\.gz$|\1|' | deb_extra | sort)" \
    "$(package_files)"
tap_is 'everything is of root, nothing is setuid' \
    "$(dpkg-deb -c "$DEB" | awk '$2 != "root/root" || $1 ~ /s/')" ''
tap_is 'documents and examples' "$(dpkg-deb -c "$DEB" | sed -n 's|.* \./usr/share/doc/libpam-traffic/\(.*[^/]\)$|\1|p' | sort | paste -sd ' ')" \
    'README.md.gz changelog.Debian.gz copyright examples/cron.d-pam_traffic examples/grafana-dashboard.json examples/pam_traffic.conf scaling.md.gz'
tap_is 'the scripts are two of ours, and one of debhelper' "$(dpkg-deb --ctrl-tarfile "$DEB" | tar -t | sed -n 's|^\./\(p[a-z]*\)$|\1|p' | sort | paste -sd ' ')" \
    'postinst postrm prerm'
tap_is 'no unit is enabled or started by the installation' "$(deb_code postinst | grep -E 'invoke (re)?start')" ''
tap_ok 'an upgrade restarts what runs' grep -q 'try-restart.*pam_traffic-reap.timer' <(deb_code postinst)
tap_is 'no script writes to /etc' "$(for name in postinst postrm prerm; do deb_code "$name"; done | grep -E '(>|sed -i|cp|mv|rm).*/etc/')" ''
tap_done
