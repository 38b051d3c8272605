/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The module as PAM loads it: its return values, without root and without sshd. The very same
 * source is built twice, as `test-module` and as `sshd`, because the module goes by the name of
 * the program.
 */

#include "config.h"
#include "unit.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <sched.h>
#include <security/pam_appl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <unistd.h>

typedef int (*entry)(pam_handle_t *, int, int, const char **);

static void *module;
static entry open_session, close_session;

static int load(void **state) {
        (void)state;
        module = dlopen(TEST_MODULE, RTLD_NOW | RTLD_LOCAL);
        if (!module) {
                (void)fprintf(stderr, "%s\n", dlerror());
                return -1;
        }
        *(void **)&open_session = dlsym(module, "pam_sm_open_session"); /* dlsym(3), its example */
        *(void **)&close_session = dlsym(module, "pam_sm_close_session");
        return open_session && close_session ? 0 : -1;
}

static int unload(void **state) {
        (void)state;
        return dlclose(module);
}

static int answer(int n, const struct pam_message **messages, struct pam_response **responses,
                  void *data) {
        (void)n;
        (void)messages;
        (void)responses;
        (void)data;
        return PAM_CONV_ERR;
}

static pam_handle_t *start(const char *service) {
        static const struct pam_conv conversation = { answer, NULL };
        pam_handle_t *pamh = NULL;

        assert_int_equal(pam_start_confdir(service, "nobody", &conversation, TEST_CONFDIR, &pamh),
                         PAM_SUCCESS);
        return pamh;
}

/* Open and close with some arguments, as PAM would. */
static void check(pam_handle_t *pamh, int opened, int closed, int argc, const char **argv) {
        assert_int_equal(open_session(pamh, 0, argc, argv), opened);
        assert_int_equal(close_session(pamh, 0, argc, argv), closed);
        assert_int_equal(pam_end(pamh, PAM_SUCCESS), PAM_SUCCESS);
}

static void test_other_service(void **state) {
        const char *strict[] = { "strict" }, *named[] = { "service=sshd-two", "service=three" };

        (void)state;
        check(start("su"), PAM_IGNORE, PAM_IGNORE, 1, strict);
        check(start("sshd"), PAM_IGNORE, PAM_IGNORE, 2, named);
}

#ifdef TEST_SSHD

/* sshd that holds no TCP connection. */
static void test_no_connection(void **state) {
        const char *strict[] = { "strict", "nonsense", "open_timeout=never", "conf=relative" };

        (void)state;
        check(start("sshd"), PAM_SUCCESS, PAM_IGNORE, 0, NULL);
        check(start("sshd"), PAM_SESSION_ERR, PAM_IGNORE, 4, strict);
}

/* Where a helper is installed its folder becomes an empty one, for this process alone. Return:
 * whether there is none now; only root can hide one. */
static int hide_helper(void) {
        char folder[] = PATH_HELPER;

        if (access(PATH_HELPER, F_OK) != 0)
                return 1;
        *strrchr(folder, '/') = '\0';
        return unshare(CLONE_NEWNS) == 0 &&
               mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
               mount("tmpfs", folder, "tmpfs", 0, NULL) == 0;
}

/* A connection, but no helper where the module looks for it. */
static void test_no_helper(void **state) {
        struct sockaddr_in address = { .sin_family = AF_INET };
        socklen_t length = sizeof(address);
        const char *strict[] = { "strict" };
        char connection[128];
        int listener, client, server;
        pam_handle_t *pamh;
        uint16_t port;

        (void)state;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof(address)), 0);
        assert_int_equal(listen(listener, 1), 0);
        assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &length), 0);
        port = ntohs(address.sin_port);
        client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        assert_int_equal(connect(client, (struct sockaddr *)&address, sizeof(address)), 0);
        assert_int_equal(getsockname(client, (struct sockaddr *)&address, &length), 0);
        server = accept(listener, NULL, NULL);
        assert_true(server >= 0);
        (void)snprintf(connection, sizeof(connection), "SSH_CONNECTION=127.0.0.1 %u 127.0.0.1 %u",
                       ntohs(address.sin_port), port);

        pamh = start("sshd");
        assert_int_equal(pam_putenv(pamh, connection), PAM_SUCCESS);
        check(pamh, PAM_SUCCESS, PAM_IGNORE, 0, NULL);

        pamh = start("sshd");
        assert_int_equal(pam_putenv(pamh, connection), PAM_SUCCESS);
        check(pamh, PAM_SESSION_ERR, PAM_IGNORE, 1, strict);

        /* both ends are in this process: without SSH_CONNECTION nothing says which is the client */
        check(start("sshd"), PAM_SUCCESS, PAM_IGNORE, 0, NULL);

        (void)close(server);
        (void)close(client);
        (void)close(listener);
}

#else

/* A program that is not sshd is never accounted, not even by a wrong PAM line with `strict`. */
static void test_not_sshd(void **state) {
        const char *strict[] = { "strict", "service=su", "service=sshd" };

        (void)state;
        check(start("sshd"), PAM_IGNORE, PAM_IGNORE, 0, NULL);
        check(start("su"), PAM_IGNORE, PAM_IGNORE, 3, strict);
}

#endif

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_other_service),
#ifdef TEST_SSHD
                cmocka_unit_test(test_no_connection),
                cmocka_unit_test(test_no_helper),
#else
                cmocka_unit_test(test_not_sshd),
#endif
        };
        size_t n = UNIT_COUNT(tests);

#ifdef TEST_SSHD
        /* it is the last; cmocka's own way to skip one is a failure for meson */
        if (!hide_helper()) {
                (void)printf("# not without a helper: one is installed, and only root hides it\n");
                n--;
        }
#endif
        return _cmocka_run_group_tests("module", tests, n, load, unload);
}
