/* SPDX-License-Identifier: BSD-2-Clause */
/* What a VPort of the fleet is to be, as options of a command line: queue numbers, where vmmq vport has processors. */
#ifndef VMMQ_VMMQ_FLEET_FLEET_FLAGS_H
#define VMMQ_VMMQ_FLEET_FLEET_FLAGS_H

#include <jansson.h>

#include "base/command.h"

/* clang-format off */
#define FLEET_OPTIONS_VPORT \
	{ 0, "vlan", "VID|any,...", false, \
	  "VLANs of each MAC: 1 to 4094, 0 for untagged frames, any for all (default: untagged)" }, \
	{ 0, "queue-pairs", "N", false, "bound on the queues it is spread over, 1 to 128" }, \
	{ 0, "scaling", "static|dynamic", false, "whether its table entries move with the load, by themselves" }, \
	{ 0, "rss", "on|off|hash_only", false, "spread by hash, do not, or only tell hashes" }, \
	{ 0, "table", "Q,Q,...", false, \
	  "indirection table: queues, a power of two of them; the low bits of the hash select one" }, \
	{ 0, "default", "Q", false, "default queue: gets what cannot be hashed" }, \
	{ 0, "primary-queue", "Q", false, "gets all of its packets while RSS is off" }, \
	{ 0, "types", "TYPE,TYPE,...", false, "hash types, such as ipv4,tcp_ipv4,udp_ipv4" }, \
	{ 0, "key", "HEX|random", false, \
	  "hash secret key, 80 hex digits, for whoever may read the store to read; random draws one (default: each host makes one)" }
/* clang-format on */

/*
 * fleet_flags_take adds to columns, by their names in the store, what was given of the options above and of --mac.  Returns COMMAND_DONE, or
 * COMMAND_USAGE after having said which value is wrong and what is needed.
 */
int fleet_flags_take(const struct command_line *line, json_t *columns);

#endif
