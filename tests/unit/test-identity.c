/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Whose bytes: random schedules of logins from three client ports, the real session code on a model
 * of the kernel (session-model.h). Each session has one start and one stop, and a stop that says
 * that it is complete has what its own socket moved, to the byte.
 */

#include "session-model.h"

#include "base/clock.h"
#include "base/patience.h"
#include "store/logreader.h"
#include "store/record.h"
#include "unit.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define SCHEDULES 120
#define STEPS 60

static char folder[64], log_file[96], state_dir[96], backend_text[] = "iptables";
static struct settings settings = { .linger = 5 * CLOCK_SECOND };
static unsigned int complete, incomplete;

/* What happened, for who looks at one schedule: IDENTITY_SCHEDULE=17 test-identity. */
static void trace(const char *what, const struct model_socket *socket) {
        if (getenv("IDENTITY_SCHEDULE"))
                (void)fprintf(stderr, "# %.3f %s %td place %td\n", (double)model->now / 1e6, what,
                              socket ? socket - model->sockets : -1,
                              socket ? socket->place - model->places : -1);
}

static void report(void *context, int priority, const char *line) {
        (void)context;
        (void)priority;
        trace(line, NULL);
}

enum job { JOB_OPEN, JOB_START, JOB_CLOSE, JOB_REAP };

/* Run a helper as a process of its own. Return: whether it did its work. */
static bool work(enum job job, struct model_socket *socket, bool may_die) {
        static const char *const names[] = { "open", "start", "close", "reap" };
        int status, r = 0;
        pid_t pid;

        trace(names[job], socket);
        model->kill_in = may_die && !model_random(6) ? 1 + model_random(40) : 0;
        model->busy = may_die && !model_random(4);
        pid = fork();
        assert_true(pid >= 0);
        if (!pid) {
                uint64_t patience = SESSION_PATIENCE;
                int proc_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
                struct session_context context = {
                        .settings = &settings,
                        .proc_fd = proc_fd,
                        .patience = &patience,
                        .report = report,
                };

                switch (job) {
                case JOB_OPEN:
                        r = session_open(&context, &socket->request);
                        break;
                case JOB_START:
                        r = session_start(&context, socket->request.session);
                        break;
                case JOB_CLOSE:
                        r = session_close(&context, &socket->request);
                        break;
                case JOB_REAP:
                        r = session_reap(&context);
                        break;
                }
                _exit(r ? 1 : 0);
        }
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFEXITED(status));
        if (WEXITSTATUS(status))
                trace(WEXITSTATUS(status) == MODEL_KILLED ? "... was killed" : "... failed",
                      socket);
        model->kill_in = 0;
        model->busy = false;
        return WEXITSTATUS(status) == 0;
}

static void live(const struct model_socket *socket, bool lives) {
        char path[128];

        (void)snprintf(path, sizeof(path), "%s/%d", folder, (int)socket->request.pid);
        if (lives) {
                FILE *file;

                assert_int_equal(mkdir(path, 0755), 0);
                (void)strcat(path, "/stat");
                file = fopen(path, "we");
                assert_non_null(file);
                (void)fprintf(file,
                              "%d (sshd) S 1 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 77 23\n",
                              (int)socket->request.pid);
                (void)fclose(file);
        } else {
                (void)strcat(path, "/stat");
                (void)unlink(path);
                *strrchr(path, '/') = '\0';
                (void)rmdir(path);
        }
}

/* calm: its helper works. */
static void login(struct model_socket *socket, bool calm) {
        size_t number = (size_t)(socket - model->sockets);
        struct request *request = &socket->request;

        *request = (struct request){
                .opened_realtime = clock_now(CLOCK_REALTIME),
                .opened_boottime = clock_now(CLOCK_BOOTTIME),
                .pid = (pid_t)(500 + number),
                .inode = socket->cookie,
                .cookie = socket->cookie,
                .info = socket->info,
                .service = "sshd",
                .user = "root",
                .rhost = "10.0.0.2",
        };
        (void)snprintf(request->session, sizeof(request->session), "0199aaaa-0000-7000-8000-%012zx",
                       number + 1);
        assert_int_equal(address_parse("10.0.0.1", &request->connection.local.address), 0);
        assert_int_equal(address_parse("10.0.0.2", &request->connection.remote.address), 0);
        request->connection.local.port = 22;
        request->connection.remote.port = (uint16_t)(MODEL_PORT + (socket->place - model->places));
        socket->opened = true;
        live(socket, true);
        request->acknowledged = work(JOB_OPEN, socket, !calm);
        request->abandoned = !request->acknowledged;
        socket->told = request->acknowledged;
        if (request->acknowledged && (calm || model_random(4)))
                socket->started = work(JOB_START, socket, !calm);
}

