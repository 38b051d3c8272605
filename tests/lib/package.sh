# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The Debian package of the source as it stands, built in a full tree of its release (debian.sh), once for all
# tests, and again when what goes into it changes.
#
#   package_deb RELEASE     builds it if it is not there. DEB_FOLDER has the files, DEB is the .deb to install.
#                           False, with the end of its log shown, if that fails
#   package_files           the installed paths of `meson install`, one a line, sorted

DEB_FOLDER=
DEB=

# tests and what developers read are not in the package
package_key() {
    local tar

    tar=$(mktemp) && "$DEBIAN_SOURCE/packaging/export" source/ >"$tar" || return
    {
        tar -tvf "$tar" --exclude=source/tests --exclude=source/HACKING.md
        tar -xOf "$tar" --exclude=source/tests --exclude=source/HACKING.md
    } | sha256sum | cut -c 1-16
    rm "$tar"
}

package_deb() {
    local release=$1 key lock

    key=$(package_key) && debian_folder && DEB_FOLDER=$PAM_TRAFFIC_DEBIANS/$release-deb-$key &&
        exec {lock}>"$DEB_FOLDER.lock" && debian_lock "$lock" "$DEB_FOLDER" || return
    if [ ! -e "$DEB_FOLDER.done" ]; then
        debian_sweep "$DEB_FOLDER" "$PAM_TRAFFIC_DEBIANS/$release-deb"
        rm -rf "$DEB_FOLDER"
        # .root is a mount point while it builds
        mkdir "$DEB_FOLDER" && debian_tree "$release" full || return
        # shellcheck disable=SC2016  # for the inner shell
        unshare --mount --pid --fork --kill-child --propagation private \
            "$BASH" -c '. "$1/tests/lib/debian.sh" && . "$1/tests/lib/package.sh" && package_build "${@:2}"' - \
            "$DEBIAN_SOURCE" "$DEBIAN_TREE" "$DEB_FOLDER" >"$DEB_FOLDER.log" 2>&1 </dev/null || {
            tap_diag "$(tail -n 40 "$DEB_FOLDER.log")"
            return 1
        }
        rmdir "$DEB_FOLDER.root"
        : >"$DEB_FOLDER.done"
    fi
    flock -s "$lock"
    DEB=$(echo "$DEB_FOLDER"/libpam-traffic_*.deb)
    [ -e "$DEB" ]
}

package_build() {
    local tree=$1 out=$2 root=$2.root

    debian_open "$root" "$tree" && debian_mount "$root" || return
    mkdir "$root/tmp/source" && "$DEBIAN_SOURCE/packaging/export" ./ | tar -C "$root/tmp/source" -x &&
        debian_in "$root" /tmp/source/packaging/build-deb /tmp/out && cp "$root"/tmp/out/* "$out"
}

# a merged /usr: packages may name either
package_files() {
    local root

    root=$(mktemp -d) || return
    DESTDIR=$root meson install -C "$PAM_TRAFFIC_BUILD" --no-rebuild --quiet >/dev/null &&
        (cd "$root" && find . ! -type d -printf '/%P\n') | sed 's|^/lib/|/usr/lib/|' | sort
    rm -rf "$root"
}
