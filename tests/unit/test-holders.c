/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Who holds which socket, in a made-up /proc and in the real one; and a socket table read in parts.
 */

#include "base/cleanup.h"
#include "net/holders.h"
#include "net/socketlink.h"
#include "net/sockfile.h"
#include "proc.h"
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>

struct found {
        size_t n;
        pid_t pid[8];
        uint64_t inode[8];
};

static void take(void *context, pid_t pid, uint64_t inode) {
        struct found *found = context;

        assert_in_range(found->n, 0, UNIT_COUNT(found->pid) - 1);
        found->pid[found->n] = pid;
        found->inode[found->n++] = inode;
}

static uint64_t inode_of(int fd) {
        struct stat st;

        assert_int_equal(fstat(fd, &st), 0);
        return st.st_ino;
}

/* A descriptor of a process is a link to one of this test's. */
static void add(const struct proc *proc, int pid, int fd, int target) {
        char link[64];

        (void)snprintf(link, sizeof(link), "/proc/%d/fd/%d", (int)getpid(), target);
        proc_add_fd(proc, pid, fd, link);
}

/* A socket's own file, of unix(7), which is not a socket, whatever number its inode has. */
static int open_named(const struct proc *proc) {
        struct sockaddr_un name = { .sun_family = AF_UNIX };
        int socket_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), fd;

        (void)snprintf(name.sun_path, sizeof(name.sun_path), "%s/named", proc->path);
        assert_int_equal(bind(socket_fd, (struct sockaddr *)&name, sizeof(name)), 0);
        assert_int_equal(close(socket_fd), 0);
        fd = open(name.sun_path, O_PATH | O_CLOEXEC);
        assert_true(fd >= 0);
        return fd;
}

static void test_walk(void **state) {
        static const struct proc_process processes[] = {
                { 7, 1, 5, "one", "/bin/one", 0 },
                { 8, 1, 5, "two", "/bin/two", 1000 },
                { 9, 1, 5, "none", "/bin/none", 1000 },
        };
        const struct proc *proc = *state;
        _cleanup_(fd_closep) int one = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        _cleanup_(fd_closep) int other = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        _cleanup_(fd_closep) int named = open_named(proc);
        struct found found = { 0 };
        uint64_t unreadable = 5, pids = 0, inodes = 0;

        unit_needs_root();
        for (size_t i = 0; i < UNIT_COUNT(processes); i++)
                proc_add(proc, &processes[i]);
        add(proc, 7, 3, one);
        add(proc, 7, 4, other);
        add(proc, 8, 3, one);
        add(proc, 8, 7, named);
        proc_add_fd(proc, 8, 4, "/dev/null");
        proc_add_fd(proc, 8, 5, "pipe:[100]");
        proc_add_fd(proc, 8, 6, "/home/x/socket:[55]");
        for (int again = 0; again < 2; again++) { /* the place in the folder is not the caller's */
                found.n = pids = inodes = 0;
                assert_int_equal(holders_walk(proc->fd, HOLDERS_HERE, take, &found, &unreadable),
                                 0);
                assert_int_equal(found.n, 3);
                for (size_t i = 0; i < found.n; i++) {
                        pids += (uint64_t)found.pid[i];
                        inodes += found.inode[i];
                }
                assert_int_equal(pids, 7 + 7 + 8);
                assert_int_equal(inodes, 2 * inode_of(one) + inode_of(other));
                assert_int_equal(unreadable, 0);
        }
        found.n = 0;
        assert_int_equal(holders_walk(proc->fd, HOLDERS_ELSEWHERE, take, &found, &unreadable), 0);
        assert_int_equal(found.n, 0);
}

/* What a child has made; it waits until it is killed. */
struct made {
        pid_t pid;
        uint64_t inode;
};

static pthread_barrier_t made_barrier;
static int made_fd;

static void *make_in_thread(void *argument) {
        if (unshare(CLONE_FILES) < 0)
                _exit(1);
        made_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        *(uint64_t *)argument = inode_of(made_fd);
        (void)pthread_barrier_wait(&made_barrier);
        for (;;)
                (void)pause();
}

static void make_elsewhere(uint64_t *ret_inode) {
        made_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        *ret_inode = inode_of(made_fd);
        if (unshare(CLONE_NEWNET) < 0)
                _exit(1);
}

