/* SPDX-License-Identifier: BSD-2-Clause */
/* Options of the command line as parameters of a control socket's method (docs/rpc.md). */
#ifndef VMMQ_VMMQ_CHANGE_PARAMETERS_H
#define VMMQ_VMMQ_CHANGE_PARAMETERS_H

#include <jansson.h>

#include "base/command.h"
#include "config/config_value.h"

/*
 * parameter_reader makes a value of the text of an option ("" for a flag), or returns NULL; then hint, CONFIG_HINT_MAX
 * bytes and empty before, may say more.
 */
typedef json_t *parameter_reader(const char *text, char *hint);

/* A row: --option becomes the member key of the parameters.  needed: what is right, "a number from 1 to 128". */
struct parameter {
	const char *option, *key;
	parameter_reader *read;
	const char *needed;
};

/* parameter_mac_vlan makes an object with mac, and with vlan when the text is "MAC/VLAN". */
parameter_reader parameter_text, parameter_id, parameter_new_id, parameter_filter_id, parameter_entry,
    parameter_queue_pairs, parameter_flood_limit, parameter_processor, parameter_processors, parameter_hash_types,
    parameter_key, parameter_vlan, parameter_mac_vlan, parameter_filters, parameter_backend, parameter_true,
    parameter_false, parameter_null;

/* The rows of RSS parameters, which vport add and rss set have. */
#define PARAMETERS_RSS                                                                                               \
	{ "table", "indirection_table", parameter_processors,                                                        \
	  "a list like 0,1,2,3, of 1, 2, 4, ... 128 processors," },                                                  \
	    { "default", "default_processor", parameter_processor, PARAMETER_PROCESSOR },                            \
	    { "types", "hash_types", parameter_hash_types,                                                           \
	      "hash types with commas between them, of ipv4, tcp_ipv4, udp_ipv4, ipv6, tcp_ipv6, udp_ipv6, "         \
	      "ipv6_ex, tcp_ipv6_ex, udp_ipv6_ex" },                                                                 \
	{                                                                                                            \
		"key", "key", parameter_key, "a key of 80 hex digits, or random,"                                    \
	}
#define PARAMETER_PROCESSOR "a processor, 0 to 65535 or group:number,"

/* ... and their options. */
#define OPTIONS_RSS                                                                                                  \
	{ 0, "table", "P,P,...", false,                                                                              \
	  "indirection table: processors, a power of two of them; the low bits of the hash select one" },            \
	    { 0, "default", "P", false, "default processor: gets what cannot be hashed" },                           \
	    { 0, "types", "TYPE,TYPE,...", false, "hash types, such as ipv4,tcp_ipv4,udp_ipv4" },                    \
	{                                                                                                            \
		0, "key", "HEX|random", false, "hash secret key, 80 hex digits; random draws one"                    \
	}

/*
 * parameters_take adds what was given of count rows to the object params.  Returns COMMAND_DONE, or COMMAND_USAGE
 * after having said which value is wrong and what is needed.
 */
int parameters_take(const struct command_line *line, const struct parameter *rows, size_t count, json_t *params);

/* parameters_operand does the same with the text of an operand, which messages call by the row's option. */
int parameters_operand(const struct command_line *line, const struct parameter *row, const char *text,
		       json_t *params);

/* parameter_vport adds a VPort's id, which all digits are, or its name. */
int parameter_vport(const struct command_line *line, const char *key, const char *text, json_t *params);

#endif
