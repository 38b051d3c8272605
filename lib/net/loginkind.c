/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What a login is for.
 *
 * Relies on: OpenSSH, session.c. do_child() gives a login shell an argument 0 that begins with "-",
 * and runs a command by the user's shell with -c; the shell may become that command, sftp-server
 * and scp among them.
 * Each of them begins a session of its own, setsid(2). It runs below the sshd process of the user,
 * or, if that is root, below the one that opened the PAM session. There, too, runs what PAM's
 * modules start, and pam_exec(8) begins a session for it: for root it may be taken for a command.
 * internal-sftp runs in a process of sshd that calls itself USER@internal-sftp. sshd waits for each
 * of them.
 */

#include "net/loginkind.h"

#include <stdio.h>
#include <string.h>

/* How long sshd, or a shell, may take to become another program, in clock ticks. */
#define LOGINKIND_EXEC 100

static const struct {
        unsigned int kind;
        const char *name;
} loginkind_names[] = {
        { LOGINKIND_SHELL, "shell" }, { LOGINKIND_COMMAND, "command" }, { LOGINKIND_SCP, "scp" },
        { LOGINKIND_SFTP, "sftp" },   { LOGINKIND_FORWARD, "forward" },
};

#define LOGINKIND_NAMES (sizeof(loginkind_names) / sizeof(*loginkind_names))

/* What is said of several: who has a shell runs commands in it, and may forward. */
static unsigned int loginkind_said(unsigned int kinds) {
        if (kinds & ~(unsigned int)LOGINKIND_FORWARD)
                kinds &= ~(unsigned int)LOGINKIND_FORWARD;
        if (kinds & LOGINKIND_SHELL)
                kinds &= ~(unsigned int)LOGINKIND_COMMAND;
        return kinds;
}

/**
 * loginkind_format() - write what a login was for
 * @kinds:      those of enum loginkind
 * @ret_text:   "shell", or "shell+sftp"; "" if nothing is known
 */
void loginkind_format(unsigned int kinds, char ret_text[static LOGINKIND_TEXT_MAX]) {
        size_t size = 0;

        kinds = loginkind_said(kinds);
        *ret_text = '\0';
        for (size_t i = 0; i < LOGINKIND_NAMES; i++)
                if (kinds & loginkind_names[i].kind)
                        size += (size_t)snprintf(ret_text + size, LOGINKIND_TEXT_MAX - size, "%s%s",
                                                 size ? "+" : "", loginkind_names[i].name);
}

/**
 * loginkind_parse() - read what loginkind_format() wrote
 * @text:       the text, hostile; NULL: nothing is known
 *
 * Return: those of enum loginkind; 0: nothing that this release knows.
 */
unsigned int loginkind_parse(const char *text) {
        char again[LOGINKIND_TEXT_MAX];
        unsigned int kinds = 0;

        for (const char *at = text; at;) {
                size_t size = strcspn(at, "+");

                for (size_t i = 0; i < LOGINKIND_NAMES; i++)
                        if (strlen(loginkind_names[i].name) == size &&
                            !memcmp(at, loginkind_names[i].name, size))
                                kinds |= loginkind_names[i].kind;
                at = at[size] ? at + size + 1 : NULL;
        }
        loginkind_format(kinds, again);
        return text && !strcmp(text, again) ? kinds : 0;
}

/* One look at one login. */
struct loginkind_pass {
        const struct offspring *offspring;
        uint64_t now; /* clock ticks after boot */
        unsigned int kinds;
        bool root; /* the user is root */
        bool idle; /* the user's sshd never had a child */
};

static unsigned int loginkind_of_program(const struct process_stat *stat) {
        if (stat->terminal)
                return LOGINKIND_SHELL;
        if (!strcmp(stat->comm, "sftp-server"))
                return LOGINKIND_SFTP;
        return strcmp(stat->comm, "scp") ? LOGINKIND_COMMAND : LOGINKIND_SCP;
}

static bool loginkind_is_shell(const char *comm) {
        static const char *const names[] = { "sh",  "ash",  "bash",  "csh",  "dash", "fish",
                                             "ksh", "mksh", "rbash", "tcsh", "zsh" };

        for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
                if (!strcmp(comm, names[i]))
                        return true;
        return false;
}

static void loginkind_of_children(struct loginkind_pass *pass, pid_t parent, bool users);

static void loginkind_of_child(struct loginkind_pass *pass, const struct offspring_child *child,
                               bool users) {
        const struct process_stat *stat = &child->stat;
        bool leads = stat->session == child->pid, own = users || pass->root;
        /* it may be about to become another program */
        bool young = pass->now < stat->start + LOGINKIND_EXEC;
        size_t n;

        if (!process_name_is_sshd(stat->comm)) {
                if (leads && own && (stat->terminal || !young || !loginkind_is_shell(stat->comm)))
                        pass->kinds |= loginkind_of_program(stat);
        } else if (leads) {
                if (own && !young)
                        pass->kinds |= LOGINKIND_SFTP;
        } else if (!users) {
                /* the user's sshd */
                pass->idle = !stat->child_faults && !offspring_of(pass->offspring, child->pid, &n);
                loginkind_of_children(pass, child->pid, true);
        }
}

static void loginkind_of_children(struct loginkind_pass *pass, pid_t parent, bool users) {
        size_t n;
        const struct offspring_child *child = offspring_of(pass->offspring, parent, &n);

        for (size_t i = 0; i < n; i++)
                loginkind_of_child(pass, &child[i], users);
}

/**
 * loginkind_look() - tell what a login is for, by what runs
 * @offspring:  who is whose child
 * @pid:        the sshd process that opened the login's PAM session
 * @root:       whether the login is root's
 * @now:        clock ticks after boot
 * @settled:    whether the login is old enough to have begun what it is for
 *
 * Return: those of enum loginkind; 0: nobody can tell.
 */
unsigned int loginkind_look(const struct offspring *offspring, pid_t pid, bool root, uint64_t now,
                            bool settled) {
        struct loginkind_pass pass = { .offspring = offspring, .root = root, .now = now };

        loginkind_of_children(&pass, pid, false);
        if (!pass.kinds && pass.idle && settled)
                return LOGINKIND_FORWARD;
        return pass.kinds;
}
