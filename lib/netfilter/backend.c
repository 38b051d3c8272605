/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The choice of a counting backend.
 */

#include "netfilter/backend.h"

#include "base/file.h"
#include "config.h"
#include "netfilter/iptables.h"
#include "netfilter/nftables.h"

#include <string.h>

#define BACKEND_NAMES_MAX 4096

/* The names of the legacy tables that somebody has touched, each in a line (xt_table_seq_show()).
 */
static bool backend_has_mangle(int proc_fd, const char *path) {
        _cleanup_(freep) char *names = NULL;
        size_t size;

        return !file_read_at(proc_fd, path, BACKEND_NAMES_MAX, &names, &size) &&
               strstr(names, "mangle\n");
}

static bool backend_iptables_untouched(int proc_fd) {
        return !backend_has_mangle(proc_fd, "self/net/ip_tables_names") &&
               !backend_has_mangle(proc_fd, "self/net/ip6_tables_names");
}

/* In the order in which "auto" tries them. */
static const struct {
        const char *name;
        const char *missing; /* why it is not there */
        int (*new)(struct backend **ret_backend);
        bool (*is_untouched)(int proc_fd);
        void (*look)(int proc_fd, const char *lock_path, struct survey_base *base);
} backends[BACKEND_COUNT] = {
        { "iptables",
          "this kernel, or this build, has no legacy iptables (modules ip_tables, iptable_mangle)",
          iptables_new, backend_iptables_untouched, iptableslook_base },
        { "nftables",
          "this kernel has no nf_tables whose sets count (Linux 5.7, modules nf_tables, nft_ct)",
          nftables_new, NULL, nftableslook_base },
};

/**
 * backend_name() - the name of a backend
 * @i:  its place in the order in which "auto" tries them, below BACKEND_COUNT
 *
 * Return: the name.
 */
const char *backend_name(size_t i) {
        return backends[i].name;
}

/**
 * backend_is_untouched() - tell, without touching it, whether there can be nothing of a backend
 * @name:       its name
 * @proc_fd:    an open /proc
 *
 * A legacy table is made by the first who looks at it, and cannot be unmade.
 *
 * Return: true if it need not be looked at.
 */
bool backend_is_untouched(const char *name, int proc_fd) {
        for (size_t i = 0; i < BACKEND_COUNT; i++)
                if (!strcmp(name, backends[i].name) && backends[i].is_untouched)
                        return backends[i].is_untouched(proc_fd);
        return false;
}

/**
 * backend_look() - look at a backend's base, and change nothing
 * @i:          its place, below BACKEND_COUNT
 * @proc_fd:    an open /proc
 * @base:       gets how it stands
 */
void backend_look(size_t i, int proc_fd, struct survey_base *base) {
        backends[i].look(proc_fd, PATH_XTABLES_LOCK, base);
}

/**
 * backend_missing() - tell why a backend is not there
 * @name:       its name, or "auto": none is
 *
 * Return: a sentence for the admin.
 */
const char *backend_missing(const char *name) {
        for (size_t i = 0; i < BACKEND_COUNT; i++)
                if (!strcmp(name, backends[i].name))
                        return backends[i].missing;
        return "this kernel has neither legacy iptables (modules ip_tables, iptable_mangle) nor "
               "nf_tables whose sets count (Linux 5.7, modules nf_tables, nft_ct)";
}

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

        for (size_t i = 0; i < BACKEND_COUNT; i++) {
                if (!any && strcmp(name, backends[i].name) != 0)
                        continue;
                r = backends[i].new(ret_backend);
                if (!r)
                        (*ret_backend)->lock_path = PATH_XTABLES_LOCK;
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
