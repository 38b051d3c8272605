#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Paramiko (Python): a command and sftp on one connection; a program that ends without a goodbye.
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"
# shellcheck source=../lib/clients.sh
. "$(dirname "$0")/../lib/clients.sh"

# the distribution's Python has the distribution's paramiko; another one may come first in PATH
PYTHON=/usr/bin/python3
"$PYTHON" -W ignore -c 'import paramiko' 2>/dev/null ||
    tap_skip_all 'python3-paramiko is not here (packaging/install-packages clients)'
world_enter "$@"
traffic_install
keys_user rsa rsa 2048
sshd_start
big=$WORLD/files/big
back=$WORLD/files/back
head -c 5000000 /dev/urandom >"$big"
sed "s/^/$WORLD_SERVER4 /" "$WORLD/keys/host.pub" >"$WORLD/keys/paramiko"

# connected KEY: runs the program on stdin with a connected `client`, and `big` and `back`
connected() {
    {
        cat <<END
import os, paramiko
big, back = "$big", "$back"
client = paramiko.SSHClient()
client.load_host_keys("$WORLD/keys/paramiko")
client.connect("$WORLD_SERVER4", username="alice", key_filename="$WORLD/keys/$1", allow_agent=False, look_for_keys=False)
END
        cat
    } | clients_run "$PYTHON" -W ignore - 2>>"$WORLD/spawned"
}

for key in id rsa; do
    case_begin "a command and sftp, key $key"
    rm -f "$back"
    tap_is "$CASE_NAME: it ran" "$(connected "$key" <<'END'
print(client.exec_command("id -un")[1].read().decode().strip())
sftp = client.open_sftp()
sftp.put(big, "copy")
sftp.get("copy", back)
client.close()
END
    )" alice
    tap_ok "$CASE_NAME: the file came back" cmp "$big" "$back"
    case_end user=alice auth_method=publickey "auth_key=$(keys_fingerprint "$key")"
done

case_begin 'no goodbye'
tap_is "$CASE_NAME: it read something" "$(connected id <<'END'
print(len(client.exec_command("cat /dev/zero")[1].read(1000000)), flush=True)
os._exit(0)
END
)" 1000000
case_end user=alice

tap_done
