/* SPDX-License-Identifier: BSD-2-Clause */
/* Rows of the store, read with the schema's own types: what each says, each reason to refuse one, and where its queues go. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fleet/fleet_vport.h"

#define MAC_A  "\"02:00:5e:10:00:01\""
#define KEY    "\"6d5a56da255b0ec24167253d43a38fb0d0ca2bcbae7b30b477cb2da38030f20c6a42b73bbeac01fa\""
#define HOST_A "[\"uuid\", \"00000000-0000-0000-0000-00000000000a\"]"
#define HOST_B "[\"uuid\", \"00000000-0000-0000-0000-00000000000b\"]"
#define NONE   "[\"set\", []]"

static struct ovsdb_schema schema;

/* A row that is good, by column; a test changes some. */
static const char *const good[FLEET_VPORT_COLUMN_COUNT] = {
	[FLEET_VPORT_NAME] = "\"web1\"",
	[FLEET_VPORT_GENERATION] = "7",
	[FLEET_VPORT_MACS] = MAC_A,
	[FLEET_VPORT_VLANS] = NONE,
	[FLEET_VPORT_QUEUE_PAIRS] = "4",
	[FLEET_VPORT_RSS] = "\"on\"",
	[FLEET_VPORT_HASH_TYPES] = NONE,
	[FLEET_VPORT_HASH_KEY] = NONE,
	[FLEET_VPORT_INDIRECTION_TABLE] = "[\"map\", [[0, 0], [1, 1], [2, 2], [3, 3]]]",
	[FLEET_VPORT_DEFAULT_QUEUE] = "1",
	[FLEET_VPORT_PRIMARY_QUEUE] = "2",
	[FLEET_VPORT_SCALING] = "\"dynamic\"",
	[FLEET_VPORT_HOST] = HOST_A,
	[FLEET_VPORT_DESTINATION] = NONE,
	[FLEET_VPORT_ACTIVATION] = "\"first_frame\"",
};

struct changed {
	enum fleet_vport_column column;
	const char *json;
};

/* row_read reads the good row with up to two columns changed.  any: types are as wide as a server could have them. */
static bool row_read(struct fleet_vport *vport, const struct changed change[2], bool any, struct ovsdb_why *why)
{
	struct ovsdb_datum column[FLEET_VPORT_COLUMN_COUNT];
	struct ovsdb_type type[FLEET_VPORT_COLUMN_COUNT];
	bool taken;

	for (unsigned i = 0; i < FLEET_VPORT_COLUMN_COUNT; i++) {
		const char *text = good[i];
		json_t *json;

		for (unsigned j = 0; change && j < 2; j++)
			if (change[j].json && change[j].column == i)
				text = change[j].json;
		type[i] = schema.type[FLEET_VPORT][i];
		if (any) {
			type[i].min = 0;
			type[i].max = UINT32_MAX;
		}
		json = json_loads(text, JSON_DECODE_ANY, NULL);
		assert_non_null(json);
		if (!ovsdb_datum_read(&column[i], &type[i], json, why))
			fail_msg("%s: %s", text, why->text);
		json_decref(json);
	}
	taken = fleet_vport_read(vport, column, why);
	for (unsigned i = 0; i < FLEET_VPORT_COLUMN_COUNT; i++)
		ovsdb_datum_fini(&type[i], &column[i]);
	return taken;
}

static void row_good(struct fleet_vport *vport, enum fleet_vport_column column, const char *json)
{
	struct changed change[2] = { { column, json } };
	struct ovsdb_why why;

	if (!row_read(vport, change, false, &why))
		fail_msg("%s", why.text);
}

static void row_says_what_is_wanted(void **state)
{
	static const uint8_t mac[] = { 0x02, 0x00, 0x5e, 0x10, 0x00, 0x01 };
	struct fleet_vport v;

	(void)state;
	row_good(&v, FLEET_VPORT_NAME, "\"web1\"");
	assert_string_equal(v.name, "web1");
	assert_int_equal(v.generation, 7);
	assert_int_equal(v.host.bytes[15], 0x0a);
	assert_int_equal(v.destination.bytes[15], 0);
	assert_int_equal(v.activation, FLEET_FIRST_FRAME);
	assert_int_equal(v.mac_count, 1);
	assert_memory_equal(v.mac[0], mac, sizeof(mac));
	assert_int_equal(v.vlan_count, 1);
	assert_int_equal(v.vlan[0], VMMQ_VLAN_UNTAGGED_OR_ZERO);
	assert_int_equal(v.queue_pairs, 4);
	assert_int_equal(v.rss, FLEET_RSS_ON);
	assert_int_equal(v.hash_types, VMMQ_HASH_TYPES_DEFAULT);
	assert_false(v.has_key);
	assert_int_equal(v.entry_count, 4);
	assert_int_equal(v.queue[3], 3);
	assert_int_equal(v.default_queue, 1);
	assert_int_equal(v.primary_queue, 2);
	assert_true(v.dynamic);

	row_good(&v, FLEET_VPORT_VLANS, "[\"set\", [0, 5, 4095]]");
	assert_int_equal(v.vlan_count, 3);
	assert_int_equal(v.vlan[1], 5);
	assert_int_equal(v.vlan[2], VMMQ_VLAN_ANY);
	row_good(&v, FLEET_VPORT_HASH_TYPES, "[\"set\", [\"ipv6\", \"udp_ipv6_ex\"]]");
	assert_int_equal(v.hash_types, VMMQ_HASH_IPV6 | VMMQ_HASH_UDP_IPV6_EX);
	row_good(&v, FLEET_VPORT_HASH_KEY, KEY);
	assert_true(v.has_key);
	assert_int_equal(v.key[0], 0x6d);
	assert_int_equal(v.key[39], 0xfa);
}

