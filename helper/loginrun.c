/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What the verbs open, start and close share, which sshd's module starts, with a request on
 * standard input.
 *
 * Relies on: pam_module/launch.c for the descriptors: 0 is the request, 1 the acknowledgement
 * (open) or /dev/null, 2 is /dev/null.
 */

#include "loginrun.h"

#include "base/base.h"
#include "privilege.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#define LOGIN_LINE_MAX 256

/**
 * loginrun_acknowledge() - tell the module how far this is
 * @ack:        how far
 */
void loginrun_acknowledge(enum ack ack) {
        const char *line = ack_line(ack);

        (void)!write(STDOUT_FILENO, line, strlen(line));
}

static int loginrun_failed(const struct loginrun *login, const char *what, const char *why) {
        char line[LOGIN_LINE_MAX];

        (void)snprintf(line, sizeof(line), "%s: %s", what, why);
        login->context.report(login->context.context, LOG_ERR, line);
        return -1;
}

/**
 * loginrun_begin() - become what may work on a session, and read the configuration
 * @login:      LOGINRUN_INIT; to be given to loginrun_end() whatever is returned
 * @config:     the configuration's path
 * @first:      whether this is to log what is wrong with the configuration: once a login is enough
 *
 * Return: 0, or -1, which has been reported.
 */
int loginrun_begin(struct loginrun *login, const char *config, bool first) {
        static const int ignored[] = { SIGHUP, SIGINT, SIGPIPE, SIGTERM, SIGXFSZ };
        int r;

        /* logind tells what is left of a session to end (KillUserProcesses=); this ends by itself,
         * within bounds, and has the session's record to write first */
        for (size_t i = 0; i < sizeof(ignored) / sizeof(*ignored); i++)
                (void)signal(ignored[i], SIG_IGN);

        openlog("pam_traffic", LOG_PID, LOG_AUTHPRIV);
        privilege_unlimit();
        r = privilege_drop();
        if (r < 0)
                return loginrun_failed(login, "cannot drop capabilities", strerror(-r));

        r = settings_new(config, first ? outlet_settings_syslog : outlet_nothing, NULL,
                         &login->settings);
        if (r < 0)
                return loginrun_failed(login, "cannot read the configuration", strerror(-r));

        login->context.proc_fd = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (login->context.proc_fd < 0)
                return loginrun_failed(login, "cannot open /proc", strerror(errno));
        login->context.settings = login->settings;
        login->patience = SESSION_PATIENCE;
        login->context.patience = &login->patience;
        return 0;
}

/**
 * loginrun_read() - read the request
 * @login:      gets it
 *
 * Return: 0, or -1, which has been reported.
 */
int loginrun_read(struct loginrun *login) {
        const char *field = NULL;
        size_t size;
        int r;

        r = file_read(STDIN_FILENO, REQUEST_MAX, &login->data, &size);
        if (r < 0)
                return loginrun_failed(login, "cannot read the request of pam_traffic.so",
                                       strerror(-r));
        if (r == FILE_E_TOO_LARGE)
                return loginrun_failed(login, "the request of pam_traffic.so is refused",
                                       "it is larger than 32 KiB");

        switch (request_decode(login->data, size, &login->request, &field)) {
        case 0:
                return 0;
        case REQUEST_E_VERSION:
                return loginrun_failed(login, "the request of pam_traffic.so is refused",
                                       "this program and pam_traffic.so are of different releases, "
                                       "or it was not started by the module");
        case REQUEST_E_INCOMPLETE:
                return loginrun_failed(login, "the request of pam_traffic.so is refused",
                                       "its end is missing");
        default:
                return loginrun_failed(login,
                                       "the request of pam_traffic.so is refused: a field is "
                                       "missing, doubled or wrong",
                                       field);
        }
}

/**
 * loginrun_end() - give back what loginrun_begin() and loginrun_read() took
 * @login:      the login
 */
void loginrun_end(struct loginrun *login) {
        login->settings = settings_free(login->settings);
        login->context.proc_fd = fd_close(login->context.proc_fd);
        free(login->data);
}
