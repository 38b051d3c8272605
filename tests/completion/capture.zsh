# SPDX-License-Identifier: GPL-2.0-or-later
#
# capture.zsh LINE - what zsh's own completion offers for LINE, one a line.
#
# An interactive zsh in a pty completes; whatever its compadd takes goes to a file. CAPTURE is a folder for
# that; FPATH has the function to try.
zmodload zsh/zpty || exit 1
zmodload zsh/zselect || exit 1
rm -f $CAPTURE/{hits,done,ready}
cat >$CAPTURE/rc <<'RC'
PROMPT=
autoload -Uz compinit && compinit -u -d $CAPTURE/dump
setopt no_beep
compadd() {
    local -a hits
    if [[ ${@[1,(i)(-|--)]} != *-(O|A|D)\ * ]]; then
        builtin compadd -A hits "$@"
        print -rl -- $IPREFIX$^hits >>$CAPTURE/hits
    fi
    builtin compadd "$@"
}
capture_end() { : >$CAPTURE/done }
comppostfuncs=(capture_end)
bindkey '^I' complete-word
RC
zpty -b shell zsh -f -i
zpty -w shell "source $CAPTURE/rc; : >$CAPTURE/ready"
for ((i = 0; i < 1000; i++)); do
    [[ ! -e $CAPTURE/ready ]] || break
    zpty -r shell output || :
    zselect -t 2
done
zpty -n -w shell "$1"$'\t'
for ((i = 0; i < 1000; i++)); do
    [[ ! -e $CAPTURE/done ]] || break
    zpty -r shell output || :
    zselect -t 2
done
zpty -d shell
[[ -e $CAPTURE/done ]] || exit 1
[[ ! -e $CAPTURE/hits ]] || cat $CAPTURE/hits
