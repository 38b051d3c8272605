/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The choice of a counting backend.
 */

#include "pam_traffic/backend.h"

#include "config.h"
#include "netfilter/iptables.h"
#include "netfilter/nftables.h"

#include <string.h>

/* In the order in which "auto" tries them. */
static const struct {
        const char *name;
        int (*new)(const char *lock_path, struct backend **ret_backend);
        const char *lock_path;
} backends[] = {
        { "iptables", iptables_new, PATH_XTABLES_LOCK },
        { "nftables", nftables_new, PATH_XTABLES_LOCK },
};

/**
 * backend_new() - make a backend
 * @name:               its name, or "auto" for the first that this kernel has
 * @ret_backend:        the backend, to be given to backend_free()
 *
 * Return: 0, BACKEND_E_UNKNOWN, BACKEND_E_UNAVAILABLE, or a negative errno.
 */
int backend_new(const char *name, struct backend **ret_backend) {
        bool any = strcmp(name, "auto") == 0;
        int r = BACKEND_E_UNKNOWN;

        for (size_t i = 0; i < sizeof(backends) / sizeof(*backends); i++) {
                if (!any && strcmp(name, backends[i].name) != 0)
                        continue;
                r = backends[i].new(backends[i].lock_path, ret_backend);
                if (r != BACKEND_E_UNAVAILABLE)
                        break;
        }
        return r;
}

/**
 * backend_free() - free a backend
 * @backend:    the backend, or NULL
 *
 * Return: always NULL.
 */
struct backend *backend_free(struct backend *backend) {
        if (backend)
                backend->operations->free(backend);
        return NULL;
}
