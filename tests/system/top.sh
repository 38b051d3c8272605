#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# pam_traffic top in a real terminal (tmux), with real sessions: what it shows, its keys, other sizes, and a
# terminal that is as it was, however it ends; and printed, where there is no terminal.
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"

TMUX_SOCKET=$WORLD/tmux

terminal() {
    tmux -S "$TMUX_SOCKET" -f /dev/null "$@"
}

# what is on the screen
pane() {
    terminal capture-pane -p -t top
}

keys() {
    terminal send-keys -t top "$@"
}

has() {
    pane | grep -q -e "$1"
}

lacks() {
    ! has "$1"
}

# seen NAME PATTERN: a case: it gets onto the screen
seen() {
    if await has "$2"; then
        tap_pass "$1"
    else
        tap_fail "$1" "$(pane)"
    fi
}

# the users on the screen, from above
users() {
    pane | sed -n '4,$p' | awk '/^(alice|bob) / { printf "%s ", $1 }'
}

ordered() {
    [ "$(users)" = "$1" ]
}

# order KEY USERS
order() {
    keys "$1"
    tap_ok "key $1" await ordered "$2"
}

# start SIZE ARG...: in a terminal of that size; comes back when its list is on the screen
start() {
    run "$@"
    await has '^total'
}

# run SIZE ARG...: likewise, does not wait; what is there before and after is kept
run() {
    rm -f "$WORLD/terminal."*
    terminal new-session -d -s top -x "${1%x*}" -y "${1#*x}" "stty -g >$WORLD/terminal.before
        echo in the shell
        $WORLD/top ${*:2}
        echo \$? >$WORLD/terminal.status
        stty -g >$WORLD/terminal.after
        echo back in the shell
        exec cat"
}

# over NAME: a case: the terminal is as it was
over() {
    await test -s "$WORLD/terminal.after"
    tap_is "$1: exit status" "$(cat "$WORLD/terminal.status")" 0
    tap_is "$1: the terminal's settings are as they were" "$(cat "$WORLD/terminal.after")" "$(cat "$WORLD/terminal.before")"
    seen "$1: its screen is as it was" 'in the shell'
    tap_ok "$1: nothing of top is on it" await lacks '^total'
    tap_is "$1: the cursor is seen" "$(terminal display-message -p -t top '#{cursor_flag}')" 1
    terminal kill-session -t top
}

# begin NAME USER: a login that stays, and moves what is asked for; its id is in SESSION
begin() {
    records_mark
    client_pipe -b "$(client_address "$3")" "$2@$WORLD_SERVER4" "
        echo here
        until [ -e $WORLD/files/$1 ]; do [ ! -e $WORLD/files/$1.busy ] || head -c 100000 /dev/zero; sleep 0.1; done" \
        >"$WORLD/files/$1.out" 2>>"$WORLD/spawned" </dev/null &
    records_wait start 1
    SESSION=$(records_get start session)
    await grep -a -q here "$WORLD/files/$1.out"
}

WORLD_TOOLS+=' tmux'
world_enter "$@"
[ -n "$PAM_TRAFFIC_CLI" ] || tap_bail 'PAM_TRAFFIC_CLI is not set: run this by meson test --suite system'
# a tmux that has no session any more ends, which the next one would meet
terminal new-session -d -s stays 'exec cat'
install -m 755 "$PAM_TRAFFIC_CLI" "$WORLD/pam_traffic"
cat >"$WORLD/top" <<END
#!/bin/sh
exec nsenter --net=/run/netns/server-$WORLD_ID -- env -i TERM="\$TERM" TZ=UTC LC_ALL=C.UTF-8 \
    ASAN_OPTIONS=log_path=$WORLD/sanitizer.cli:detect_leaks=0 $WORLD/pam_traffic top --config $TRAFFIC_CONFIG "\$@"
END
chmod 755 "$WORLD/top"
traffic_install
sshd_start
begin one alice 7
first=${SESSION: -8} # so much of an id is shown
begin two bob 8
second=${SESSION: -8}

