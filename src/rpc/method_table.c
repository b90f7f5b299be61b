/* SPDX-License-Identifier: BSD-2-Clause */
/* The methods, and what their params may be. */
#include <vmmq/oid.h>

#include "rpc/method.h"
#include "rpc/rpc.h"

/* clang-format off */
/* Members that are no fields of the file.  Their ranges are schema/field_table.h's where the command line has them too. */
#define RANGE(id) .min = FIELD_##id##_MIN, .max = FIELD_##id##_MAX
#define REQUIRED  .uses = SCHEMA_REQUIRED
#define END       { .key = NULL }
#define MEMBERS   (const struct schema_field[])
#define WORDS     (const char *const[])

#define VPORT { .key = "vport", .kind = SCHEMA_VPORT, RANGE(VPORT_NAMED), REQUIRED, .help = "id or name" }
#define FILTER { .key = "filter", .kind = SCHEMA_NUMBER, RANGE(FILTER_ID), REQUIRED, .help = "id of the filter" }
#define PROCESSOR .key = "processor", .kind = SCHEMA_PROCESSOR, RANGE(PROCESSOR)

static const struct schema_field move = { .kind = SCHEMA_MAPPING,
	.alternatives = WORDS{ "entry", "default", "primary", NULL },
	.members = MEMBERS{
		{ .key = "entry", .kind = SCHEMA_NUMBER, RANGE(TABLE_ENTRY), .help = "this entry of the indirection table" },
		{ .key = "default", .kind = SCHEMA_TRUE, .help = "the default processor" },
		{ .key = "primary", .kind = SCHEMA_TRUE, .help = "the primary processor" },
		{ PROCESSOR, REQUIRED, .help = "where it shall point to" },
		END } };

static const struct params no_params = { .own = NULL };
static const struct params vport_params = { .own = MEMBERS{ VPORT, END } };
static const struct params vport_add_params = { .of = FIELD_VPORT, .use = SCHEMA_ADD, .own = MEMBERS{
	{ .key = "id", .kind = SCHEMA_NUMBER, RANGE(NEW_VPORT_ID), .unless = "the lowest that is free" },
	END } };
static const struct params vport_set_params = { .of = FIELD_VPORT, .use = SCHEMA_SET, .own = MEMBERS{
	VPORT,
	{ .key = "name", .kind = SCHEMA_TEXT, RANGE(VPORT_NAME), .help = "a new name" },
	END } };
static const struct params vport_delete_params = { .own = MEMBERS{
	VPORT,
	{ .key = "with_filters", .kind = SCHEMA_BOOLEAN, .help = "its filters too; it must have none otherwise" },
	END } };
static const struct params filter_add_params = { .of = FIELD_FILTER, .use = SCHEMA_ADD, .own = MEMBERS{ VPORT, END } };
static const struct params filter_delete_params = { .own = MEMBERS{ FILTER, END } };
static const struct params filter_move_params = { .own = MEMBERS{
	FILTER,
	{ .key = "to", .kind = SCHEMA_VPORT, RANGE(VPORT_NAMED), REQUIRED, .help = "the VPort that gets it: id or name" },
	END } };
static const struct params rss_set_params = { .of = FIELD_RSS, .use = SCHEMA_SET, .own = MEMBERS{ VPORT, END } };
static const struct params rss_move_params = { .own = MEMBERS{
	VPORT,
	{ .key = "moves", .kind = SCHEMA_LIST, RANGE(MOVES), .entry = &move, .needed = "a list of {min} to {max} moves", REQUIRED,
	  .help = "all or nothing" },
	END } };
static const struct params config_apply_params = { .own = MEMBERS{
	{ .key = "yaml", .kind = SCHEMA_LINES, REQUIRED, .needed = "the text of a configuration file",
	  .help = "the text of a configuration file" },
	{ .key = "dry_run", .kind = SCHEMA_BOOLEAN, .help = "only tell what would change, or what is wrong" },
	END } };
static const struct params oid_request_params = { .use = SCHEMA_ADD, .own = MEMBERS{
	{ .key = "oid", .kind = SCHEMA_NUMBER, .max = UINT32_MAX, REQUIRED, .help = "which request" },
	{ .key = "method", .kind = SCHEMA_WORD, .words = WORDS{ "query", "set", "method", NULL }, REQUIRED, .help = "how" },
	{ .key = "vport", .kind = SCHEMA_VPORT, RANGE(VPORT_NAMED), .null = SCHEMA_ADD,
	  .help = "which VPort an RSS request is about", .unless = "the default VPort" },
	{ .key = "buffer", .kind = SCHEMA_HEX, .help = "the request's bytes; the answer needs room in them", .unless = "none" },
	{ PROCESSOR, .help = "the actor: on whose behalf entries are moved", .unless = "the first of the set" },
	END } };
static const struct params uplink_set_params = { .of = FIELD_UPLINK, .use = SCHEMA_ADD, .alternatives = WORDS{
	"vhost_user", "tap", "af_packet", "af_xdp", "pci", "memif", "device", NULL } };
