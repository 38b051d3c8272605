/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "session-model.h"

#include "base/clock.h"
#include "netlink/sockdiag.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct model *model;

/* Who works for a session may be killed at each look at the kernel and at each change. */
static void step(void) {
        if (model->kill_in && !--model->kill_in)
                _exit(MODEL_KILLED);
}

uint64_t model_random(uint64_t below) {
        model->seed = model->seed * 6364136223846793005 + 1442695040888963407;
        return (model->seed >> 33) % below;
}

static void add(struct counter *counter, uint64_t packets, uint64_t bytes) {
        counter->packets += packets;
        counter->bytes += bytes;
}

/* Packets of a socket: everybody sees them who looks. */
static void packets(struct model_socket *socket, bool out, uint64_t n, uint64_t bytes) {
        struct model_place *place = socket->place;

        if (!place->has_entry) {
                place->has_entry = true;
                place->id++;
                memset(&place->entry, 0, sizeof(place->entry));
        }
        add(out ? &socket->truth.out : &socket->truth.in, n, bytes);
        add(out ? &place->entry.out : &place->entry.in, n, bytes);
        if (place->has_rules)
                add(out ? &place->rules.out : &place->rules.in, n, bytes);
}

/* A new socket; the entry of one whose end conntrack did not see goes on. */
struct model_socket *model_connect(struct model_place *place) {
        struct model_socket *socket = &model->sockets[model->n_sockets++];

        *socket = (struct model_socket){
                .place = place,
                .cookie = 100 + model->n_sockets,
                .info = { .known = true, .timestamps = true, .state = TCP_ESTABLISHED },
        };
        place->socket = place->last = socket;
        if (place->entry_ended)
                place->has_entry = false;
        socket->heir = place->has_entry;
        place->entry_ended = place->entry_reset = false;
        /* the SYN's options are longer; TCP does not count the SYN-ACK */
        packets(socket, false, 1, 60);
        packets(socket, true, 1, 60);
        packets(socket, false, 1, 52);
        socket->info.in_segments = 2;
        model_flow(socket, 5 + model_random(20), 5 + model_random(20));
        return socket;
}

/* Packets of 100 bytes, 48 of them payload. */
void model_flow(struct model_socket *socket, uint64_t in, uint64_t out) {
        packets(socket, false, in, in * 100);
        packets(socket, true, out, out * 100);
        socket->info.in_bytes += in * 48;
        socket->info.in_segments += in;
        socket->info.out_bytes += out * 48;
        socket->info.acked_bytes = socket->info.out_bytes;
        socket->info.out_segments += out;
}

/* seen: conntrack sees it, too, if it is a RST. */
void model_end(struct model_socket *socket, bool reset, bool seen) {
        struct model_place *place = socket->place;

        seen |= !reset;
        if (!seen) {
                socket->missed = true;
                add(&socket->truth.in, 1, 40);
                if (place->has_rules)
                        add(&place->rules.in, 1, 40);
        } else if (reset) {
                packets(socket, false, 1, 40);
        } else {
                packets(socket, false, 2, 104);
                packets(socket, true, 2, 104);
                socket->info.in_segments++; /* what comes after the FIN is TIME_WAIT's */
                socket->info.out_segments++;
        }
        socket->ended = model->now;
        place->entry_ended = seen;
        place->entry_reset = seen && reset;
        place->socket = NULL;
        socket->info.state = reset ? TCP_CLOSE : TCP_CLOSE_WAIT;
}

void model_spoof(struct model_place *place, uint64_t n, uint64_t payload) {
        if (place->has_rules)
                add(&place->rules.in, n, n * (payload + 40));
}

/* the clock */

uint64_t clock_now(clockid_t clock) {
        return model->now + (clock == CLOCK_REALTIME ? UINT64_C(1700000000000000) : 0);
}

void clock_sleep(uint64_t microseconds) {
        struct model_socket *socket = model->places[model_random(MODEL_PLACES)].socket;

        step();
        model->now += microseconds;
        if (model->busy && socket && model_random(2))
                model_flow(socket, model_random(3), model_random(3));
}

void clock_format(uint64_t realtime, char ret_text[static CLOCK_TEXT_MAX]) {
        (void)snprintf(ret_text, CLOCK_TEXT_MAX, "2026-01-01T%02d:%02d:%02d.%06dZ",
                       (int)(realtime / 3600000000 % 24), (int)(realtime / 60000000 % 60),
                       (int)(realtime / 1000000 % 60), (int)(realtime % 1000000));
}

int clock_parse(const char *text, uint64_t *ret_realtime) {
        (void)text;
        *ret_realtime = 0;
        return 0;
}

/* conntrack and sockets */

static struct model_place *place_of(const struct connection *connection) {
        return &model->places[connection->remote.port - MODEL_PORT];
}

int conntrack_new(struct conntrack **ret_conntrack) {
        *ret_conntrack = (struct conntrack *)(void *)model;
        return 0;
}

struct conntrack *conntrack_free(struct conntrack *conntrack) {
        (void)conntrack;
        return NULL;
}

int conntrack_get(struct conntrack *conntrack, const struct connection *connection,
                  struct conntrack_entry *ret_entry) {
        const struct model_place *place = place_of(connection);

        (void)conntrack;
        step();
        if (!place->has_entry)
                return CONNTRACK_E_NOT_FOUND;
        *ret_entry = (struct conntrack_entry){
                .id = place->id,
                .tcp_state = (uint8_t)(place->entry_ended + 2 * place->entry_reset),
                .has_counters = true,
                .traffic = place->entry,
        };
        return 0;
}

bool conntrack_entry_ended(const struct conntrack_entry *entry) {
        return entry->tcp_state > 0;
}

