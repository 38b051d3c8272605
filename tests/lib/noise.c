/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A machine that does other things as well: a process for each processor takes it away from
 * everybody for 20 to 120 ms and leaves it for 100 to 400 ms, at random, again and again. A test
 * that depends on who is faster fails beside it now and then.
 *
 *   noise [--seed N] COMMAND...   runs COMMAND beside the noise; ends with it, and with its status
 *   noise [--seed N]              makes noise until it is killed, or whoever started it has ended
 *
 * The seed is printed: the same seed has the same lengths in the same order.
 *
 * Relies on SCHED_FIFO (sched(7)): a process of that class runs before all that have none, and
 * keeps the processor until it sleeps. COMMAND is executed in the place of this program, with the
 * priority that it was started with, so the processes that make noise are its children; they are
 * killed when it ends (PR_SET_PDEATHSIG).
 */

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

static struct timespec noise_length(unsigned int *seed, long least_ms, long most_ms) {
        long length_ms = least_ms + rand_r(seed) % (most_ms - least_ms + 1);

        return (struct timespec){ .tv_nsec = length_ms * 1000000 };
}

static int64_t noise_now(void) {
        struct timespec now;

        clock_gettime(CLOCK_MONOTONIC, &now);
        return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

/* Ends this process when @parent has ended, also if it has ended already. */
static void noise_end_with(pid_t parent, int signal) {
        if (prctl(PR_SET_PDEATHSIG, signal) != 0 || getppid() != parent)
                _exit(0);
}

static void noise_make(unsigned int seed) {
        for (;;) {
                struct timespec length = noise_length(&seed, 100, 400);
                int64_t end;

                nanosleep(&length, NULL);
                length = noise_length(&seed, 20, 120);
                end = noise_now() + length.tv_nsec;
                while (noise_now() < end)
                        continue;
        }
}

/* Starts the process that takes @processor. Return: 0, or -1 after a message. */
static int noise_start(size_t processor, unsigned int seed) {
        const struct sched_param lowest = { .sched_priority = sched_get_priority_min(SCHED_FIFO) };
        pid_t self = getpid(), child;
        cpu_set_t set;

        child = fork();
        if (child < 0) {
                fprintf(stderr, "noise: no process can be made: %s\n", strerror(errno));
                return -1;
        }
        if (child == 0) {
                noise_end_with(self, SIGKILL);
                noise_make(seed);
        }
        CPU_ZERO(&set);
        CPU_SET(processor, &set);
        if (sched_setaffinity(child, sizeof(set), &set) != 0) {
                fprintf(stderr, "noise: processor %zu is refused: %s\n", processor,
                        strerror(errno));
                return -1;
        }
        if (sched_setscheduler(child, SCHED_FIFO, &lowest) != 0) {
                fprintf(stderr,
                        "noise: real-time priority is refused: %s (needs root, and where cgroups "
                        "share out real time"
                        " some of cpu.rt_runtime_us)\n",
                        strerror(errno));
                return -1;
        }
        return 0;
}

int main(int argc, char **argv) {
        unsigned int seed = (unsigned int)noise_now() ^ (unsigned int)getpid();
        cpu_set_t processors;
        pid_t parent = getppid();
        int first = 1;

        if (argc > 2 && strcmp(argv[1], "--seed") == 0) {
                char *end;

                seed = (unsigned int)strtoul(argv[2], &end, 10);
                if (*end != '\0' || end == argv[2]) {
                        fprintf(stderr, "noise: %s is no seed\n", argv[2]);
                        return 2;
                }
                first = 3;
        }
        fprintf(stderr, "noise: --seed %u\n", seed);

        if (sched_getaffinity(0, sizeof(processors), &processors) != 0) {
                fprintf(stderr, "noise: the processors are not told: %s\n", strerror(errno));
                return 1;
        }
        for (size_t i = 0; i < CPU_SETSIZE; i++) {
                if (CPU_ISSET(i, &processors) && noise_start(i, seed + (unsigned int)i) != 0)
                        return 1;
        }
        if (first < argc) {
                execvp(argv[first], argv + first);
                fprintf(stderr, "noise: %s: %s\n", argv[first], strerror(errno));
                return 127;
        }
        noise_end_with(parent, SIGTERM);
        for (;;)
                pause();
}
