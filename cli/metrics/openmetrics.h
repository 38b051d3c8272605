/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Metrics as text: of OpenMetrics, or of Prometheus' older format.
 *
 *      openmetrics_family(&text, "pam_traffic_user_bytes", OPENMETRICS_COUNTER, "bytes", "...");
 *      openmetrics_sample(&text, labels, 2, value);
 *      ...
 *      openmetrics_end(&text);
 */

#ifndef CLI_OPENMETRICS_H
#define CLI_OPENMETRICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum openmetrics_type {
        OPENMETRICS_COUNTER,
        OPENMETRICS_GAUGE,
};

struct openmetrics {
        FILE *stream;
        bool prometheus; /* the older text format, which node_exporter's textfile collector reads */
        bool terminal;   /* label values are made fit for one */
        const char *name;
        enum openmetrics_type type;
};

struct openmetrics_label {
        const char *name;
        const char *value; /* hostile, UTF-8 */
};

void openmetrics_family(struct openmetrics *text, const char *name, enum openmetrics_type type,
                        const char *unit, const char *help);
void openmetrics_sample(struct openmetrics *text, const struct openmetrics_label *labels, size_t n,
                        uint64_t value);
void openmetrics_moment(struct openmetrics *text, uint64_t realtime);
void openmetrics_end(struct openmetrics *text);

#endif
