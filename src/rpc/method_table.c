/* SPDX-License-Identifier: BSD-2-Clause */
/* The methods, and what their params may be. */
#include <vmmq/oid.h>

#include "config/config_schema.h"
#include "rpc/method.h"
#include "rpc/rpc.h"

#define REQUIRED true
#define OPTIONAL false
/* clang-format off */
#define OBJECT(...) { .type = SCHEMA_OBJECT, .members = (const struct schema_member[]){ __VA_ARGS__ { NULL, NULL, false, NULL } } }

static const struct schema boolean = { .type = SCHEMA_BOOLEAN };
static const struct schema mark = { .type = SCHEMA_TRUE };
static const struct schema name = { .type = SCHEMA_TEXT, .min = 1, .max = CONFIG_NAME_MAX };
static const struct schema device = { .type = SCHEMA_TEXT, .min = 1, .max = CONFIG_DEVICE_MAX };
static const struct schema vport = { .type = SCHEMA_VPORT };
static const struct schema vport_or_null = { .type = SCHEMA_VPORT, .null = true };
static const struct schema vport_id = { .type = SCHEMA_INTEGER, .min = 1, .max = UINT16_MAX };
static const struct schema queue_pairs = { .type = SCHEMA_INTEGER, .min = 1, .max = CONFIG_QUEUE_PAIRS_MAX };
static const struct schema flood_limit = { .type = SCHEMA_INTEGER, .min = 0, .max = CONFIG_FLOOD_LIMIT_MAX };
static const struct schema processor = { .type = SCHEMA_PROCESSOR };
static const struct schema mac = { .type = SCHEMA_MAC };
static const struct schema vlan = { .type = SCHEMA_VLAN, .null = true };
static const struct schema key = { .type = SCHEMA_KEY };
static const struct schema filter_id = { .type = SCHEMA_INTEGER, .min = 1, .max = UINT32_MAX };
static const struct schema entry = { .type = SCHEMA_INTEGER, .min = 0, .max = VMMQ_TABLE_ENTRIES_MAX - 1 };
static const struct schema hash_function = { .type = SCHEMA_WORD, .words = (const char *const[]){ "toeplitz", NULL } };
#define X(name, bit, text, bytes) text,
static const struct schema hash_type = { .type = SCHEMA_WORD, .words = (const char *const[]){ VMMQ_HASH_TYPES(X) NULL } };
#undef X
static const struct schema hash_types = { .type = SCHEMA_LIST, .min = 1, .max = VMMQ_HASH_TYPE_COUNT, .entry = &hash_type,
	.needed = "a list of one or more hash types" };
static const struct schema table = { .type = SCHEMA_LIST, .min = 1, .max = VMMQ_TABLE_ENTRIES_MAX, .entry = &processor,
	.needed = "a list of 1 to 128 processors, a power of two of them," };
static const struct schema yaml = { .type = SCHEMA_LINES, .needed = "the text of a configuration file" };
static const struct schema oid = { .type = SCHEMA_INTEGER, .min = 0, .max = UINT32_MAX };
static const struct schema oid_method = { .type = SCHEMA_WORD, .words = (const char *const[]){ "query", "set", "method", NULL } };
static const struct schema buffer = { .type = SCHEMA_HEX };

static const struct schema backend = OBJECT(
	{ "device", &device, REQUIRED, "a DPDK device with its arguments, like \"net_vhost1,iface=/run/vmmq/web.sock,queues=2\"" },
);
static const struct schema backend_or_null = { .type = SCHEMA_OBJECT, .null = true, .members = (const struct schema_member[]){
	{ "device", &device, REQUIRED, "a DPDK device with its arguments, like \"net_vhost1,iface=/run/vmmq/web.sock,queues=2\"" },
	{ NULL, NULL, false, NULL } } };
