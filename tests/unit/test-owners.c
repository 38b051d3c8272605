/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Whose a socket is: its process, in a made-up /proc, and that one's login.
 */

#include "audit-world.h"
#include "proc.h"

#include <stdlib.h>

/* The lowest pid; a login's process tree; the login's own connection, with and without a state. */
static void test_owners(void **state) {
        static const struct proc_process processes[] = {
                { 1, 0, 1, "init", "/sbin/init", 0 },
                { 10, 1, 5, "sshd", "/usr/sbin/sshd", 0 },
                { 11, 10, 50, "sshd", "/usr/sbin/sshd", 0 },
                { 12, 11, 51, "sshd", "/usr/sbin/sshd", 1000 },
                { 13, 12, 52, "curl", "/usr/bin/curl", 1000 },
                { 20, 10, 60, "sshd", "/usr/sbin/sshd", 0 },
                { 32, 1, 71, "sshd", "/usr/sbin/sshd", 1000 }, /* its parent was killed */
        };
        const struct proc *proc = *state;
        const struct audit_options options = { .proc_fd = proc->fd };
        struct audit *audit = begin(&options);
        uint32_t own, curl, unknown, forward, many, accepted, orphan, users;
        struct audit_login *login;

        unit_needs_root();
        for (size_t i = 0; i < UNIT_COUNT(processes); i++)
                proc_add(proc, &processes[i]);
        (void)place(audit, IPPROTO_TCP, end("0.0.0.0", 22), end("0.0.0.0", 0), 0, 1);
        own = place(audit, IPPROTO_TCP, end(HERE, 22), end(FAR, 5), 0, 2);
        curl = place(audit, IPPROTO_TCP, end(HERE, 4000), end(FAR, 80), 1000, 3);
        unknown = place(audit, IPPROTO_TCP, end(HERE, 22), end(FAR, 6), 0, 4);
        forward = place(audit, IPPROTO_TCP, end(HERE, 4001), end(FAR, 80), 0, 5);
        many = place(audit, IPPROTO_TCP, end(HERE, 4002), end(FAR, 80), 1000, 6);

        /* root's login listens for -R itself */
        (void)place(audit, IPPROTO_TCP, end("0.0.0.0", 9001), end("0.0.0.0", 0), 0, 7);
        accepted = place(audit, IPPROTO_TCP, end(HERE, 9001), end(FAR, 7), 0, 8);
        orphan = place(audit, IPPROTO_TCP, end(HERE, 22), end(FAR, 9), 5, 9);

        users = place(audit, IPPROTO_TCP, end(HERE, 22), end(FAR, 11), 1000, 10);

        audit->logins = (struct logins){ .logins = calloc(2, sizeof(*login)), .n = 2 };
        login = audit->logins.logins;
        assert_non_null(login);
        login[1] = (struct audit_login){ .pid = 31, .started = 70 };
        login[1].connection = audit->rows.rows[orphan].connection;
        assert_int_equal(names_add(&audit->names, "killed", &login[1].session), 0);
        *login = (struct audit_login){ .pid = 11, .started = 50 };
        login->connection = audit->rows.rows[own].connection;
        assert_int_equal(names_add(&audit->names, "the-session", &login->session), 0);

        assert_int_equal(rows_index(&audit->rows), 0);
        socketrows_hold(audit, 10, 1);
        socketrows_hold(audit, 12, 2);
        socketrows_hold(audit, 11, 2);
        socketrows_hold(audit, 13, 3);
        socketrows_hold(audit, 20, 4);
        socketrows_hold(audit, 20, 5);
        socketrows_hold(audit, 13, 6);
        socketrows_hold(audit, 12, 6);
        socketrows_hold(audit, 13, 6);
        socketrows_hold(audit, 20, 7);
        socketrows_hold(audit, 20, 8);
        socketrows_hold(audit, 32, 9);
        socketrows_hold(audit, 12, 10);
        socketrows_hold(audit, 13, 77); /* a socket that came later */
        owners_init(&audit->owners, proc->fd, &audit->names, &audit->logins);
        assert_int_equal(socketrows_own(audit), 0);

        assert_int_equal(audit->rows.rows[own].owner.pid, 11);
        assert_true(audit->rows.rows[own].flags & AUDIT_LOGIN);
        assert_string_equal(audit_name(audit, audit->rows.rows[own].owner.session), "the-session");
        assert_string_equal(audit_name(audit, audit->rows.rows[curl].owner.program), "curl");
        assert_string_equal(audit_name(audit, audit->rows.rows[curl].owner.session), "the-session");
        assert_false(audit->rows.rows[curl].flags & AUDIT_LOGIN);
        assert_true(audit->rows.rows[unknown].flags & AUDIT_LOGIN);
        assert_null(audit_name(audit, audit->rows.rows[unknown].owner.session));
        assert_false(audit->rows.rows[forward].flags & AUDIT_LOGIN);
        assert_int_equal(audit->rows.rows[many].owner.pid, 12);
        assert_false(audit->rows.rows[accepted].flags & AUDIT_LOGIN);
        assert_false(audit->rows.rows[users].flags & AUDIT_LOGIN);
        assert_true(audit->rows.rows[orphan].flags & AUDIT_LOGIN);
        assert_string_equal(audit_name(audit, audit->rows.rows[orphan].owner.session), "killed");
        audit = audit_free(audit);
}

/* A pid that was given away: not the login's, whose number it has. */
static void test_reused_pid(void **state) {
        static const struct proc_process other = { 11, 1, 99, "cron", "/usr/sbin/cron", 0 };
        const struct proc *proc = *state;
        const struct audit_options options = { .proc_fd = proc->fd };
        struct audit *audit = begin(&options);

        unit_needs_root();
        proc_add(proc, &other);
        (void)place(audit, IPPROTO_TCP, end(HERE, 4000), end(FAR, 80), 1000, 3);
        audit->logins = (struct logins){ .logins = calloc(1, sizeof(struct audit_login)), .n = 1 };
        assert_non_null(audit->logins.logins);
        audit->logins.logins[0] = (struct audit_login){ .pid = 11, .started = 50 };
        assert_int_equal(names_add(&audit->names, "x", &audit->logins.logins[0].session), 0);
        assert_int_equal(rows_index(&audit->rows), 0);
        socketrows_hold(audit, 11, 3);
        owners_init(&audit->owners, proc->fd, &audit->names, &audit->logins);
        assert_int_equal(socketrows_own(audit), 0);
        assert_null(audit_name(audit, audit->rows.rows[0].owner.session));
        audit = audit_free(audit);
}

int main(void) {
        static const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_owners, proc_setup, proc_teardown),
                cmocka_unit_test_setup_teardown(test_reused_pid, proc_setup, proc_teardown),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