static void row_refused_with_its_reason(void **state)
{
	static const struct {
		bool any;
		struct changed change[2];
		const char *why;
	} cases[] = {
		{ false,
		  { { FLEET_VPORT_NAME, "\"../web\"" } },
		  "name: \"../web\"; letters, digits, '.', '_' and '-' are needed, and no '.' at first" },
		{ false,
		  { { FLEET_VPORT_NAME, "\"a/b\"" } },
		  "name: \"a/b\"; letters, digits, '.', '_' and '-' are needed, and no '.' at first" },
		{ true, { { FLEET_VPORT_NAME, "\"\"" } }, "name: 0 bytes; 1 to 64 are needed" },
		{ true, { { FLEET_VPORT_NAME, NONE } }, "name: 0 elements; one is needed" },
		{ true, { { FLEET_VPORT_GENERATION, "-1" } }, "generation: -1; 0 to 9223372036854775807 is needed" },
		{ false,
		  { { FLEET_VPORT_DESTINATION, HOST_A } },
		  "destination: the host that it is on; another host is needed, or none" },
		{ true,
		  { { FLEET_VPORT_HOST, "[\"set\", [" HOST_A ", " HOST_B "]]" } },
		  "host: 2 elements; one or none is needed" },
		{ false,
		  { { FLEET_VPORT_MACS, "\"02:00:5e:10:00:0x\"" } },
		  "macs: \"02:00:5e:10:00:0x\"; six bytes of two hex digits are needed: 02:00:5e:10:00:01" },
		{ false,
		  { { FLEET_VPORT_MACS, "[\"set\", [\"02:00:5e:10:00:0a\", \"02:00:5E:10:00:0A\"]]" } },
		  "macs: \"02:00:5e:10:00:0a\" is there twice, spelled in two ways; once is needed" },
		{ true, { { FLEET_VPORT_MACS, NONE } }, "macs: 0 elements; 1 to 64 are needed" },
		{ true, { { FLEET_VPORT_VLANS, "4096" } }, "vlans: 4096; 0 to 4095 is needed" },
		{ true, { { FLEET_VPORT_QUEUE_PAIRS, "0" } }, "queue_pairs: 0; 1 to 128 is needed" },
		{ false,
		  { { FLEET_VPORT_INDIRECTION_TABLE, "[\"map\", [[0, 0], [1, 1], [2, 2]]]" } },
		  "indirection_table: 3 entries; a power of two of them is needed, 1 to 128" },
		{ false,
		  { { FLEET_VPORT_INDIRECTION_TABLE, "[\"map\", [[0, 0], [2, 2]]]" } },
		  "indirection_table: entry 1 is not there, of 2; all from 0 on are needed" },
		{ false,
		  { { FLEET_VPORT_QUEUE_PAIRS, "3" } },
		  "indirection_table: entry 3: queue 3; queue_pairs is 3, so 0 to 2 is needed" },
		{ false,
		  { { FLEET_VPORT_DEFAULT_QUEUE, "4" } },
		  "default_queue: queue 4; queue_pairs is 4, so 0 to 3 is needed" },
		{ false,
		  { { FLEET_VPORT_PRIMARY_QUEUE, "127" } },
		  "primary_queue: queue 127; queue_pairs is 4, so 0 to 3 is needed" },
		{ true, { { FLEET_VPORT_RSS, "\"maybe\"" } }, "rss: \"maybe\"; off, on, hash_only is needed" },
		{ true, { { FLEET_VPORT_SCALING, "\"up\"" } }, "scaling: \"up\"; static, dynamic is needed" },
		{ true,
		  { { FLEET_VPORT_ACTIVATION, "\"later\"" } },
		  "activation: \"later\"; at_once, first_frame is needed" },
		{ true,
		  { { FLEET_VPORT_HASH_TYPES, "\"sctp\"" } },
		  "hash_types: \"sctp\"; a hash type is needed, such as tcp_ipv4" },
		{ false,
		  { { FLEET_VPORT_HASH_KEY,
		      "\"zz5a56da255b0ec24167253d43a38fb0d0ca2bcbae7b30b477cb2da38030f20c6a42b73bbeac01fa\"" } },
		  "hash_key: not 80 hex digits; these are needed, or none for a key of the host's" },
	};
	struct fleet_vport v;
	struct ovsdb_why why;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (row_read(&v, cases[i].change, cases[i].any, &why))
			fail_msg("taken: %s", cases[i].change[0].json);
		assert_string_equal(why.text, cases[i].why);
	}
}