/* sshd closes the session: what TCP says by now is final. */
static void closes(struct model_socket *socket) {
        if (!socket->opened || socket->request.closed_boottime)
                return;
        socket->request.closed_boottime = clock_now(CLOCK_BOOTTIME);
        socket->request.info = socket->info;
        /* one whose helpers all die is left in spool/: spool.sh */
        socket->told |= work(JOB_CLOSE, socket, true);
        live(socket, false);
}

static void fault(void) {
        for (size_t i = 0; i < MODEL_PLACES; i++) {
                struct model_place *place = &model->places[i];

                for (size_t j = 0; j < model->n_sockets; j++)
                        model->sockets[j].faults += model->sockets[j].place == place;
                switch (model_random(4)) {
                case 0:
                        place->has_rules = false;
                        break;
                case 1:
                        memset(&place->rules, 0, sizeof(place->rules));
                        break;
                case 2:
                        place->has_entry = false;
                        break;
                default:
                        memset(&place->entry, 0, sizeof(place->entry));
                        break;
                }
        }
}

/* One thing that happens. faults: of the host's root; else of somebody who sends packets. */
static void happens(bool faults) {
        struct model_place *place = &model->places[model_random(MODEL_PLACES)];
        struct model_socket *socket = place->socket;
        bool ended;

        /* where nobody asked TCP at the end, nothing but the start of the next session tells that
         * there was another connection */
        ended = !place->last || place->last->request.closed_boottime || !place->last->opened;
        if (!socket && model->n_sockets < MODEL_SOCKETS) {
                socket = model_connect(place);
                trace("connect", socket);
                if (model_random(8) || !ended)
                        login(socket, !ended);
                return;
        }
        switch (socket ? model_random(12) : 11) {
        case 0:
        case 1: /* it ends, and its sshd closes it, or is stopped or killed */
                model_end(socket, model_random(2), model_random(4));
                trace(socket->missed ? "reset, and conntrack does not see it" : "end", socket);
                if (model_random(2))
                        closes(socket);
                else if (socket->opened && model_random(2))
                        live(socket, false);
                break;
        case 2:
                trace(faults ? "flush" : "spoof", socket);
                if (faults)
                        fault();
                else
                        model_spoof(place, 20 + model_random(500), 1400);
                break;
        case 3:
        case 4:
                (void)work(JOB_REAP, NULL, true);
                model->now += 30 * CLOCK_SECOND;
                break;
        case 5: /* one that was late, or stopped */
                socket = &model->sockets[model_random(model->n_sockets)];
                if (socket->opened && socket->request.acknowledged && model_random(2))
                        (void)work(JOB_START, socket, true);
                else if (socket->place->socket != socket)
                        closes(socket);
                break;
        default:
                if (socket)
                        model_flow(socket, model_random(1000), model_random(1000));
                model->now += model_random(3 * CLOCK_SECOND);
                break;
        }
}

static void check(unsigned int schedule, const struct record *record, unsigned int *starts,
                  unsigned int *stops) {
        size_t number = strtoul(record->session + 24, NULL, 16) - 1;
        const struct model_socket *socket = &model->sockets[number % MODEL_SOCKETS];
        const struct counter *in = &socket->truth.in, *out = &socket->truth.out;

        if (!strcmp(record->event, "start"))
                starts[number]++;
        if (strcmp(record->event, "stop") != 0)
                return;
        stops[number]++;
        complete += record->complete;
        incomplete += !record->complete;
        assert_int_equal(record->complete, !record->incomplete_cause);
        if (!record->complete ||
            ((uint64_t)record->in_bytes == in->bytes && (uint64_t)record->out_bytes == out->bytes &&
             (uint64_t)record->in_packets == in->packets))
                return;
        /* zeroed and grown since, or counted by conntrack alone, which did not see its end: only
         * TCP could tell, and was not asked at the end */
        if ((socket->faults || !socket->started) &&
            (!socket->request.closed_boottime ||
             socket->request.closed_boottime > socket->ended + CLOCK_SECOND))
                return;
        /* what passes for a repeated handshake, or for two segments that came twice (bounds.c) */
        if ((socket->heir || socket->faults) && (uint64_t)record->in_bytes - in->bytes < 4000 &&
            (uint64_t)record->out_bytes - out->bytes < 4000)
                return;
        /* an end without payload that both have lost: nothing tells */
        if ((socket->missed || socket->faults) && in->bytes - (uint64_t)record->in_bytes <= 104 &&
            out->bytes - (uint64_t)record->out_bytes <= 104)
                return;
        print_error("schedule %u, session %zu: in %ld of %lu bytes, out %ld of %lu\n", schedule,
                    number, (long)record->in_bytes, (unsigned long)in->bytes,
                    (long)record->out_bytes, (unsigned long)out->bytes);
        fail();
}

