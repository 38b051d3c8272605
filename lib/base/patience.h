/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * How long the library, the helper and the module wait for what, and how these times depend on one
 * another.
 *
 * All times are microseconds. The deadline of a login itself is open_timeout of the PAM line
 * (pam_module/arguments.c): the module does not wait longer, whatever is defined here. What only a
 * command waits for stands in the command.
 */

#ifndef BASE_PATIENCE_H
#define BASE_PATIENCE_H

#include "base/clock.h"

/* open, start: for the session's lock. It is free when a session begins, unless another session's
 * lock has the same offset, or a close or reap has it, which then does what start would do. */
#define OPEN_PATIENCE (2 * CLOCK_SECOND)
#define START_PATIENCE (2 * CLOCK_SECOND)

/* open: how long after the login it may still begin. A close that finds no session waits until this
 * time has passed, and then knows that no open will come. */
#define OPEN_LATEST (20 * CLOCK_SECOND)

/* open: no login is over sooner. */
#define OPEN_SOON CLOCK_SECOND

/* all: for the lock of the kernel's tables, in total for one run. Commits of other programs take
 * some seconds at worst. A run that changes nothing waits less. */
#define SOURCES_PATIENCE (60 * CLOCK_SECOND)
#define SOURCES_PATIENCE_LOOK (CLOCK_SECOND / 2)

/* start: for the process that works on the earlier session with the same addresses and ports. No
 * login waits for this; a reap, which may hold that session's lock itself, does not wait at all. */
#define SUCCESSION_PATIENCE (30 * CLOCK_SECOND)

/* start: the time between two looks what a login is for, and how many of them there are if it
 * begins nothing. No login and no lock waits for it. */
#define KIND_PAUSE UINT64_C(20000)
#define KIND_LOOKS 60

/* reap: a login that has begun nothing in this time is there to forward. */
#define KIND_SETTLED (10 * (int64_t)CLOCK_SECOND)

/* close: for the session's lock, which a start may hold while it waits for the tables. */
#define CLOSE_PATIENCE (120 * CLOCK_SECOND)

/* close: how long the counters must stand still after the end, at the least and at the most. */
#define LASTREADING_SETTLE_LEAST UINT64_C(20000)
#define LASTREADING_SETTLE_MOST CLOCK_SECOND

/* close: the time between two questions whether the connection is over: at first, and later. */
#define CLOSE_POLL_FIRST UINT64_C(2000)
#define CLOSE_POLL_LONGEST UINT64_C(50000)

/* reap: how long after the end of a connection the close of its session may still come: if the
 * process that would start it is gone, and if that process still exists. */
#define REAP_GRACE (10 * (int64_t)CLOCK_SECOND)
#define REAP_GRACE_ALIVE (60 * (int64_t)CLOCK_SECOND)

/* reap: how long a login must have been without a session before it gets one. Modules above ours in
 * the PAM file may take a while. */
#define FOUND_GRACE (120 * (int64_t)CLOCK_SECOND)

/* reap: how long the id of such a session is kept after its end, because the helper that sshd
 * started to close it may be delayed, on a busy machine or by a lock. */
#define FOUND_KEEP (600 * (int64_t)CLOCK_SECOND)

/* reap: how long none may have run before the log says so; the timer runs one every minute. */
#define ALIVE_GAP (600 * CLOCK_SECOND)

/* reap: the time between two looks at the log for sessions that have no state, while such a
 * connection lives: the login is found meanwhile, or it is none of ours any more. */
#define LOST_PATIENCE (600 * CLOCK_SECOND)

/* ... and otherwise. */
#define LOST_SETTLED_FOR (3600 * CLOCK_SECOND)

/* ... and how old its files are at most that are looked at: a month, which is how long logrotate
 * writes into one, and some days. */
#define LOST_LOOK_BACK (40 * UINT64_C(86400) * CLOCK_SECOND)

/* setup, teardown, a first login on a port: for the lock of the ports, which a reap may hold. */
#define PORTS_PATIENCE (10 * CLOCK_SECOND)

/* reap: the time between two records of a port or user, if sessions have no interim records. */
#define PORTS_INTERVAL (3600 * CLOCK_SECOND)

/* reap: how long a user may be quiet until his row in the kernel, and his account, end; those of a
 * login that is over end after one interval. */
#define USERLEDGER_QUIET (UINT64_C(86400) * CLOCK_SECOND)

