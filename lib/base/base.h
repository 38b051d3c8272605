/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What the whole project uses: moments, texts, numbers, files, and the attributes that release
 * them.
 *
 * The facade of the room: programs include this header, and none of the room's others.
 */

#ifndef BASE_BASE_H
#define BASE_BASE_H

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/duration.h"
#include "base/exitcode.h"
#include "base/file.h"
#include "base/lines.h"
#include "base/number.h"
#include "base/patience.h"
#include "base/size.h"
#include "base/text.h"
#include "base/traffic.h"
#include "base/uuid.h"

#endif
