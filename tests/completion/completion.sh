#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Completion in the real shells: what bash, zsh and fish offer for a command line is what
# `pam_traffic --help` and `pam_traffic COMMAND --help` have, and sessions, users and files where they belong.
#
# Argument: the path that the built scripts have for complete.sh. The scripts are made from their sources
# once more, with paths of this test's own. PAM_TRAFFIC_CLI is the built pam_traffic.
set -u
here=$(cd "$(dirname "$0")" && pwd) || exit 1
# shellcheck source=../cli/lib/cli.sh
. "$here/../cli/lib/cli.sh"
installed=$1
built=$2
source=$here/../../completion

# the scripts of this test: its own state folder and log, the program under its usual name
mkdir -p "$CLI/bin" "$CLI/state/sessions" "$CLI/bash/completions" "$CLI/zsh" "$CLI/fish" "$CLI/files"
ln -s "$PAM_TRAFFIC_CLI" "$CLI/bin/pam_traffic"
made() {
    sed -e "s|@cli@|/nonexistent/pam_traffic|" -e "s|@complete@|$CLI/complete.sh|" -e "s|@log@|$CLI/log|" \
        -e "s|@state@|$CLI/state|" "$source/$1.in"
}
made complete.sh >"$CLI/complete.sh"
made pam_traffic.bash >"$CLI/bash/completions/pam_traffic"
made _pam_traffic >"$CLI/zsh/_pam_traffic"
made pam_traffic.fish >"$CLI/fish/pam_traffic.fish"
: >"$CLI/files/one.conf"
: >"$CLI/files/two words"
{
    cli_record 1 0 start
    cli_record 1 1 stop
    cli_record 2 0 start '.user = "\"session\":\"x"'
    printf '{"v":1,"event":"start","session":"%s(touch %s/hacked)"}\n' '$' "$CLI"
    printf '{"v":1,"event":"port","session":"%s"}\n' "$(cli_session 9)"
} >"$CLI/log"
: >"$CLI/state/sessions/$(cli_session 3).json"
: >"$CLI/state/sessions/nonsense.json"

# offer_SHELL LINE: the words that it offers at the line's end, sorted
offer_bash() {
    # shellcheck disable=SC2016  # for the shell within
    env -i PATH="$CLI/bin:$PATH" HOME="$CLI" BASH_COMPLETION_USER_DIR="$CLI/bash" LINE="$1" \
        bash --norc --noprofile -c '
            . /usr/share/bash-completion/bash_completion
            _completion_loader pam_traffic
            complete -p pam_traffic >/dev/null || exit 1
            # as readline does it: the words are cut behind an =, too
            read -ra COMP_WORDS <<<"${LINE//=/ = }"
            [[ $LINE != *[=\ ] ]] || COMP_WORDS+=("")
            COMP_LINE=$LINE COMP_POINT=${#LINE} COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) COMP_TYPE=9
            compopt() { :; }
            _pam_traffic pam_traffic "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}" || exit 1
            [ ${#COMPREPLY[@]} -eq 0 ] || printf "%s\n" "${COMPREPLY[@]}"' 2>"$CLI/err" | sort
}

offer_zsh() {
    env -i PATH="$CLI/bin:$PATH" HOME="$CLI" CAPTURE="$CLI/zsh" TERM=dumb \
        FPATH="$CLI/zsh:$(zsh -fc 'print -r -- $FPATH')" zsh -f "$here/capture.zsh" "$1" 2>"$CLI/err" | sort
}

offer_fish() {
    env -i PATH="$CLI/bin:$PATH" HOME="$CLI" LINE="$1" fish --no-config -c "
        source $CLI/fish/pam_traffic.fish; complete -C \$LINE" 2>"$CLI/err" | cut -f 1 | sort
}

# what SHELL offers where the whole word would be that of standard input: readline has what stands before
# an = already, and zsh the folder
part_of_word() {
    case $1 in
    bash) sed 's/^--[a-z]*=//' ;;
    zsh) sed "s|$CLI/files/||" ;;
    fish) cat ;;
    esac
}

