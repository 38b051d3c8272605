/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What open and close share: the module starts them, with a request on standard input.
 *
 * Relies on: pam_module/launch.c for the descriptors: 0 the request, 1 the acknowledgement (open)
 * or /dev/null, 2 /dev/null.
 */

#include "pam_traffic/cleanup.h"
#include "pam_traffic/file.h"
#include "privilege.h"
#include "report.h"
#include "verb.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

static void session_write_ack(void *context, enum ack ack) {
        const char *line = ack_line(ack);

        (void)context;
        (void)!write(STDOUT_FILENO, line, strlen(line));
}

static int session_failed(const char *what, const char *why) {
        syslog(LOG_AUTHPRIV | LOG_ERR, "%s: %s", what, why);
        session_write_ack(NULL, ACK_FAILED);
        return EXIT_FAILED;
}

static int session_read_request(char **ret_data, struct request *ret_request) {
        const char *field = NULL;
        size_t size;
        int r;

        r = file_read(STDIN_FILENO, REQUEST_MAX, ret_data, &size);
        if (r < 0)
                return session_failed("cannot read the request", strerror(-r));
        if (r == FILE_E_TOO_LARGE)
                return session_failed("request refused", "it is larger than 32 KiB");

        switch (request_decode(*ret_data, size, ret_request, &field)) {
        case 0:
                return 0;
        case REQUEST_E_VERSION:
                return session_failed("request refused",
                                      "this program and pam_traffic.so are of different releases, "
                                      "or it was not started by the module");
        case REQUEST_E_INCOMPLETE:
                return session_failed("request refused", "its end is missing");
        default:
                return session_failed("request refused: missing, doubled or bad field", field);
        }
}

/**
 * session_run() - do what the module asks
 * @config:     the configuration's path
 * @run:        session_open() or session_close()
 *
 * Return: EXIT_DONE or EXIT_FAILED.
 */
int session_run(const char *config,
                int (*run)(const struct session_context *, const struct request *)) {
        static const int ignored[] = { SIGHUP, SIGINT, SIGPIPE, SIGTERM, SIGXFSZ };
        _cleanup_(settings_freep) struct settings *settings = NULL;
        _cleanup_(fd_closep) int proc_fd = -1;
        _cleanup_(freep) char *data = NULL;
        struct session_context context = {
                .report = report_syslog,
                .acknowledge = session_write_ack,
        };
        struct request request;
        int r;

        /* logind tells what is left of a session to end (KillUserProcesses=); this ends by itself,
         * within bounds, and has the session's record to write first */
        for (size_t i = 0; i < sizeof(ignored) / sizeof(*ignored); i++)
                (void)signal(ignored[i], SIG_IGN);

        openlog("pam_traffic", LOG_PID, LOG_AUTHPRIV);
        privilege_unlimit();
        r = privilege_drop();
        if (r < 0)
                return session_failed("cannot drop capabilities", strerror(-r));

        r = session_read_request(&data, &request);
        if (r)
                return r;
        /* one line for a bad value, at open, is enough */
        r = settings_new(config, run == session_open ? report_settings_syslog : report_nothing,
                         NULL, &settings);
        if (r < 0)
                return session_failed("cannot read the configuration", strerror(-r));
        proc_fd = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (proc_fd < 0)
                return session_failed("cannot open /proc", strerror(errno));

        context.settings = settings;
        context.proc_fd = proc_fd;
        return run(&context, &request) < 0 ? EXIT_FAILED : EXIT_DONE;
}