static const struct schema filter = OBJECT(
	{ "mac", &mac, REQUIRED, "destination address" },
	{ "vlan", &vlan, OPTIONAL, "a VLAN id, or \"any\"; absent or null: untagged frames and VID 0" },
);
static const struct schema filters = { .type = SCHEMA_LIST, .min = 0, .max = 65536, .entry = &filter, .needed = "a list of filters" };
static const struct schema rss = OBJECT(
	{ "enabled", &boolean, OPTIONAL, "spread by hash [false]" },
	{ "hash_function", &hash_function, OPTIONAL, "there is only this one" },
	{ "hash_types", &hash_types, OPTIONAL, "what may be hashed [the six without _ex]" },
	{ "key", &key, OPTIONAL, "hash secret key [the verification key]" },
	{ "indirection_table", &table, OPTIONAL, "processors by the low bits of the hash [the primary processor]" },
	{ "default_processor", &processor, OPTIONAL, "gets what cannot be hashed [the primary processor]" },
);
static const struct schema move = { .type = SCHEMA_OBJECT,
	.alternatives = (const char *const[]){ "entry", "default", "primary", NULL },
	.members = (const struct schema_member[]){
	{ "entry", &entry, OPTIONAL, "this entry of the indirection table" },
	{ "default", &mark, OPTIONAL, "the default processor" },
	{ "primary", &mark, OPTIONAL, "the primary processor" },
	{ "processor", &processor, REQUIRED, "where it shall point to" },
	{ NULL, NULL, false, NULL } } };
static const struct schema moves = { .type = SCHEMA_LIST, .min = 1, .max = VMMQ_OID_MOVES_MAX, .entry = &move,
	.needed = "a list of 1 to 130 moves" };

static const struct schema no_params = OBJECT();
static const struct schema vport_params = OBJECT(
	{ "vport", &vport, REQUIRED, "id or name" },
);
static const struct schema vport_add_params = OBJECT(
	{ "id", &vport_id, OPTIONAL, "[the lowest that is free]" },
	{ "name", &name, OPTIONAL, "none twice [\"vport\" and the id]" },
	{ "queue_pairs", &queue_pairs, OPTIONAL, "bound on the distinct processors it is spread over [16]" },
	{ "primary_processor", &processor, OPTIONAL, "gets everything while RSS is off [the first of the set]" },
	{ "filters", &filters, OPTIONAL, "what it receives [nothing]" },
	{ "rss", &rss, OPTIONAL, "how its packets are spread [not]" },
	{ "backend", &backend, OPTIONAL, "where its packets are delivered [nowhere]" },
	{ "anti_spoofing", &boolean, OPTIONAL, "it may send with source addresses of its filters only [true]" },
	{ "flood_limit", &flood_limit, OPTIONAL, "group-addressed packets a second that are replicated for it; 0: no limit [1000]" },
);
static const struct schema vport_set_params = OBJECT(
	{ "vport", &vport, REQUIRED, "id or name" },
	{ "name", &name, OPTIONAL, "a new name" },
	{ "queue_pairs", &queue_pairs, OPTIONAL, "bound on the distinct processors it is spread over" },
	{ "primary_processor", &processor, OPTIONAL, "gets everything while RSS is off" },
	{ "backend", &backend_or_null, OPTIONAL, "where its packets are delivered; null: nowhere" },
	{ "anti_spoofing", &boolean, OPTIONAL, "it may send with source addresses of its filters only" },
	{ "flood_limit", &flood_limit, OPTIONAL, "group-addressed packets a second that are replicated for it; 0: no limit" },
);
static const struct schema vport_delete_params = OBJECT(
	{ "vport", &vport, REQUIRED, "id or name" },
	{ "with_filters", &boolean, OPTIONAL, "its filters too; it must have none otherwise [false]" },
);
static const struct schema filter_add_params = OBJECT(
	{ "vport", &vport, REQUIRED, "id or name" },
	{ "mac", &mac, REQUIRED, "destination address" },
	{ "vlan", &vlan, OPTIONAL, "a VLAN id, or \"any\"; absent or null: untagged frames and VID 0" },
);
static const struct schema filter_delete_params = OBJECT(
	{ "filter", &filter_id, REQUIRED, "id of the filter" },
);
static const struct schema filter_move_params = OBJECT(
	{ "filter", &filter_id, REQUIRED, "id of the filter" },
	{ "to", &vport, REQUIRED, "the VPort that gets it: id or name" },
);
static const struct schema rss_set_params = OBJECT(
	{ "vport", &vport, REQUIRED, "id or name" },
	{ "enabled", &boolean, OPTIONAL, "spread by hash" },
	{ "hash_types", &hash_types, OPTIONAL, "what may be hashed" },
	{ "key", &key, OPTIONAL, "hash secret key" },
	{ "indirection_table", &table, OPTIONAL, "processors by the low bits of the hash" },
	{ "default_processor", &processor, OPTIONAL, "gets what cannot be hashed" },
);
static const struct schema rss_move_params = OBJECT(
	{ "vport", &vport, REQUIRED, "id or name" },
	{ "moves", &moves, REQUIRED, "all or nothing" },
);
static const struct schema config_apply_params = OBJECT(
	{ "yaml", &yaml, REQUIRED, "the text of a configuration file" },
	{ "dry_run", &boolean, OPTIONAL, "only tell what would change, or what is wrong [false]" },
);
static const struct schema oid_request_params = OBJECT(
	{ "oid", &oid, REQUIRED, "which request" },
	{ "method", &oid_method, REQUIRED, "how" },
	{ "vport", &vport_or_null, OPTIONAL, "which VPort an RSS request is about [the default VPort]" },
	{ "buffer", &buffer, OPTIONAL, "the request's bytes; the answer needs room in them [none]" },
	{ "processor", &processor, OPTIONAL, "the actor: on whose behalf entries are moved [the first of the set]" },
);
static const struct schema filters_show_params = OBJECT(
	{ "vport", &vport_or_null, OPTIONAL, "of this VPort only" },
);