/* A file whose file system lets only its owner look, not even root: FUSE without allow_other. */
static void make_beside_fuse(uint64_t *ret_inode) {
        char options[128];
        int fuse_fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);

        (void)snprintf(options, sizeof(options),
                       "fd=%d,rootmode=40000,user_id=65534,group_id=65534", fuse_fd);
        *ret_inode = 0;
        if (fuse_fd < 0 || unshare(CLONE_NEWNS) < 0 ||
            mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
            mount("test", "/mnt", "fuse", MS_NOSUID | MS_NODEV, options) < 0 ||
            open("/mnt", O_PATH | O_CLOEXEC) < 0)
                return;
        made_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        *ret_inode = inode_of(made_fd);
}

enum made_kind {
        MADE_ELSEWHERE,
        MADE_THREAD,
        MADE_BESIDE_FUSE,
};

static struct made make(enum made_kind kind) {
        struct made made = { .pid = 0 };
        int pipes[2];

        assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
        made.pid = fork();
        assert_true(made.pid >= 0);
        if (!made.pid) {
                pthread_t id;

                (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
                (void)pthread_barrier_init(&made_barrier, NULL, 2);
                if (kind == MADE_ELSEWHERE)
                        make_elsewhere(&made.inode);
                else if (kind == MADE_BESIDE_FUSE)
                        make_beside_fuse(&made.inode);
                else if (pthread_create(&id, NULL, make_in_thread, &made.inode))
                        _exit(1);
                else
                        (void)pthread_barrier_wait(&made_barrier);
                if (write(pipes[1], &made.inode, sizeof(made.inode)) != sizeof(made.inode))
                        _exit(1);
                for (;;)
                        (void)pause();
        }
        (void)close(pipes[1]);
        assert_int_equal(read(pipes[0], &made.inode, sizeof(made.inode)), sizeof(made.inode));
        (void)close(pipes[0]);
        return made;
}

struct search {
        struct made made;
        unsigned int n;
};

static void take_made(void *context, pid_t pid, uint64_t inode) {
        struct search *search = context;

        search->n += pid == search->made.pid && inode == search->made.inode;
}

/* A thread with descriptors of its own; a process that went into another network namespace with a
 * socket of this one. */
static void test_elsewhere(void **state) {
        _cleanup_(fd_closep) int proc_fd = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        (void)state;
        unit_needs_root();
        for (enum made_kind kind = MADE_ELSEWHERE; kind <= MADE_THREAD; kind++) {
                struct search search = { .made = make(kind) };
                uint64_t unreadable;

                assert_int_equal(holders_walk(proc_fd, HOLDERS_HERE, take_made, &search,
                                              &unreadable),
                                 0);
                assert_int_equal(search.n, 0);
                assert_int_equal(holders_walk(proc_fd, HOLDERS_ELSEWHERE, take_made, &search,
                                              &unreadable),
                                 0);
                assert_int_equal(search.n, 1);
                assert_int_equal(kill(search.made.pid, SIGKILL), 0);
                assert_int_equal(waitpid(search.made.pid, NULL, 0), search.made.pid);
        }
}

static void set_ptrace(bool on) {
        struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
        struct __user_cap_data_struct sets[2];

        assert_int_equal(syscall(SYS_capget, &header, sets), 0);
        if (on)
                sets[0].effective |= 1U << CAP_SYS_PTRACE;
        else
                sets[0].effective &= ~(1U << CAP_SYS_PTRACE);
        assert_int_equal(syscall(SYS_capset, &header, sets), 0);
}

/* What holders_of() says of a process that was made. */
static int look_at(struct search *search) {
        char path[64];
        int fd, r;

        (void)snprintf(path, sizeof(path), "/proc/%d", (int)search->made.pid);
        fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        assert_true(fd >= 0);
        r = holders_of(fd, search->made.pid, take_made, search);
        (void)close(fd);
        return r;
}

static void end_made(const struct search *search) {
        assert_int_equal(kill(search->made.pid, SIGKILL), 0);
        assert_int_equal(waitpid(search->made.pid, NULL, 0), search->made.pid);
}

/* Who may read all files opens the folder; its links need CAP_SYS_PTRACE (proc(5)). */
static void test_refused(void **state) {
        _cleanup_(fd_closep) int proc_fd = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        struct search search = { .n = 0 };
        uint64_t unreadable = 0;

        (void)state;
        unit_needs_root();
        search.made = make(MADE_ELSEWHERE);
        assert_int_equal(look_at(&search), 0);
        assert_int_equal(search.n, 1);
        set_ptrace(false);
        assert_int_equal(look_at(&search), -EACCES);
        /* its network namespace is not to be seen either: it counts as here */
        assert_int_equal(holders_walk(proc_fd, HOLDERS_HERE, take_made, &search, &unreadable), 0);
        set_ptrace(true);
        assert_int_equal(search.n, 1);
        assert_true(unreadable > 0);
        end_made(&search);
}

/* What lies behind one descriptor says nothing of the others. */
static void test_beside_fuse(void **state) {
        struct search search = { .n = 0 };
        int r;

        (void)state;
        unit_needs_root();
        search.made = make(MADE_BESIDE_FUSE);
        r = look_at(&search);
        end_made(&search);
        if (!search.made.inode)
                unit_skip("FUSE cannot be mounted");
        assert_int_equal(r, 0);
        assert_int_equal(search.n, 1);
}

static void test_links(void **state) {
        static const struct {
                const char *text;
                uint64_t inode;
        } links[] = {
                { "socket:[1]", 1 },
                { "socket:[18446744073709551615]", UINT64_MAX },
                { "socket:[18446744073709551616]", 0 },
                { "socket:[]", 0 },
                { "socket:[1", 0 },
                { "socket:[12", 0 },
                { "socket:[", 0 },
                { "socket:[1 ]", 0 },
                { "socket:[-1]", 0 },
                { "socket:[1] ", 0 },
                { "pipe:[1]", 0 },
                { "anon_inode:[eventpoll]", 0 },
                { "", 0 },
        };

        (void)state;
        for (size_t i = 0; i < UNIT_COUNT(links); i++) {
                uint64_t inode = 0;

                assert_int_equal(socketlink_parse(links[i].text, strlen(links[i].text), &inode),
                                 links[i].inode != 0);
                assert_true(inode == links[i].inode);
        }
}

struct rows {
        uint64_t n, sum;
        uint64_t end_at;
};

static int take_row(void *context, const struct socktable_row *row) {
        struct rows *rows = context;

        rows->n++;
        rows->sum += row->inode;
        return rows->n == rows->end_at ? -ECANCELED : 0;
}

/* Larger than a part, so that rows lie across its end; a line that is no row among them. */
static void test_parts(void **state) {
        const struct proc *proc = *state;
        const size_t n = 3000;
        _cleanup_(freep) char *text = malloc(n * 160 + 300);
        struct rows rows = { 0 };
        size_t used;

        unit_needs_root();
        assert_non_null(text);
        used = (size_t)sprintf(text, "  sl  local_address rem_address   st tx_queue rx_queue tr "
                                     "tm->when retrnsmt   uid  timeout inode\n");
        for (size_t i = 1; i <= n; i++) {
                used += (size_t)sprintf(text + used,
                                        "%4zu: 0100007F:1F90 0100007F:%04zX 01 00000000:00000000 "
                                        "00:00000000 00000000  1000        0 %zu\n",
                                        i, i, i);
                if (i == n / 2)
                        used += (size_t)sprintf(text + used, "nonsense\n");
        }
        proc_add(proc, &(struct proc_process){ 7, 1, 5, "one", "/bin/one", 0 });
        proc_write(proc, 7, "tcp", text);
        assert_int_equal(sockfile_walk(proc->fd, "7/tcp", take_row, &rows), 0);
        assert_int_equal(rows.n, n);
        assert_int_equal(rows.sum, n * (n + 1) / 2);
        rows = (struct rows){ .end_at = 5 };
        assert_int_equal(sockfile_walk(proc->fd, "7/tcp", take_row, &rows), -ECANCELED);
        assert_int_equal(rows.n, 5);
}

static void test_no_table(void **state) {
        const struct proc *proc = *state;
        struct rows rows = { 0 };

        unit_needs_root();
        proc_add(proc, &(struct proc_process){ 7, 1, 5, "one", "/bin/one", 0 });
        proc_write(proc, 7, "tcp", "something else\n");
        proc_write(proc, 7, "empty", "");
        assert_int_equal(sockfile_walk(proc->fd, "7/none", take_row, &rows), SOCKFILE_E_NONE);
        assert_int_equal(sockfile_walk(proc->fd, "7/tcp", take_row, &rows), SOCKFILE_E_HEADER);
        assert_int_equal(sockfile_walk(proc->fd, "7/empty", take_row, &rows), SOCKFILE_E_HEADER);
        assert_int_equal(rows.n, 0);
}

int main(void) {
        static const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_walk, proc_setup, proc_teardown),
                cmocka_unit_test(test_elsewhere),
                cmocka_unit_test(test_refused),
                cmocka_unit_test(test_beside_fuse),
                cmocka_unit_test(test_links),
                cmocka_unit_test_setup_teardown(test_parts, proc_setup, proc_teardown),
                cmocka_unit_test_setup_teardown(test_no_table, proc_setup, proc_teardown),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
