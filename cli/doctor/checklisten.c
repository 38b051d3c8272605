/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Checks of the connections that sshd accepts.
 *
 * Owns: which ports are sshd's: those of its configuration, of ours, and of the open sessions.
 * Another process may have the listening socket open, as with ssh.socket.
 */

#include "base/base.h"
#include "check.h"
#include "cli/etc/sshdconfig.h"
#include "netlink/netlink.h"
#include "store/store.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define CHECKLISTEN_PORT 22 /* sshd_config(5) */
#define CHECKLISTEN_NUMBER_MAX 32

/* What is looked for. */
struct checklisten {
        struct sockdiag *sockdiag;
        const struct vrf_link *links;
        size_t n_links;
        bool unbound_takes_vrfs;
        uint16_t port;      /* that is looked at */
        uint16_t multipath; /* a port that takes MPTCP; 0: none does */
        uint16_t vrf;       /* a port that takes connections of a VRF; 0: none does */
        const char *vrf_name;
};

static int checklisten_take(void *context, const struct sockdiag_entry *listener) {
        struct checklisten *look = context;

        if (listener->multipath)
                look->multipath = look->port;
        for (size_t i = 0; i < look->n_links && !look->vrf; i++)
                if (listener->interface ? listener->interface == look->links[i].index
                                        : look->unbound_takes_vrfs && look->links[i].is_master) {
                        look->vrf = look->port;
                        look->vrf_name = look->links[i].name;
                }
        return 0;
}

/* Look at one port more. A port that was looked at already is looked at again: it does no harm. */
static int checklisten_port(struct checklisten *look, uint16_t port) {
        look->port = port;
        return sockdiag_listeners(look->sockdiag, port, checklisten_take, look);
}

/* A number, or what stands behind an address: "10.77.0.1:2222", "[::]:2222", "::1". */
static int checklisten_word(struct checklisten *look, const char *word) {
        const char *colon = strrchr(word, ':'), *bracket = strrchr(word, ']');
        uint64_t port = CHECKLISTEN_PORT;

        if (colon && (bracket ? colon > bracket : colon == strchr(word, ':')))
                word = colon + 1;
        (void)number_parse(word, strlen(word), 10, UINT16_MAX, &port);
        return checklisten_port(look, (uint16_t)port);
}

/* All that sshd says, by itself or with an address; if it does not, the first that its files have.
 */
static int checklisten_configured(const struct check_context *context, struct checklisten *look) {
        _cleanup_(program_answer_clear) struct program_answer answer = { .status = 0 };
        char value[SSHDCONFIG_WORD_MAX] = "";
        struct sshdconfig_line line;
        int r = 0;

        if (!check_sshd(context, &answer)) {
                (void)sshdconfig_read("port", value);
                r = checklisten_word(look, value);
                (void)sshdconfig_read("listenaddress", value);
                return r || !*value ? r : checklisten_word(look, value);
        }
        for (const char *at = answer.text; !r && *at;) {
                at += sshdconfig_next(at, &line);
                if (!strcmp(line.keyword, "port") || !strcmp(line.keyword, "listenaddress"))
                        r = checklisten_word(look, line.value);
        }
        return r;
}

static int checklisten_look(const struct check_context *context, struct checklisten *look) {
        _cleanup_(sockdiag_freep) struct sockdiag *sockdiag = NULL;
        int r = sockdiag_new(&sockdiag);

        if (r)
                return r;
        look->sockdiag = sockdiag;
        r = checklisten_configured(context, look);
        for (size_t i = 0; !r && i < context->settings->n_ports; i++)
                r = checklisten_port(look, context->settings->ports[i]);
        for (size_t i = 0; !r && context->live && i < context->live->n; i++)
                r = checklisten_port(look, (uint16_t)context->live->sessions[i].record->local_port);
        look->sockdiag = NULL;
        return r;
}

static void checklisten_untold(struct check_result *result, int r) {
        check_find(result, CHECK_SKIP, "cannot ask the kernel which sockets listen: %s",
                   r < 0 ? strerror(-r) : "it has no socket diagnosis (tcp_diag)");
}

static void checklisten_mptcp(const struct check_context *context, struct check_result *result) {
        struct checklisten look = { .port = 0 };
        int r;

        if (check_needs_root(context, result))
                return;
        r = checklisten_look(context, &look);
        if (r)
                checklisten_untold(result, r);
        else if (look.multipath)
                check_find(result, CHECK_WARN,
                           "port %u accepts MPTCP: only the first subflow of a client that uses it "
                           "is counted; if it has others, its records say that they are "
                           "incomplete",
                           (unsigned int)look.multipath);
        else
                check_find(result, CHECK_PASS, "sshd accepts TCP only, not MPTCP");
}

/* Whether a socket that is bound to no interface takes connections of VRFs. The file is there where
 * the kernel has VRFs. */
static bool checklisten_accepts(int proc_fd) {
        _cleanup_(freep) char *text = NULL;
        size_t size;

        return !file_read_at(proc_fd, "sys/net/ipv4/tcp_l3mdev_accept", CHECKLISTEN_NUMBER_MAX,
                             &text, &size) &&
               size && *text != '0';
}

static void checklisten_vrf(const struct check_context *context, struct check_result *result) {
        _cleanup_(freep) struct vrf_link *links = NULL;
        struct checklisten look = { .unbound_takes_vrfs = checklisten_accepts(context->proc_fd) };
        int r;

        if (check_needs_root(context, result))
                return;
        r = vrf_links(&links, &look.n_links);
        look.links = links;
        if (r < 0) {
                check_find(result, CHECK_SKIP, "cannot ask the kernel for its interfaces: %s",
                           strerror(-r));
                return;
        }
        if (!look.n_links) {
                check_find(result, CHECK_PASS, "there is no VRF");
                return;
        }
        r = checklisten_look(context, &look);
        if (r)
                checklisten_untold(result, r);
        else if (look.vrf)
                check_find(result, CHECK_WARN,
                           "port %u accepts connections of a VRF (%s): outgoing packets pass the "
                           "rules twice. Sessions are counted right, by conntrack, but the port's "
                           "own record counts these packets twice",
                           (unsigned int)look.vrf, look.vrf_name);
        else
                check_find(result, CHECK_PASS, "sshd accepts no connections of a VRF");
}

static const struct check checklisten_checks[] = {
        { "mptcp", checklisten_mptcp },
        { "vrf", checklisten_vrf },
};

const struct check_room checklisten_room = CHECK_ROOM(checklisten_checks);
