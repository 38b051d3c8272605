#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Libraries: libssh in a small program of ours, libssh2 in curl.
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"
# shellcheck source=../lib/clients.sh
. "$(dirname "$0")/../lib/clients.sh"

clients_need curl
world_enter "$@"
traffic_install
sshd_start
host=$WORLD_SERVER4
big=$WORLD/files/big
back=$WORLD/files/back
head -c 5000000 /dev/urandom >"$big"

if [ -n "${PAM_TRAFFIC_LIBSSH_COPY:-}" ]; then
    case_begin 'libssh, a command, put and get'
    sed "s/^/$host /" "$WORLD/keys/host.pub" >"$WORLD/keys/libssh"
    tap_is "$CASE_NAME: it ran" "$(clients_run "$PAM_TRAFFIC_LIBSSH_COPY" "$host" alice "$WORLD/keys/id" \
        "$WORLD/keys/libssh" "$big" copy "$back" 2>>"$WORLD/spawned")" alice
    tap_ok "$CASE_NAME: the file came back" cmp "$big" "$back"
    case_end user=alice auth_method=publickey "auth_key=$(keys_fingerprint id)"
else
    tap_skip 'libssh' 'built without libssh-dev'
fi

# curl ARG...: one connection, however many transfers
libssh2() {
    local fingerprint

    fingerprint=$(keys_fingerprint host)
    clients_run curl --silent --show-error --max-time 60 --user alice: --key "$WORLD/keys/id" --pubkey "$WORLD/keys/id.pub" \
        --hostpubsha256 "${fingerprint#SHA256:}" "$@" 2>>"$WORLD/spawned"
}

if [[ $(curl --version) = *libssh2/* && $(curl --version) = *' sftp '* ]]; then
    for protocol in sftp scp; do
        case_begin "curl with libssh2, $protocol up"
        rm -f "$WORLD/home/alice/copy" "$back"
        libssh2 --upload-file "$big" "$protocol://$host/~/copy"
        tap_ok "$CASE_NAME: the file is there" cmp "$big" "$WORLD/home/alice/copy"
        case_end user=alice auth_method=publickey "auth_key=$(keys_fingerprint id)"

        case_begin "curl with libssh2, $protocol down"
        libssh2 --output "$back" "$protocol://$host/~/copy"
        tap_ok "$CASE_NAME: the file came back" cmp "$big" "$back"
        case_end user=alice
    done
else
    tap_skip 'libssh2' 'this curl is without libssh2'
fi

tap_done
