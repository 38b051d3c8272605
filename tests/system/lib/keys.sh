# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Host and user keys of the world, in WORLD/keys. Every user's login takes every key made here.
#
#   keys_make                        host key, user key `id`, known_hosts   (world_enter calls it)
#   keys_user NAME TYPE [BITS]       another user key, WORLD/keys/NAME
#   keys_certificate NAME USER...    a key with a certificate for the users, signed by WORLD/keys/ca
#   keys_fingerprint NAME            its SHA256:... as ssh-keygen -l prints it

keys_make() {
    install -d -m 755 "$WORLD/keys" &&
        ssh-keygen -q -t ed25519 -N '' -C host -f "$WORLD/keys/host" &&
        ssh-keygen -q -t ed25519 -N '' -C ca -f "$WORLD/keys/ca" &&
        : >"$WORLD/keys/authorized" &&
        keys_user id ed25519 &&
        sed 's/^/* /' "$WORLD/keys/host.pub" >"$WORLD/keys/known_hosts"
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
