/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * One look: it reads sockets, their holders, the logins, and conntrack, in this order, so that the
 * counters are the newest values.
 *
 * Owns: the order, and what is reported as missing. A look does not fail because something is
 * missing.
 * Relies on: each table is read in one pass, and joined by hash: the work grows with the number of
 * rows.
 */

#include "audit/look.h"

#include "base/clock.h"
#include "base/number.h"
#include "net/holders.h"
#include "net/sockfile.h"
#include "netfilter/conntrack.h"
#include "netlink/sockdump.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

/* For more connections than this, all of conntrack's table is read at once. */
#define AUDIT_FEW 1024

/* How often progress is told. */
#define AUDIT_STEP 4096

static const struct {
        const char *path;
        uint8_t protocol;
} audit_tables[] = {
        { "net/tcp", IPPROTO_TCP },
        { "net/tcp6", IPPROTO_TCP },
        { "net/udp", IPPROTO_UDP },
        { "net/udp6", IPPROTO_UDP },
};

struct audit_table {
        struct audit *audit;
        uint8_t protocol;
};

/**
 * audit_new() - begin an audit
 * @options:    what is wanted; what they point to must stay
 * @ret_audit:  the audit, to be given to audit_free()
 *
 * Return: 0 or -ENOMEM.
 */
int audit_new(const struct audit_options *options, struct audit **ret_audit) {
        _cleanup_(audit_freep) struct audit *audit = calloc(1, sizeof(*audit));

        if (!audit)
                return -ENOMEM;
        audit->options = *options;
        /* without a seed, the tables are only slower where somebody aims at them */
        (void)!getrandom(&audit->rows.seed, sizeof(audit->rows.seed), GRND_NONBLOCK);
        audit->history.seed = audit->rows.seed;
        *ret_audit = pointer_steal(&audit);
        return 0;
}

static void audit_clear(struct audit *audit) {
        rows_clear(&audit->rows);
        locals_clear(&audit->locals);
        logins_clear(&audit->logins);
        owners_clear(&audit->owners);
        audit->missing = (struct audit_missing){ .conntrack_error = 0 };
        memset(audit->recent, 0, sizeof(audit->recent));
        audit->n_flows = 0;
        audit->n_holders = 0;
}

/**
 * audit_free() - end an audit
 * @audit:      the audit, or NULL
 *
 * Return: NULL.
 */
struct audit *audit_free(struct audit *audit) {
        if (!audit)
                return NULL;
        audit_clear(audit);
        rows_free(&audit->rows);
        names_clear(&audit->names);
        history_free(&audit->history);
        free(audit);
        return NULL;
}

static void audit_tell(const struct audit *audit, const char *what, size_t n) {
        if (audit->options.progress && n % AUDIT_STEP == 0)
                audit->options.progress(audit->options.context, what, n);
}

static int audit_on_socket(void *context, const struct socktable_row *row) {
        const struct audit_table *table = context;

        audit_tell(table->audit, "sockets", table->audit->rows.n);
        return socketrows_take(table->audit, table->protocol, row);
}

static void audit_on_holder(void *context, pid_t pid, uint64_t inode) {
        struct audit *audit = context;

        audit_tell(audit, "descriptors", audit->n_holders++);
        socketrows_hold(audit, pid, inode);
}

static int audit_on_flows(void *context, const struct flow *flows, size_t n) {
        struct audit *audit = context;

        audit_tell(audit, "conntrack entries", audit->n_flows);
        return flows_take(audit, flows, n);
}

static int audit_on_told(void *context, uint8_t protocol, const struct socktable_row *row) {
        struct audit *audit = context;

        audit_tell(audit, "sockets", audit->rows.n);
        return socketrows_take(audit, protocol, row);
}

/* Whether /proc is that of this process, and so has the sockets of its network namespace. */
static bool audit_is_own(int proc_fd) {
        char link[32];
        ssize_t n = readlinkat(proc_fd, "self", link, sizeof(link));
        uint64_t pid;

        return n > 0 && number_parse(link, (size_t)n, 10, UINT32_MAX, &pid) == 0 &&
               pid == (uint64_t)getpid();
}

/* Where the kernel does not tell to the end, /proc is read as if it had told nothing. */
static int audit_read_sockets(struct audit *audit) {
        if (audit_is_own(audit->options.proc_fd)) {
                int r = sockdump_walk(audit_on_told, audit);

                if (!r || r == -ENOMEM || r == -EOVERFLOW)
                        return r;
                rows_clear(&audit->rows);
        }
        for (size_t i = 0; i < sizeof(audit_tables) / sizeof(*audit_tables); i++) {
                struct audit_table table = { audit, audit_tables[i].protocol };
                int r;

                r = sockfile_walk(audit->options.proc_fd, audit_tables[i].path, audit_on_socket,
                                  &table);
                if (r == -ENOMEM || r == -EOVERFLOW)
                        return r;
                if (r && r != SOCKFILE_E_NONE)
                        audit->missing.damaged = audit_tables[i].path;
        }
        return 0;
}

