/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Running the helper, detached, and waiting for its acknowledgement.
 *
 * Owns: how a process is started from inside sshd without effects on sshd:
 *   - The first child has a copy of sshd's memory and exit signal 0: its end raises no SIGCHLD, and
 *     no wait() of sshd sees it (clone(2), __WCLONE). It calls setsid(), makes the second child and
 *     ends; it waits for nothing.
 *   - It begins in the control group of sshd if possible (cgroup.c). sshd's own process is in the
 *     user's group by then, where the user can use up the number of processes. sshd's group may be
 *     frozen (`systemctl freeze ssh`). If the first child has not ended by the deadline, it is
 *     killed, which works for a frozen process, too. So no helper starts when the group is thawed.
 *   - The second child is an orphan from the start, so sshd never has to wait for it. It uses the
 *     memory of the first child. If execve() hangs, on a dead file system, only this child hangs.
 *   - The request is in a socket, complete before the start. RLIMIT_FSIZE does not apply to a
 *     socket; if sshd wrote to a file or a memfd, it could get a SIGXFSZ.
 * Relies on: clone3(2) (Linux 5.7 for CLONE_INTO_CGROUP), pidfd_open(2) (5.3; without it the first
 * child is polled every millisecond), execve(2), close_range(2), unix(7).
 * Does not: change a signal disposition of sshd, keep a descriptor, or wait past the deadline; need
 * much stack, because pam_limits(8) may have limited sshd's own stack.
 */

#include "launch.h"

#include "base/base.h"
#include "net/net.h"
#include "pam_module/launch.h"
#include "request/request.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>

/* What the second child writes instead of an acknowledgement when execve() fails: this, and errno
 * as one byte. A pipe takes both in one piece (pipe(7), PIPE_BUF). */
#define LAUNCH_EXEC_FAILED '\x15'

#define LAUNCH_STACK 16384

/* What the children need, all of it made before they start. */
struct launch {
        const char *const *arguments;
        int input;     /* the request */
        int output;    /* where the acknowledgement goes, or -1 */
        bool errors;   /* ... and what the program says on standard error */
        int cgroup_fd; /* the group to begin in; -1: that of the sshd that is the parent */
        char *stack;
        sigset_t mask;
};

/* In the second child: nothing of sshd is left but its credentials. AddressSanitizer does not know
 * its stack. */
__attribute__((noreturn, no_sanitize("address"))) static int launch_exec(void *argument) {
        const struct launch *launch = argument;
        char *const environment[] = { NULL };
        int null, input, output;
        char failed[2];

        /* handlers become default at execve(), but an ignored signal would stay ignored */
        for (int i = 1; i < NSIG; i++)
                (void)signal(i, SIG_DFL);

        /* all three above 2, so that no dup2() below runs over another */
        null = open("/dev/null", O_RDWR | O_CLOEXEC);
        null = fcntl(null, F_DUPFD, 3);
        input = fcntl(launch->input, F_DUPFD, 3);
        output = launch->output < 0 ? null : fcntl(launch->output, F_DUPFD, 3);
        (void)dup2(input, STDIN_FILENO);
        (void)dup2(output, STDOUT_FILENO);
        (void)dup2(launch->errors ? output : null, STDERR_FILENO);
        if (close_range(3, ~0U, 0) < 0)
                for (int fd = 3; fd < 1024; fd++)
                        (void)close(fd);

        (void)!chdir("/");
        (void)umask(077);
        (void)sigprocmask(SIG_SETMASK, &launch->mask, NULL);
        (void)execve(launch->arguments[0], (char *const *)(uintptr_t)launch->arguments,
                     environment);

        failed[0] = LAUNCH_EXEC_FAILED;
        failed[1] = (char)errno;
        if (launch->output >= 0)
                (void)!write(STDOUT_FILENO, failed, sizeof(failed));
        else
                syslog(LOG_AUTHPRIV | LOG_ERR,
                       "pam_traffic: cannot run %s: %s; pam_traffic_helper reap will end the "
                       "session",
                       launch->arguments[0], strerror(failed[1]));
        _exit(127);
}

/* In the first child. Its exit status is an errno. */
__attribute__((noreturn)) static void launch_detach(struct launch *launch) {
        (void)setsid();
        _exit(clone(launch_exec, launch->stack + LAUNCH_STACK, CLONE_VM, launch) < 0 ? errno : 0);
}

/* Like fork(2), without a signal at its end; in a control group if there is one and it has room. */
static pid_t launch_fork(int cgroup_fd) {
        struct clone_args arguments = {
                .flags = CLONE_INTO_CGROUP,
                .cgroup = (uint64_t)cgroup_fd,
        };
        long pid = -1;

        if (cgroup_fd >= 0)
                pid = syscall(SYS_clone3, &arguments, sizeof(arguments));
        if (pid < 0)
                pid = syscall(SYS_clone, 0, 0, 0, 0, 0);
        return (pid_t)pid;
}

