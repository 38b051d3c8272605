# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The packages under test, built once for all tests of this folder, and again when the source changes.
#
#   package_deb             builds the Debian package on this host; false, with the end of its log shown,
#                           if that fails. DEB_FOLDER has the files, DEB is the .deb to install
#   package_deb_in RELEASE COMMAND...   the same for another release: COMMAND, with the folder's path
#                           as its last argument, builds it
#   package_files           the installed paths of `meson install`, one a line, sorted
#
#   PACKAGE_WORK            where they are kept

PACKAGE_WORK=$PAM_TRAFFIC_BUILD/tests/packaging/packages
DEB_FOLDER=
DEB=

# the source's own hash: a package of it need not be built again
package_key() {
    "$SOURCE/packaging/export" source/ | sha256sum | cut -c 1-16
}

package_deb() {
    package_deb_in host "$SOURCE/packaging/build-deb"
}

package_deb_in() {
    local release=$1 key

    shift
    key=$(package_key) && mkdir -p "$PACKAGE_WORK" || return
    DEB_FOLDER=$PACKAGE_WORK/deb-$release-$key
    # tests of one suite may want it at the same time
    exec 8>"$PACKAGE_WORK/lock.$release" && flock 8 || return
    if [ ! -d "$DEB_FOLDER" ]; then
        rm -rf "$PACKAGE_WORK/deb-$release"-*
        mkdir "$DEB_FOLDER.new" || return
        "$@" "$DEB_FOLDER.new" >"$PACKAGE_WORK/log.$release" 2>&1 || {
            tap_diag "$(tail -n 40 "$PACKAGE_WORK/log.$release")"
            return 1
        }
        mv "$DEB_FOLDER.new" "$DEB_FOLDER" || return
    fi
    exec 8>&-
    DEB=$(echo "$DEB_FOLDER"/libpam-traffic_*.deb)
    [ -e "$DEB" ]
}

# a merged /usr: packages may name either
package_files() {
    local root

    root=$(mktemp -d) || return
    DESTDIR=$root meson install -C "$PAM_TRAFFIC_BUILD" --no-rebuild --quiet >/dev/null &&
        (cd "$root" && find . ! -type d -printf '/%P\n') | sed 's|^/lib/|/usr/lib/|' | sort
    rm -rf "$root"
}
