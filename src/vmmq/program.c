/* SPDX-License-Identifier: BSD-2-Clause */
#include "vmmq/program.h"

#include <vmmq/tunnel.h>
#include <vmmq/types.h>

#include "vmmq/commands.h"

static const struct command *const commands[] = {
	&cmd_show, &cmd_top,     &cmd_monitor, &cmd_vport,    &cmd_uplink,  &cmd_filter,
	&cmd_rss,  &cmd_balance, &cmd_apply,   &cmd_fleet,    &cmd_explain, &cmd_replay,
	&cmd_hash, &cmd_check,   &cmd_oid,     &cmd_simulate, NULL,
};

static const struct command root = {
	.name = "",
	.family = commands,
	.summary = "VMMQ receive processing in software",
	.operands = "",
	.description =
	    "vmmq shows and changes what a running vmmqd does, and shows what VMMQ receive processing does "
	    "with packets: which VPort a packet belongs to, how it is hashed, which indirection table "
	    "entry and which processor it gets, and why.",
};

static const struct command_words words[] = {
#define X(name, bit, text, bytes) text " "
	{ "TYPE", VMMQ_HASH_TYPES(X) },
#undef X
#define X(name, bit, text, title) text " "
	{ "TUNNEL", VMMQ_TUNNELS(X) },
#undef X
	{ NULL, NULL },
};

const struct program vmmq_program = {
	.name = "vmmq",
	.version = VMMQ_VERSION,
	.root = &root,
	.package = "vmmq",
	.chapter = 1,
	.chapter_title = "User Commands",
	.exit_status =
	    "0: done. 1: refused or failed; a message on standard error says why. 2: the command line is wrong.",
	.see_also = ".BR vmmq (1)",
	.words = words,
	.operand = "VPORT",
	.operand_words = "vports",
};