/* Wait for the first child. Return: 0 with its status once it has ended, else LAUNCH_E_HELD. */
static int launch_reap(pid_t pid, int pid_fd, uint64_t deadline, int *ret_status) {
        for (;;) {
                struct pollfd pollfd = { .fd = pid_fd, .events = POLLIN };
                pid_t ended = waitpid(pid, ret_status, __WCLONE | WNOHANG);
                uint64_t now = clock_now(CLOCK_MONOTONIC);

                if (ended == pid)
                        return 0;
                if (ended < 0 && errno != EINTR) {
                        *ret_status = 0;
                        return 0;
                }
                if (now >= deadline)
                        return LAUNCH_E_HELD;
                /* without a descriptor to look at, this is a sleep */
                (void)poll(&pollfd, 1, pid_fd < 0 ? 1 : (int)((deadline - now) / 1000 + 1));
        }
}

/*
 * See the first child to its end. The number is its own for as long as nobody waited for it.
 *
 * Return: 0 once the second one is there, LAUNCH_E_HELD, LAUNCH_E_ENDED, or a negative errno.
 */
static int launch_finish(pid_t pid, uint64_t deadline) {
        _cleanup_(fd_closep) int pid_fd = (int)syscall(SYS_pidfd_open, pid, 0);
        uint64_t least = clock_now(CLOCK_MONOTONIC) + LAUNCH_BEGIN_LEAST;
        int status;

        if (launch_reap(pid, pid_fd, deadline > least ? deadline : least, &status)) {
                (void)kill(pid, SIGKILL);
                least = clock_now(CLOCK_MONOTONIC) + LAUNCH_BEGIN_LEAST;
                if (launch_reap(pid, pid_fd, least, &status) || WIFSIGNALED(status))
                        return LAUNCH_E_HELD;
        }
        /* by somebody else, as where the user's memory is used up: there may be no second one */
        return WIFEXITED(status) ? -WEXITSTATUS(status) : LAUNCH_E_ENDED;
}

/* Start both children. All signals are blocked while the first one begins: a handler of sshd must
 * not run in it. */
static int launch_start(struct launch *launch, uint64_t deadline) {
        _cleanup_(fd_closep) int sshd_fd = -1;
        sigset_t all, saved;
        int r = 0;
        pid_t pid;

        if (launch->cgroup_fd < 0 && cgroup_of_sshd(&sshd_fd))
                sshd_fd = -1;
        (void)sigfillset(&all);
        (void)sigemptyset(&launch->mask);
        if (sigprocmask(SIG_SETMASK, &all, &saved) < 0)
                return -errno;
        pid = launch_fork(launch->cgroup_fd < 0 ? sshd_fd : launch->cgroup_fd);
        if (!pid)
                launch_detach(launch);
        if (pid < 0)
                r = -errno;
        (void)sigprocmask(SIG_SETMASK, &saved, NULL);
        return r < 0 ? r : launch_finish(pid, deadline);
}

/* A socket from which the request can be read, and then its end. */
static int launch_input(const char *request, size_t size, int *ret_fd) {
        _cleanup_(fd_closep) int in = -1, out = -1;
        int fds[2];
        ssize_t n;

        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0)
                return -errno;
        in = fds[0];
        out = fds[1];
        n = send(out, request, size, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n != (ssize_t)size)
                return n < 0 ? -errno : -ENOBUFS;
        *ret_fd = fd_steal(&in);
        return 0;
}

static int launch_run(const struct launch_program *program, const char *verb, const char *request,
                      size_t size, uint64_t deadline, struct launch *launch) {
        const char *arguments[] = { program->path, verb, program->config ? "--config" : NULL,
                                    program->config, NULL };
        _cleanup_(freep) char *stack = aligned_alloc(64, LAUNCH_STACK);
        _cleanup_(fd_closep) int input = -1;
        int r;

        if (!stack)
                return -ENOMEM;
        r = launch_input(request, size, &input);
        if (r < 0)
                return r;
        launch->arguments = arguments;
        launch->stack = stack;
        launch->input = input;
        return launch_start(launch, deadline);
}

/* Read what there is; size grows up to room. */
static int launch_read(int fd, char *data, size_t room, size_t *size, uint64_t deadline) {
        for (;;) {
                struct pollfd pollfd = { .fd = fd, .events = POLLIN };
                uint64_t now = clock_now(CLOCK_MONOTONIC);
                ssize_t n;
                int r;

                if (now >= deadline)
                        return LAUNCH_E_TIMEOUT;
                r = poll(&pollfd, 1, (int)((deadline - now) / 1000 + 1));
                if (r < 0 && errno != EINTR)
                        return -errno;
                if (r <= 0)
                        continue;

                n = read(fd, data + *size, room - *size);
                if (n < 0 && errno != EINTR && errno != EAGAIN)
                        return -errno;
                if (n < 0)
                        continue;
                if (!n)
                        return LAUNCH_E_ENDED;
                *size += (size_t)n;
                return 0;
        }
}

