/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Which processes are whose children, at one moment: those of one process by the kernel's list of
 * its children, those of all by one pass over /proc.
 *
 * Relies on: proc(5), and that each process may read "stat" of every other one; where /proc is
 * mounted with hidepid, it has only what the reader may see. To read "stat" takes no lock that the
 * process can hold, as "cmdline" does: a user would have whoever reads that wait without end.
 * Not every kernel has /proc/<pid>/task/<tid>/children (CONFIG_PROC_CHILDREN); a child that comes
 * or goes meanwhile may be missing there.
 */

#include "net/offspring.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/number.h"
#include "net/numbered.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OFFSPRING_LIST_MAX 65536

static int offspring_add(struct offspring *offspring, pid_t pid, const struct process_stat *stat) {
        struct offspring_child *larger;

        if ((offspring->n & (offspring->n + 1)) == 0) {
                larger = reallocarray(offspring->of, 2 * (offspring->n + 1), sizeof(*larger));
                if (!larger)
                        return -ENOMEM;
                offspring->of = larger;
        }
        offspring->of[offspring->n++] = (struct offspring_child){ pid, *stat };
        return 0;
}

static int offspring_look(struct offspring *offspring, int folder_fd, const char *name, pid_t pid) {
        char path[sizeof("/stat") + 3 * sizeof(pid)];
        struct process_stat stat;

        (void)snprintf(path, sizeof(path), "%.12s/stat", name);
        /* it is gone, or hidden */
        if (process_stat_read(folder_fd, path, &stat))
                return 0;
        return offspring_add(offspring, pid, &stat);
}

static int offspring_compare(const void *a, const void *b) {
        const struct offspring_child *x = a, *y = b;

        if (x->stat.parent != y->stat.parent)
                return x->stat.parent < y->stat.parent ? -1 : 1;
        return (x->pid > y->pid) - (x->pid < y->pid);
}

/**
 * offspring_read() - read who is whose child
 * @proc_fd:            an open /proc
 * @ret_offspring:      the children; offspring_clear() frees them
 *
 * Return: 0, or a negative errno.
 */
int offspring_read(int proc_fd, struct offspring *ret_offspring) {
        _cleanup_(numbered_closep) struct numbered processes = NUMBERED_NULL;
        _cleanup_(offspring_clear) struct offspring offspring = {
                .boottime = clock_now(CLOCK_BOOTTIME),
        };
        const char *name;
        int r, pid;

        r = numbered_open(proc_fd, ".", &processes);
        while (!r && !(r = numbered_next(&processes, &pid, &name)))
                r = offspring_look(&offspring, numbered_fd(&processes), name, pid);
        if (r != -ENOENT)
                return r;
        if (offspring.n)
                qsort(offspring.of, offspring.n, sizeof(*offspring.of), offspring_compare);
        *ret_offspring = offspring;
        offspring = (struct offspring){ 0 };
        return 0;
}

/* Add the children of a process, which has one thread. -ENOENT: it is gone, or there is no list. */
static int offspring_list(struct offspring *offspring, int proc_fd, pid_t parent) {
        char path[sizeof("/task//children") + 6 * sizeof(parent)];
        _cleanup_(freep) char *text = NULL;
        char *rest, *name;
        uint64_t pid;
        size_t size;
        int r;

        (void)snprintf(path, sizeof(path), "%d/task/%d/children", (int)parent, (int)parent);
        r = file_read_at(proc_fd, path, OFFSPRING_LIST_MAX, &text, &size);
        if (r > 0)
                return -EFBIG;
        for (rest = text; !r && (name = strsep(&rest, " "));)
                if (number_parse(name, strlen(name), 10, INT_MAX, &pid) >= 0)
                        r = offspring_look(offspring, proc_fd, name, (pid_t)pid);
        return r;
}

/**
 * offspring_read_of() - read the children of a process, and theirs
 * @proc_fd:            an open /proc
 * @pid:                the process; it and its children have one thread each
 * @ret_offspring:      the children, or more than these; offspring_clear() frees them
 *
 * Return: 0, or a negative errno.
 */
int offspring_read_of(int proc_fd, pid_t pid, struct offspring *ret_offspring) {
        _cleanup_(offspring_clear) struct offspring offspring = {
                .boottime = clock_now(CLOCK_BOOTTIME),
        };
        int r = offspring_list(&offspring, proc_fd, pid);
        size_t n = offspring.n;

        if (r == -ENOENT)
                return offspring_read(proc_fd, ret_offspring);
        for (size_t i = 0; i < n && !r; i++) {
                r = offspring_list(&offspring, proc_fd, offspring.of[i].pid);
                r = r == -ENOENT ? 0 : r;
        }
        if (r)
                return r;
        if (offspring.n)
                qsort(offspring.of, offspring.n, sizeof(*offspring.of), offspring_compare);
        *ret_offspring = offspring;
        offspring = (struct offspring){ 0 };
        return 0;
}

/**
 * offspring_of() - tell the children of a process
 * @offspring:  who is whose child
 * @parent:     the process
 * @ret_n:      how many children it has
 *
 * Return: the first one, or NULL.
 */
const struct offspring_child *offspring_of(const struct offspring *offspring, pid_t parent,
                                           size_t *ret_n) {
        size_t low = 0, high = offspring->n, n = 0;

        while (low < high) {
                size_t middle = low + (high - low) / 2;

                if (offspring->of[middle].stat.parent < parent)
                        low = middle + 1;
                else
                        high = middle;
        }
        while (low + n < offspring->n && offspring->of[low + n].stat.parent == parent)
                n++;
        *ret_n = n;
        return n ? &offspring->of[low] : NULL;
}

/**
 * offspring_clear() - free what offspring_read() has read
 * @offspring:  who is whose child, or all zero
 */
void offspring_clear(struct offspring *offspring) {
        free(offspring->of);
        *offspring = (struct offspring){ 0 };
}
