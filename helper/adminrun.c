/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What the verbs reap, end, setup and teardown share, which an admin or a unit runs.
 */

#include "adminrun.h"

#include "base/base.h"
#include "childrun.h"
#include "config.h"
#include "looker.h"
#include "modules.h"
#include "outlet.h"
#include "privilege.h"
#include "store/store.h"
#include "verb.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>

#define ADMINRUN_LINE_MAX 512

static void adminrun_not_loaded(const char *what, const char *why) {
        char line[ADMINRUN_LINE_MAX];

        (void)snprintf(line, sizeof(line),
                       "users' ledger: not loaded, everything else works: %s: %s", what, why);
        outlet_stderr(NULL, LOG_WARNING, line);
}

/* Have the kernel count for the users' ledger, which takes capabilities that the rest does without.
 * If the kernel does not, the program says why, and everything else goes on. */
static void adminrun_load_ledger(const char *config) {
        static const char *const arguments[] = { "pam_traffic_ledger", NULL };
        const uint64_t deadline = clock_now(CLOCK_MONOTONIC) + LEDGER_PATIENCE;
        _cleanup_(settings_freep) struct settings *settings = NULL;
        _cleanup_(fd_closep) int lock_fd = -1;
        int r, status;

        if (settings_new(config, outlet_nothing, NULL, &settings) < 0 || !settings->users)
                return;
        if (access(PATH_LEDGER, X_OK) < 0) {
                adminrun_not_loaded("there is no " PATH_LEDGER,
                                    "pam_traffic was built without clang and libbpf; users = no "
                                    "in the configuration silences this");
                return;
        }
        r = statelock_take_pins(deadline, &lock_fd);
        if (r < 0) {
                adminrun_not_loaded("cannot take the lock " PATH_RUN "/lock", statelock_reason(r));
                return;
        }
        r = childrun_run(PATH_LEDGER, arguments, false, deadline, &status);
        if (r < 0)
                adminrun_not_loaded(PATH_LEDGER, strerror(-r));
        else if (!WIFEXITED(status) || WEXITSTATUS(status) > EXIT_USAGE)
                adminrun_not_loaded(PATH_LEDGER, "it could not be run, or was killed");
}

/**
 * adminrun_run() - do what an admin or a unit asks
 * @config:     the configuration's path
 * @run:        session_reap(), endall_run(), kernelsetup_run() or kernelsetup_undo()
 *
 * Return: EXIT_DONE or EXIT_FAILED.
 */
int adminrun_run(const char *config, int (*run)(const struct session_context *)) {
        _cleanup_(settings_freep) struct settings *settings = NULL;
        uint64_t patience = SESSION_PATIENCE;
        struct outlet outlet = { .told = false };
        struct session_context context = {
                .progress = outlet_progress,
                .context = &outlet,
                .report = run == session_reap || run == endall_run ? outlet_both : outlet_stderr,
                .spools = { PATH_SPOOL, PATH_RUN_SPOOL },
                .config = config,
                .patience = &patience,
        };
        _cleanup_(looker_end) struct looker looker = LOOKER_INIT;
        _cleanup_(fd_closep) int proc_fd = -1;
        int r;

        openlog("pam_traffic", LOG_PID, LOG_AUTHPRIV);
        proc_fd = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
        r = proc_fd < 0 ? -errno : 0;
        if (!r && run == kernelsetup_run)
                (void)modules_load(proc_fd, clock_now(CLOCK_MONOTONIC) + MODULES_PATIENCE);
        if (!r && run == kernelsetup_run)
                adminrun_load_ledger(config);
        /* without it a reap does all the rest */
        if (!r && run == session_reap && !looker_begin(&looker, proc_fd)) {
                context.monitors = looker_monitors;
                context.held = looker_held;
                context.looker = &looker;
        }
        if (!r)
                r = privilege_drop();
        if (!r)
                r = settings_new(config,
                                 run == session_reap ? outlet_nothing : outlet_settings_stderr,
                                 NULL, &settings);
        if (r < 0) {
                outlet_stderr(NULL, LOG_ERR, strerror(-r));
                return EXIT_FAILED;
        }

        context.settings = settings;
        context.proc_fd = proc_fd;
        return run(&context) < 0 ? EXIT_FAILED : EXIT_DONE;
}
