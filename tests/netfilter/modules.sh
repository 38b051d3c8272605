#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Running modprobe: which program, with what, and for how long. Nothing is loaded.
set -u
# shellcheck source=tests/netfilter/lib.sh
. "$(dirname "$0")/lib.sh"

mkdir -p /run/proc/sys/kernel
tap_is 'a kernel without modules' "$("$tool" modules /run/proc)" DISABLED
: >/run/proc/sys/kernel/modprobe
tap_is 'loading switched off' "$("$tool" modules /run/proc)" DISABLED

cat >/run/modprobe <<'END'
#!/bin/sh
echo "$*" >/run/arguments
tr '\0' '\n' </proc/$$/environ >/run/environment
ls /proc/$$/fd >/run/descriptors
standard=$(readlink /proc/$$/fd/0 /proc/$$/fd/1 /proc/$$/fd/2)
echo "$standard" >/run/standard
exit 1
END
chmod 755 /run/modprobe
echo /run/modprobe >/run/proc/sys/kernel/modprobe
SECRET=yes "$tool" modules /run/proc 7</run/modprobe </run/modprobe >/run/answer
tap_is 'its exit status does not matter' "$(cat /run/answer)" OK
tap_is 'the arguments' "$(cat /run/arguments)" \
    '-qa ip_tables ip6_tables iptable_mangle ip6table_mangle iptable_security ip6table_security nf_conntrack'\
' nf_conntrack_netlink xt_conntrack'
tap_is 'an empty environment' "$(cat /run/environment)" ''
tap_is 'no descriptor is inherited' "$(grep -c 7 /run/descriptors)" 0
tap_is 'the standard ones are /dev/null' "$(sort -u /run/standard)" /dev/null

# it goes on when it is told to
mkfifo /run/go_on
printf '#!/bin/sh\n: >/run/here\nread -r _ </run/go_on\n: >/run/went_on\n' >/run/modprobe
"$tool" -w 600000 modules /run/proc >/run/answer &
waiting=$!
await test -e /run/here
tap_is 'one that takes long is waited for' "$(cat /run/answer)" ''
echo >/run/go_on
wait "$waiting"
tap_is 'until it ends' "$(cat /run/answer) $(ls /run/went_on)" 'OK /run/went_on'

rm /run/went_on
tap_is 'one that hangs is given up' "$("$tool" -w 300 modules /run/proc)" ETIMEDOUT
ended() {
    ! pgrep -x modprobe
}
tap_ok 'and ended' await ended
tap_not 'before it went on' test -e /run/went_on

echo /run/nothing >/run/proc/sys/kernel/modprobe
tap_is 'one that is missing is no failure' "$("$tool" modules /run/proc)" OK

tap_done
