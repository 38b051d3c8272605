/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A thread that fills buffers ahead of the one that empties them.
 *
 * Owns: the thread and the parts. There are so many and no more: when all are full, it waits. The
 * part that was emptied last is filled next, so that memory is touched only when it is needed.
 * Relies on: what fill() works on is nobody else's until pump_free().
 * Does not: interrupt a fill(): pump_free() waits for the one that is under way.
 */

#include "pam_traffic/pump.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>

struct pump_part {
        size_t size;
        char *data;
};

struct pump {
        pump_fill fill;
        void *context;
        size_t size;
        unsigned int n;
        pthread_t thread;
        pthread_mutex_t lock; /* of all below */
        pthread_cond_t moved;
        struct pump_part *full;  /* a ring */
        struct pump_part *empty; /* a stack */
        unsigned int first, n_full, n_empty;
        bool stop;
        bool ended;
        int result; /* of the fill() that was the last */
        char *data;
};

static void *pump_run(void *argument) {
        struct pump *pump = argument;
        ssize_t n = 1;

        (void)pthread_mutex_lock(&pump->lock);
        while (n > 0) {
                struct pump_part part;

                while (!pump->n_empty && !pump->stop)
                        (void)pthread_cond_wait(&pump->moved, &pump->lock);
                if (pump->stop)
                        break;
                part = pump->empty[--pump->n_empty];
                (void)pthread_mutex_unlock(&pump->lock);
                n = pump->fill(pump->context, part.data, pump->size);
                (void)pthread_mutex_lock(&pump->lock);
                if (n > 0) {
                        part.size = (size_t)n;
                        pump->full[(pump->first + pump->n_full++) % pump->n] = part;
                        (void)pthread_cond_signal(&pump->moved);
                }
        }
        pump->result = n < 0 ? (int)n : 0;
        pump->ended = true;
        (void)pthread_cond_signal(&pump->moved);
        (void)pthread_mutex_unlock(&pump->lock);
        return NULL;
}

/* Signals are for the program's own thread. */
static int pump_start(struct pump *pump) {
        sigset_t all, before;
        int r;

        (void)sigfillset(&all);
        (void)pthread_sigmask(SIG_SETMASK, &all, &before);
        r = pthread_create(&pump->thread, NULL, pump_run, pump);
        (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
        return -r;
}

static void pump_release(struct pump *pump) {
        (void)pthread_cond_destroy(&pump->moved);
        (void)pthread_mutex_destroy(&pump->lock);
        free(pump->full);
        free(pump->empty);
        free(pump->data);
        free(pump);
}

/**
 * pump_new() - begin to fill
 * @fill:       what fills a part
 * @context:    handed to @fill; it and what it points to must stay
 * @size:       of a part, in bytes
 * @n:          how many parts
 * @ret_pump:   the pump, to be given to pump_free()
 *
 * Return: 0, or a negative errno.
 */
int pump_new(pump_fill fill, void *context, size_t size, unsigned int n, struct pump **ret_pump) {
        struct pump *pump = calloc(1, sizeof(*pump));
        int r;

        if (!pump)
                return -ENOMEM;
        *pump = (struct pump){ .fill = fill, .context = context, .size = size, .n = n };
        (void)pthread_mutex_init(&pump->lock, NULL);
        (void)pthread_cond_init(&pump->moved, NULL);
        pump->full = calloc(n, sizeof(*pump->full));
        pump->empty = calloc(n, sizeof(*pump->empty));
        pump->data = malloc(size * n);
        if (!pump->full || !pump->empty || !pump->data) {
                pump_release(pump);
                return -ENOMEM;
        }
        for (; pump->n_empty < n; pump->n_empty++)
                pump->empty[pump->n_empty].data = pump->data + size * (n - 1 - pump->n_empty);
        r = pump_start(pump);
        if (r < 0) {
                pump_release(pump);
                return r;
        }
        *ret_pump = pump;
        return 0;
}

/**
 * pump_free() - end the thread
 * @pump:       the pump, or NULL; what was not taken yet is lost
 *
 * Return: NULL.
 */
struct pump *pump_free(struct pump *pump) {
        if (!pump)
                return NULL;
        (void)pthread_mutex_lock(&pump->lock);
        pump->stop = true;
        (void)pthread_cond_signal(&pump->moved);
        (void)pthread_mutex_unlock(&pump->lock);
        (void)pthread_join(pump->thread, NULL);
        pump_release(pump);
        return NULL;
}

/**
 * pump_drain() - take all parts, up to the end
 * @pump:       the pump
 * @take:       told each
 * @context:    handed to @take
 *
 * Return: 0, what @take returned, or the negative errno that ended the filling.
 */
int pump_drain(struct pump *pump, pump_take take, void *context) {
        int r = 0;

        (void)pthread_mutex_lock(&pump->lock);
        while (!r) {
                struct pump_part part;

                while (!pump->n_full && !pump->ended)
                        (void)pthread_cond_wait(&pump->moved, &pump->lock);
                if (!pump->n_full) {
                        r = pump->result;
                        break;
                }
                part = pump->full[pump->first];
                pump->first = (pump->first + 1) % pump->n;
                pump->n_full--;
                (void)pthread_mutex_unlock(&pump->lock);
                r = take(context, part.data, part.size);
                (void)pthread_mutex_lock(&pump->lock);
                pump->empty[pump->n_empty++] = part;
                (void)pthread_cond_signal(&pump->moved);
        }
        (void)pthread_mutex_unlock(&pump->lock);
        return r;
}
