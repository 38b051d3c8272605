/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The tables that could not be read: one line on standard error for each, with what to do.
 */

#include "missing.h"
#include "cli/shared/fail.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

/* At most one line: the first that is in the way. */
static void missing_conntrack(const struct audit_missing *missing) {
        if (missing->conntrack)
                fail_warn("no bytes: conntrack is not loaded; pam_traffic_helper setup turns it "
                          "on, for new connections");
        else if (missing->conntrack_error == EPERM || missing->conntrack_error == EACCES)
                fail_warn("no bytes: conntrack may not be read; run it as root or with "
                          "CAP_NET_ADMIN");
        else if (missing->conntrack_error)
                fail_warn("bytes may be missing: conntrack: %s",
                          strerror(missing->conntrack_error));
        else if (missing->conntrack_idle)
                fail_warn("no bytes: conntrack has no connections, no rule here uses it; "
                          "pam_traffic_helper setup adds one");
        else if (missing->accounting)
                fail_warn("no bytes of new connections: net.netfilter.nf_conntrack_acct is 0; "
                          "pam_traffic_helper setup, or sysctl, sets it to 1");
        else if (missing->accounting_before)
                fail_warn("no bytes of some connections: they began before "
                          "net.netfilter.nf_conntrack_acct was 1; new ones are counted");
        if (missing->conntrack_changing)
                fail_warn("connections may be missing: conntrack's table changed meanwhile; try "
                          "again");
}

/**
 * missing_print() - say what is missing
 * @missing:    what is
 * @state_dir:  the state folder
 * @with_age:   whether ages are wanted
 */
void missing_print(const struct audit_missing *missing, const char *state_dir, bool with_age) {
        missing_conntrack(missing);
        if (with_age && missing->timestamps)
                fail_warn("no age of some connections: net.netfilter.nf_conntrack_timestamp is 0, "
                          "or was; sysctl sets it to 1, for new connections");
        if (missing->unreadable)
                fail_warn("no program and pid of some sockets: %" PRIu64
                          " processes do not let %s look into them%s",
                          missing->unreadable, geteuid() ? "you" : "even root",
                          geteuid() ? "; run it as root" : "");
        if (missing->state_error)
                fail_warn("no sessions: cannot read %s: %s; run it as root", state_dir,
                          strerror(missing->state_error));
        if (missing->damaged)
                fail_warn("sockets may be missing: cannot read /proc/%s as it is here; is /proc "
                          "mounted?",
                          missing->damaged);
}
