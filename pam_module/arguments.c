/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The arguments of the PAM line.
 *
 * Does not: fail. An argument that is not understood is logged and ignored, so no login fails
 * because of a typing error in /etc/pam.d/sshd.
 */

#include "arguments.h"

#include "base/base.h"

#include <security/pam_ext.h>
#include <string.h>
#include <syslog.h>

#define ARGUMENTS_OPEN_TIMEOUT (2 * CLOCK_SECOND)

/* The value of argument "name=value", or NULL if it is another argument. */
static const char *arguments_value(const char *argument, const char *name) {
        size_t n = strlen(name);

        return strncmp(argument, name, n) || argument[n] != '=' ? NULL : argument + n + 1;
}

/**
 * arguments_parse() - read the arguments of the PAM line
 * @pamh:               for the log
 * @argc:               how many
 * @argv:               the arguments
 * @ret_arguments:      what they say, defaults where they say nothing
 */
void arguments_parse(const pam_handle_t *pamh, int argc, const char **argv,
                     struct arguments *ret_arguments) {
        struct arguments arguments = { .open_timeout = ARGUMENTS_OPEN_TIMEOUT };

        for (int i = 0; i < argc; i++) {
                const char *value;

                if (!strcmp(argv[i], "strict")) {
                        arguments.strict = true;
                } else if (!strcmp(argv[i], "debug")) {
                        arguments.debug = true;
                } else if ((value = arguments_value(argv[i], "conf")) && *value == '/') {
                        arguments.config = value;
                } else if ((value = arguments_value(argv[i], "service")) && *value &&
                           arguments.n_services < ARGUMENTS_SERVICES) {
                        arguments.services[arguments.n_services++] = value;
                } else if (!(value = arguments_value(argv[i], "open_timeout")) ||
                           duration_parse(value, &arguments.open_timeout) < 0) {
                        pam_syslog(pamh, LOG_ERR,
                                   "argument '%.200s' is ignored: it is unknown, or its value is "
                                   "wrong; allowed are "
                                   "conf=/PATH, service=NAME, open_timeout=2s, strict, debug",
                                   argv[i]);
                }
        }
        if (!arguments.n_services)
                arguments.services[arguments.n_services++] = "sshd";

        *ret_arguments = arguments;
}

/**
 * arguments_serve() - tell whether a PAM service is to be accounted
 * @arguments:  the arguments
 * @service:    PAM_SERVICE, or NULL
 *
 * Return: true if the service was named, or is sshd where none was.
 */
bool arguments_serve(const struct arguments *arguments, const char *service) {
        for (unsigned int i = 0; i < arguments->n_services; i++)
                if (service && !strcmp(arguments->services[i], service))
                        return true;
        return false;
}
