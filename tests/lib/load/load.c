/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * sshd - a PAM application that is quick: real TCP connections, and PAM sessions that belong to
 * them. The load of the benchmark, and what the tests that kill helpers log in with.
 *
 *   sshd sessions ADDRESS PORT NETNS    reads commands, answers each with one line:
 *       open CONFDIR COUNT              COUNT more sessions that live
 *       login CONFDIR helper|plain      one login with a watch on it (login.c)
 *       vanish COUNT                    the newest sessions end without a word: kill -9
 *       close COUNT                     the newest sessions end as sshd ends them
 *   sshd crowd ADDRESS PORT NETNS COUNT COUNT other connections, until its standard input ends
 *   sshd visit ADDRESS PORT NETNS CONFDIR CLIENT
 *                                   one session from the client's address CLIENT (visit.c)
 *   sshd timed SECONDS COMMAND...       runs it; prints time and memory; ends it after SECONDS
 *
 * It runs where the server is; the other ends of the connections are in the network namespace
 * NETNS. Relies on: a program of the name sshd, run by root, is sshd to the module. It shows no
 * more of sshd than libpam's application and the holder of a socket.
 */

#include "load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/**
 * load_fail() - say what went wrong, and end
 * @format:     of printf(3)
 */
void load_fail(const char *format, ...) {
        int why = errno;
        va_list list;

        va_start(list, format);
        (void)fprintf(stderr, "load: ");
        (void)vfprintf(stderr, format, list);
        (void)fprintf(stderr, ": %s\n", strerror(why));
        va_end(list);
        _exit(1);
}

/**
 * load_now() - read the clock
 *
 * Return: nanoseconds of CLOCK_MONOTONIC.
 */
uint64_t load_now(void) {
        struct timespec now;

        (void)clock_gettime(CLOCK_MONOTONIC, &now);
        return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/**
 * load_number() - read a number
 * @text:       the text
 *
 * Return: the number; anything else ends the program.
 */
uint64_t load_number(const char *text) {
        unsigned long number;
        char *end;

        errno = 0;
        number = strtoul(text, &end, 10);
        if (errno || end == text || *end || number > UINT_MAX) {
                errno = EINVAL;
                load_fail("not a number: %s", text);
        }
        return number;
}

/**
 * load_listen() - open a listening socket
 * @address:    where
 *
 * Return: the socket.
 */
int load_listen(const struct sockaddr_in *address) {
        int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

        if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) < 0 ||
            bind(fd, (const struct sockaddr *)address, sizeof(*address)) < 0 ||
            listen(fd, 1024) < 0)
                load_fail("cannot listen");
        return fd;
}

static void load_command(struct manylogins *sessions, char *line) {
        char *save, *verb = strtok_r(line, " \n", &save);
        char *first = strtok_r(NULL, " \n", &save), *second = strtok_r(NULL, " \n", &save);

        if (verb && second && !strcmp(verb, "open"))
                manylogins_open(sessions, first, load_number(second));
        else if (verb && second && !strcmp(verb, "login"))
                onelogin_measure(sessions, first, !strcmp(second, "helper"));
        else if (verb && first && !strcmp(verb, "vanish"))
                manylogins_end(sessions, load_number(first), SIGKILL);
        else if (verb && first && !strcmp(verb, "close"))
                manylogins_end(sessions, load_number(first), SIGTERM);
        else
                load_fail("not a command: %s", verb ? verb : "");
}

static void load_address(const char *text, struct sockaddr_in *ret_address) {
        *ret_address = (struct sockaddr_in){ .sin_family = AF_INET };
        errno = EINVAL;
        if (inet_pton(AF_INET, text, &ret_address->sin_addr) != 1)
                load_fail("not an address: %s", text);
}

static void load_commands(const struct sockaddr_in *address, const char *netns) {
        struct manylogins sessions = { 0 };
        char line[PATH_MAX + 64];

        manylogins_start(&sessions, address, netns);
        while (fgets(line, sizeof(line), stdin)) {
                load_command(&sessions, line);
                (void)fflush(stdout);
        }
        for (size_t i = 0; i < sessions.n; i++)
                (void)kill(sessions.live[i], SIGKILL);
        client_stop(&sessions.client);
}

int main(int argc, char **argv) {
        struct sockaddr_in address, from;
        struct rlimit files = { 0 };

        if (argc >= 4 && !strcmp(argv[1], "timed"))
                return timed_run(load_number(argv[2]), argv + 3);
        if (argc < 5) {
                (void)fprintf(stderr, "load: wrong usage\n");
                return 2;
        }
        load_address(argv[2], &address);
        address.sin_port = htons((uint16_t)load_number(argv[3]));

        /* as many as may be: the clients are one process */
        if (getrlimit(RLIMIT_NOFILE, &files) < 0)
                load_fail("getrlimit");
        files.rlim_cur = files.rlim_max;
        if (setrlimit(RLIMIT_NOFILE, &files) < 0)
                load_fail("setrlimit");

        if (argc == 5 && !strcmp(argv[1], "sessions"))
                load_commands(&address, argv[4]);
        else if (argc == 6 && !strcmp(argv[1], "crowd"))
                crowd_run(&address, argv[4], load_number(argv[5]));
        else if (argc == 7 && !strcmp(argv[1], "visit")) {
                load_address(argv[6], &from);
                visit_run(&address, argv[4], argv[5], &from);
        } else
                return 2;
        return 0;
}