# offers LINE WORD...: each shell offers these
offers() {
    local shell line=$1 wanted
    shift
    for shell in "${shells[@]}"; do
        wanted=$([ $# -eq 0 ] || printf '%s\n' "$@" | part_of_word "$shell" | sort)
        tap_is "$shell: $line" "$("offer_$shell" "$line")" "$wanted"
        [ ! -s "$CLI/err" ] || tap_fail "$shell: $line: nothing is wrong" "$(cat "$CLI/err")"
    done
}

# has LINE WORD: each shell offers this, too
has() {
    local shell
    for shell in "${shells[@]}"; do
        tap_ok "$shell: $1, $2" grep -qxF -- "$(part_of_word "$shell" <<<"$2")" <("offer_$shell" "$1")
    done
}

shells=()
for shell in bash zsh fish; do
    if ! command -v "$shell" >/dev/null || { [ $shell = bash ] && [ ! -e /usr/share/bash-completion/bash_completion ]; }; then
        tap_skip "$shell" 'it is not here (packaging/install-packages lint)'
    else
        shells+=("$shell")
    fi
done

cli --help
mapfile -t commands < <(sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p' "$CLI/out")
offers 'pam_traffic ' "${commands[@]}" help --help --version
offers 'pam_traffic help ' "${commands[@]}"
offers 'pam_traffic lo' log
offers 'pam_traffic nothing --'
# every command's options are told by complete.sh; that each shell asks it is seen by two of them
for command in "${commands[@]}"; do
    cli "$command" --help
    mapfile -t options < <(sed -n '/^Options:/,/^$/s/^  \(--[a-z-]*\).*/\1/p' "$CLI/out")
    tap_is "complete.sh: $command --" "$(sh "$CLI/complete.sh" "$CLI/bin/pam_traffic" "$command" -- | cut -f 1 | sort)" \
        "$(printf '%s\n' "${options[@]}" | sort)"
    case $command in
    log | sockets) offers "pam_traffic $command --" "${options[@]}" ;;
    esac
done

offers 'pam_traffic sockets --by ' user uid program session remote port
offers 'pam_traffic sockets --by=u' --by=user --by=uid
offers 'pam_traffic sockets --sort in_' in_bytes in_packets in_rate
offers 'pam_traffic list --sort s' since session
offers 'pam_traffic sockets --columns user,out_b' user,out_bytes
offers 'pam_traffic sockets --columns=user,out_b' --columns=user,out_bytes
offers 'pam_traffic report --by us' user
offers 'pam_traffic report --by user,da' user,day
# the other ledger has these
offers 'pam_traffic report --by ui'
offers 'pam_traffic report --by user,lo'
for word in $(sh "$CLI/complete.sh" "$CLI/bin/pam_traffic" report --by ''); do
    cli_is "report --by $word" 0 report --by "$word" "$CLI/log"
done
offers 'pam_traffic report --ledger users --by user,lo' user,login
offers 'pam_traffic report --ledger ' ssh users
offers 'pam_traffic report --ledger=u' --ledger=users
offers 'pam_traffic report --ledger users --by ' user uid login host hour day month
offers 'pam_traffic report --ledger=users --by=u' --by=user --by=uid
offers 'pam_traffic report --ledger users --by user,k'
for word in $(sh "$CLI/complete.sh" "$CLI/bin/pam_traffic" report --ledger users --by ''); do
    cli_is "report --ledger users --by $word" 0 report --ledger users --by "$word" "$CLI/log"
done
offers 'pam_traffic report --layer ' ip wire payload
offers 'pam_traffic report --sort to' total
offers 'pam_traffic report --since y' yesterday
for moment in $(sh "$CLI/complete.sh" "$CLI/bin/pam_traffic" report --since ''); do
    cli_is "report --since $moment" 0 report --since "$moment" "$CLI/log"
done
offers 'pam_traffic alert --direction ' in out total
offers 'pam_traffic alert --per ' day month week
offers 'pam_traffic metrics --format ' openmetrics prometheus
offers "pam_traffic metrics --output $CLI/files/o" "$CLI/files/one.conf"
offers 'pam_traffic show 0' "$(cli_session 1)" "$(cli_session 2)" "$(cli_session 3)"
offers 'pam_traffic log --session 0' "$(cli_session 1)" "$(cli_session 2)" "$(cli_session 3)"
offers 'pam_traffic enable --dry' --dry-run
offers 'pam_traffic sockets --proto ' tcp udp
offers 'pam_traffic sockets --port '
has 'pam_traffic sockets --user ro' root
has 'pam_traffic sockets --user=ro' --user=root
offers "pam_traffic sockets --config $CLI/files/o" "$CLI/files/one.conf"
offers "pam_traffic sockets --config=$CLI/files/o" "--config=$CLI/files/one.conf"
offers "pam_traffic log $CLI/files/o" "$CLI/files/one.conf"

# a program that takes sessions, asked as the shells do
asked() {
    sh "$CLI/complete.sh" "$CLI/show" show "$@" | cut -f 1
}
printf '%s\n' '#!/bin/sh' "printf 'Usage: pam_traffic show [OPTION...] SESSION\n\nOptions:\n  --session SESSION  one\n'" >"$CLI/show"
chmod +x "$CLI/show"
sessions=$(for n in 3 2 1; do cli_session $n; echo; done)
tap_is 'sessions, the newest first' "$(asked '')" "$sessions"
tap_is 'sessions as a value' "$(asked --session '')" "$sessions"
tap_is 'sessions behind an =' "$(asked --session=)" "--session=${sessions//$'\n'/$'\n'--session=}"
tap_not 'nothing of the log was run' test -e "$CLI/hacked"

# complete.sh itself: what is no option or command is not taken for an expression
for word in --x.y --by/e --; do
    tap_is "complete.sh: $word" "$(sh "$CLI/complete.sh" "$CLI/bin/pam_traffic" sockets "$word" '' | grep -v '^--')" ''
done
tap_is 'complete.sh: no program' "$(sh "$CLI/complete.sh" "$CLI/nothing" log --)" ''

# what is installed: no path is missing, and the scripts ask where complete.sh is
for name in _pam_traffic complete.sh pam_traffic.bash pam_traffic.fish; do
    tap_is "$name: all paths are in it" "$(grep -cE '@[a-z]+@' "$built/$name")" 0
    [ $name = complete.sh ] || tap_ok "$name: asks complete.sh" grep -qF "sh $installed " "$built/$name"
done
cli_over
