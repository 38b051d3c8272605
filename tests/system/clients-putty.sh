#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# PuTTY's clients: plink, psftp, and pscp in both of its protocols.
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"
# shellcheck source=../lib/clients.sh
. "$(dirname "$0")/../lib/clients.sh"

clients_need plink pscp psftp puttygen
world_enter "$@"
traffic_install
keys_user rsa rsa 2048
sshd_start
host=$WORLD_SERVER4
big=$WORLD/files/big
back=$WORLD/files/back
head -c 2000000 /dev/urandom >"$big"
for key in id rsa; do
    puttygen "$WORLD/keys/$key" -O private -o "$WORLD/keys/$key.ppk"
done

# putty PROGRAM ARG...
putty() {
    local program=$1

    shift
    clients_run "$program" -batch -hostkey "$(keys_fingerprint host)" -i "$WORLD/keys/${KEY:-id}.ppk" "$@" \
        2>>"$WORLD/spawned"
}

for key in id rsa; do
    case_begin "plink, key $key"
    tap_is "$CASE_NAME: it ran" "$(KEY=$key putty plink "alice@$host" 'id -un' </dev/null)" alice
    case_end user=alice auth_method=publickey "auth_key=$(keys_fingerprint "$key")"
done

case_begin 'plink, data both ways'
putty plink "alice@$host" cat <"$big" >"$back"
tap_ok "$CASE_NAME: the data came back" cmp "$big" "$back"
case_end user=alice

case_begin 'psftp, put and get'
rm "$back"
printf 'put %s copy\nget copy %s\n' "$big" "$back" >"$WORLD/files/batch"
putty psftp -b "$WORLD/files/batch" "alice@$host" >/dev/null
tap_ok "$CASE_NAME: the file came back" cmp "$big" "$back"
case_end user=alice

for protocol in scp sftp; do
    case_begin "pscp up, $protocol"
    putty pscp -q "-$protocol" "$big" "alice@$host:$protocol"
    tap_ok "$CASE_NAME: the file is there" cmp "$big" "$WORLD/home/alice/$protocol"
    case_end user=alice

    case_begin "pscp down, $protocol"
    rm "$back"
    putty pscp -q "-$protocol" "alice@$host:$protocol" "$back"
    tap_ok "$CASE_NAME: the file came back" cmp "$big" "$back"
    case_end user=alice
done

tap_done