static const struct params balance_set_params = { .of = FIELD_BALANCE, .use = SCHEMA_SET };
static const struct params balance_show_params = { .use = SCHEMA_ADD, .own = MEMBERS{
	{ .key = "vport", .kind = SCHEMA_VPORT, RANGE(VPORT_NAMED), .null = SCHEMA_ADD, .help = "with the lanes of this VPort, and its moves only" },
	END } };
static const struct params filters_show_params = { .use = SCHEMA_ADD, .own = MEMBERS{
	{ .key = "vport", .kind = SCHEMA_VPORT, RANGE(VPORT_NAMED), .null = SCHEMA_ADD, .help = "of this VPort only" },
	END } };

static const struct params balance_sample_params = { .use = SCHEMA_ADD, .own = MEMBERS{
	{ .key = "vport", .kind = SCHEMA_VPORT, RANGE(VPORT_NAMED), .null = SCHEMA_ADD, .help = "of this VPort only" },
	END } };

#define CHANGE         RPC_ROLE_CHANGE, true, false
#define LARGE_CHANGE   RPC_ROLE_CHANGE, true, true
#define PRIVATE        RPC_ROLE_CHANGE, false, false
#define QUESTION       RPC_ROLE_READ, false, false
#define LARGE_QUESTION RPC_ROLE_READ, false, true
const struct method methods[] = {
	{ "vport.add", "add a VPort", CHANGE, &vport_add_params, method_vport_add, method_vport_finish },
	{ "vport.set", "change a VPort", CHANGE, &vport_set_params, method_vport_set, method_vport_finish },
	{ "vport.delete", "delete a VPort", CHANGE, &vport_delete_params, method_vport_delete, NULL },
	{ "uplink.set", "give the switch an uplink, or another one", CHANGE, &uplink_set_params, method_uplink_set, method_uplink_finish },
	{ "uplink.clear", "take the uplink away", CHANGE, &no_params, method_uplink_clear, NULL },
	{ "filter.add", "give a VPort a receive filter", CHANGE, &filter_add_params, method_filter_add, NULL },
	{ "filter.delete", "clear a receive filter", CHANGE, &filter_delete_params, method_filter_delete, NULL },
	{ "filter.move", "give a receive filter to another VPort", CHANGE, &filter_move_params, method_filter_move, NULL },
	{ "rss.set", "change RSS parameters", CHANGE, &rss_set_params, method_rss_set, NULL },
	{ "rss.enable", "turn RSS on", CHANGE, &vport_params, method_rss_enable, NULL },
	{ "rss.disable", "turn RSS off", CHANGE, &vport_params, method_rss_disable, NULL },
	{ "rss.move", "move indirection table entries, default or primary processor", CHANGE, &rss_move_params, method_rss_move, NULL },
	{ "balance.set", "change how load is moved by itself", CHANGE, &balance_set_params, method_balance_set, NULL },
	{ "config.apply", "make the switch equal to a configuration file", LARGE_CHANGE, &config_apply_params, method_config_apply, method_config_finish },
	{ "oid.request", "carry out a binary NDIS request", CHANGE, &oid_request_params, method_oid_request, method_oid_finish },
	{ "adapter.show", "show the adapter", LARGE_QUESTION, &no_params, method_adapter_show, NULL },
	{ "processors.show", "show all processors", QUESTION, &no_params, method_processors_show, NULL },
	{ "vports.show", "show all VPorts", LARGE_QUESTION, &no_params, method_vports_show, NULL },
	{ "vport.show", "show a VPort with its processors and entries", QUESTION, &vport_params, method_vport_show, NULL },
	{ "rss.show", "show RSS parameters, requested and effective", QUESTION, &vport_params, method_rss_show, NULL },
	{ "balance.show", "show the load of processors and VPorts, and what was moved for it", LARGE_QUESTION, &balance_show_params, method_balance_show, NULL },
	{ "balance.sample", "begin to look at which flows the lane with most load carries", PRIVATE, &balance_sample_params, method_balance_sample, NULL },
	{ "balance.flows", "end that, and show those flows", PRIVATE, &no_params, method_balance_flows, NULL },
	{ "filters.show", "show receive filters", LARGE_QUESTION, &filters_show_params, method_filters_show, NULL },
	{ "drops.show", "show what is dropped, where and why", LARGE_QUESTION, &no_params, method_drops_show, NULL },
	{ "top.show", "show everything at one moment", LARGE_QUESTION, &no_params, method_top_show, NULL },
	{ "config.show", "show the running configuration as a file", LARGE_QUESTION, &no_params, method_config_show, NULL },
	{ "fleet.show", "show the fleet's store, and what of it is here", LARGE_QUESTION, &no_params, method_fleet_show, NULL },
	{ "monitor.subscribe", "have events sent to this connection", QUESTION, &no_params, method_monitor_subscribe, NULL },
	{ "rpc.discover", "list all methods", LARGE_QUESTION, &no_params, method_rpc_discover, NULL },
	{ NULL, NULL, RPC_ROLE_NONE, false, false, NULL, NULL, NULL },
};
/* clang-format on */
