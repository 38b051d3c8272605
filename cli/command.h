/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The commands of the admin's program: one file for each.
 */

#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include "base/base.h"

/* argv[0] is the command's name. */
int command_alert(int argc, char **argv);
int command_config(int argc, char **argv);
int command_disable(int argc, char **argv);
int command_doctor(int argc, char **argv);
int command_enable(int argc, char **argv);
int command_list(int argc, char **argv);
int command_log(int argc, char **argv);
int command_metrics(int argc, char **argv);
int command_report(int argc, char **argv);
int command_show(int argc, char **argv);
int command_sockets(int argc, char **argv);
int command_top(int argc, char **argv);
int command_usage(int argc, char **argv);

#endif
