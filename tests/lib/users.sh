# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The users of the world, in the private /etc: alice and bob, with USERS_PASSWORD; root logs in by key.
# Homes are in WORLD/home, root's too, so that nothing from the host's /root runs.
#
#   users_make                 (world_enter calls it)
#   users_renumber USER UID    gives a user another number

USERS_PASSWORD=traffic
# openssl passwd -6 traffic
USERS_HASH='$6$TffQ8999EzeiUIiT$22BNgj9VhXZ4LuDpFFAQK0rxg32T2w.I22348iOpidoI6P.CzvUY6ukNe.vXkhABIEF680Zgi/qUq.oAC4uoX.'

users_make() {
    local user uid=20001

    # the host may have users of these names or numbers
    sed -i -E '/^(alice|bob):|^[^:]*:[^:]*:2000[12]:/d' /etc/passwd /etc/group &&
        sed -i -E '/^(alice|bob):/d' /etc/shadow || return
    for user in alice bob; do
        printf '%s:x:%d:%d::%s:/bin/bash\n' "$user" "$uid" "$uid" "$WORLD/home/$user" >>/etc/passwd
        printf '%s:%s:20000:0:99999:7:::\n' "$user" "$USERS_HASH" >>/etc/shadow
        printf '%s:x:%d:\n' "$user" "$uid" >>/etc/group
        install -d -m 700 -o "$uid" -g "$uid" "$WORLD/home/$user" || return
        uid=$((uid + 1))
    done
    # nor are the host's subordinate uids any of theirs
    rm -f /etc/subuid
    mkdir -m 700 "$WORLD/home/root"
    sed -i "s|^root:.*|root:x:0:0:root:$WORLD/home/root:/bin/bash|" /etc/passwd
    sed -i 's|^root:.*|root:*:20000:0:99999:7:::|' /etc/shadow
}

users_renumber() {
    sed -i -E "s/^($1:x:)[0-9]+:[0-9]+:/\\1$2:$2:/" /etc/passwd
    sed -i -E "s/^($1:x:)[0-9]+:/\\1$2:/" /etc/group
    chown -R "$2:$2" "$WORLD/home/$1"
}
