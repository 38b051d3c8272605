#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Running modprobe: which program, with what, and for how long. Nothing is loaded.

# shellcheck source=tests/netfilter/world.sh
. "$(dirname "$0")/world.sh"

mount -t tmpfs tmpfs /run
mkdir -p /run/proc/sys/kernel
is "$("$tool" modules /run/proc)" DISABLED 'a kernel without modules'
: >/run/proc/sys/kernel/modprobe
is "$("$tool" modules /run/proc)" DISABLED 'loading switched off'

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
is "$(cat /run/answer)" OK 'its exit status does not matter'
is "$(cat /run/arguments)" '-qa ip_tables ip6_tables iptable_mangle ip6table_mangle iptable_security ip6table_security nf_conntrack'\
' nf_conntrack_netlink xt_conntrack' 'the arguments'
is "$(cat /run/environment)" '' 'an empty environment'
is "$(grep -c 7 /run/descriptors)" 0 'no descriptor is inherited'
is "$(sort -u /run/standard)" /dev/null 'the standard ones are /dev/null'

printf '#!/bin/sh\nexec sleep 60\n' >/run/modprobe
start=$SECONDS
is "$("$tool" -w 300 modules /run/proc)" ETIMEDOUT 'one that hangs is given up'
[ $((SECONDS - start)) -lt 5 ]
ok 'at the deadline'
until_true sh -c '! pgrep -x sleep >/dev/null'
ok 'and ended'

echo /run/nothing >/run/proc/sys/kernel/modprobe
is "$("$tool" modules /run/proc)" OK 'one that is missing is no failure'

finish
