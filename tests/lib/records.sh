# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The record log: JSON lines, read with jq. All but the first two look at records since the mark.
#
#   records_mark               from here on ...
#   records_all                prints every record of a session in the log
#   records_ports              prints every record of a local port
#   records_since              ... the records since the mark
#   records_jq FILTER [ARG...] runs jq on the array of them
#   records_count EVENT        how many of that event; without jq, since waiting asks for it again and again
#   records_wait EVENT N       waits until there are N
#   records_get EVENT KEY      the value of KEY in the only record of that event; `missing` if there is none
#   records_moved              in_bytes in_packets out_bytes out_packets of each stop record
#   records_complaints true|false [KEY=VALUE...]   what is wrong with the records of one session (records.jq);
#                              true: it must have been counted in full
#   records_age SECONDS        every moment that a state file remembers is so much longer ago
#
#   RECORDS_LOG, RECORDS_STATE   log_file and state_dir of the world's configuration

RECORDS_LOG=$WORLD/records
RECORDS_STATE=$WORLD/state
RECORDS_FROM=1

records_all() {
    grep -a -v -E '"event":"(port|user|users-off|users-on)"' "$RECORDS_LOG" 2>/dev/null
}

records_ports() {
    grep -a -F '"event":"port"' "$RECORDS_LOG" 2>/dev/null
}

records_mark() {
    RECORDS_FROM=$(($(records_all | wc -l) + 1))
}

records_since() {
    records_all | tail -n "+$RECORDS_FROM"
}

records_jq() {
    records_since | jq -s -r "$@"
}

records_count() {
    records_since | grep -a -c -F "\"event\":\"$1\""
}

records_has() {
    [ "$(records_count "$1")" -ge "$2" ]
}

records_wait() {
    await records_has "$1" "$2"
}

records_get() {
    records_jq --arg event "$1" --arg key "$2" \
        '[.[] | select(.event == $event)] | if length == 1 then .[0][$key] else "missing" end'
}

# without jq, too: each case asks for it
records_moved() {
    records_since | sed -n -E \
        's/.*"event":"stop".*"in_bytes":([^,]*),"in_packets":([^,]*),"out_bytes":([^,]*),"out_packets":([^,]*),.*/\1 \2 \3 \4/p'
}

records_complaints() {
    records_jq --argjson counted "$1" --arg backend "$PAM_TRAFFIC_BACKEND" --arg host "$(uname -n)" \
        --arg boot_id "$(</proc/sys/kernel/random/boot_id)" -f "$HARNESS_LIB/records.jq" --args "${@:2}" 2>&1
}

# A helper that notes something at the same moment must not be lost, nor write over it: the locks of the sessions are
# bytes of one file (lib/store/statelock.c). One that somebody else holds for long, as a test wants it, is not waited for.
records_age() {
    # shellcheck disable=SC2016  # perl's
    find "$RECORDS_STATE" -name '*.json' -exec perl -MFcntl -e '
        my ($seconds, $lock) = splice @ARGV, 0, 2;
        my $all = pack "s s x4 q q l x4", F_WRLCK, 0, 0, 1 << 48, 0;
        if (open my $file, "+<", $lock) {
            our $held = $file;
            local $SIG{ALRM} = sub { };
            alarm 3;
            fcntl $held, F_SETLKW, $all;
            alarm 0;
        }
        for my $name (@ARGV) {
            open my $from, "<", $name or next;
            my $text = join "", <$from>;
            $text =~ s/("\w+_boottime": *)(\d+)/$1 . ($2 - $seconds * 1e6)/ge;
            open my $to, ">", "$name.aged" or die;
            print $to $text;
            close $to;
            chmod 0600, "$name.aged";
            rename "$name.aged", $name or die;
        }' "$1" "$RECORDS_STATE/lock" {} +
}
