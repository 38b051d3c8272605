/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * pam_traffic sockets - who moves what on this host.
 *
 * Owns: the timing of --watch.
 */

#include "base/base.h"
#include "cli/command.h"
#include "cli/shared/configuration.h"
#include "cli/shared/fail.h"
#include "cli/shared/progress.h"
#include "missing.h"
#include "socketoptions.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/ioctl.h>

struct sockets {
        struct socketoptions options;
        struct settings *settings;
        struct users users;
        struct audit *audit;
        int proc_fd;
        uint64_t began; /* the look, CLOCK_MONOTONIC */
        struct progress progress;
};

static void sockets_clear(struct sockets *sockets) {
        socketoptions_clear(&sockets->options);
        users_clear(&sockets->users);
        (void)settings_free(sockets->settings);
        (void)audit_free(sockets->audit);
        sockets->proc_fd = fd_close(sockets->proc_fd);
}

static void sockets_progress(void *context, const char *what, size_t n) {
        struct sockets *sockets = context;

        progress_tell(&sockets->progress, what, n, 0);
}

static int sockets_open(struct sockets *sockets) {
        struct audit_options options = {
                .watch = sockets->options.watch != 0,
                .split = sockets->options.wish.sums &&
                         (sockets->options.wish.by == SOCKETROW_REMOTE ||
                          sockets->options.wish.by == SOCKETROW_PORT),
                .progress = sockets_progress,
                .context = sockets,
        };
        int r;

        if (configuration_read(sockets->options.config, &sockets->settings) < 0)
                return EXIT_FAILED;
        sockets->proc_fd = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (sockets->proc_fd < 0)
                return fail_errno(-errno);
        options.proc_fd = sockets->proc_fd;
        options.state_dir = sockets->settings->state_dir;
        options.exclude =
                (struct audit_networks){ sockets->settings->exclude, sockets->settings->n_exclude };
        if (sockets->options.has_exclude)
                options.exclude = (struct audit_networks){ sockets->options.exclude.networks,
                                                           sockets->options.exclude.n };
        options.only =
                (struct audit_networks){ sockets->options.only.networks, sockets->options.only.n };
        r = audit_new(&options, &sockets->audit);
        return r < 0 ? fail_errno(r) : EXIT_DONE;
}

/* As many rows as the terminal has lines, if nothing else was said. */
static void sockets_redraw(const struct sockets *sockets, struct socketlist_wish *wish) {
        struct winsize size = { 0 };

        if (sockets->options.json || sockets->options.csv || !isatty(STDOUT_FILENO))
                return;
        (void)printf("\033[H\033[J");
        if (!wish->limit && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 4)
                wish->limit = size.ws_row - 4U;
}

static int sockets_print(struct sockets *sockets, uint64_t interval) {
        _cleanup_(socketlist_clear) struct socketlist list = { .n = 0 };
        struct socketlist_wish wish = sockets->options.wish;
        char time[CLOCK_TEXT_MAX];
        struct socketrow_world world = {
                .audit = sockets->audit,
                .users = &sockets->users,
                .time = time,
                .interval = interval,
        };
        int r;

        clock_format(clock_now(CLOCK_REALTIME), time);
        if (interval)
                sockets_redraw(sockets, &wish);
        r = socketlist_make(&world, &wish, &list);
        if (r < 0)
                return r;
        if (sockets->options.json) {
                socketprint_json(&sockets->options.print, &world, &list,
                                 wish.sums ? "sums" : "sockets");
        } else if (sockets->options.csv) {
                socketprint_csv(&sockets->options.print, &world, &list);
                sockets->options.print.noheadings = true;
        } else {
                if (interval && !sockets->options.print.noheadings)
                        (void)printf("%s, the last %.1f s\n", time, (double)interval / 1e6);
                r = socketprint_table(&sockets->options.print, &world, &list);
                if (interval)
                        (void)printf("\n");
                else if (!list.n)
                        fail_warn("there is no such connection");
        }
        return r < 0 ? r : fflush(stdout) ? -errno : 0;
}

static int sockets_look(struct sockets *sockets, struct audit_missing *ret_missing) {
        int r;

        sockets->began = clock_now(CLOCK_MONOTONIC);
        progress_begin(&sockets->progress);
        r = audit_look(sockets->audit, ret_missing);
        progress_hide(&sockets->progress);
        return r;
}

static int sockets_watch(struct sockets *sockets) {
        uint64_t last = sockets->began, next = last;
        struct audit_missing missing;
        int r = 0;

        for (uint64_t i = 0; !r && (!sockets->options.count || i < sockets->options.count); i++) {
                uint64_t now = clock_now(CLOCK_MONOTONIC);

                next += sockets->options.watch * CLOCK_SECOND;
                /* a look that takes longer than the interval is followed by the next at once */
                if (next > now)
                        clock_sleep(next - now);
                else
                        next = now;
                r = sockets_look(sockets, &missing);
                if (!r)
                        r = sockets_print(sockets, sockets->began - last);
                last = sockets->began;
        }
        return r;
}

static int sockets_run(struct sockets *sockets) {
        struct audit_missing missing;
        bool age = false;
        int r;

        r = sockets_look(sockets, &missing);
        if (r < 0)
                return fail_errno(r);
        for (size_t i = 0; i < sockets->options.print.n_columns; i++)
                age = age || sockets->options.columns[i] == SOCKETROW_AGE;
        missing_print(&missing, sockets->settings->state_dir, age);
        r = sockets->options.watch ? sockets_watch(sockets) : sockets_print(sockets, 0);
        return r < 0 ? fail_errno(r) : EXIT_DONE;
}

/**
 * command_sockets() - list the host's connections
 * @argc:       how many words
 * @argv:       the command's name, options
 *
 * Return: EXIT_DONE, EXIT_FAILED or EXIT_USAGE.
 */
int command_sockets(int argc, char **argv) {
        _cleanup_(sockets_clear) struct sockets sockets = { .proc_fd = -1 };
        int r;

        r = socketoptions_read(argc, argv, &sockets.options);
        if (r != OPTIONS_GO)
                return r;
        r = sockets_open(&sockets);
        return r ? r : sockets_run(&sockets);
}
