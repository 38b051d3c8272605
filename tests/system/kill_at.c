/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * kill_at N REPORT PROGRAM [ARG...]
 * kill_at planned VERB PROGRAM [ARG...] - run a program and kill it (SIGKILL) at the entry of its
 * N-th system call that changes something outside of it, before the call does anything; 0: never; N
 * may also be the name of a call: then at the first one of that name. What is tried again (a lock)
 * or asked again (a netlink message that differs in nothing but its sequence number) is one step:
 * how often that is done depends on how fast others are. REPORT is a file that gets one line:
 * "killed at N NAME", or "unharmed after COUNT calls".
 *
 * planned: the program is a helper whose request is standard input, for a client at ADDR. The file
 * ADDR.VERB has N, REPORT is ADDR.VERB.report, and a last argument is added: the path of ADDR.conf;
 * all in this folder.
 *
 * A program of a coverage build writes its counts before it is killed (tests/lib/coverage_dump.c).
 *
 * The exit status is the program's, or 137. The program has standard streams and environment of
 * this one. Its children are not followed.
 */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#define MESSAGE_MOST 65536

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static const struct {
        long number;
        const char *name;
} calls[] = {
        { SYS_bpf, "bpf" },           { SYS_write, "write" },
        { SYS_pwrite64, "pwrite" },   { SYS_writev, "writev" },
        { SYS_pwritev, "pwritev" },   { SYS_ftruncate, "ftruncate" },
        { SYS_fsync, "fsync" },       { SYS_fdatasync, "fdatasync" },
        { SYS_renameat, "renameat" }, { SYS_renameat2, "renameat2" },
        { SYS_unlinkat, "unlinkat" }, { SYS_mkdirat, "mkdirat" },
        { SYS_linkat, "linkat" },     { SYS_symlinkat, "symlinkat" },
        { SYS_fchmod, "fchmod" },     { SYS_fchmodat, "fchmodat" },
        { SYS_fchown, "fchown" },     { SYS_fchownat, "fchownat" },
        { SYS_flock, "flock" },       { SYS_setsockopt, "setsockopt" },
        { SYS_sendto, "sendto" },     { SYS_sendmsg, "sendmsg" },
        { SYS_openat, "openat" },     { SYS_fcntl, "fcntl" },
#ifdef SYS_rename /* the newer architectures have the *at() calls alone */
        { SYS_rename, "rename" },     { SYS_unlink, "unlink" },
        { SYS_mkdir, "mkdir" },       { SYS_rmdir, "rmdir" },
        { SYS_creat, "creat" },       { SYS_chmod, "chmod" },
        { SYS_chown, "chown" },
#endif
};

static bool call_is_lock(int command) {
        return command == F_SETLK || command == F_SETLKW || command == F_OFD_SETLK ||
               command == F_OFD_SETLKW;
}

/* The name of a call that changes something, NULL for another. */
static const char *call_name(const struct __ptrace_syscall_info *info) {
        long number = (long)info->seccomp.nr;

        if (number == SYS_openat && !(info->seccomp.args[2] & O_CREAT))
                return NULL;
        if (number == SYS_fcntl && !call_is_lock((int)info->seccomp.args[1]))
                return NULL;
        for (size_t i = 0; i < COUNT(calls); i++)
                if (calls[i].number == number)
                        return calls[i].name;
        return NULL;
}

/* A call that was counted, and what it sends: without what tells two questions apart that are the
 * same, the sequence number. */
struct call {
        const char *name;
        size_t size;
        char data[MESSAGE_MOST];
};

static void call_read(pid_t pid, const char *name, const struct __ptrace_syscall_info *info,
                      struct call *call) {
        struct iovec here = { .iov_base = call->data, .iov_len = sizeof(call->data) };
        struct iovec there = { .iov_base = (void *)(uintptr_t)info->seccomp.args[1],
                               .iov_len = (size_t)info->seccomp.args[2] };

        call->name = name;
        call->size = 0;
        if (strcmp(name, "sendto") != 0 || there.iov_len > here.iov_len ||
            process_vm_readv(pid, &here, 1, &there, 1, 0) != (ssize_t)there.iov_len)
                return;
        call->size = there.iov_len;
        if (call->size >= sizeof(struct nlmsghdr))
                (void)memset(call->data + offsetof(struct nlmsghdr, nlmsg_seq), 0,
                             sizeof(((struct nlmsghdr *)NULL)->nlmsg_seq));
}

