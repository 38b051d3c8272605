/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A socket that another process holds: what it has counted is known when the connection is gone,
 * too.
 */

#include "net/held.h"
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define SENT 1234

/* A connection: one end is in another process alone. */
struct world {
        int proc_fd;
        int peer;
        pid_t holder;
        uint64_t inode, cookie;
};

static void world_connect(struct world *world, int *ret_fd) {
        struct sockaddr_in address = { .sin_family = AF_INET,
                                       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
        socklen_t size = sizeof(address);
        int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

        assert_true(listener >= 0);
        assert_int_equal(bind(listener, (struct sockaddr *)&address, size), 0);
        assert_int_equal(listen(listener, 1), 0);
        assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &size), 0);
        world->peer = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        assert_int_equal(connect(world->peer, (struct sockaddr *)&address, size), 0);
        *ret_fd = accept(listener, NULL, NULL);
        assert_true(*ret_fd >= 0);
        (void)close(listener);
}

static void world_open(struct world *world) {
        socklen_t size = sizeof(world->cookie);
        struct stat status;
        int fd;

        world->proc_fd = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
        assert_true(world->proc_fd >= 0);
        world_connect(world, &fd);
        assert_int_equal(fstat(fd, &status), 0);
        world->inode = status.st_ino;
        assert_int_equal(getsockopt(fd, SOL_SOCKET, SO_COOKIE, &world->cookie, &size), 0);
        world->holder = fork();
        assert_true(world->holder >= 0);
        if (!world->holder) {
                (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
                (void)close(world->peer);
                for (;;)
                        (void)pause();
        }
        (void)close(fd);
}

static void world_close(struct world *world) {
        (void)kill(world->holder, SIGKILL);
        assert_int_equal(waitpid(world->holder, NULL, 0), world->holder);
        (void)close(world->proc_fd);
}

/* The peer's end, as a RST. */
static void world_reset(struct world *world) {
        struct linger linger = { .l_onoff = 1 };

        assert_int_equal(setsockopt(world->peer, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)),
                         0);
        (void)close(world->peer);
}

/* Ask until it is as it will be: what is sent may still be on its way. */
static void world_await(const struct world *world, uint8_t tcp_state, struct held *ret_held) {
        for (int i = 0; i < 30000; i++) {
                assert_int_equal(held_ask(world->proc_fd, world->holder, world->inode, ret_held),
                                 0);
                if (ret_held->info.state == tcp_state && ret_held->info.in_bytes == SENT)
                        return;
                (void)usleep(1000);
        }
        fail_msg("state %u, %u bytes", ret_held->info.state, (unsigned int)ret_held->info.in_bytes);
}

static void test_held(void **state) {
        static const char sent[SENT];
        struct held held = { .cookie = 0 };
        struct world world;

        (void)state;
        world_open(&world);
        assert_int_equal(write(world.peer, sent, sizeof(sent)), sizeof(sent));
        world_await(&world, TCP_ESTABLISHED, &held);
        assert_int_equal(held.cookie, world.cookie);
        assert_true(held.info.known);
        world_reset(&world);
        world_await(&world, TCP_CLOSE, &held);
        assert_int_equal(held.cookie, world.cookie);
        world_close(&world);
}

static void test_none(void **state) {
        struct held held;
        struct world world;
        pid_t holder;
        int proc_fd;

        (void)state;
        world_open(&world);
        assert_int_equal(held_ask(world.proc_fd, world.holder, UINT64_MAX, &held), -ENOENT);
        /* that end is in the other process alone */
        assert_int_equal(held_ask(world.proc_fd, getpid(), world.inode, &held), -ENOENT);
        holder = world.holder;
        (void)close(world.peer);
        proc_fd = dup(world.proc_fd);
        world_close(&world);
        assert_true(held_ask(proc_fd, holder, world.inode, &held) < 0);
        (void)close(proc_fd);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_held),
                cmocka_unit_test(test_none),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
