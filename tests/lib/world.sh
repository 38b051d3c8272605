# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The world of a test: own mount, pid, network and time namespaces, nothing of the host is touched.
#
#   world_enter "$@"           first call of every test; comes back inside the world
#   world_in server|client COMMAND...   runs COMMAND in that network namespace
#   world_exec server|client COMMAND... &   the same in the background: $! is COMMAND's pid, not a shell's around it
#   world_spawn COMMAND...     runs it in the background, off the TAP stream; its pid is in WORLD_PID
#   world_shadow DIR           makes DIR writable for this world alone, its content stays visible
#   world_keep_logs            copies what a failure needs into PAM_TRAFFIC_LOGS and says where
#
#   WORLD                      temporary folder (in a private tmpfs, nothing to clean up)
#   WORLD_SERVER4 WORLD_SERVER6 WORLD_SERVER_LL   the server's addresses (LL: link-local, no scope)
#   WORLD_CLIENT4 WORLD_CLIENT6 WORLD_CLIENT_LL   the client's
#   WORLD_LINK                 name of the interface, the same on both sides
#   WORLD_BARE=yes             set before world_enter: nobody will log in; only /run is private, there are no
#                              users, keys and syslog, and the script sits in the server's network namespace
#
# The script is process 1 of its pid namespace: however it ends (also on Ctrl-C and kill -9), the
# kernel ends every process in it, and with them the mounts, the namespaces and the veth pair.
# /etc is below an overlay, /dev, /run and /var/log are private tmpfs, /var/lib is shadowed. The
# script itself sits in a third network namespace, without any link: a command that misses its
# world_in reaches nobody. The world has been up for WORLD_UPTIME seconds longer than the host, so that
# what a state file remembers can be made older (records_age) on a machine that was just booted.

WORLD=/run/world
WORLD_LINK=vtraffic
WORLD_SERVER4=10.77.0.1
WORLD_CLIENT4=10.77.0.2
WORLD_SERVER6=fd00:77::1
WORLD_CLIENT6=fd00:77::2
WORLD_SERVER_LL=''
WORLD_CLIENT_LL=''
WORLD_PID=
: "${WORLD_BARE:=}"
WORLD_UPTIME=10000000
WORLD_TOOLS='conntrack flock getcap ip ip6tables-legacy iptables-legacy jq nft nsenter perl pgrep socat ss ssh ssh-keygen sshd
    sshpass sudo unshare'

# both are kept over the exec in world_enter
: "${WORLD_STAGE:=}" "${WORLD_ID:=}"

world_in() {
    local name=$1

    shift
    nsenter --net="/run/netns/$name-$WORLD_ID" -- "$@"
}

world_exec() {
    exec nsenter --net="/run/netns/$1-$WORLD_ID" -- "${@:2}"
}

world_spawn() {
    "$@" >>"$WORLD/spawned" 2>&1 </dev/null &
    WORLD_PID=$!
}

world_enter() {
    local tool

    if [ "$WORLD_STAGE" != inside ] || [ $$ -ne 1 ]; then
        [ "$(id -u)" = 0 ] || tap_skip_all 'needs root'
        for tool in $WORLD_TOOLS; do
            [ -n "$(type -P "$tool")" ] || tap_bail "$tool is missing (see the list of packages in README.md)"
        done
        host_forget_environment
        # the id keeps the names of two worlds apart in ps, logs and messages
        WORLD_STAGE=inside WORLD_ID=$$ exec unshare --mount --pid --fork --kill-child --mount-proc --net \
            --time --boottime "$WORLD_UPTIME" --monotonic "$WORLD_UPTIME" --propagation private -- "$BASH" "$0" "$@"
        exit 1
    fi
    unset WORLD_STAGE
    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
    export LC_ALL=C
    umask 022
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
    trap world_leave EXIT
    world_make || tap_bail 'the world could not be made'
}

world_make() {
    mount -n -t tmpfs -o mode=755 tmpfs /run && mkdir -p "$WORLD" || return
    [ -n "$WORLD_BARE" ] || world_make_host || return
    world_make_network
}

# what a login needs
world_make_host() {
    mkdir -p "$WORLD/home" "$WORLD/files" /run/sshd /run/lock &&
        world_make_dev &&
        mount -t tmpfs -o mode=755 tmpfs /var/log &&
        world_shadow /var/lib &&
        world_shadow "${PAM_TRAFFIC_HELPER_PATH%/*}" &&
        mkdir "$WORLD/etc" "$WORLD/etc.work" &&
        mount -t overlay -o "lowerdir=/etc,upperdir=$WORLD/etc,workdir=$WORLD/etc.work" overlay /etc &&
        world_hide_ledger &&
        world_make_coverage &&
        printf '127.0.0.1 localhost %s\n' "$(uname -n)" >/etc/hosts &&
        host_forget &&
        syslog_start &&
        users_make &&
        keys_make
}

# what the kernel counts for a pam_traffic of the host
world_hide_ledger() {
    [ ! -d /sys/fs/bpf ] || mount -t tmpfs -o mode=700 tmpfs /sys/fs/bpf
}

# tests/coverage: what gcov counts in this world is written to a folder of its own, below an overlay over the build
world_make_coverage() {
    local folder

    [ -n "${PAM_TRAFFIC_COVERAGE:-}" ] || return 0
    folder=$PAM_TRAFFIC_COVERAGE/${PAM_TRAFFIC_BACKEND:+$PAM_TRAFFIC_BACKEND-}$(basename "$0" .sh)
    mkdir -p "$folder" "$folder.work" &&
        mount -t overlay -o "lowerdir=$PAM_TRAFFIC_BUILD,upperdir=$folder,workdir=$folder.work" overlay "$PAM_TRAFFIC_BUILD"
}

