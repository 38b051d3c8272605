/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What the kernel has to count with, and its modules.
 *
 * The facade of the room: programs include this header, and none of the room's others.
 */

#ifndef NETFILTER_NETFILTER_H
#define NETFILTER_NETFILTER_H

#include "netfilter/survey.h"

#endif
