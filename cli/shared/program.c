/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Running another program, and reading its output.
 *
 * Owns: that the program gets no environment except a PATH and the C locale, and no terminal; and
 * that a program that does not end is killed.
 * Relies on: it is a program of the system: it is searched in the system's folders only, never in
 * the caller's PATH.
 */

#include "program.h"

#include "base/base.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#define PROGRAM_PATH_MAX 256

static const char *const program_folders[] = {
        "/usr/sbin", "/usr/bin", "/sbin", "/bin", "/usr/local/sbin", "/usr/local/bin",
};

static bool program_find(const char *name, char path[static PROGRAM_PATH_MAX]) {
        if (*name == '/') {
                int n = snprintf(path, PROGRAM_PATH_MAX, "%s", name);

                return n < PROGRAM_PATH_MAX && !access(path, X_OK);
        }
        for (size_t i = 0; i < sizeof(program_folders) / sizeof(*program_folders); i++) {
                int n = snprintf(path, PROGRAM_PATH_MAX, "%s/%s", program_folders[i], name);

                if (n < PROGRAM_PATH_MAX && !access(path, X_OK))
                        return true;
        }
        return false;
}

static void program_exec(const char *path, const char *const *argv, int out) {
        static const char *const environment[] = {
                "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
                "LC_ALL=C",
                NULL,
        };
        sigset_t none;
        int fd;

        (void)sigemptyset(&none);
        (void)sigprocmask(SIG_SETMASK, &none, NULL);
        fd = open("/dev/null", O_RDWR | O_CLOEXEC);
        if (fd < 0 || dup2(fd, 0) < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0 ||
            close_range(3, ~0U, 0) < 0)
                _exit(127);
        /* execve(2) does not write into them */
        (void)execve(path, (char *const *)(uintptr_t)argv, (char *const *)(uintptr_t)environment);
        _exit(127);
}

/* Hand out what comes, to the end. */
static int program_listen(int fd, uint64_t deadline, program_take take, void *context) {
        char part[4096];

        for (;;) {
                struct pollfd out = { .fd = fd, .events = POLLIN };
                uint64_t now = clock_now(CLOCK_MONOTONIC);
                ssize_t n;
                int r;

                if (now >= deadline)
                        return -ETIMEDOUT;
                if (poll(&out, 1, (int)((deadline - now) / 1000) + 1) <= 0)
                        continue;
                n = read(fd, part, sizeof(part));
                if (n < 0 && errno == EINTR)
                        continue;
                if (n <= 0)
                        return n < 0 ? -errno : 0;
                r = take(context, part, (size_t)n);
                if (r)
                        return r;
        }
}

/**
 * program_listen_to() - run a program and be told what it says, piece by piece
 * @argv:       its name, or an absolute path, and its arguments; the last one is NULL
 * @patience:   how long, in microseconds; then it is killed
 * @take:       told each piece; what it returns, if not 0, ends the program
 * @context:    handed to @take
 * @ret_status: 0 if it ended well, its exit status, or 128 and its number if a signal ended it
 *
 * Return: 0, PROGRAM_E_MISSING, a negative errno (-ETIMEDOUT: it was killed), or what @take
 *         returned.
 */
int program_listen_to(const char *const *argv, uint64_t patience, program_take take, void *context,
                      int *ret_status) {
        _cleanup_(fd_closep) int in = -1, out = -1;
        char path[PROGRAM_PATH_MAX];
        int fds[2], status, r;
        pid_t pid;

        if (!program_find(argv[0], path))
                return PROGRAM_E_MISSING;
        if (pipe2(fds, O_CLOEXEC) < 0)
                return -errno;
        in = fds[0];
        out = fds[1];
        (void)fflush(stdout);
        pid = fork();
        if (pid < 0)
                return -errno;
        if (!pid)
                program_exec(path, argv, out);

        out = fd_close(out);
        r = program_listen(in, clock_now(CLOCK_MONOTONIC) + patience, take, context);
        if (r)
                (void)kill(pid, SIGKILL);
        while (waitpid(pid, &status, 0) < 0)
                if (errno != EINTR)
                        return -errno;
        if (r)
                return r;
        *ret_status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        return 0;
}

struct program_text {
        char *text;
        size_t size;
};

/* What is too much is forgotten. */
static int program_keep(void *context, const char *data, size_t size) {
        struct program_text *kept = context;
        size_t room = PROGRAM_TEXT_MAX - kept->size;

        if (size > room)
                size = room;
        memcpy(kept->text + kept->size, data, size);
        kept->size += size;
        return 0;
}

/**
 * program_run() - run a program and wait for its end
 * @argv:       its name, or an absolute path, and its arguments; the last one is NULL
 * @patience:   how long, in microseconds; then it is killed
 * @ret_answer: what came of it; to be given to program_answer_clear()
 *
 * Return: 0, PROGRAM_E_MISSING, or a negative errno.
 */
int program_run(const char *const *argv, uint64_t patience, struct program_answer *ret_answer) {
        _cleanup_(freep) char *text = calloc(1, PROGRAM_TEXT_MAX + 1);
        struct program_text kept = { .text = text };
        int status, r;

        if (!text)
                return -ENOMEM;
        r = program_listen_to(argv, patience, program_keep, &kept, &status);
        if (r)
                return r;
        ret_answer->status = status;
        ret_answer->text = pointer_steal(&text);
        return 0;
}

/**
 * program_answer_clear() - free what a program said
 * @answer:     the answer
 */
void program_answer_clear(struct program_answer *answer) {
        free(answer->text);
        *answer = (struct program_answer){ .status = 0 };
}

/**
 * program_first_line() - cut an answer behind its first line
 * @answer:     the answer
 *
 * Return: that line, without its newline.
 */
const char *program_first_line(struct program_answer *answer) {
        if (!answer->text)
                return "";
        answer->text[strcspn(answer->text, "\r\n")] = '\0';
        return answer->text;
}
