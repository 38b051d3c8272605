/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * pam_traffic top - the open sessions, refreshed again and again.
 *
 * Owns: when the screen is refreshed. Signals come through a descriptor (signalfd(2)), so nothing
 * is done in a handler, and the terminal is restored however the program ends.
 */

#include "base/base.h"
#include "cli/command.h"
#include "cli/shared/configuration.h"
#include "cli/shared/fail.h"
#include "cli/shared/options.h"
#include "config.h"
#include "toplook.h"
#include "topscreen.h"
#include "toptext.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/signalfd.h>

/* Without a screen: the session, too. */
#define TOP_PLAIN_WIDTH 120

#define TOP_INTERVAL (2 * CLOCK_SECOND)
#define TOP_INTERVAL_LEAST (CLOCK_SECOND / 10)

struct top {
        const char *config; /* NULL: the usual one */
        uint64_t count;     /* 0: no end */
        uint64_t interval;  /* microseconds */
        int signal_fd;
        struct toplook look;
        struct topscreen *screen; /* NULL: print */
};

static const char *top_interval(const char *value, void *place) {
        return duration_parse(value, place) < 0 || *(uint64_t *)place < TOP_INTERVAL_LEAST
                       ? "is not a time of 100ms or more, such as 2s"
                       : NULL;
}

static const struct option_entry top_entries[] = {
        OPTION_CONFIG(struct top, config),
        { "count", "N", "stop after so many looks (default: never)",
          OPTION_NUMBER(struct top, count, 1, UINT32_MAX) },
        { "interval", "TIME", "how often to look (default: 2s)",
          OPTION_CALL(struct top, interval, top_interval) },
        { "sort", "COLUMN", "the order (default: rate)",
          OPTION_WORD(struct top, look.order, opens_orders) },
};

static const struct options top_options = {
        .command = "top",
        .operands = "",
        .sentence =
                "Show the sessions that are open now, and what each moves; it refreshes itself.",
        .entries = top_entries,
        .n_entries = sizeof(top_entries) / sizeof(*top_entries),
        .notes = "COLUMN is user, key, from, since, in, out, total, rate or session. TIME is\n"
                 "500ms, 2s, 1min.\n"
                 "\n"
                 "IN is from the client to this host, OUT to the client, since the connection\n"
                 "began; IN/s and OUT/s are bytes per second since the last look, and at the\n"
                 "first one since the session's counters were last saved. 1K is 1024 bytes.\n"
                 "OPEN is how long the session has been open. What is not known is an empty cell.\n"
                 "\n"
                 "Keys: r rate, t total, i in, o out, u user, s since: the order; arrows, page\n"
                 "up and down: move along the list; h help; q quit. If standard output is not\n"
                 "a terminal, each look is printed, with a blank line after it.\n"
                 "\n"
                 "Only root may read the state of the sessions. Others see the last records.\n",
};

static void top_clear(struct top *top) {
        top->screen = topscreen_free(top->screen);
        toplook_clear(&top->look);
        top->signal_fd = fd_close(top->signal_fd);
}

static int top_signals(struct top *top) {
        static const int signals[] = { SIGHUP, SIGINT, SIGTERM, SIGWINCH };
        sigset_t set;

        (void)sigemptyset(&set);
        for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++)
                (void)sigaddset(&set, signals[i]);
        if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
                return -errno;
        top->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
        return top->signal_fd < 0 ? -errno : 0;
}

static int top_print(const struct top *top) {
        char line[TOPTEXT_LINE_MAX];

        toptext_head(&top->look, TOP_PLAIN_WIDTH, line);
        (void)puts(line);
        toptext_columns(TOP_PLAIN_WIDTH, line);
        (void)puts(line);
        for (size_t i = 0; i < top->look.opens->n; i++) {
                toptext_row(&top->look, i, TOP_PLAIN_WIDTH, line);
                (void)puts(line);
        }
        toptext_total(&top->look, TOP_PLAIN_WIDTH, line);
        (void)printf("%s\n\n", line);
        return fflush(stdout) ? -errno : 0;
}

