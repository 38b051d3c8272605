#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# OpenSSH's own regress suite (its t-exec tests), with the system's ssh and sshd: without the module in the stack, and
# with it. What passes without it passes with it. pam_exec is the witness of the sessions: each whose client came by TCP
# has one start and one stop; of each that did not (`sshd -i` at the end of a pipe) the module says one line.
#
# The suite is in Debian's source of OpenSSH; of that only the suite's helpers are built (netcat, mkdtemp, sk-dummy.so).
# It is made before the world is, since a world has no network, and kept in PAM_TRAFFIC_OPENSSH. Both runs are at the
# same time, since most of it is waiting: one in the client's network namespace, one in the server's, each with a
# pam.d/sshd of its own. All is root's, without SUDO: what needs that to become another user is skipped.
#
# regress.sh [TEST...]    only these
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"

# rekey: takes half as long as all others, in waiting for its limits, and no session of it is by TCP. In the others
# nobody logs in, and they are the longest of those; they only try ssh-agent, ssh-keygen and sftp's pipe.
LEFT_OUT=(rekey agent-subprocess agent-timeout keygen-comment keygen-convert krl sftp sshsig)

REGRESS_VERSION=$(dpkg-query -W -f '${Version}' openssh-server) || tap_bail 'openssh-server is not installed'
REGRESS=${PAM_TRAFFIC_OPENSSH:?}/${REGRESS_VERSION#*:}
REGRESS_LOGS=$WORLD/openssh
TESTS=("$@")

regress_make() (
    new=$REGRESS.new

    [ ! -d "$REGRESS" ] || return 0
    rm -rf "${new:?}" && mkdir -p "$new/obj" && cd "$new" && apt-get -q source openssh && mv openssh-*/ src || return
    # else they are older than what Debian patches, all of it for programs that are not built here
    touch src/configure src/config.h.in &&
        cd obj && ../src/configure --with-cflags=-O0 && make -j2 regress-binaries && mv -T "$new" "$REGRESS"
)

regress_tests() {
    sed -n '/^LTESTS=/,/[^\\]$/ { s/^LTESTS=//; s/\\$//; p }' "$REGRESS/src/regress/Makefile" | xargs -n 1 |
        grep -vxF -f <(printf '%s\n' "${LEFT_OUT[@]}")
}

# regress_one SIDE PAM OBJ TEST
regress_one() {
    # shellcheck disable=SC2016  # the inner shell's
    world_in "$1" unshare --mount -- sh -c 'mount --bind "$1" /etc/pam.d/sshd && cd "$2" && shift 2 && "$@"' - \
        "$2" "$3" env -i HOME="$WORLD/home/root" LOGNAME=root PATH="$PATH" OBJ="$3" BUILDDIR="$REGRESS/obj" \
        EGREP='grep -E' TEST_SHELL=sh TEST_SSH_IPV6=yes TEST_SSH_SFTPSERVER=/usr/lib/openssh/sftp-server \
        TEST_SSH_SSHD_SESSION=/usr/lib/openssh/sshd-session TEST_SSH_SSHD_AUTH=/usr/lib/openssh/sshd-auth \
        sh "$REGRESS/src/regress/test-exec.sh" "$3" "$REGRESS/src/regress/$4.sh" </dev/zero
}

# regress_run RUN SIDE: each test by itself, since make ends with the first that fails. What is in REGRESS_LOGS
# afterwards: RUN.results (TEST ok|failed|skipped SECONDS), RUN/TEST (its output), RUN.sessions
regress_run() {
    local log=$REGRESS_LOGS/$1 obj=$WORLD/$1 side=$2 test result began

    mkdir -p "$log" && cp -a "$REGRESS/obj/regress" "$obj" || return
    for test in "${TESTS[@]}"; do
        began=$SECONDS result=ok
        regress_one "$side" "$obj.pam" "$obj" "$test" >"$log/$test" 2>&1 || result=failed
        ! grep -q '^SKIPPED' "$log/$test" || result=skipped
        echo "$test $result $((SECONDS - began))" >>"$log.results"
    done
    cp "$obj"/failed-*.log "$log/" 2>/dev/null
}

# regress_result RUN TEST
regress_result() {
    awk -v test="$2" '$1 == test { print $2 }' "$REGRESS_LOGS/$1.results"
}

regress_compare() {
    local test without with

    for test in "${TESTS[@]}"; do
        without=$(regress_result without "$test") with=$(regress_result with "$test")
        case $without:$with in
        ok:ok | skipped:* | failed:*) tap_pass "$test: $without without the module, $with with it" ;;
        *) tap_fail "$test: $without without the module, $with with it" "$(tail -n 20 "$REGRESS_LOGS/with/$test")" ;;
        esac
    done
}

# records_of EVENT: process and client's port of each
records_of() {
    # shellcheck disable=SC2016  # jq's
    records_jq --arg event "$1" '.[] | select(.event == $event) | "\(.pid) \(.remote_port)"' | sort
}

# stack_make RUN [LINE...]: its pam.d/sshd, with the witness
stack_make() {
    local run=$1 witness=$WORLD/witness

    shift
    # shellcheck disable=SC2016  # pam_exec's
    printf '%s\n' '#!/bin/sh' '[ "$PAM_TYPE" != open_session ] || echo "$PPID $SSH_CONNECTION" >>"$1"' >"$witness"
    chmod 755 "$witness"
    pam_write sshd "$@" "session optional pam_exec.so quiet $witness $REGRESS_LOGS/$run.sessions"
    mv /etc/pam.d/sshd "$WORLD/$run.pam"
    : >"$REGRESS_LOGS/$run.sessions"
}

if [ "$WORLD_STAGE" != inside ] && [ "$(id -u)" = 0 ]; then
    mkdir -p "$PAM_TRAFFIC_OPENSSH"
    regress_make >"$REGRESS.log" 2>&1 || tap_bail "OpenSSH's regress suite cannot be made: $(tail -n 3 "$REGRESS.log")"
fi
world_enter "$@"
# its tests write there, under names that are those of other worlds, too
world_shadow /tmp || tap_bail 'no /tmp'
chmod 1777 /tmp
traffic_install
[ $# -gt 0 ] || mapfile -t TESTS < <(regress_tests)
mkdir "$REGRESS_LOGS"
stack_make without
stack_make with "$(pam_traffic_line)"
# where either is mounted
: >/etc/pam.d/sshd
regress_run without client &
regress_run with server
wait $!
tap_is 'without the module nothing fails' "$(awk '$2 == "failed" { print $1 }' "$REGRESS_LOGS/without.results")" ''
regress_compare

await sshd_gone
traffic_reap
await traffic_idle || tap_diag "$(traffic_helpers)"
by_tcp=$(awk '$2 != "UNKNOWN" { print $1, $3 }' "$REGRESS_LOGS/with.sessions" | sort)
others=$(grep -c ' UNKNOWN ' "$REGRESS_LOGS/with.sessions")
tap_diag "sessions by TCP: $(grep -c . <<<"$by_tcp"), others: $others"
tap_ok 'there were sessions by TCP, and others' test -n "$by_tcp" -a "$others" -gt 0
tap_is 'one start record of each by TCP, no other' "$(records_of start)" "$by_tcp"
tap_is 'one stop record of each by TCP, no other' "$(records_of stop)" "$by_tcp"
tap_is 'one line of the module of each other, no more' "$(syslog_count 'pam_traffic\(sshd:session\)')" "$others"
tap_done