bool conntrack_entry_reset(const struct conntrack_entry *entry) {
        return entry->tcp_state > 1;
}

int conntrack_sysctl_accounting(int proc_fd, bool *ret_on) {
        (void)proc_fd;
        *ret_on = true;
        return 0;
}

int conntrack_sysctl_set_accounting(int proc_fd, bool on) {
        (void)proc_fd;
        (void)on;
        return 0;
}

int sockdiag_new(struct sockdiag **ret_sockdiag) {
        *ret_sockdiag = (struct sockdiag *)(void *)model;
        return 0;
}

struct sockdiag *sockdiag_free(struct sockdiag *sockdiag) {
        (void)sockdiag;
        return NULL;
}

int sockdiag_walk(struct sockdiag *sockdiag, uint16_t port, sockdiag_take take, void *context) {
        (void)sockdiag;
        (void)port;
        (void)take;
        (void)context;
        return 0;
}

int sockdiag_get(struct sockdiag *sockdiag, const struct connection *connection, int64_t interface,
                 struct sockdiag_socket *ret_socket) {
        (void)interface;
        const struct model_socket *socket = place_of(connection)->socket;

        (void)sockdiag;
        step();
        if (!socket)
                return SOCKDIAG_E_NOT_FOUND;
        *ret_socket = (struct sockdiag_socket){
                .inode = socket->cookie,
                .cookie = socket->cookie,
                .state = TCP_ESTABLISHED,
                .info = socket->info,
        };
        return 0;
}

/* a backend; its snapshot is a copy of all places */

static int rules_setup(struct backend *backend, uint64_t deadline, bool *ret_made) {
        (void)backend;
        (void)deadline;
        *ret_made = false;
        return 0;
}

static int rules_count_port(struct backend *backend, uint16_t port, uint64_t deadline,
                            struct backend_made *ret_made) {
        (void)backend;
        (void)port;
        (void)deadline;
        *ret_made = (struct backend_made){ 0 };
        return 0;
}

static int rules_add(struct backend *backend, const struct connection *connection, bool fresh,
                     uint64_t deadline, struct backend_made *ret_made) {
        struct model_place *place = place_of(connection);

        step();
        (void)backend;
        (void)deadline;
        if (place->has_rules && fresh)
                return BACKEND_E_EXISTS;
        if (!place->has_rules)
                memset(&place->rules, 0, sizeof(place->rules));
        place->has_rules = true;
        *ret_made = (struct backend_made){ 0 };
        return 0;
}

static int rules_read(struct backend *backend, const struct connection *connection,
                      uint64_t deadline, struct traffic *ret_traffic) {
        step();
        (void)backend;
        (void)deadline;
        *ret_traffic = place_of(connection)->rules;
        return place_of(connection)->has_rules ? 0 : BACKEND_E_NOT_FOUND;
}

static int rules_remove(struct backend *backend, const struct connection *connection,
                        uint64_t deadline, struct traffic *ret_traffic) {
        int r = rules_read(backend, connection, deadline, ret_traffic);

        step();
        place_of(connection)->has_rules = false;
        return r;
}

static int rules_remove_many(struct backend *backend, const struct connection *connections,
                             size_t n, uint64_t deadline) {
        struct traffic traffic;

        for (size_t i = 0; i < n; i++)
                (void)rules_remove(backend, &connections[i], deadline, &traffic);
        return 0;
}

static int rules_snapshot(struct backend *backend, uint64_t deadline,
                          struct backend_snapshot **ret_snapshot) {
        struct model_place *copy = malloc(sizeof(model->places));

        step();
        (void)backend;
        (void)deadline;
        if (!copy)
                return -ENOMEM;
        memcpy(copy, model->places, sizeof(model->places));
        *ret_snapshot = (struct backend_snapshot *)(void *)copy;
        return 0;
}

static const struct backend_operations rules_operations = {
        .name = "iptables",
        .read = rules_read,
        .snapshot = rules_snapshot,
};

static const struct backend_changes rules_changes = {
        .setup = rules_setup,
        .count_port = rules_count_port,
        .add = rules_add,
        .remove = rules_remove,
        .remove_many = rules_remove_many,
};

static struct backend rules = { .operations = &rules_operations, .changes = &rules_changes };

const char *backend_name(size_t i) {
        return i ? "nftables" : "iptables";
}

bool backend_is_untouched(const char *name, int proc_fd) {
        (void)name;
        (void)proc_fd;
        return false;
}

const char *backend_missing(const char *name) {
        return name;
}

int backend_new(const char *name, struct backend **ret_backend) {
        (void)name;
        *ret_backend = &rules;
        return 0;
}

struct backend *backend_free(struct backend *backend) {
        (void)backend;
        return NULL;
}

struct backend_snapshot *snapshot_free(struct backend_snapshot *snapshot) {
        free(snapshot);
        return NULL;
}

bool snapshot_find(const struct backend_snapshot *snapshot, const struct connection *connection,
                   struct traffic *ret_traffic) {
        const struct model_place *places = (const struct model_place *)(const void *)snapshot;
        const struct model_place *place = &places[connection->remote.port - MODEL_PORT];

        *ret_traffic = place->rules;
        return place->has_rules;
}

const struct backend_port *snapshot_ports(const struct backend_snapshot *snapshot, size_t *ret_n) {
        (void)snapshot;
        *ret_n = 0;
        return NULL;
}

const struct backend_port *snapshot_port(const struct backend_snapshot *snapshot, uint16_t port) {
        (void)snapshot;
        (void)port;
        return NULL;
}

unsigned int snapshot_counters(const struct backend_snapshot *snapshot) {
        (void)snapshot;
        return 0;
}