# /dev/log would be a file in the host's devtmpfs; so /dev is ours too
world_make_dev() {
    local node

    mkdir "$WORLD/dev" &&
        mount -t tmpfs -o mode=755 tmpfs "$WORLD/dev" &&
        mkdir -m 1777 "$WORLD/dev/shm" &&
        mkdir "$WORLD/dev/pts" &&
        mount -t devpts -o newinstance,ptmxmode=0666,mode=0620,gid=5 devpts "$WORLD/dev/pts" &&
        ln -s pts/ptmx "$WORLD/dev/ptmx" &&
        ln -s /proc/self/fd "$WORLD/dev/fd" &&
        ln -s /proc/self/fd/0 "$WORLD/dev/stdin" &&
        ln -s /proc/self/fd/1 "$WORLD/dev/stdout" &&
        ln -s /proc/self/fd/2 "$WORLD/dev/stderr" || return
    for node in full null random tty urandom zero; do
        : >"$WORLD/dev/$node" && mount --bind "/dev/$node" "$WORLD/dev/$node" || return
    done
    mount --rbind "$WORLD/dev" /dev
}

world_shadow() {
    local dir=$1 missing='' name kept

    # /usr/local/libexec may not exist: then the nearest folder above it is the one to shadow
    while [ ! -d "$dir" ]; do
        missing=${dir##*/}${missing:+/$missing}
        dir=${dir%/*}
    done
    kept=$WORLD/shadow${dir//\//_}
    name=$kept.new
    mkdir -p "$kept" "$name" && mount --bind "$dir" "$kept" && mount -t tmpfs -o mode=755 tmpfs "$name" || return
    find "$kept" -mindepth 1 -maxdepth 1 -exec ln -s -t "$name" -- {} + &&
        mount --move "$name" "$dir" &&
        mkdir -p "$dir/$missing"
}

world_make_network() {
    local side

    for side in server client; do
        if [ "$side" = server ] && [ -n "$WORLD_BARE" ]; then
            ip netns attach "server-$WORLD_ID" $$ || return
        else
            ip netns add "$side-$WORLD_ID" || return
        fi
        # no duplicate address detection: addresses work at once; what the host has set for IPv4 is inherited
        # (devinet_init_net() in net/ipv4/devinet.c)
        world_in "$side" sysctl -qw net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.all.accept_dad=0 \
            net.ipv4.ip_forward=0 net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0 &&
            world_in "$side" ip link set lo up || return
    done
    ip link add "$WORLD_LINK" netns "server-$WORLD_ID" type veth \
        peer name "$WORLD_LINK" netns "client-$WORLD_ID" || return
    world_in server ip addr add "$WORLD_SERVER4/16" dev "$WORLD_LINK" &&
        world_in server ip -6 addr add "$WORLD_SERVER6/64" dev "$WORLD_LINK" nodad &&
        world_in client ip addr add "$WORLD_CLIENT4/16" dev "$WORLD_LINK" &&
        world_in client ip -6 addr add "$WORLD_CLIENT6/64" dev "$WORLD_LINK" nodad &&
        world_in server ip link set "$WORLD_LINK" up &&
        world_in client ip link set "$WORLD_LINK" up &&
        await world_has_link_local server &&
        await world_has_link_local client || return
    WORLD_SERVER_LL=$(world_link_local server)
    # shellcheck disable=SC2034  # for the tests
    WORLD_CLIENT_LL=$(world_link_local client)
}

world_link_local() {
    world_in "$1" ip -o -6 addr show dev "$WORLD_LINK" scope link -tentative |
        sed -n 's/.* inet6 \([^/]*\).*/\1/p'
}

world_has_link_local() {
    [ -n "$(world_link_local "$1")" ]
}

world_leave() {
    local status=$?

    trap '' INT TERM HUP
    trap - EXIT
    [ -z "${LEDGER_GROUP:-}" ] || ledger_leave
    if [ "$status" -ne 0 ] || [ "$TAP_FAILED" -ne 0 ]; then
        world_keep_logs
        [ "$status" -ne 0 ] || status=1
    fi
    exit "$status"
}

world_keep_logs() {
    local name=${0##*/} dir file side

    dir=$PAM_TRAFFIC_LOGS/${name%.sh}
    rm -rf "$dir"
    mkdir -p "$dir" || return
    for file in syslog sshd.err spawned reap yardstick records openssh state/sessions state/ports; do
        [ ! -e "$WORLD/$file" ] || cp -r "$WORLD/$file" "$dir/"
    done
    cp "$WORLD"/sanitizer.* "$dir/" 2>/dev/null
    for side in server client; do
        world_in "$side" iptables-legacy-save -c >"$dir/$side.iptables"
        world_in "$side" ip6tables-legacy-save -c >"$dir/$side.ip6tables"
        world_in "$side" ss -tanpei >"$dir/$side.sockets"
        world_in "$side" conntrack -L >"$dir/$side.conntrack"
        world_in "$side" conntrack -L -f ipv6 >>"$dir/$side.conntrack"
        # what was dropped on the way, and where
        world_in "$side" ip -s -s link >"$dir/$side.link"
        world_in "$side" conntrack -S >>"$dir/$side.link"
        world_in "$side" nstat -az >>"$dir/$side.link"
    done 2>/dev/null
    ps -ef >"$dir/processes"
    tap_diag "logs kept in $dir"
}
