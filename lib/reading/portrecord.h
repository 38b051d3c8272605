/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A record of a local port, made from its account.
 */

#ifndef READING_PORTRECORD_H
#define READING_PORTRECORD_H

#include "store/portstate.h"
#include "store/record.h"

#include <stdint.h>

int portrecord_make(const struct portstate *state, uint64_t realtime, struct record **ret_record);

#endif
