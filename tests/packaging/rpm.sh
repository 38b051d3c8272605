#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The RPM package: Debian's rpmbuild takes the spec, it has what the Debian package has, and rpmlint knows
# no error of it.
set -u
# shellcheck source=lib/harness.sh
. "$(dirname "$0")/lib/harness.sh"

for tool in rpm rpmbuild rpmlint; do
    [ -n "$(type -P "$tool")" ] || tap_skip_all "$tool is not here (packaging/install-packages packages packaging)"
done

# what it has beyond `meson install`, and directories
rpm_files() {
    rpm -qp --qf '[%{FILEMODES:perms} %{FILENAMES}\n]' "$1" | sed -n 's/^[^d][^ ]* //p' |
        sed -E 's,^/lib/,/usr/lib/,' | grep -vE '^/usr/(share/doc|lib/\.build-id)/' | sort
}

# signature, packager: of who builds it for others. Group: no longer used. The log's folder is of the
# distribution, and so is the place of section 5 for files in /etc.
rpm_lint() {
    rpmlint "$@" 2>&1 | grep ': E: ' |
        grep -vE 'no-(signature|packager-tag|group-tag)|logrotate-log-dir-not-packaged|bad-manual-page-folder'
}

out=$PAM_TRAFFIC_BUILD/tests/packaging/rpm
rm -rf "$out"
log=$("$SOURCE/packaging/build-rpm" "$out" 2>&1)
tap_ok 'packaging/build-rpm' [ -n "$(compgen -G "$out/pam_traffic-*.src.rpm")" ] || {
    tap_diag "$log"
    tap_done
}
package=$(echo "$out"/pam_traffic-*."$(uname -m)".rpm)
tap_is 'it has what meson installs' "$(rpm_files "$package")" "$(package_files)"
tap_is 'configuration of others stays as the admin has changed it' "$(rpm -qp --configfiles "$package")" /etc/logrotate.d/pam_traffic
tap_is 'everything is of root, nothing is setuid' \
    "$(rpm -qp --qf '[%{FILEMODES:perms} %{FILEUSERNAME} %{FILEGROUPNAME} %{FILENAMES}\n]' "$package" | awk '$2 != "root" || $3 != "root" || $1 ~ /s/')" ''
tap_is 'its version is that of the Debian package' "$(rpm -qp --qf '%{VERSION}' "$package")" \
    "$(dpkg-parsechangelog -l "$SOURCE/packaging/debian/changelog" -S Version | sed 's/-.*//')"
tap_is 'its scripts name what the package has' \
    "$(rpm -qp --scripts "$package" | grep -oE '/usr/[a-z_./]+' | grep -vE '^/usr/libexec/pam_traffic(_|\.removal.*)$' | sort -u | grep -vxF "$(rpm_files "$package")")" ''
tap_is 'rpmlint: no error' "$(rpm_lint "$out"/*.rpm "$SOURCE/packaging/pam_traffic.spec")" ''
tap_done
