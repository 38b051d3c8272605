/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What went over the ports of sshd: the part of sessions, and the rest.
 *
 * Owns: the difference, which is unauthenticated traffic. Before each record of a port come records
 * of its sessions, of the same moment. What is spread over two slots, or belongs to a session that
 * has ended since, evens out within a day. If the sessions have more even then, no traffic was
 * unauthenticated. If not all bytes of a session are known, the difference is not known either. If
 * some may be missing, they may be in the difference.
 */

#include "index/portsums.h"

#include "base/number.h"
#include "index/buckets.h"

#include <errno.h>
#include <stdlib.h>

struct portsum {
        /* since the begin of the day that is being looked at */
        int64_t bytes[2];    /* all, less those of sessions, while there are records of all */
        int64_t sessions[2]; /* in this slot */
        bool port;           /* there are records of all in this slot */

        /* over all days */
        bool known;
        uint64_t all[2], excluded[2], unauthenticated[2];
        bool lacks, lacks_excluded; /* not all bytes of some session are known */
        bool misses;                /* bytes of some session may be missing */
        int64_t unknown[2];         /* such sessions that are there; at 1 the excluded ones */
        int64_t incomplete;
};

struct portsums {
        const struct groups *groups;
        int64_t unit; /* the slot or day that is being looked at */
        int64_t day;
        struct portsum of[];
};

/**
 * portsums_new() - begin with nothing
 * @groups:     has the ports; must outlive the sums
 * @ret_sums:   the sums
 *
 * Return: 0 or -ENOMEM.
 */
int portsums_new(const struct groups *groups, struct portsums **ret_sums) {
        struct portsums *sums =
                calloc(1, sizeof(*sums) + groups->n_local_ports * sizeof(struct portsum));

        if (!sums)
                return -ENOMEM;
        sums->groups = groups;
        *ret_sums = sums;
        return 0;
}

/**
 * portsums_free() - end what portsums_new() began
 * @sums:       the sums, or NULL
 *
 * Return: NULL.
 */
struct portsums *portsums_free(struct portsums *sums) {
        free(sums);
        return NULL;
}

/**
 * portsums_count() - take in how many sessions begin and end
 * @sums:       the sums
 * @party:      whose they are
 * @class:      enum bucket_class
 * @opened:     how many begin
 * @ended:      how many end
 */
void portsums_count(struct portsums *sums, const struct group_party *party, int64_t class,
                    int64_t opened, int64_t ended) {
        struct portsum *sum = &sums->of[party->local_port];

        if (class & BUCKET_INCOMPLETE) {
                sum->misses = sum->misses || opened;
                db_sum_add(&sum->incomplete, opened);
                db_sum_subtract(&sum->incomplete, ended);
        }
        if (!(class & BUCKET_UNKNOWN << INDEX_IP))
                return;
        if (party->excluded)
                sum->lacks_excluded = sum->lacks_excluded || opened;
        sum->lacks = sum->lacks || opened;
        db_sum_add(&sum->unknown[party->excluded], opened);
        db_sum_subtract(&sum->unknown[party->excluded], ended);
}

/**
 * portsums_begin() - begin the time that is asked for; the sessions that are there are counted
 * @sums:       the sums
 */
void portsums_begin(struct portsums *sums) {
        for (size_t i = 0; i < sums->groups->n_local_ports; i++) {
                struct portsum *sum = &sums->of[i];

                sum->lacks_excluded = sum->unknown[1];
                sum->lacks = sum->unknown[0] || sum->unknown[1];
                sum->misses = sum->incomplete;
        }
}

/* A slot is over. */
static void portsums_end_unit(struct portsums *sums) {
        for (size_t i = 0; i < sums->groups->n_local_ports; i++) {
                struct portsum *sum = &sums->of[i];

                for (size_t way = 0; way < 2; way++) {
                        if (sum->port)
                                db_sum_subtract(&sum->bytes[way], sum->sessions[way]);
                        sum->sessions[way] = 0;
                }
                sum->port = false;
        }
}

