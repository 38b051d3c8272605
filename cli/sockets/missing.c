/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The tables that could not be read: one line on standard error for each, with what to do.
 */

#include "missing.h"
#include "cli/shared/fail.h"
#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

/* At most one line: the first that is in the way. */
static void missing_conntrack(const struct audit_missing *missing) {
        if (missing->conntrack)
                fail_warn("no bytes are known, because conntrack is not loaded; to count new "
                          "connections, run " PATH_HELPER " setup");
        else if (missing->conntrack_error == EPERM || missing->conntrack_error == EACCES)
                fail_warn(
                        "no bytes are known, because you may not read conntrack; run it as root or "
                        "with CAP_NET_ADMIN");
        else if (missing->conntrack_error)
                fail_warn("bytes may be missing, because conntrack cannot be read: %s",
                          strerror(missing->conntrack_error));
        else if (missing->conntrack_idle)
                fail_warn("no bytes are known, because no rule here uses conntrack; to add one, "
                          "run " PATH_HELPER " setup");
        else if (missing->accounting)
                fail_warn("the bytes of new connections are not counted, because "
                          "net.netfilter.nf_conntrack_acct is 0; to set it to 1, run " PATH_HELPER
                          " setup");
        else if (missing->accounting_before)
                fail_warn("the bytes of some connections are not known, because they began before "
                          "net.netfilter.nf_conntrack_acct was 1; new ones are counted");
        if (missing->conntrack_changing)
                fail_warn("connections may be missing, because conntrack's table changed while it "
                          "was "
                          "read; try again");
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
                fail_warn("the age of some connections is not known, because "
                          "net.netfilter.nf_conntrack_timestamp is 0, or was; for new connections, "
                          "run "
                          "sysctl -w net.netfilter.nf_conntrack_timestamp=1");
        if (missing->unreadable)
                fail_warn("the program and pid of some sockets are not known, because %" PRIu64
                          " processes cannot be read%s%s",
                          missing->unreadable, geteuid() ? "" : " even by root",
                          geteuid() ? "; run it as root" : "");
        if (missing->state_error)
                fail_warn("the sessions of the sockets are not known: cannot read %s: %s; run it "
                          "as root",
                          state_dir, strerror(missing->state_error));
        if (missing->damaged)
                fail_warn("sockets may be missing: /proc/%s cannot be read, or has an unknown "
                          "form; is "
                          "/proc mounted?",
                          missing->damaged);
}
