#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# pam_traffic sockets: what is refused, and the three forms of what it prints. What this host has for
# connections is not known here, and neither is whether we may look: tests/system tells whether it is right.
set -u
# shellcheck source=lib/cli.sh
. "$(dirname "$0")/lib/cli.sh"

# refused WHAT ARG...
refused() {
    cli_is "refused: ${*:2}" 2 sockets "${@:2}"
    tap_is "refused: ${*:2}: one line, nothing else" "$(wc -l <"$CLI/err") $(wc -c <"$CLI/out")" '1 0'
    tap_ok "refused: ${*:2}: what" grep -qF "pam_traffic: $1; try pam_traffic sockets --help" "$CLI/err"
}

# holds JQ-ARG...
holds() {
    jq -e "$@" "$CLI/out" >/dev/null
}

# value OPTION VALUE FAULT [PART]: the message names the option, and what is wrong with the value, or with a part of it
value() {
    refused "option $1: '${4-$2}' $3" "$1" "$2"
}

network='is not an address or a network such as 10.0.0.0/8 (the bits behind the prefix must be 0)'
column='is not the name of a column'
by='is not user, uid, program, session, remote or port'
value --by nonsense "$by"
value --by local "$by"
value --columns user, "$column" ''
value --columns user,nonsense,uid "$column" nonsense
value --limit 0 'is not a number from 1 to 4294967295'
value --limit -1 'is not a number from 1 to 4294967295'
value --port 65536 'is not a port number from 0 to 65535'
value --proto icmp 'is not tcp or udp'
value --sort nonsense "$column"
value --user nobody-like-that 'is neither a user of this host nor a uid'
value --watch 0 'is not a number from 1 to 86400'
value --watch 1s 'is not a number from 1 to 86400'
value --exclude 10.0.0.1/8 "$network"
value --exclude fd00::/8,10.0.0.0/33,10.0.0.0/8 "$network" 10.0.0.0/33
value --only , "$network" ''
value --only 10.0.0.0/8,nonsense "$network" nonsense
value --only '' "$network"
refused "unexpected word 'extra': sockets takes options only" extra
refused 'take either --json or --csv, not both' --json --csv
refused '--count needs --watch SECONDS' --count 3
cli_is 'no configuration there' 1 sockets --config "$CLI/none"

keys=user,uid,pid,program,session,login,login_user,proto,state,local,local_port,remote,remote_port
keys+=,in_bytes,in_packets,out_bytes,out_packets,age
cli_is 'JSON' 0 sockets --listen --json
tap_ok 'JSON: a document, whatever the rows' holds -s 'length == 1 and (.[0].sockets | type) == "array"'
tap_ok 'JSON: each row has the keys, in order' \
    holds '[.sockets[] | keys_unsorted == ["'"${keys//,/\",\"}"'"]] | all'
tap_ok 'JSON: numbers are numbers' holds '[.sockets[] | .uid, .pid, .local_port, .in_bytes, .age
    | type == "number" or type == "null"] | all'
cli_is 'JSON of sums' 0 sockets --listen --json --by port
tap_ok 'JSON of sums: their keys' holds '[.sums[] | keys_unsorted == ["port", "sockets", "in_bytes", "in_packets",
    "out_bytes", "out_packets"]] | all'
cli_is 'JSON of a watch' 0 sockets --json --watch 1 --count 2
tap_ok 'JSON of a watch: a line each time' holds -s 'length == 2 and
    ([.[] | keys_unsorted == ["time", "interval", "sockets"] and .interval > 0] | all)'
tap_is 'JSON of a watch: lines' "$(wc -l <"$CLI/out")" 2

heading=USER,UID,PID,PROGRAM,SESSION,PROTO,STATE,LOCAL,LOCAL_PORT,REMOTE,REMOTE_PORT
heading+=,IN_BYTES,IN_PACKETS,OUT_BYTES,OUT_PACKETS,AGE
cli_is 'CSV' 0 sockets --csv
tap_is 'CSV: heading' "$(head -n 1 "$CLI/out")" "$heading"
cli_is 'columns' 0 sockets --csv --columns Age,user,IN_BYTES
tap_is 'columns: these, in this order' "$(head -n 1 "$CLI/out")" AGE,USER,IN_BYTES
cli_is 'no headings' 0 sockets --csv --noheadings --only 192.0.2.77
tap_is 'no headings, no rows: nothing' "$(wc -c <"$CLI/out")" 0
tap_is 'each thing that is missing is one line' "$(cut -c -40 "$CLI/err" | sort | uniq -d)" ''
# A program with a hostile name: perl gives its process what it assigns to $0 (prctl(2), PR_SET_NAME).
mkfifo "$CLI/hold"
perl -MIO::Socket::INET -e 'alarm 120; $0 = "a\e[1m\",\\\xe2\x80\xae\xff";
    my $s = IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1") or die;
    open(my $port, ">", "$ARGV[0]/port.new"); print $port $s->sockport; close $port;
    rename "$ARGV[0]/port.new", "$ARGV[0]/port"; open(my $hold, "<", "$ARGV[0]/hold"); <$hold>' "$CLI" &
holder=$!
await test -s "$CLI/port"
hostile=(sockets --listen --port "$(cat "$CLI/port")" --columns 'program,local,remote,in_bytes')
cli_is 'a hostile name, JSON' 0 "${hostile[@]}" --json
tap_ok 'a hostile name, JSON: as it is, but for what is no UTF-8' holds \
    '[.sockets[] | .program == "a\u001b[1m\",\\\u202e\\xff" and .remote == null and .in_bytes == null] == [true]'
cli_raw "$CLI/out"
cli_is 'a hostile name, CSV' 0 "${hostile[@]}" --csv --noheadings
tap_is 'a hostile name, CSV: escaped and quoted' "$(cat "$CLI/out")" \
    '"a\x1b[1m"",\x5c\xe2\x80\xae\xff",127.0.0.1,,'
cli_raw "$CLI/out"
cli_is 'a hostile name, table' 0 "${hostile[@]}" --noheadings
tap_ok 'a hostile name, table: escaped' grep -qF 'a\x1b[1m",\x5c\xe2\x80\xae\xff' "$CLI/out"
tap_ok 'a hostile name, table: address and port' grep -qF "127.0.0.1:$(cat "$CLI/port") *" "$CLI/out"
cli_raw "$CLI/out"
port=$(cat "$CLI/port")
alone=(sockets --listen --noheadings --port "$port" --columns)
cli_is 'a port in a column of its own' 0 "${alone[@]}" local_port,local,remote
tap_is 'a port in a column of its own: it is there once' "$(awk '{ $1 = $1; print }' "$CLI/out")" "$port 127.0.0.1 *"
cli_is 'the port of the other end in a column of its own' 0 "${alone[@]}" local,remote,remote_port
tap_is "the port of the other end in a column of its own: this end's is not" "$(awk '{ $1 = $1; print }' "$CLI/out")" \
    "127.0.0.1:$port *"
echo >"$CLI/hold"
wait "$holder"
cli_over
