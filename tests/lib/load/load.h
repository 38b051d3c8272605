/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The load program: what its files know of each other.
 */

#ifndef LOAD_LOAD_H
#define LOAD_LOAD_H

#include <netinet/in.h>
#include <security/pam_appl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

/* load.c */
__attribute__((noreturn, format(printf, 1, 2))) void load_fail(const char *format, ...);
uint64_t load_now(void);
uint64_t load_number(const char *text);
int load_listen(const struct sockaddr_in *address);

/* client.c: the other end of the connections */
struct client {
        pid_t pid;
        int fd;
};

void client_start(struct client *client, const char *netns);
void client_connect(const struct client *client, const struct sockaddr_in *to, bool abortive);
void client_stop(struct client *client);

/* application.c: one PAM session, as sshd opens it */
struct application {
        pam_handle_t *pamh;
        int user_fd; /* the user's processes end when this is closed; 0: there are none */
        pid_t user;
};

void application_begin(struct application *application, const char *confdir, int fd);
uint64_t application_open(struct application *application);
void application_serve(struct application *application, bool stays);
uint64_t application_close(struct application *application);
void application_end(struct application *application);

/* sessions.c: the sessions that live, and all children */
struct manylogins {
        int listener;
        struct sockaddr_in address;
        struct client client;
        pid_t *live;
        size_t n;
};

void manylogins_start(struct manylogins *sessions, const struct sockaddr_in *address,
                      const char *netns);
int manylogins_accept(const struct manylogins *sessions);
pid_t manylogins_fork(const struct manylogins *sessions);
pid_t manylogins_wait(int *ret_status, struct rusage *ret_usage);
void manylogins_open(struct manylogins *sessions, const char *confdir, size_t count);
void manylogins_end(struct manylogins *sessions, size_t count, int signal_number);

/* login.c: a login with a watch on it */
void onelogin_measure(const struct manylogins *sessions, const char *confdir, bool has_helper);

/* crowd.c, timed.c, visit.c: verbs of their own */
void crowd_run(const struct sockaddr_in *address, const char *netns, size_t count);
int timed_run(uint64_t limit, char **command);
void visit_run(const struct sockaddr_in *address, const char *netns, const char *confdir,
               const struct sockaddr_in *from);

#endif
