# SPDX-License-Identifier: GPL-2.0-or-later
"""A made-up log for the page: 22 days of November 2026, in UTC, and names that are hostile."""

import json

MEGA = 1 << 20
HOSTILE = "</script><script>document.title='taken'</script>"

# what they moved on the 12th, in and out; None: not known
USERS = {
    "alice": (9126805504, 12884901888),
    HOSTILE: (3221225472, 912345678),
    '"><img src=x onerror=alert(1)>': (1610612736, 1234567890),
    "deploy": (2147483649, 88888888),
    "a\x1b[31mb\u202eg": (104857600, 524288000),
    "j\u00fcrgen": (73400320, 419430400),
    "carol": (52428800, 104857600),
    "monitoring": (31457280, 62914560),
    "dave": (10485760, 20971520),
    "a-user-whose-name-has-no-end-and-is-longer-than-any-column-of-this-page": (4096, 8192),
    "erin": (4829, 4405),
    None: (1024, 2048),
    "frank": (512, 512),
    "none": (None, None),
}
INCOMPLETE = ("alice", "j\u00fcrgen", "none")


def backup(day):
    """What the user backup moved on a day, 1 to 22."""
    i = day - 1
    return (i * 7919 % 23 + 3) * 24 * MEGA, (i * 104729 % 31 + 5) * 90 * MEGA // (1 if i % 7 < 5 else 6)


def record(number, day, user, moved, **more):
    return json.dumps({
        "v": 1, "event": "stop", "time": f"2026-11-{day:02}T10:00:00.000000Z", "host": "db1",
        "boot_id": "7c722406-f73e-4fb4-969f-1bee522f7d42",
        "session": f"01a20450-bb0f-79f8-b748-{number:012x}", "seq": 0, "service": "sshd", "user": user,
        "uid": 1000, "pid": 7, "family": "ipv4", "local_addr": "10.77.0.1", "local_port": 22,
        "remote_addr": "10.77.0.2", "remote_port": 5000, "excluded": False, "in_bytes": moved[0],
        "out_bytes": moved[1], "delta_in_bytes": moved[0], "delta_out_bytes": moved[1], "duration": 1,
        "terminate_cause": "User-Request", "complete": True, **more,
    }) + "\n"


def port(moved):
    """What all of port 22 moved on the 12th."""
    return record(9999, 12, None, moved, event="port", session="01a20450-bb0f-79f8-b748-fffffffffff0",
                  duration=None, terminate_cause=None, remote_addr=None, remote_port=None, family=None)


def account(number, seq, day, user, uid, moved, **more):
    """A record of the users' ledger; its totals are of as many days as it has records."""
    total = [moved[0] * (seq + 1), moved[1] * (seq + 1)]
    none = ("service", "pid", "family", "local_addr", "local_port", "remote_addr", "remote_port", "duration",
            "terminate_cause")
    return record(number, day, user, total, **{key: None for key in none}, **{
        "event": "user", "seq": seq, "uid": uid, "socket_owner": "user" if user else "kernel",
        "delta_in_bytes": moved[0], "delta_out_bytes": moved[1], **more})


# what all programs of a user moved on each day
PROGRAMS = {"alice": (300 * MEGA, 90 * MEGA), "backup": (30 * MEGA, 900 * MEGA), None: (MEGA, MEGA)}


def write_both(path):
    """The same log with records of users, from the 3rd on."""
    write(path)
    with open(path, "a", encoding="utf-8") as log:
        for i, (user, moved) in enumerate(PROGRAMS.items()):
            for day in range(3, 23):
                log.write(account(5000 + i, day - 3, day, user, 1000 + i if user else None, moved,
                                  complete=user != "alice" or day != 9,
                                  incomplete_cause="lost" if user == "alice" and day == 9 else None))


def write(path):
    with open(path, "w", encoding="utf-8") as log:
        for day in range(1, 23):
            log.write(record(day, day, "backup", backup(day)))
        for i, (user, moved) in enumerate(USERS.items()):
            # on a port that nobody counts: else what is not known of it would not be known of the port, either
            log.write(record(100 + i, 12, user, moved, complete=user not in INCOMPLETE,
                             local_port=2222 if moved[0] is None else 22))
        noon = [sum(m[i] or 0 for m in USERS.values()) + backup(12)[i] for i in (0, 1)]
        log.write(port([noon[0] + 912680550, noon[1] + 601295421]))
        log.write(record(500, 13, "<b>excluded</b>", (None, None), excluded=True, local_port=2222))
        log.write("nonsense\n")