#define CHANGE   true
#define QUESTION false
const struct method methods[] = {
	{ "vport.add", "add a VPort", CHANGE, &vport_add_params, method_vport_add, method_vport_finish },
	{ "vport.set", "change a VPort", CHANGE, &vport_set_params, method_vport_set, method_vport_finish },
	{ "vport.delete", "delete a VPort", CHANGE, &vport_delete_params, method_vport_delete, NULL },
	{ "filter.add", "give a VPort a receive filter", CHANGE, &filter_add_params, method_filter_add, NULL },
	{ "filter.delete", "clear a receive filter", CHANGE, &filter_delete_params, method_filter_delete, NULL },
	{ "filter.move", "give a receive filter to another VPort", CHANGE, &filter_move_params, method_filter_move, NULL },
	{ "rss.set", "change RSS parameters", CHANGE, &rss_set_params, method_rss_set, NULL },
	{ "rss.enable", "turn RSS on", CHANGE, &vport_params, method_rss_enable, NULL },
	{ "rss.disable", "turn RSS off", CHANGE, &vport_params, method_rss_disable, NULL },
	{ "rss.move", "move indirection table entries, default or primary processor", CHANGE, &rss_move_params, method_rss_move, NULL },
	{ "config.apply", "make the switch equal to a configuration file", CHANGE, &config_apply_params, method_config_apply, method_config_finish },
	{ "oid.request", "carry out a binary NDIS request", CHANGE, &oid_request_params, method_oid_request, method_oid_finish },
	{ "adapter.show", "show the adapter", QUESTION, &no_params, method_adapter_show, NULL },
	{ "processors.show", "show all processors", QUESTION, &no_params, method_processors_show, NULL },
	{ "vports.show", "show all VPorts", QUESTION, &no_params, method_vports_show, NULL },
	{ "vport.show", "show a VPort with its processors and entries", QUESTION, &vport_params, method_vport_show, NULL },
	{ "rss.show", "show RSS parameters, requested and effective", QUESTION, &vport_params, method_rss_show, NULL },
	{ "filters.show", "show receive filters", QUESTION, &filters_show_params, method_filters_show, NULL },
	{ "drops.show", "show what is dropped, where and why", QUESTION, &no_params, method_drops_show, NULL },
	{ "top.show", "show everything at one moment", QUESTION, &no_params, method_top_show, NULL },
	{ "config.show", "show the running configuration as a file", QUESTION, &no_params, method_config_show, NULL },
	{ "monitor.subscribe", "have events sent to this connection", QUESTION, &no_params, method_monitor_subscribe, NULL },
	{ "rpc.discover", "list all methods", QUESTION, &no_params, method_rpc_discover, NULL },
	{ NULL, NULL, false, NULL, NULL, NULL },
};
/* clang-format on */