# printed: each look, and a blank line
await client_quiet
"$WORLD/top" --count 2 --interval 300ms --sort user >"$WORLD/top.out" 2>"$WORLD/top.err"
tap_is 'printed: exit status' "$?" 0
tap_is 'printed: twice, as a whole' "$(awk '{ print $1 }' "$WORLD/top.out" | tr '\n' ' ')" \
    "$(uname -n), USER alice bob total  $(uname -n), USER alice bob total  "
tap_is 'printed: the sessions' "$(grep -E '^(alice|bob)' "$WORLD/top.out" | grep -o '[0-9a-f]\{8\}$' | sort -u)" \
    "$(printf '%s\n' "$first" "$second" | sort)"
tap_ok 'printed: an idle session moves nothing' grep -q '^alice .* 0     0  *[0-9a-f]*$' "$WORLD/top.out"
tap_is 'printed: no control characters' "$(tr -d '\n\040-\176' <"$WORLD/top.out" | wc -c)" 0
tap_is 'printed: nothing is said' "$(cat "$WORLD/top.err")" ''

start 80x24 --interval 200ms
seen 'the head' "^$(uname -n), 20..-..-.. ..:..:..: 2 open, in .*, out .* bytes/s"
seen 'the keys' 'r rate  t total  i in  o out  u user  s since  h help  q quit'
seen 'the columns' '^USER .*KEY .*FROM .*OPEN .*IN .*OUT .*IN/s OUT/s SESSION'
tap_is 'no line is longer than 80 columns' "$(pane | awk 'length > 80')" ''
tap_is 'it fills the screen, the total is last' "$(pane | wc -l) $(pane | tail -n 1 | cut -d ' ' -f 1)" '24 total'
order u 'alice bob '
: >"$WORLD/files/two.busy"
order r 'bob alice '
# a session moves, the head says how much
moving() {
    [ "$(pane | awk '/^bob / { print $(NF - 1) }')" != 0 ] && ! has 'out 0 bytes/s'
}
tap_ok 'the rate of what moves' await moving
rm "$WORLD/files/two.busy"
order s 'alice bob '
order o 'bob alice '
keys h
seen 'help' 'from the client to this host, since the connection began'
tap_ok 'help: no list' await lacks '^alice'
keys h
seen 'back from help' '^alice'
keys Down Up NPage PPage x Escape
seen 'keys that mean nothing' '^alice'

terminal resize-window -t top -x 120 -y 10
seen 'wider' "$first"
lower() {
    [ "$(pane | awk 'END { print NR, $1 }')" = '10 total' ]
}
tap_ok 'lower: the total is last' await lower
terminal resize-window -t top -x 40 -y 6
seen 'narrow: who and how fast' '^USER .*IN/s'
seen 'narrow: the head has the figures' '^2 open, in .*, out .* bytes/s'
narrow() {
    [ -z "$(pane | awk 'length > 40 || NR == 6 && !/^total/')" ]
}
tap_ok 'narrow: nothing is longer, the total is last' await narrow
terminal resize-window -t top -x 10 -y 2
await lacks alice
terminal resize-window -t top -x 80 -y 24
seen 'as before' '^alice .*'
keys q
over 'key q'

for signal in INT TERM HUP; do
    start 80x24
    pkill "-$signal" -x pam_traffic
    over "SIG$signal"
done
run 80x24 --count 1
over '--count'
start 80x24
keys C-c
over 'Ctrl-C'

# a terminal that can only print lines
for term in dumb nonsense ''; do
    TERM=$term script -q -c "$WORLD/top --count 1" /dev/null >"$WORLD/dumb" </dev/null
    tap_is "a terminal of the kind '$term': printed" \
        "$(grep -c '^total' "$WORLD/dumb") $(tr -d '\r\n\040-\176' <"$WORLD/dumb" | wc -c)" '1 0'
done

: >"$WORLD/files/one"
: >"$WORLD/files/two"
await traffic_idle
tap_is 'nobody is here' "$("$WORLD/top" --count 1 2>/dev/null | sed -n '2,$s/ .*//p' | tr '\n' ' ')" 'USER total '
tap_is 'nothing wrong' "$(traffic_faults)" ''
terminal kill-server 2>/dev/null
tap_done
