#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# How the user logged in: auth_method and auth_key, the fingerprint as ssh-keygen -l prints it.
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"

world_enter "$@"
traffic_install
sshd_start KbdInteractiveAuthentication=yes
host=alice@$WORLD_SERVER4

case_begin 'password'
tap_ok "$CASE_NAME: login" client_password -o PubkeyAuthentication=no -o PreferredAuthentications=password "$host" true
case_end user=alice auth_method=password auth_key=null

case_begin 'keyboard-interactive'
tap_ok "$CASE_NAME: login" client_password -o PubkeyAuthentication=no -o PreferredAuthentications=keyboard-interactive "$host" true
case_end user=alice auth_method=keyboard-interactive/pam auth_key=null

for type in ed25519 rsa ecdsa; do
    keys_user "key-$type" "$type"
    case_begin "public key, $type"
    CLIENT_IDENTITY=(-i "$WORLD/keys/key-$type")
    tap_ok "$CASE_NAME: login" client_ssh "$host" true
    case_end user=alice auth_method=publickey "auth_key=$(keys_fingerprint "key-$type")"
done

keys_certificate cert alice
case_begin 'certificate'
CLIENT_IDENTITY=(-i "$WORLD/keys/cert")
tap_ok "$CASE_NAME: login" client_ssh "$host" true
tap_is "$CASE_NAME: it was the certificate" "$(syslog_count 'Accepted publickey.*ED25519-CERT')" 1
case_end user=alice auth_method=publickey "auth_key=$(keys_fingerprint cert)"

# two factors: both methods are named, and the key
sshd_stop
sshd_start AuthenticationMethods=publickey,password
case_begin 'public key and password'
CLIENT_IDENTITY=(-i "$WORLD/keys/key-rsa")
tap_ok "$CASE_NAME: login" client_password "$host" true
case_end user=alice auth_method=publickey,password "auth_key=$(keys_fingerprint key-rsa)"

# a login that is refused is no session
case_begin 'refused'
CLIENT_IDENTITY=(-o PubkeyAuthentication=no)
tap_not "$CASE_NAME: no login" client_ssh -o PreferredAuthentications=none "$host" true 2>/dev/null
case_silent

tap_done
