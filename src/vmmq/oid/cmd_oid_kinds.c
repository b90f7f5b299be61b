/* SPDX-License-Identifier: BSD-2-Clause */
/* The kinds of request that vmmq oid --build knows. */
#include <string.h>

#include "base/similar_word.h"
#include "vmmq/oid/cmd_oid_build.h"

static const struct implied v1_implied[] = {
	{ "base_cpu", VMMQ_RSS_BASE_CPU_UNCHANGED },
	{ "hash_information", VMMQ_RSS_HASH_INFO_UNCHANGED },
	{ "table", VMMQ_RSS_ITABLE_UNCHANGED },
	{ "key", VMMQ_RSS_HASH_KEY_UNCHANGED },
	{ "default_processor", VMMQ_RSS_DEFAULT_PROCESSOR_UNCHANGED },
	{ NULL, 0 },
};
static const struct implied v2_implied[] = {
	{ "hash_information", VMMQ_RSS_V2_HASH_INFO_CHANGED },
	{ "key", VMMQ_RSS_V2_HASH_KEY_CHANGED },
	{ "queues", VMMQ_RSS_V2_NUMBER_OF_QUEUES_CHANGED },
	{ "table_entries", VMMQ_RSS_V2_NUMBER_OF_ENTRIES_CHANGED },
	{ NULL, 0 },
};
static const struct implied hash_implied[] = {
	{ "hash_information", VMMQ_RECEIVE_HASH_INFO_UNCHANGED },
	{ "key", VMMQ_RECEIVE_HASH_KEY_UNCHANGED },
	{ NULL, 0 },
};
static const struct implied vport_implied[] = {
	{ "name", VMMQ_VPORT_NAME_CHANGED },
	{ "interrupt_moderation", VMMQ_VPORT_INT_MOD_CHANGED },
	{ "state", VMMQ_VPORT_STATE_CHANGED },
	{ "affinity", VMMQ_VPORT_AFFINITY_CHANGED },
	{ "queue_pairs", VMMQ_VPORT_QUEUE_PAIRS_CHANGED },
	{ NULL, 0 },
};
static const struct implied switch_implied[] = { { "name", VMMQ_NDIS_SWITCH_NAME_CHANGED }, { NULL, 0 } };

#define V1_UNCHANGED   0x2f
#define HASH_UNCHANGED (VMMQ_RECEIVE_HASH_INFO_UNCHANGED | VMMQ_RECEIVE_HASH_KEY_UNCHANGED)
#define QUERY          VMMQ_OID_QUERY
#define SET            VMMQ_OID_SET
#define METHOD         VMMQ_OID_METHOD

/* clang-format off */
static const struct kind kinds[] = {
	{ "switch-create",       0x00010237, METHOD, &oid_switch_parameters, 0, 0, false, NULL },
	{ "switch-set",          0x00010238, SET,    &oid_switch_parameters, 0, 0, false, switch_implied },
	{ "switch-query",        0x00010238, METHOD, &oid_switch_parameters, 0, 0, false, NULL },
	{ "switch-delete",       0x00010239, SET,    &oid_switch_delete_structure, 0, 0, false, NULL },
	{ "switch-enum",         0x00010240, METHOD, NULL, 1024, 0, false, NULL },
	{ "switch-capabilities", 0x0001022f, QUERY,  NULL, 256, 0, false, NULL },
	{ "vport-create",        0x00010241, METHOD, &oid_vport_parameters, 0, 0, false, NULL },
	{ "vport-set",           0x00010242, SET,    &oid_vport_parameters, 0, 0, false, vport_implied },
	{ "vport-query",         0x00010242, METHOD, &oid_vport_parameters, 0, 0, false, NULL },
	{ "vport-enum",          0x00010243, METHOD, &oid_vport_array, 65536, 0, false, NULL },
	{ "vport-delete",        0x00010244, SET,    &oid_vport_delete_structure, 0, 0, false, NULL },
	{ "filter-set",          0x00010227, METHOD, &oid_filter_parameters, 0, 0, false, NULL },
	{ "filter-clear",        0x00010228, SET,    &oid_filter_clear_structure, 0, 0, false, NULL },
	{ "filter-move",         0x00010230, SET,    &oid_filter_move_structure, 0, 0, false, NULL },
	{ "filter-enum",         0x00010229, METHOD, &oid_filter_array, 65536, 0, false, NULL },
	{ "filter-query",        0x0001022a, METHOD, &oid_filter_parameters, 256, 0, false, NULL },
	{ "filter-capabilities", 0x0001022d, QUERY,  NULL, 256, 0, false, NULL },
	{ "filter-global",       0x00010222, QUERY,  NULL, 256, 0, false, NULL },
	{ "rss-set",             0x00010204, SET,    &oid_rss_parameters, 0, V1_UNCHANGED, true, v1_implied },
	{ "rss-query",           0x00010204, QUERY,  NULL, 1024, 0, false, NULL },
	{ "rss-v2",              0x00010214, SET,    &oid_rss_parameters_v2, 0, VMMQ_RSS_V2_ENABLE, false, v2_implied },
	{ "rss-v2-query",        0x00010214, QUERY,  NULL, 256, 0, false, NULL },
	{ "rss-move",            0x000102c0, METHOD, &oid_rss_entries, 0, 0, false, NULL },
	{ "rss-capabilities",    0x00010203, QUERY,  NULL, 256, 0, false, NULL },
	{ "hash-set",            0x0001021f, SET,    &oid_receive_hash, 0, VMMQ_RECEIVE_HASH_ENABLE | HASH_UNCHANGED, true,
	  hash_implied },
	{ "hash-query",          0x0001021f, QUERY,  NULL, 256, 0, false, NULL },
};
/* clang-format on */
#define KIND_COUNT (sizeof(kinds) / sizeof(kinds[0]))

const struct kind *kind_find(const struct command_line *line, const char *name)
{
	const char *names[KIND_COUNT], *similar;

	for (size_t i = 0; i < KIND_COUNT; i++) {
		names[i] = kinds[i].name;
		if (strcmp(names[i], name) == 0)
			return &kinds[i];
	}
	similar = similar_word(name, names, KIND_COUNT);
	command_usage(line, "--build: there is no \"%s\"%s%s%s", name, similar ? "; did you mean " : "",
		      similar ? similar : "", similar ? "?" : "");
	return NULL;
}