static bool call_is_repeated(const struct call *call, const struct call *before) {
        if (!before->name || strcmp(call->name, before->name) != 0)
                return false;
        if (!strcmp(call->name, "flock") || !strcmp(call->name, "fcntl"))
                return true;
        return call->size && call->size == before->size &&
               memcmp(call->data, before->data, call->size) == 0;
}

static bool name_is_count(const char *name) {
        size_t size = strlen(name);

        return size > 5 && !strcmp(name + size - 5, ".gcda");
}

/* Whether a call is one by which a program of a coverage build writes its counts: those are nothing
 * that is tested, and it holds a lock meanwhile that it needs to write them when it is killed. */
static bool call_is_count(pid_t pid, const char *name, const struct __ptrace_syscall_info *info) {
        char place[64], path[PATH_MAX] = "";
        struct iovec here = { .iov_base = path, .iov_len = sizeof(path) - 1 };
        struct iovec there = { .iov_base = (void *)(uintptr_t)info->seccomp.args[1],
                               .iov_len = sizeof(path) - 1 };

        if (!strcmp(name, "openat")) {
                (void)process_vm_readv(pid, &here, 1, &there, 1, 0);
        } else {
                (void)snprintf(place, sizeof(place), "/proc/%d/fd/%d", (int)pid,
                               (int)info->seccomp.args[0]);
                if (readlink(place, path, sizeof(path) - 1) < 0)
                        return false;
        }
        return name_is_count(path);
}

static void report(const char *path, const char *what, unsigned long n, const char *name) {
        FILE *file = fopen(path, "we");

        if (!file)
                return;
        (void)fprintf(file, "%s %lu %s\n", what, n, name);
        (void)fclose(file);
}

/* Whether a process catches SIGRTMAX: then it is of a coverage build (tests/lib/coverage_dump.c).
 */
static bool dump_is_offered(pid_t pid) {
        unsigned long long caught = 0;
        char path[64], line[256];
        FILE *file;

        (void)snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
        file = fopen(path, "re");
        while (file && fgets(line, sizeof(line), file))
                if (!strncmp(line, "SigCgt:", 7))
                        caught = strtoull(line + 7, NULL, 16);
        if (file)
                (void)fclose(file);
        return caught >> (SIGRTMAX - 1) & 1;
}

/* Make the call that is entered not happen. */
static bool dump_skip_call(pid_t pid) {
#ifdef __x86_64__
        return ptrace(PTRACE_POKEUSER, pid, offsetof(struct user, regs.orig_rax), -1L) == 0;
#else
        (void)pid;
        return false; /* counts are looked at on x86_64 alone */
#endif
}

/* Let a process that is stopped at the entry of a call write its counts, without that call, and
 * die: its handler ends by SIGKILL. Return: whether it did. */
static bool dump_counts(pid_t pid) {
        int status = 0, deliver = 0;

        if (!dump_is_offered(pid) || !dump_skip_call(pid) || kill(pid, SIGRTMAX) < 0)
                return false;
        do {
                if (ptrace(PTRACE_CONT, pid, NULL, deliver) < 0 || waitpid(pid, &status, 0) < 0)
                        return false;
                deliver = WSTOPSIG(status);
        } while (WIFSTOPPED(status));
        return true;
}

/* From now on this process stops at the calls of the table, and at no other: a stop takes longer
 * than most calls do. */