static int launch_wait(int fd, uint64_t deadline, enum ack wanted, int *ret_errno) {
        char data[2 * ACK_MAX];
        size_t size = 0;

        for (;;) {
                size_t used;
                enum ack ack;
                int r;

                r = launch_read(fd, data, sizeof(data), &size, deadline);
                if (r)
                        return r;
                if (data[0] == LAUNCH_EXEC_FAILED && size >= 2) {
                        *ret_errno = (unsigned char)data[1];
                        return LAUNCH_E_EXEC;
                }

                while ((ack = ack_parse(data, size, &used)) != ACK_NONE) {
                        if (ack == ACK_GARBAGE)
                                return LAUNCH_E_GARBAGE;
                        if (ack == ACK_FAILED)
                                return LAUNCH_E_FAILED;
                        if (ack == wanted || ack == ACK_COUNTING)
                                return 0;
                        size -= used;
                        memmove(data, data + used, size);
                }
        }
}

/**
 * launch_open() - run `pam_traffic_helper open` and wait for its acknowledgement
 * @program:    the helper
 * @request:    the encoded request
 * @size:       its bytes
 * @deadline:   how long to wait, CLOCK_MONOTONIC in microseconds
 * @full:       wait for phase 2 (the rules), not only for phase 1
 * @ret_errno:  for LAUNCH_E_EXEC: why
 *
 * A helper that was started goes on when this returns, whatever it returns.
 *
 * Return: 0, one of LAUNCH_E_..., or a negative errno if nothing could be started.
 */
int launch_open(const struct launch_program *program, const char *request, size_t size,
                uint64_t deadline, bool full, int *ret_errno) {
        struct launch launch = { .cgroup_fd = -1 };
        _cleanup_(fd_closep) int in = -1, out = -1;
        int fds[2], r;

        if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) < 0)
                return -errno;
        in = fds[0];
        out = fds[1];

        launch.output = out;
        r = launch_run(program, "open", request, size, deadline, &launch);
        if (r)
                return r;

        out = fd_close(out);
        return launch_wait(in, deadline, full ? ACK_COUNTING : ACK_RECORDED, ret_errno);
}

/**
 * launch_close() - run `pam_traffic_helper close`
 * @program:    the helper
 * @request:    the encoded request
 * @size:       its bytes
 * @deadline:   how long its start may take, but for a second that it has in any case,
 *              CLOCK_MONOTONIC in microseconds
 *
 * Waits for nothing that the helper does; it logs what goes wrong from here.
 *
 * Return: 0, LAUNCH_E_HELD, or a negative errno if nothing could be started.
 */
int launch_close(const struct launch_program *program, const char *request, size_t size,
                 uint64_t deadline) {
        struct launch launch = { .output = -1, .cgroup_fd = -1 };

        return launch_run(program, "close", request, size, deadline, &launch);
}

static bool launch_ends(const char *text, size_t size, const char *end) {
        size_t end_size = strlen(end);

        return size >= end_size && !memcmp(text + size - end_size, end, end_size);
}

/**
 * launch_check() - run `pam_traffic_helper check` as it would be run for a login
 * @program:    the helper
 * @cgroup_fd:  the control group to begin in, cgroup_of_process(); -1: none
 * @deadline:   how long to wait, CLOCK_MONOTONIC in microseconds
 * @text:       what it said until its end, on standard error, too; hostile
 * @room:       bytes there; what is more is left unread
 * @ret_errno:  for LAUNCH_E_EXEC: why
 *
 * Not for sshd: the program's standard error is listened to.
 *
 * Return: 0 if it could do all, LAUNCH_E_FAILED, LAUNCH_E_TIMEOUT, LAUNCH_E_EXEC, LAUNCH_E_HELD, or
 *         a negative errno if nothing could be started.
 */
int launch_check(const struct launch_program *program, int cgroup_fd, uint64_t deadline, char *text,
                 size_t room, int *ret_errno) {
        struct launch launch = { .errors = true, .cgroup_fd = cgroup_fd };
        _cleanup_(fd_closep) int in = -1, out = -1;
        size_t size = 0;
        int fds[2], r;

        if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) < 0)
                return -errno;
        in = fds[0];
        out = fds[1];

        launch.output = out;
        r = launch_run(program, "check", "", 0, deadline, &launch);
        if (r)
                return r;
        out = fd_close(out);
        while (!r && size < room - 1)
                r = launch_read(in, text, room - 1, &size, deadline);
        text[size] = '\0';
        if (r && r != LAUNCH_E_ENDED)
                return r;
        if (size >= 2 && text[0] == LAUNCH_EXEC_FAILED) {
                *ret_errno = (unsigned char)text[1];
                return LAUNCH_E_EXEC;
        }
        return launch_ends(text, size, ack_line(ACK_COUNTING)) ? 0 : LAUNCH_E_FAILED;
}
