/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The screen of `top`.
 *
 * Owns: the terminal, from topscreen_new() until topscreen_free() restores it; the keys.
 * Relies on: ncurses; newterm(3), which does not end the program where initscr() would.
 * Does not: wait, or catch a signal.
 */

#include "topscreen.h"

#include "toptext.h"

#include <curses.h>
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <term.h>
#include <unistd.h>

/* Head, keys, columns above; the total below. */
#define TOPSCREEN_ABOVE 3
#define TOPSCREEN_BELOW 1

struct topscreen {
        SCREEN *screen;
        size_t first; /* of the rows that are shown */
        bool help;
};

static const struct {
        int key;
        enum opens_order order;
        const char *name;
} topscreen_orders[] = {
        { 'r', OPENS_RATE, "rate" }, { 't', OPENS_TOTAL, "total" }, { 'i', OPENS_IN, "in" },
        { 'o', OPENS_OUT, "out" },   { 'u', OPENS_USER, "user" },   { 's', OPENS_SINCE, "since" },
};

#define TOPSCREEN_ORDERS (sizeof(topscreen_orders) / sizeof(*topscreen_orders))

static const char *const topscreen_help[] = {
        "The sessions that are open now, and what they move.",
        "",
        "IN     from the client to this host, since the connection began",
        "OUT    to the client",
        "IN/s, OUT/s   bytes per second since the last look; 1K is 1024 bytes",
        "OPEN   for how long",
        "KEY    the key, shortened, as ssh-keygen -l shows it, or the method",
        "",
        "r      the busiest first        t   the largest sum of IN and OUT first",
        "i      the largest IN first     o   the largest OUT first",
        "u      by user                  s   the oldest first",
        "arrows, page up and down: move along the list",
        "h      back to the list         q   quit",
};

/* Whether the cursor can be moved: newterm() takes any terminal. */
static bool topscreen_is_possible(void) {
        const char *move = NULL;
        int found;

        /* with a place for the error, it does not end the program: setupterm(3) */
        if (setupterm(NULL, STDOUT_FILENO, &found) != OK)
                return false;
        move = tigetstr("cup");
        (void)del_curterm(cur_term);
        /* -1: there is no such capability at all */
        return move && move != (const char *)-1;
}

/**
 * topscreen_new() - take the terminal
 * @ret_screen: the screen, to be given to topscreen_free()
 *
 * Return: 0, -ENOTTY if it can do no more than print lines, or -ENOMEM.
 */
int topscreen_new(struct topscreen **ret_screen) {
        struct topscreen *screen;

        if (!topscreen_is_possible())
                return -ENOTTY;
        screen = calloc(1, sizeof(*screen));
        if (!screen)
                return -ENOMEM;
        screen->screen = newterm(NULL, stdout, stdin);
        if (!screen->screen) {
                free(screen);
                return -ENOTTY;
        }
        (void)cbreak();
        (void)noecho();
        (void)nonl();
        (void)keypad(stdscr, TRUE);
        (void)nodelay(stdscr, TRUE);
        (void)curs_set(0);
        *ret_screen = screen;
        return 0;
}

/**
 * topscreen_free() - give the terminal back
 * @screen:     the screen, or NULL
 *
 * Return: NULL.
 */
struct topscreen *topscreen_free(struct topscreen *screen) {
        if (screen) {
                (void)endwin();
                delscreen(screen->screen);
        }
        free(screen);
        return NULL;
}

/* A line as wide as the screen. */
static void topscreen_line(int y, const char *line, bool reverse) {
        if (reverse)
                (void)attron(A_REVERSE);
        (void)mvhline(y, 0, ' ', COLS);
        (void)mvaddstr(y, 0, line);
        if (reverse)
                (void)attroff(A_REVERSE);
}

static void topscreen_keys(const struct toplook *look) {
        int y, x;

        (void)move(1, 0);
        for (size_t i = 0; i < TOPSCREEN_ORDERS; i++) {
                getyx(stdscr, y, x);
                /* what has no room is in the help */
                if (y != 1 || x + 10 > COLS)
                        return;
                (void)printw("%c ", topscreen_orders[i].key);
                if (topscreen_orders[i].order == look->order)
                        (void)attron(A_BOLD | A_UNDERLINE);
                (void)addstr(topscreen_orders[i].name);
                (void)attroff(A_BOLD | A_UNDERLINE);
                (void)addstr("  ");
        }
        getyx(stdscr, y, x);
        if (y == 1 && x + 16 <= COLS)
                (void)addstr("h help  q quit");
}

static void topscreen_list(struct topscreen *screen, const struct toplook *look) {
        size_t room = LINES > TOPSCREEN_ABOVE + TOPSCREEN_BELOW
                              ? (size_t)(LINES - TOPSCREEN_ABOVE - TOPSCREEN_BELOW)
                              : 0;
        unsigned int width = (unsigned int)COLS;
        char line[TOPTEXT_LINE_MAX];
        size_t last = look->opens->n > room ? look->opens->n - room : 0;

        screen->first = screen->first < last ? screen->first : last;
        topscreen_keys(look);
        toptext_columns(width, line);
        topscreen_line(2, line, true);
        for (size_t i = 0; i < room && screen->first + i < look->opens->n; i++) {
                toptext_row(look, screen->first + i, width, line);
                topscreen_line(TOPSCREEN_ABOVE + (int)i, line, false);
        }
        if (LINES > TOPSCREEN_ABOVE) {
                toptext_total(look, width, line);
                topscreen_line(LINES - 1, line, true);
        }
}

/**
 * topscreen_draw() - show a look
 * @screen:     the screen
 * @look:       the look
 */
void topscreen_draw(struct topscreen *screen, const struct toplook *look) {
        char line[TOPTEXT_LINE_MAX];

        (void)erase();
        toptext_head(look, (unsigned int)COLS, line);
        topscreen_line(0, line, false);
        if (screen->help)
                for (size_t i = 0; i < sizeof(topscreen_help) / sizeof(*topscreen_help); i++)
                        (void)mvaddnstr((int)i + 2, 0, topscreen_help[i], COLS);
        else
                topscreen_list(screen, look);
        (void)refresh();
}

/**
 * topscreen_resize() - take the terminal's new size
 * @screen:     the screen
 */
void topscreen_resize(struct topscreen *screen) {
        struct winsize size = { 0 };

        (void)screen;
        if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row && size.ws_col)
                (void)resizeterm(size.ws_row, size.ws_col);
}

static void topscreen_move(struct topscreen *screen, long by) {
        if (by < 0 && screen->first < (size_t)-by)
                screen->first = 0;
        else
                screen->first += (size_t)by;
}

/**
 * topscreen_key() - do what the keys say that were pressed
 * @screen:     the screen
 * @look:       the look, which may get another order
 *
 * Return: false to quit.
 */
bool topscreen_key(struct topscreen *screen, struct toplook *look) {
        int key;

        while ((key = getch()) != ERR) {
                if (key == 'q' || key == 'Q')
                        return false;
                if (key == 'h' || key == '?')
                        screen->help = !screen->help;
                else if (key == KEY_UP || key == KEY_DOWN)
                        topscreen_move(screen, key == KEY_UP ? -1 : 1);
                else if (key == KEY_PPAGE || key == KEY_NPAGE)
                        topscreen_move(screen, key == KEY_PPAGE ? -(long)LINES / 2 : LINES / 2);
                for (size_t i = 0; i < TOPSCREEN_ORDERS; i++)
                        if (key == topscreen_orders[i].key)
                                toplook_sort(look, topscreen_orders[i].order);
        }
        return true;
}