static bool watch_calls(void) {
        struct sock_filter filter[2 * COUNT(calls) + 2];
        struct sock_fprog program = { .filter = filter };
        unsigned short n = 0;

        filter[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
                                                   offsetof(struct seccomp_data, nr));
        for (size_t i = 0; i < COUNT(calls); i++) {
                filter[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
                                                           (unsigned int)calls[i].number, 0, 1);
                filter[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE);
        }
        filter[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
        program.len = n;
        return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

static int trace(pid_t pid, const char *where, const char *path) {
        unsigned long count = 0, n = strtoul(where, NULL, 10);
        static struct call calls_seen[2]; /* this one and the one before, by turns */
        struct call *call = &calls_seen[0], *before = &calls_seen[1], *next;
        int status, deliver = 0;

        if (waitpid(pid, &status, 0) < 0 || !WIFSTOPPED(status) ||
            ptrace(PTRACE_SETOPTIONS, pid, NULL,
                   PTRACE_O_TRACESECCOMP | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL) < 0)
                return 125;

        for (;;) {
                struct __ptrace_syscall_info info = { 0 };
                const char *name;

                if (ptrace(PTRACE_CONT, pid, NULL, deliver) < 0 && errno != ESRCH)
                        return 125;
                if (waitpid(pid, &status, 0) < 0)
                        return 125;
                if (!WIFSTOPPED(status))
                        break;

                deliver = WSTOPSIG(status);
                if (deliver != SIGTRAP)
                        continue;
                deliver = 0; /* the exec, or a call */
                if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof(info), &info) < 0 ||
                    info.op != PTRACE_SYSCALL_INFO_SECCOMP)
                        continue;
                name = call_name(&info);
                if (!name || call_is_count(pid, name, &info))
                        continue;
                call_read(pid, name, &info, call);
                if (call_is_repeated(call, before))
                        continue;
                next = before;
                before = call;
                call = next;
                if (++count == n || !strcmp(name, where)) {
                        if (!dump_counts(pid)) {
                                (void)kill(pid, SIGKILL);
                                (void)waitpid(pid, &status, 0);
                        }
                        report(path, "killed at", count, name);
                        return 128 + SIGKILL;
                }
        }
        report(path, "unharmed after", count, "calls");
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* The client's address in a request, which stays to be read. */
static bool plan_address(char *address, size_t room) {
        static char request[MESSAGE_MOST];
        const char *field = "remote=", *found;
        ssize_t n = recv(STDIN_FILENO, request, sizeof(request), MSG_PEEK);

        found = n > 0 ? memmem(request, (size_t)n, field, strlen(field)) : NULL;
        if (!found)
                return false;
        found += strlen(field);
        for (size_t i = 0; i < room && found + i < request + n; i++) {
                address[i] = found[i];
                if (found[i] != ' ')
                        continue;
                address[i] = '\0';
                return true;
        }
        return false;
}

/* What the kill is to be, as it is planned: N and REPORT. */
static bool plan_read(const char *verb, char where[static 64], char report[static PATH_MAX],
                      char config[static PATH_MAX]) {
        char address[64], folder[PATH_MAX / 2], path[PATH_MAX];
        FILE *file;
        bool read;

        if (!plan_address(address, sizeof(address)) || !getcwd(folder, sizeof(folder)))
                return false;
        (void)snprintf(path, PATH_MAX, "%s.%s", address, verb);
        (void)snprintf(report, PATH_MAX, "%s.%s.report", address, verb);
        (void)snprintf(config, PATH_MAX, "%s/%s.conf", folder, address);
        file = fopen(path, "re");
        read = file && fscanf(file, "%63s", where) == 1;
        if (file)
                (void)fclose(file);
        return read;
}

int main(int argc, char **argv) {
        static char where[64], report_path[PATH_MAX], config[PATH_MAX];
        char *program[16] = { NULL };
        pid_t pid;

        if (argc < 4 || argc - 3 > (int)COUNT(program) - 2) {
                (void)fprintf(stderr, "usage: kill_at N REPORT PROGRAM [ARG...]\n"
                                      "       kill_at planned VERB PROGRAM [ARG...]\n");
                return 2;
        }
        for (int i = 3; i < argc; i++)
                program[i - 3] = argv[i];
        if (!strcmp(argv[1], "planned")) {
                if (!plan_read(argv[2], where, report_path, config))
                        return 125;
                program[argc - 3] = config;
                argv[1] = where;
                argv[2] = report_path;
        }
        pid = fork();
        if (pid < 0)
                return 125;
        if (!pid) {
                if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0 || raise(SIGSTOP) != 0 ||
                    !watch_calls())
                        _exit(125);
                (void)execv(program[0], program);
                _exit(127);
        }
        return trace(pid, argv[1], argv[2]);
}
