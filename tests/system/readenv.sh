#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A user who writes SSH_CONNECTION himself (pam_env with user_readenv=1 above pam_traffic, as in
# Debian 12's own file): he is counted all the same, and no other connection of sshd in his place. What he writes when
# pam_traffic comes first is not believed, whoever records the login.
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"

serves() {
    world_in server ss -Hltn 'sport = :389' | grep -q .
}

world_enter "$@"
traffic_install
sshd_start
world_spawn world_in server socat TCP4-LISTEN:389,reuseaddr,fork PIPE
await serves

# what the modules below pam_env get to see
printf '#!/bin/sh\nprintf "%%s\\n" "$SSH_CONNECTION" >%s\n' "$WORLD/seen" >"$WORLD/see"
chmod 755 "$WORLD/see"
: >"$WORLD/empty"
pam_write sshd \
    "session required $PAM_TRAFFIC_PAM_HOLD $WORLD_SERVER4 389" \
    "session required pam_env.so user_readenv=1 conffile=$WORLD/empty envfile=$WORLD/empty" \
    "session required pam_exec.so $WORLD/see" \
    "$(pam_traffic_line)"

for value in '192.0.2.1 1 192.0.2.2 2' 'UNKNOWN 65535 UNKNOWN 65535' 'x' "$WORLD_SERVER4 389 $WORLD_SERVER4 22"; do
    printf 'SSH_CONNECTION DEFAULT="%s"\n' "$value" >"$WORLD/home/alice/.pam_environment"
    case_begin "SSH_CONNECTION=$value"
    client_ssh "alice@$WORLD_SERVER4" true
    tap_is "$CASE_NAME: he did write it" "$(cat "$WORLD/seen")" "$value"
    case_end user=alice local_port=22
done

ssh-keygen -q -t ed25519 -N '' -C other -f "$WORLD/other"
printf 'SSH_AUTH_INFO_0 DEFAULT="publickey %s"\nXDG_SESSION_ID DEFAULT="c777"\n' \
    "$(cut -d ' ' -f 1,2 "$WORLD/other.pub")" >"$WORLD/home/alice/.pam_environment"
pam_write sshd "$(pam_traffic_line)" \
    "session required pam_env.so user_readenv=1 conffile=$WORLD/empty envfile=$WORLD/empty" \
    "session required pam_exec.so $WORLD/see"
printf '#!/bin/sh\nprintf "%%s\\n" "$SSH_AUTH_INFO_0" >%s\n' "$WORLD/seen" >"$WORLD/see"
case_begin 'another key, and no helper until close'
traffic_place_script 'exit 1'
client_hold "alice@$WORLD_SERVER4" true
traffic_place
client_release
case_settle
await sshd_is_alone
await eval '! traffic_works'
tap_is "$CASE_NAME: he did write it" "$(cut -d ' ' -f 1,3 "$WORLD/seen")" "publickey $(cut -d ' ' -f 2 "$WORLD/other.pub")"
traffic_reap
tap_is "$CASE_NAME: the record has his own" "$(records_get stop auth_key) $(records_get stop login_session)" \
    "$(ssh-keygen -lf "$WORLD/keys/id.pub" | cut -d ' ' -f 2) c42"
case_exact
tap_done