static void read_log(unsigned int schedule, unsigned int *starts, unsigned int *stops) {
        _cleanup_(logreader_freep) struct logreader *reader = NULL;
        int fd = open(log_file, O_RDONLY | O_CLOEXEC);
        const struct logreader_place begin = { 0 };
        struct logreader_line line;

        assert_true(fd >= 0);
        assert_int_equal(logreader_new(fd, &begin, &reader), 0);
        while (!logreader_next(reader, &line)) {
                assert_non_null(line.record);
                check(schedule, line.record, starts, stops);
        }
        (void)close(fd);
}

static void run(unsigned int schedule) {
        unsigned int starts[MODEL_SOCKETS] = { 0 }, stops[MODEL_SOCKETS] = { 0 };

        memset(model, 0, sizeof(*model));
        model->now = 1000 * CLOCK_SECOND;
        model->seed = schedule;
        (void)unlink(log_file);
        for (int i = 0; i < STEPS; i++)
                happens(schedule % 2);

        /* all end; what nobody closes is ended by reaps */
        for (size_t i = 0; i < MODEL_PLACES; i++)
                if (model->places[i].socket)
                        model_end(model->places[i].socket, false, true);
        for (size_t i = 0; i < model->n_sockets; i++)
                if (model_random(2))
                        closes(&model->sockets[i]);
        for (int i = 0; i < 4; i++) {
                (void)work(JOB_REAP, NULL, false);
                model->now += 90 * CLOCK_SECOND;
        }
        read_log(schedule, starts, stops);
        for (size_t i = 0; i < model->n_sockets; i++) {
                const struct model_socket *socket = &model->sockets[i];

                if (starts[i] != stops[i] || starts[i] > 1 || (socket->told && !stops[i])) {
                        print_error("schedule %u, session %zu: %u starts, %u stops\n", schedule, i,
                                    starts[i], stops[i]);
                        fail();
                }
                live(socket, false);
        }
        for (size_t i = 0; i < MODEL_PLACES; i++)
                assert_false(model->places[i].has_rules);
}

static void test_schedules(void **state) {
        const char *only = getenv("IDENTITY_SCHEDULE"), *most = getenv("IDENTITY_SCHEDULES");

        (void)state;
        if (only) {
                run((unsigned int)strtoul(only, NULL, 10));
                return;
        }
        for (unsigned int i = 1; i <= (most ? strtoul(most, NULL, 10) : SCHEDULES); i++)
                run(i);
        print_message("# %u complete, %u not\n", complete, incomplete);
        /* what tells nothing is no proof */
        assert_true(complete > incomplete);
}

static void make(const char *path, const char *text) {
        char name[128];
        FILE *file;

        (void)snprintf(name, sizeof(name), "%s/%s", folder, path);
        if (!text) {
                assert_int_equal(mkdir(name, 0755), 0);
                return;
        }
        file = fopen(name, "we");
        assert_non_null(file);
        (void)fputs(text, file);
        (void)fclose(file);
}

static int setup(void **state) {
        (void)state;
        (void)strcpy(folder, access("/dev/shm", W_OK) ? "/tmp/identity-XXXXXX"
                                                      : "/dev/shm/identity-XXXXXX");
        if (!mkdtemp(folder))
                return -1;
        (void)snprintf(log_file, sizeof(log_file), "%s/log", folder);
        (void)snprintf(state_dir, sizeof(state_dir), "%s/state", folder);
        settings.log_file = log_file;
        settings.state_dir = state_dir;
        settings.backend = backend_text;
        make("self", NULL);
        make("self/ns", NULL);
        make("self/ns/net", "");
        make("self/sessionid", "4294967295\n");
        make("sys", NULL);
        make("sys/kernel", NULL);
        make("sys/kernel/random", NULL);
        make("sys/kernel/random/boot_id", "0e3f7b1c-0000-4000-8000-000000000001\n");
        model = mmap(NULL, sizeof(*model), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
                     0);
        return model == MAP_FAILED ? -1 : 0;
}

static int tidy(const char *path, const struct stat *status, int type, struct FTW *walk) {
        (void)status;
        (void)type;
        (void)walk;
        return remove(path);
}

static int teardown(void **state) {
        (void)state;
        (void)munmap(model, sizeof(*model));
        return getenv("IDENTITY_KEEP") ? 0 : nftw(folder, tidy, 8, FTW_DEPTH | FTW_PHYS);
}

int main(void) {
        const struct CMUnitTest tests[] = { cmocka_unit_test(test_schedules) };

        return cmocka_run_group_tests_name("identity", tests, setup, teardown);
}
