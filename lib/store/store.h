/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What is on disk: the configuration, the record log, the locks.
 *
 * The facade of the room: programs include this header, and none of the room's others.
 */

#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "store/gaps.h"
#include "store/logreader.h"
#include "store/logset.h"
#include "store/logstream.h"
#include "store/overflow.h"
#include "store/record.h"
#include "store/settings.h"
#include "store/statelock.h"
#include "store/summary.h"
#include "store/usageline.h"
#include "store/userstate.h"

#endif
