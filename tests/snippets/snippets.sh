#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The files for logrotate, systemd-tmpfiles and sysctl, as those programs take them: on a log and a state
# folder of the test's own, and in a network namespace of its own.
#
# snippets.sh LOG STATE GROUP LOGROTATE SYSCTL TMPFILES    the paths that they name, the log's group; the made files
set -u
# shellcheck source=../lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"

SNIPPETS_LOG=$1
SNIPPETS_STATE=$2
SNIPPETS_GROUP=$3
LOGROTATE=$4
SYSCTL=$5
TMPFILES=$6

[ "$(id -u)" = 0 ] || tap_skip_all 'needs root'
WORLD=$(mktemp -d) || tap_bail 'no temporary folder'
trap 'rm -rf "$WORLD"' EXIT
umask 022
chmod 755 "$WORLD"

# rotate OPTION...    logrotate, on the world's log alone
rotate() {
    logrotate --state "$WORLD/rotate.state" "$@" "$WORLD/rotate.conf" 2>&1
}

files() {
    (cd "$WORLD/log" && find . -type f -printf '%f %m %U %g\n' | sort)
}

if type -P logrotate >/dev/null && getent group "$SNIPPETS_GROUP" >/dev/null; then
    # logrotate takes no folder that others may write, and no configuration of others
    mkdir -m 755 "$WORLD/log"
    sed "s|^$SNIPPETS_LOG {|$WORLD/log/pam_traffic {|" "$LOGROTATE" >"$WORLD/rotate.conf"
    tap_ok 'logrotate: the file names the log' grep -q "^$WORLD/log/pam_traffic {" "$WORLD/rotate.conf"
    tap_is 'logrotate: nothing to complain of' "$(rotate --debug | grep -iE 'error|unknown|bad|ignor')" ''
    tap_ok 'logrotate: no log is no failure' rotate --force

    install -m 640 -g "$SNIPPETS_GROUP" /dev/null "$WORLD/log/pam_traffic"
    tap_ok 'logrotate: an empty log' rotate --force
    tap_is 'logrotate: an empty log stays' "$(files)" "pam_traffic 640 0 $SNIPPETS_GROUP"
    echo one >>"$WORLD/log/pam_traffic"
    tap_ok 'logrotate: once' rotate --force
    tap_is 'logrotate: the previous file is not compressed yet, the new one is private' "$(files)" \
        "pam_traffic 640 0 $SNIPPETS_GROUP
pam_traffic.1 640 0 $SNIPPETS_GROUP"
    echo two >>"$WORLD/log/pam_traffic"
    tap_ok 'logrotate: twice' rotate --force
    tap_is 'logrotate: only the one before it is' "$(files)" "pam_traffic 640 0 $SNIPPETS_GROUP
pam_traffic.1 640 0 $SNIPPETS_GROUP
pam_traffic.2.gz 640 0 $SNIPPETS_GROUP"
    tap_is 'logrotate: and all is there' "$(cat "$WORLD/log/pam_traffic.1"; zcat "$WORLD/log/pam_traffic.2.gz")" 'two
one'
else
    tap_skip 'logrotate' "logrotate or the group $SNIPPETS_GROUP is missing"
fi

if type -P systemd-tmpfiles >/dev/null; then
    mkdir -p "$WORLD/root/etc"
    printf 'root:x:0:0::/root:/bin/sh\n' >"$WORLD/root/etc/passwd"
    printf 'root:x:0:\n%s:x:4321:\n' "$SNIPPETS_GROUP" >"$WORLD/root/etc/group"
    mkdir -p "$WORLD/root${SNIPPETS_LOG%/*}" "$WORLD/root${SNIPPETS_STATE%/*}"
    tmpfiles() {
        systemd-tmpfiles --create --root="$WORLD/root" "$TMPFILES" 2>&1
    }
    modes() {
        (cd "$WORLD/root" && find ".$SNIPPETS_STATE" ".$SNIPPETS_LOG" -printf '%p %y %m %U %G\n' | sort)
    }
    wanted=$(printf '%s\n' ".$SNIPPETS_LOG f 640 0 4321" ".$SNIPPETS_STATE d 700 0 0" ".$SNIPPETS_STATE/sessions d 700 0 0" | sort)
    tap_is 'tmpfiles: nothing to complain of' "$(tmpfiles)" ''
    tap_is 'tmpfiles: state folder and log' "$(modes)" "$wanted"
    echo record >"$WORLD/root$SNIPPETS_LOG"
    chmod 777 "$WORLD/root$SNIPPETS_STATE"
    tap_is 'tmpfiles: a second time' "$(tmpfiles)" ''
    tap_is 'tmpfiles: a mode is put right' "$(modes)" "$wanted"
    tap_is 'tmpfiles: a log that is there stays' "$(cat "$WORLD/root$SNIPPETS_LOG")" record
else
    tap_skip 'tmpfiles' 'systemd-tmpfiles is missing'
fi

if type -P sysctl >/dev/null; then
    sysctl=$(unshare --net -- sysctl -p "$SYSCTL" 2>&1)
    case $sysctl in
    'net.netfilter.nf_conntrack_acct = 1') tap_pass 'sysctl: it sets one key, to 1' ;;
    *'No such file'*) tap_skip 'sysctl: it sets one key, to 1' 'no nf_conntrack here' ;;
    *) tap_fail 'sysctl: it sets one key, to 1' "$sysctl" ;;
    esac
else
    tap_skip 'sysctl' 'sysctl is missing'
fi

# at boot; sysctl of procps 4.0.2 does not know what the - means
boot() {
    sed "s|^-\(.*\)nf_conntrack_acct|$1\1no_such_key|" "$SYSCTL" >"$WORLD/sysctl.conf"
    unshare --net -- "$SYSTEMD_SYSCTL" "$WORLD/sysctl.conf" 2>&1
}

SYSTEMD_SYSCTL=/usr/lib/systemd/systemd-sysctl
if [ -x "$SYSTEMD_SYSCTL" ]; then
    tap_is 'sysctl: at boot, a key that is not there is no failure' "$(boot -)" ''
    tap_not 'sysctl: without its - it would be' test -z "$(boot '')"
else
    tap_skip 'sysctl: at boot' 'systemd-sysctl is missing'
fi
tap_done
