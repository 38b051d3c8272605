# SPDX-License-Identifier: GPL-2.0-or-later
#
# What every session's records must be, whatever the session did. Input: the array of its records. Positional
# arguments: KEY=VALUE, what both records say; start.KEY=VALUE and stop.KEY=VALUE, what that one says.
# Output: one complaint a line; nothing if all is well.

def contract:
    ["v", "event", "time", "host", "boot_id", "session", "seq", "service", "user", "uid", "pid", "rhost",
     "family", "local_addr", "local_port", "remote_addr", "remote_port", "auth_method", "auth_key",
     "audit_session", "login_session", "excluded", "backend",
     "in_bytes", "in_packets", "out_bytes", "out_packets",
     "preauth_in_bytes", "preauth_in_packets", "preauth_out_bytes", "preauth_out_packets", "preauth_source",
     "delta_in_bytes", "delta_out_bytes",
     "tcp_in_bytes", "tcp_out_bytes", "tcp_in_segments", "tcp_out_segments", "tcp_retrans_bytes",
     "tcp_min_rtt_us", "wire_in_bytes", "wire_out_bytes", "excluded_in_bytes", "excluded_out_bytes",
     "duration", "terminate_cause", "complete", "incomplete_cause", "kind",
     "socket_owner", "ssh_session", "excluded_in_packets", "excluded_out_packets", "delta_excluded_in_bytes",
     "delta_excluded_out_bytes", "process_in_bytes", "process_in_packets", "process_out_bytes", "process_out_packets"];

# RFC 2866, section 5.10
def causes:
    ["User-Request", "Lost-Carrier", "Lost-Service", "Idle-Timeout", "Session-Timeout", "Admin-Reset",
     "Admin-Reboot", "Port-Error", "NAS-Error", "NAS-Request", "NAS-Reboot", "Service-Unavailable",
     "User-Error", "Host-Request"];

def complain(test; text): if test then empty else text end;

def whole: type == "number" and . == floor and . >= 0;

# nobody saw the end of a session that sshd never closed, nor asked TCP then
def unread:
    .event == "stop" and .tcp_in_bytes == null and (.terminate_cause | IN("NAS-Error", "NAS-Reboot", "Lost-Carrier"));

def record:
    . as $r
    | (contract - keys_unsorted | map("key \(.) is missing in \($r.event)") | .[]),
      complain(.v == 1; "v is \(.v)"),
      complain(.time | test("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{6}Z$"); "time is \(.time)"),
      complain(.session | test("^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$");
          "session \(.session) is no UUID version 7"),
      complain(.boot_id == $boot_id; "boot_id is \(.boot_id)"),
      complain(.host == $host; "host is \(.host)"),
      complain(.excluded | type == "boolean"; "excluded is \(.excluded)"),
      complain(.complete | type == "boolean" or ($r.event == "start" and . == null); "complete is \(.complete)"),
      complain((.complete == false) == (.incomplete_cause != null); "incomplete_cause is \(.incomplete_cause)"),
      complain(.local_port, .remote_port, .uid, .pid, .seq | whole; "a port, uid, pid or seq is no whole number"),
      complain(.terminate_cause == null or (.event == "stop" and (.terminate_cause | IN(causes[])));
          "terminate_cause is \(.terminate_cause) in \(.event)"),
      complain((.event == "start") or (.duration | type == "number" and . >= 0) or (.duration == null and unread);
          "duration is \(.duration)");

def session:
    complain([.[] | select(.event == "start")] | length == 1; "starts: \([.[] | select(.event == "start")] | length)"),
    complain([.[] | select(.event == "stop")] | length == 1; "stops: \([.[] | select(.event == "stop")] | length)"),
    complain(map(.session) | unique | length == 1; "more than one session id"),
    complain(.[0].event == "start"; "the first record is \(.[0].event)"),
    complain(.[-1].event == "stop"; "the last record is \(.[-1].event)"),
    complain(map(.seq) == [range(length)]; "seq is \(map(.seq))"),
    complain(map(.time) == (map(.time) | sort); "time goes backward");

# for a session that was counted, from before its first packet until after its last
def counted:
    .[-1] as $stop
    | complain($stop.in_bytes == (map(.delta_in_bytes) | add); "the deltas in are not the total"),
      complain($stop.out_bytes == (map(.delta_out_bytes) | add); "the deltas out are not the total"),
      ( .[] | . as $r
        | complain(.excluded == false; "excluded in \(.event)"),
          complain(if $backend == "" then .backend == "iptables" or .backend == "nftables" else .backend == $backend end; "backend is \(.backend) in \(.event)"),
          complain(.excluded_in_bytes == null and .excluded_out_bytes == null; "excluded bytes in \(.event)"),
          complain(.preauth_source == "conntrack"; "preauth_source is \(.preauth_source) in \(.event)"),
          ( ("in_bytes", "in_packets", "out_bytes", "out_packets") as $key
            | complain($r["preauth_" + $key] | type == "number" and . > 0; "preauth_\($key) is \($r["preauth_" + $key]) in \($r.event)"),
              complain($r["preauth_" + $key] < $stop[$key]; "preauth_\($key) \($r["preauth_" + $key]) is not below the total \($stop[$key])"),
              complain($r[$key] != null and $r[$key] <= $stop[$key]; "\($key) is \($r[$key]) in \($r.event)"),
              complain($r["preauth_" + $key] <= $r[$key]; "preauth_\($key) \($r["preauth_" + $key]) is above \($key) \($r[$key]) in \($r.event)")),
          ( select(unread | not)
            | ( ("tcp_in_bytes", "tcp_out_bytes", "tcp_in_segments", "tcp_out_segments", "wire_in_bytes", "wire_out_bytes") as $key
                | complain($r[$key] | type == "number" and . > 0; "\($key) is \($r[$key]) in \($r.event)")),
              complain(.tcp_in_bytes < .wire_in_bytes and .tcp_out_bytes < .wire_out_bytes; "wire is not above payload in \(.event)"),
              complain(.tcp_retrans_bytes | whole; "tcp_retrans_bytes is \(.tcp_retrans_bytes)"),
              complain(.tcp_min_rtt_us | whole; "tcp_min_rtt_us is \(.tcp_min_rtt_us)") ) ),
      complain($stop.tcp_in_bytes < $stop.in_bytes and $stop.tcp_out_bytes < $stop.out_bytes; "payload is not below the total"),
      complain($stop.complete == true; "complete is \($stop.complete)");

# the value of KEY in the only record of that event, as jq -r prints it
def said(event; key):
    map(select(.event == event)) | if length == 1 then .[0][key] | tostring else "missing" end;

def expected:
    . as $records
    | $ARGS.positional[]
    | capture("^((?<event>start|stop)\\.)?(?<key>[^=]*)=(?<value>.*)$"; "m") as $wanted
    | ($wanted.event // ("start", "stop")) as $event
    | ($records | said($event; $wanted.key)) as $got
    | complain($got == $wanted.value or ($wanted.key == "terminate_cause" and ($wanted.value | split("|") | index($got) != null)); "\($wanted.key) is \($got) in \($event), wanted \($wanted.value)");

[ (.[] | record), session, (if $counted then counted else empty end), expected ] | unique | .[]
