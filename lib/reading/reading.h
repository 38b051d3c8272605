/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What a session is, and what can be read of it without a change.
 *
 * This is the facade of the room: programs include this header and no other of the room.
 */

#ifndef READING_READING_H
#define READING_READING_H

#include "reading/context.h"
#include "reading/live.h"

#endif
