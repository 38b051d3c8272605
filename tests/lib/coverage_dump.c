/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Dying with counts: linked into every program of a coverage build (tests/coverage), it lets one
 * that is about to be killed write gcov's counts first. SIGRTMAX tells it to: it writes them, and
 * dies of SIGKILL, so that whoever waits for it sees what he would have seen.
 *
 * The module has it, too, and so has sshd, where nobody sends that signal: a program that catches
 * it itself is left alone, and a module that goes takes its handler along.
 */

#include <gcov.h>
#include <signal.h>
#include <stddef.h>
#include <unistd.h>

static void coverage_dump(int number) {
        (void)number;
        __gcov_dump();
        (void)kill(getpid(), SIGKILL);
}

/* Give SIGRTMAX to a handler, if it is another one's until now. */
static void coverage_hand_over(void (*from)(int), void (*to)(int)) {
        struct sigaction action;

        if (sigaction(SIGRTMAX, NULL, &action) < 0 || action.sa_handler != from)
                return;
        action = (struct sigaction){ .sa_handler = to };
        (void)sigaction(SIGRTMAX, &action, NULL);
}

__attribute__((constructor)) static void coverage_begin(void) {
        coverage_hand_over(SIG_DFL, coverage_dump);
}

__attribute__((destructor)) static void coverage_end(void) {
        coverage_hand_over(coverage_dump, SIG_DFL);
}
