/* SPDX-License-Identifier: BSD-2-Clause */
/* The subcommands, each in the file of its name. */
#ifndef VMMQ_COMMANDS_H
#define VMMQ_COMMANDS_H

#include "base/command.h"

extern const struct command cmd_apply;
extern const struct command cmd_balance;
extern const struct command cmd_check;
extern const struct command cmd_explain;
extern const struct command cmd_filter;
extern const struct command cmd_fleet;
extern const struct command cmd_hash;
extern const struct command cmd_monitor;
extern const struct command cmd_oid;
extern const struct command cmd_replay;
extern const struct command cmd_rss;
extern const struct command cmd_show;
extern const struct command cmd_simulate;
extern const struct command cmd_top;
extern const struct command cmd_uplink;
extern const struct command cmd_vport;

#endif