/* A status names VPort and generation, so both are there of a row that is refused. */
static void row_refused_is_still_somebody(void **state)
{
	struct changed change[2] = { { FLEET_VPORT_MACS, "\"xx:00:5e:10:00:01\"" },
				     { FLEET_VPORT_ACTIVATION, "\"later\"" } };
	struct fleet_vport v;
	struct ovsdb_why why;

	(void)state;
	assert_false(row_read(&v, change, true, &why));
	assert_string_equal(v.name, "web1");
	assert_int_equal(v.generation, 7);
	assert_int_equal(v.host.bytes[15], 0x0a);
}

static void queues_go_to_this_hosts_processors(void **state)
{
	static const struct vmmq_processor processor[] = { { 8 }, { 2 }, { 5 }, { 9 }, { 7 } };
	struct vmmq_processor_set set = { processor, 5 };
	static const uint8_t key[VMMQ_KEY_LEN] = { 1, 2, 3 };
	struct config_vport placed;
	struct fleet_vport v;
	struct ovsdb_why why;
	size_t first = 5;

	(void)state;
	row_good(&v, FLEET_VPORT_VLANS, "[\"set\", [5, 6]]");
	assert_int_equal(fleet_vport_processors(&v), 4);
	assert_true(fleet_vport_place(&v, &set, key, &placed, &why));
	for (size_t i = 0; i < set.count; i++)
		if (processor[i].v == placed.rss.table[0].v)
			first = i;
	assert_true(first < 5);
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(placed.rss.table[i].v, processor[(first + i) % 5].v);
	assert_int_equal(placed.rss.default_processor.v, processor[(first + 1) % 5].v);
	assert_int_equal(placed.rss.primary.v, processor[(first + 2) % 5].v);
	assert_memory_equal(placed.rss.key, key, VMMQ_KEY_LEN);
	assert_true(placed.rss.enabled && !placed.rss.receive_hash && placed.dynamic);
	assert_int_equal(placed.filter_count, 2);
	assert_int_equal(placed.filters[1].vlan, 6);
	assert_int_equal(vmmq_rss_check(&placed.rss, &set, placed.queue_pairs, NULL), VMMQ_SUCCESS);
	fleet_placed_fini(&placed);

	set.count = 3;
	assert_false(fleet_vport_place(&v, &set, key, &placed, &why));
	assert_string_equal(why.text,
			    "queue_pairs: frames go to queue 3, so 4 processors are needed; this host has 3");
	assert_null(placed.name);
}

static void vports_share_a_mac_and_a_vlan(void **state)
{
	struct fleet_vport a, b;
	struct ovsdb_why why;

	(void)state;
	row_good(&a, FLEET_VPORT_VLANS, "[\"set\", [5, 4095]]");
	row_good(&b, FLEET_VPORT_VLANS, "[\"set\", [6, 7]]");
	assert_false(fleet_vports_share(&a, &b, &why)); /* the narrower one wins, as on every adapter */
	row_good(&b, FLEET_VPORT_VLANS, "[\"set\", [7, 4095]]");
	assert_true(fleet_vports_share(&a, &b, &why));
	assert_string_equal(why.text, "macs: 02:00:5e:10:00:01 with VLAN any is the VPort web1's on this host");
	row_good(&b, FLEET_VPORT_MACS, "\"02:00:5e:10:00:02\"");
	row_good(&a, FLEET_VPORT_VLANS, "0");
	assert_false(fleet_vports_share(&a, &b, &why));
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(row_says_what_is_wanted),       cmocka_unit_test(row_refused_with_its_reason),
		cmocka_unit_test(row_refused_is_still_somebody), cmocka_unit_test(queues_go_to_this_hosts_processors),
		cmocka_unit_test(vports_share_a_mac_and_a_vlan),
	};
	json_t *json = argc == 2 ? json_load_file(argv[1], 0, NULL) : NULL;
	struct ovsdb_why why = { "no schema" };

	if (!json || !ovsdb_schema_read(&schema, &fleet_wanted, json, &why)) {
		fprintf(stderr, "%s\n", why.text);
		return 1;
	}
	json_decref(json);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
