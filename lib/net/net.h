/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Addresses, connections and the processes that have them open. They are read from /proc, or
 * sockets are asked.
 *
 * The facade of the room: programs include this header, and none of the room's others.
 */

#ifndef NET_NET_H
#define NET_NET_H

#include "net/address.h"
#include "net/cgroup.h"
#include "net/connection.h"
#include "net/held.h"
#include "net/listener.h"
#include "net/monitor.h"
#include "net/multipath.h"
#include "net/networks.h"
#include "net/tcpinfo.h"

#endif