/* Whether there is a socket that some process must have, and none of those that were looked at. */
static bool audit_has_unowned(const struct audit *audit) {
        for (uint32_t i = 0; i < audit->rows.n; i++)
                if (audit->rows.rows[i].inode && audit->rows.rows[i].owner.pid == AUDIT_UNKNOWN)
                        return true;
        return false;
}

static int audit_read_owners(struct audit *audit) {
        uint64_t unreadable;
        int r;

        r = logins_read(audit->options.state_dir, &audit->names, &audit->logins);
        if (r == -ENOMEM)
                return r;
        if (r < 0 && r != -ENOENT)
                audit->missing.state_error = -r;

        r = rows_index(&audit->rows);
        if (r < 0)
                return r;
        r = holders_walk(audit->options.proc_fd, HOLDERS_HERE, audit_on_holder, audit,
                         &audit->missing.unreadable);
        if (!r && audit_has_unowned(audit))
                r = holders_walk(audit->options.proc_fd, HOLDERS_ELSEWHERE, audit_on_holder, audit,
                                 &unreadable);
        if (r == -ENOMEM)
                return r;
        if (r < 0)
                audit->missing.damaged = ".";
        map_clear(&audit->rows.by_inode); /* for the memory */
        owners_init(&audit->owners, audit->options.proc_fd, &audit->names, &audit->logins);
        return socketrows_own(audit);
}

/* Ask for the flows of the connections one by one, if they are few, and there are no others. */
static int audit_read_few(struct audit *audit, uint32_t n) {
        struct flow_key keys[AUDIT_FEW];

        if (n > AUDIT_FEW)
                return FLOW_E_MORE;
        n = 0;
        for (uint32_t i = 0; i < audit->rows.n; i++) {
                const struct audit_row *row = &audit->rows.rows[i];

                if (!(row->flags & AUDIT_UNCONNECTED))
                        keys[n++] = (struct flow_key){ row->connection, row->protocol };
        }
        return flow_few(audit->options.proc_fd, keys, n, audit_on_flows, audit);
}

static uint32_t audit_count_connections(const struct audit *audit) {
        uint32_t n = 0;

        for (uint32_t i = 0; i < audit->rows.n; i++)
                n += !(audit->rows.rows[i].flags & AUDIT_UNCONNECTED);
        return n;
}

static int audit_read_flows(struct audit *audit) {
        struct audit_missing *missing = &audit->missing;
        uint32_t n = audit_count_connections(audit);
        bool on;
        int r;

        if (audit->options.watch) {
                r = history_begin(&audit->history);
                if (r < 0)
                        return r;
        }
        r = audit_read_few(audit, n);
        if (r && !audit->n_flows)
                r = flow_walk(audit->options.proc_fd, audit_on_flows, audit);
        if (r == -ENOMEM || r == -EOVERFLOW)
                return r;
        if (r < 0)
                missing->conntrack_error = -r;
        missing->conntrack = r == FLOW_E_UNAVAILABLE;
        missing->conntrack_changing = r == FLOW_E_CHANGED;
        missing->conntrack_idle = !r && !audit->n_flows && n;
        r = conntrack_sysctl_accounting(audit->options.proc_fd, &on);
        missing->accounting = !r && !on && !missing->conntrack;
        return 0;
}

/**
 * audit_look() - look at everything once
 * @audit:              the audit; its rows are then those of this look
 * @ret_missing:        what could not be looked at
 *
 * Return: 0, or a negative errno: there is not enough memory.
 */
int audit_look(struct audit *audit, struct audit_missing *ret_missing) {
        int r;

        audit_clear(audit);
        audit->now = clock_now(CLOCK_REALTIME) * 1000;
        r = audit_read_sockets(audit);
        if (!r)
                r = audit_read_owners(audit);
        if (!r)
                r = locals_read(&audit->locals);
        if (!r)
                r = audit_read_flows(audit);
        if (r < 0)
                return r;
        *ret_missing = audit->missing;
        return 0;
}

/**
 * audit_rows() - the rows of the last look
 * @audit:      the audit
 * @ret_rows:   the rows, until the next look
 *
 * Return: how many there are.
 */
size_t audit_rows(const struct audit *audit, const struct audit_row **ret_rows) {
        *ret_rows = audit->rows.rows;
        return audit->rows.n;
}

/**
 * audit_name() - a text that rows have
 * @audit:      the audit
 * @name:       its number
 *
 * Return: the text, hostile; or NULL for AUDIT_UNKNOWN.
 */
const char *audit_name(const struct audit *audit, uint32_t name) {
        return name < audit->names.n ? audit->names.texts[name].text : NULL;
}
