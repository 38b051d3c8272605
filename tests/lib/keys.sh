# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Host and user keys of the world, in WORLD/keys. Every user's login takes every key made here. Those that
# every world has are made once and kept in PAM_TRAFFIC_KEYS, where that is set.
#
#   keys_make                        host key, user key `id`, known_hosts   (world_enter calls it)
#   keys_user NAME TYPE [BITS]       another user key, WORLD/keys/NAME
#   keys_certificate NAME USER...    a key with a certificate for the users, signed by WORLD/keys/ca
#   keys_fingerprint NAME            its SHA256:... as ssh-keygen -l prints it

keys_new() {
    ssh-keygen -q -t ed25519 -N '' -C host -f "$1/host" &&
        ssh-keygen -q -t ed25519 -N '' -C ca -f "$1/ca" &&
        ssh-keygen -q -t ed25519 -N '' -C id -f "$1/id" &&
        cp "$1/id.pub" "$1/authorized" &&
        sed 's/^/* /' "$1/host.pub" >"$1/known_hosts"
}

# several worlds may come first at the same time: each makes some, one is taken
keys_kept() {
    local new

    [ ! -d "$PAM_TRAFFIC_KEYS" ] || return 0
    mkdir -p "${PAM_TRAFFIC_KEYS%/*}" && new=$(mktemp -d "$PAM_TRAFFIC_KEYS.XXXXXX") && keys_new "$new" || return
    mv -T "$new" "$PAM_TRAFFIC_KEYS" 2>/dev/null || rm -rf "$new"
}

keys_make() {
    install -d -m 755 "$WORLD/keys" || return
    if [ -n "${PAM_TRAFFIC_KEYS:-}" ]; then
        keys_kept && cp -p "$PAM_TRAFFIC_KEYS"/* "$WORLD/keys/"
    else
        keys_new "$WORLD/keys"
    fi
}

keys_user() {
    ssh-keygen -q -t "$2" ${3:+-b "$3"} -N '' -C "$1" -f "$WORLD/keys/$1" &&
        cat "$WORLD/keys/$1.pub" >>"$WORLD/keys/authorized"
}

keys_certificate() {
    local name=$1 users

    shift
    users=$*
    ssh-keygen -q -t ed25519 -N '' -C "$name" -f "$WORLD/keys/$name" &&
        ssh-keygen -q -s "$WORLD/keys/ca" -I "$name" -n "${users// /,}" "$WORLD/keys/$name.pub"
}

keys_fingerprint() {
    ssh-keygen -lf "$WORLD/keys/$1.pub" | awk '{ print $2 }'
}