static int top_show(struct top *top) {
        if (!top->screen)
                return top_print(top);
        topscreen_draw(top->screen, &top->look);
        return 0;
}

/* Return: true to quit. */
static bool top_signalled(struct top *top) {
        struct signalfd_siginfo info;

        while (read(top->signal_fd, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
                if (info.ssi_signo != SIGWINCH)
                        return true;
                if (top->screen) {
                        topscreen_resize(top->screen);
                        topscreen_draw(top->screen, &top->look);
                }
        }
        return false;
}

/* Wait for the next look. Return: 1 to quit, 0, or a negative errno. */
static int top_wait(struct top *top, uint64_t until) {
        for (;;) {
                uint64_t now = clock_now(CLOCK_MONOTONIC);
                struct pollfd ways[] = {
                        { .fd = top->signal_fd, .events = POLLIN },
                        { .fd = top->screen ? STDIN_FILENO : STDOUT_FILENO,
                          .events = top->screen ? POLLIN : 0 },
                };
                /* rounded up, so that it does not turn around for a part of a millisecond */
                uint64_t wait = until > now ? (until - now + 999) / 1000 : 0;

                if (!wait)
                        return 0;
                if (poll(ways, 2, wait > INT_MAX ? INT_MAX : (int)wait) < 0) {
                        if (errno == EINTR)
                                continue;
                        return -errno;
                }
                if (ways[0].revents && top_signalled(top))
                        return 1;
                if (ways[1].revents & (POLLERR | POLLHUP | POLLNVAL))
                        return 1;
                if (ways[1].revents) {
                        if (!topscreen_key(top->screen, &top->look))
                                return 1;
                        topscreen_draw(top->screen, &top->look);
                }
        }
}

static int top_loop(struct top *top) {
        uint64_t next = clock_now(CLOCK_MONOTONIC);
        int r = 0;

        for (uint64_t i = 1; !r; i++) {
                next += top->interval;
                r = top_show(top);
                if (r < 0 || i == top->count)
                        break;
                r = top_wait(top, next);
                if (r)
                        break;
                /* a look that takes longer than the interval is followed by the next at once */
                if (next < clock_now(CLOCK_MONOTONIC))
                        next = clock_now(CLOCK_MONOTONIC);
                r = toplook_take(&top->look, true);
                if (r < 0) {
                        /* what went wrong is to be read where it stays */
                        top->screen = topscreen_free(top->screen);
                        return toplook_take(&top->look, true) < 0 ? EXIT_FAILED : EXIT_DONE;
                }
        }
        top->screen = topscreen_free(top->screen);
        return r < 0 ? fail_errno(r) : EXIT_DONE;
}

static int top_run(struct top *top) {
        _cleanup_(settings_freep) struct settings *settings = NULL;
        int r;

        if (configuration_read(top->config, &settings) < 0)
                return EXIT_FAILED;
        top->look.settings = settings;
        (void)gethostname(top->look.host, sizeof(top->look.host) - 1);
        if (toplook_take(&top->look, false) < 0)
                return EXIT_FAILED;
        r = top_signals(top);
        if (!r && isatty(STDOUT_FILENO) && isatty(STDIN_FILENO))
                r = topscreen_new(&top->screen);
        if (r < 0 && r != -ENOTTY)
                return fail_errno(r);
        return top_loop(top);
}

/**
 * command_top() - show the open sessions again and again
 * @argc:       how many words
 * @argv:       the command's name, options
 *
 * Return: EXIT_DONE, EXIT_FAILED or EXIT_USAGE.
 */
int command_top(int argc, char **argv) {
        _cleanup_(top_clear) struct top top = {
                .interval = TOP_INTERVAL,
                .signal_fd = -1,
                .look = { .order = OPENS_RATE },
        };
        int r = options_read(&top_options, argc, argv, &top);

        return r == OPTIONS_GO ? top_run(&top) : r;
}
