#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Real firewalls that are reloaded in mid-session: ufw (by iptables-legacy) and firewalld. They take our
# chains away with everything else; the record is exact all the same.
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"

ufw_on() { world_in server ufw --force enable >>"$WORLD/spawned" 2>&1; }
ufw_has_rules() { world_in server iptables-legacy -S ufw-user-input >/dev/null; }
ufw_reload() { world_in server ufw reload >>"$WORLD/spawned" 2>&1; }
firewalld_reload() { world_in server firewall-cmd --reload >>"$WORLD/spawned" 2>&1; }
firewalld_complete() { world_in server firewall-cmd --complete-reload >>"$WORLD/spawned" 2>&1; }
conntrack_flush() { world_in server conntrack -F 2>/dev/null; }
firewalld_runs() { world_in server firewall-cmd --state >/dev/null 2>&1; }

# puts_back NAME COMMAND: nobody is logged in, the next one relies on the chains
puts_back() {
    "$2"
    traffic_reap
    tap_ok "$1: a reap puts the chains back" rules_same || tap_diag "$(rules_difference)"
}

world_enter "$@"
traffic_install
sshd_start

if [ "$PAM_TRAFFIC_BACKEND" = nftables ]; then
    tap_skip 'ufw reload' 'it touches nothing of nf_tables'
elif type -P ufw >/dev/null; then
    # in the private /etc; ufw calls iptables by its plain name
    for tool in iptables iptables-save iptables-restore ip6tables ip6tables-save ip6tables-restore; do
        ln -sf "/usr/sbin/${tool/tables/tables-legacy}" "/etc/alternatives/$tool"
    done
    # what the host's admin has set is not for here
    world_in server ufw --force reset >>"$WORLD/spawned" 2>&1
    world_in server ufw allow 22/tcp >>"$WORLD/spawned" 2>&1
    tap_ok 'ufw is on' ufw_on
    tap_ok 'ufw has its rules in legacy iptables' ufw_has_rules
    traffic_setup
    rules_snapshot
    pump_survives 'ufw reload' ufw_reload
    sed -i 's/^MANAGE_BUILTINS=.*/MANAGE_BUILTINS=yes/' /etc/default/ufw # it flushes mangle and nat, too
    ufw_reload
    traffic_setup
    rules_snapshot
    pump_survives 'ufw reload that flushes' ufw_reload
    puts_back 'ufw reload that flushes, no session' ufw_reload
    world_in server ufw --force disable >>"$WORLD/spawned" 2>&1
else
    tap_skip 'ufw reload' 'ufw is not here (packaging/install-packages firewalls)'
fi

if type -P firewalld >/dev/null && type -P dbus-daemon >/dev/null; then
    rm -rf /etc/firewalld/{zones,services,policies,ipsets,direct.xml}
    mkdir -p /run/dbus
    dbus-daemon --system --fork
    world_spawn world_in server firewalld --nofork --nopid
    tap_ok 'firewalld is on' await firewalld_runs
    world_in server firewall-cmd --add-service=ssh --permanent >>"$WORLD/spawned" 2>&1
    firewalld_reload
    traffic_setup
    rules_snapshot
    pump_survives 'firewalld reload' firewalld_reload
    pump_survives 'firewalld complete reload' firewalld_complete
    pump_survives 'firewalld reload, then conntrack' firewalld_reload conntrack_flush
    puts_back 'firewalld reload, no session' firewalld_reload
else
    tap_skip 'firewalld reload' 'firewalld is not here (packaging/install-packages firewalls)'
fi

tap_done
