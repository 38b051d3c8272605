/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The check that a helper can do its work: it starts one as sshd's module would start it.
 *
 * Owns: a process that becomes, as far as possible, what sshd's process for a login is: it takes
 * over the limits, the mounts, the capability bounds and the control group of the sshd that
 * listens. From there the module's own code starts `pam_traffic_helper check`
 * (pam_module/launch.c), which does all that a login needs but leaves nothing behind.
 * Does not: enter sshd's domain of SELinux or AppArmor (the finding says so), or set limits that
 * pam_limits(8) has for single users.
 */

#include "base/base.h"
#include "check.h"
#include "config.h"
#include "net/net.h"
#include "pam_module/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

/* The helper itself waits for two locks of 2 s, and for the tables. */
#define CHECKHELPER_PATIENCE (20 * CLOCK_SECOND)
#define CHECKHELPER_TEXT_MAX 2048
#define CHECKHELPER_ACK "pam_traffic 1 "

/* What the process that stands in for sshd's tells, in one piece. */
struct checkhelper_answer {
        int result; /* of launch_check() */
        int exec_errno;
        int limits, mounts, bounds; /* 0, or a negative errno */
        uint64_t took;              /* microseconds */
        char text[CHECKHELPER_TEXT_MAX];
};

/* In a process of its own, since none of it can be undone. */
static void checkhelper_stand_in(const struct check_context *context,
                                 const struct listener *listener,
                                 struct checkhelper_answer *answer) {
        const struct launch_program program = { PATH_HELPER, context->config };
        _cleanup_(fd_closep) int cgroup_fd = -1;
        uint64_t began;

        if (listener) {
                if (cgroup_of_process(context->proc_fd, listener->directory_fd, &cgroup_fd))
                        cgroup_fd = -1;
                answer->mounts = listener_enter_mounts(context->proc_fd, listener);
                answer->limits = listener_take_limits(listener);
                answer->bounds = listener_take_bounds(listener);
        }
        began = clock_now(CLOCK_MONOTONIC);
        answer->result = launch_check(&program, cgroup_fd, began + CHECKHELPER_PATIENCE,
                                      answer->text, sizeof(answer->text), &answer->exec_errno);
        answer->took = clock_now(CLOCK_MONOTONIC) - began;
}

/* Return: 0, or a negative errno. */
static int checkhelper_ask(const struct check_context *context, const struct listener *listener,
                           struct checkhelper_answer *ret_answer) {
        _cleanup_(fd_closep) int in = -1, out = -1;
        struct checkhelper_answer answer = { .result = 0 };
        size_t size = 0;
        ssize_t n = 1;
        int fds[2];
        pid_t pid;

        if (pipe2(fds, O_CLOEXEC) < 0)
                return -errno;
        in = fds[0];
        out = fds[1];
        (void)fflush(stdout);
        pid = fork();
        if (pid < 0)
                return -errno;
        if (!pid) {
                /* a limit of processor time or of files may end or refuse it: then nothing comes */
                checkhelper_stand_in(context, listener, &answer);
                _exit(file_write(out, (const char *)&answer, sizeof(answer)) < 0);
        }
        out = fd_close(out);
        while (n > 0 && size < sizeof(answer)) {
                n = file_read_some(in, (char *)&answer + size, sizeof(answer) - size);
                size += n > 0 ? (size_t)n : 0;
        }
        while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
                continue;
        if (size < sizeof(answer))
                return -EIO;
        answer.text[sizeof(answer.text) - 1] = '\0';
        *ret_answer = answer;
        return 0;
}

/* The first line that is no acknowledgement, alone in its place; "" if there is none. */
static const char *checkhelper_line(char *text) {
        while (!strncmp(text, CHECKHELPER_ACK, strlen(CHECKHELPER_ACK))) {
                text += strcspn(text, "\n");
                text += *text == '\n';
        }
        text[strcspn(text, "\n")] = '\0';
        return text;
}

/* What could not be made like a login's, for the end of a sentence. */
static void checkhelper_differs(const struct check_context *context,
                                const struct listener *listener,
                                const struct checkhelper_answer *answer, char *text, size_t room) {
        if (!listener)
                (void)snprintf(text, room, "; no sshd listens here, so it had doctor's own limits");
        else if (listener_is_confined(context->proc_fd, listener))
                (void)snprintf(text, room,
                               "; but not in sshd's security domain (SELinux or AppArmor)");
        else if (answer->mounts < 0)
                (void)snprintf(text, room, "; but without the file systems that sshd sees: %s",
                               strerror(-answer->mounts));
        else if (answer->limits < 0)
                (void)snprintf(text, room, "; but without all of sshd's limits: %s",
                               strerror(-answer->limits));
        else if (answer->bounds < 0)
                (void)snprintf(text, room, "; but with more capabilities than sshd has: %s",
                               strerror(-answer->bounds));
        else
                *text = '\0';
}