/* reap: for the names of users, which a directory service may have. */
#define USERNAMES_PATIENCE (2 * CLOCK_SECOND)

/* teardown: for the lock of the users' accounts, which a reap may hold. */
#define USERLEDGER_PATIENCE (10 * CLOCK_SECOND)

/* all: for the lock of the log, in total for one run, however many records it has to write. */
#define SESSION_PATIENCE (10 * CLOCK_SECOND)

/* doctor's checks: for any lock that another process holds; a login's helper waits longer for the
 * lock of the log. */
#define SESSIONCHECK_PATIENCE (2 * CLOCK_SECOND)

/* counting: the pause between two readings that must be the same. It is far longer than a packet
 * needs from one hook to the next. */
#define SOURCES_PAUSE UINT64_C(1000)
#define COUNTING_PAUSE UINT64_C(1000)

/* all: between two tries to get a lock of the state folder (a close waits for an open of some
 * milliseconds, a writer of the log for another one's write), or that of legacy iptables, where a
 * commit takes from 0.03 ms to some 10 ms; and to commit to nftables, so that the other one gets
 * done. */
#define STATELOCK_INTERVAL_FIRST UINT64_C(1000)
#define STATELOCK_INTERVAL UINT64_C(5000)
#define XTLOCK_INTERVAL UINT64_C(1000)
#define NFTABLES_INTERVAL_FIRST UINT64_C(200)
#define NFTABLES_INTERVAL_MOST UINT64_C(10000)

/* nftables: for the lock of legacy iptables, for the rule that keeps conntrack on; the next setup
 * tries again. doctor: for the same lock, to look. */
#define KEEPER_PATIENCE (CLOCK_SECOND / 2)
#define IPTABLESLOOK_PATIENCE (2 * CLOCK_SECOND)

/* all: for one answer of the kernel. */
#define NETLINK_PATIENCE (2 * CLOCK_SECOND)

/* reap: for an answer of the looker. A pass over /proc takes some milliseconds for a thousand
 * processes. */
#define LOOKER_PATIENCE (30 * CLOCK_SECOND)

/* report and the like: for another program that takes the log into the index. */
#define DB_PATIENCE (10 * CLOCK_SECOND)

/* module: what the first child of a login may take at the least, whatever the deadline is: a busy
 * machine is no frozen group. Then it is killed, and that may take as long again; one that is still
 * not gone by then is init's when sshd's process ends. */
#define LAUNCH_BEGIN_LEAST CLOCK_SECOND

/* setup: how long modprobe, and the program that loads the users' ledger, may take. */
#define MODULES_PATIENCE (30 * CLOCK_SECOND)
#define LEDGER_PATIENCE (20 * CLOCK_SECOND)

_Static_assert(OPEN_PATIENCE < OPEN_LATEST, "an open that begins at last still gets its lock");
_Static_assert(CLOSE_PATIENCE >
                       SOURCES_PATIENCE + SUCCESSION_PATIENCE + PORTS_PATIENCE + SESSION_PATIENCE,
               "a close outlasts the start that has its session's lock");
_Static_assert(CLOSE_PATIENCE > OPEN_LATEST, "a close outlasts the open that may still come");
_Static_assert(FOUND_GRACE > (int64_t)OPEN_LATEST,
               "a login is not found while its open may still come");
_Static_assert((int64_t)LOST_PATIENCE > 2 * FOUND_GRACE,
               "a login that lives is found before its lost session is looked for again");
_Static_assert(FOUND_KEEP > (int64_t)CLOSE_PATIENCE,
               "a close that waits for its lock still finds its session's id");
_Static_assert(REAP_GRACE < REAP_GRACE_ALIVE && REAP_GRACE_ALIVE < FOUND_GRACE,
               "a close that is on its way comes before a reap ends its session");
_Static_assert(SOURCES_PATIENCE_LOOK < SESSIONCHECK_PATIENCE &&
                       SESSIONCHECK_PATIENCE < SESSION_PATIENCE,
               "who only looks or checks does not hold up who works");
_Static_assert(LASTREADING_SETTLE_LEAST > COUNTING_PAUSE &&
                       LASTREADING_SETTLE_MOST < (uint64_t)REAP_GRACE,
               "a last reading is over before a reap may end its session");
_Static_assert(KEEPER_PATIENCE < OPEN_PATIENCE, "a rule that can wait holds up no start");
_Static_assert(CLOSE_POLL_FIRST < CLOSE_POLL_LONGEST, "");

#endif