static void portsums_end_day(struct portsums *sums) {
        portsums_end_unit(sums);
        for (size_t i = 0; i < sums->groups->n_local_ports; i++) {
                struct portsum *sum = &sums->of[i];

                for (size_t way = 0; way < 2; way++) {
                        sum->unauthenticated[way] = number_add(sum->unauthenticated[way],
                                                               db_sum_positive(sum->bytes[way]));
                        sum->bytes[way] = 0;
                }
        }
}

/**
 * portsums_take() - take in bytes of the time that is asked for
 * @sums:       the sums
 * @party:      whose they are
 * @unit:       their slot, or day; these ascend within a day
 * @day:        their day
 * @bytes:      in and out
 */
void portsums_take(struct portsums *sums, const struct group_party *party, int64_t unit,
                   int64_t day, const int64_t *bytes) {
        struct portsum *sum = &sums->of[party->local_port];

        if (day != sums->day)
                portsums_end_day(sums);
        else if (unit != sums->unit)
                portsums_end_unit(sums);
        sums->unit = unit;
        sums->day = day;
        for (size_t way = 0; way < 2; way++) {
                uint64_t *all = party->port ? sum->all : party->excluded ? sum->excluded : NULL;

                db_sum_add(party->port ? &sum->bytes[way] : &sum->sessions[way], bytes[way]);
                if (all)
                        all[way] = number_add(all[way], db_sum_positive(bytes[way]));
        }
        sum->port = sum->port || party->port;
        sum->known = sum->known || party->port;
}

/* Add one host's port to the sum of all hosts' ports of that number, or of all ports. */
static void portsums_add(struct index_port *port, const struct portsum *sum) {
        const uint64_t excluded = sum->lacks_excluded ? INDEX_UNKNOWN : 0;
        const uint64_t lacks = sum->lacks ? INDEX_UNKNOWN : 0;

        port->misses = port->misses || sum->misses;
        port->in = number_add(port->in, sum->all[0]);
        port->out = number_add(port->out, sum->all[1]);
        port->excluded_in = number_add(port->excluded_in, sum->excluded[0] | excluded);
        port->excluded_out = number_add(port->excluded_out, sum->excluded[1] | excluded);
        port->unauthenticated_in =
                number_add(port->unauthenticated_in, sum->unauthenticated[0] | lacks);
        port->unauthenticated_out =
                number_add(port->unauthenticated_out, sum->unauthenticated[1] | lacks);
}

static int portsums_compare(const void *a, const void *b) {
        return (int)((const struct index_port *)a)->port - ((const struct index_port *)b)->port;
}

/**
 * portsums_answer() - tell the sums; nothing is taken in after that
 * @sums:       the sums
 * @answer:     gets them, those of several hosts together
 *
 * Return: 0 or -ENOMEM.
 */
int portsums_answer(struct portsums *sums, struct index_answer *answer) {
        const struct groups *groups = sums->groups;

        portsums_end_day(sums);
        answer->ports = calloc(groups->n_local_ports + 1, sizeof(*answer->ports));
        if (!answer->ports)
                return -ENOMEM;
        for (size_t i = 0; i < groups->n_local_ports; i++) {
                uint16_t number = (uint16_t)groups->local_ports[i].port;
                struct index_port *port = answer->ports;

                if (!sums->of[i].known)
                        continue;
                while (port < answer->ports + answer->n_ports && port->port != number)
                        port++;
                answer->n_ports += port == answer->ports + answer->n_ports;
                port->port = number;
                portsums_add(port, &sums->of[i]);
                portsums_add(&answer->all_ports, &sums->of[i]);
        }
        qsort(answer->ports, answer->n_ports, sizeof(*answer->ports), portsums_compare);
        return 0;
}