static void checkhelper_judge(const char *differs, struct checkhelper_answer *answer,
                              struct check_result *result) {
        const char *line = checkhelper_line(answer->text);

        switch (answer->result) {
        case 0:
                check_find(result, CHECK_PASS,
                           "a helper that was started as for a login did its work in %" PRIu64
                           " ms%s",
                           answer->took / 1000, differs);
                return;
        case LAUNCH_E_FAILED:
                check_find(result, CHECK_FAIL, "the helper of a login fails: %s%s",
                           *line ? line : "it ended without a message", differs);
                break;
        case LAUNCH_E_EXEC:
                check_find(result, CHECK_FAIL, "sshd cannot run " PATH_HELPER ": %s%s",
                           strerror(answer->exec_errno), differs);
                break;
        case LAUNCH_E_TIMEOUT:
                check_find(result, CHECK_FAIL, "the helper of a login did not end within 20 s%s",
                           differs);
                break;
        case LAUNCH_E_HELD:
                check_find(result, CHECK_FAIL,
                           "the helper of a login did not begin within 20 s: is the control group "
                           "of sshd frozen?%s",
                           differs);
                break;
        default:
                check_find(result, CHECK_FAIL, "no helper can be started: %s%s",
                           strerror(-answer->result), differs);
        }
}

/* Whether it is what sshd has, or has not, that stops it. */
static bool checkhelper_works_alone(const struct check_context *context,
                                    const struct checkhelper_answer *answer) {
        struct checkhelper_answer alone;

        return answer->result != LAUNCH_E_TIMEOUT && answer->result != LAUNCH_E_HELD &&
               !checkhelper_ask(context, NULL, &alone) && !alone.result;
}

/* By systemd, if that has frozen it, and in any case. */
static void checkhelper_thaw(const struct check_context *context, const struct listener *listener,
                             struct check_result *result) {
        if (listener)
                check_mend(result,
                           "%s%s%secho 0 >\"/sys/fs/cgroup$(sed -n s/^0:://p "
                           "/proc/%d/cgroup)/cgroup.freeze\"",
                           context->systemd ? "systemctl thaw " : "",
                           context->systemd ? check_sshd_unit() : "", context->systemd ? "; " : "",
                           (int)listener->pid);
}

/* What to do about a helper that fails. */
static void checkhelper_mend(const struct check_context *context, const struct listener *listener,
                             const struct checkhelper_answer *answer, struct check_result *result) {
        struct statvfs fs;

        if (answer->result == LAUNCH_E_HELD) {
                checkhelper_thaw(context, listener, result);
        } else if (listener && checkhelper_works_alone(context, answer)) {
                check_add(result,
                          "; without sshd's file systems, limits and capabilities it works: change "
                          "the unit, or the script, that starts sshd, and restart sshd");
        } else if (!statvfs(PATH_HELPER, &fs) && (fs.f_flag & ST_NOEXEC)) {
                check_add(result, "; its file system is mounted noexec (see /etc/fstab)");
                check_mend(result,
                           "mount -o remount,bind,exec \"$(findmnt -nfo TARGET -T " PATH_HELPER
                           ")\"");
        } else if (!*answer->text || answer->result == LAUNCH_E_EXEC ||
                   strstr(answer->text, "cannot run ") || strstr(answer->text, "shared librar")) {
                check_reinstall(result);
        } else if (access(context->settings->state_dir, F_OK) < 0) {
                check_helper(context, result, "setup");
        } else {
                check_add(result, "; other rows say more");
        }
}

static void checkhelper_look(const struct check_context *context, struct check_result *result) {
        _cleanup_(listener_close) struct listener listener = LISTENER_NULL;
        struct checkhelper_answer answer;
        char differs[128];
        bool found;
        int r;

        if (check_needs_root(context, result))
                return;
        found = !listener_find(context->proc_fd, &listener);
        r = checkhelper_ask(context, found ? &listener : NULL, &answer);
        if (r < 0) {
                check_find(result, CHECK_FAIL,
                           "a process with sshd's limits cannot start a helper: %s", strerror(-r));
                return;
        }
        checkhelper_differs(context, found ? &listener : NULL, &answer, differs, sizeof(differs));
        checkhelper_judge(differs, &answer, result);
        if (result->status == CHECK_FAIL)
                checkhelper_mend(context, found ? &listener : NULL, &answer, result);
}

static const struct check checkhelper_checks[] = {
        { "login-helper", checkhelper_look },
};

const struct check_room checkhelper_room = CHECK_ROOM(checkhelper_checks);
