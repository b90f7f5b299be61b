/* SPDX-License-Identifier: BSD-2-Clause */
/* Where the sources contradict each other, what we follow (spec 19). */
#include <string.h>

#include "cases.h"
#include "cases_move.h"
#include "cases_queries.h"

static void pairs_change(struct trial *t)
{
	vport_ready(t, 1);
	DONE(t, vport_set_queue_pairs(t, 1, 9));
	DONE(t, vport_set_queue_pairs(t, 0, 1));
	CHECK(t, vport_get(t, 1).queue_pairs == 9 && vport_get(t, 0).queue_pairs == 1, "%u and %u queue pairs",
	      vport_get(t, 1).queue_pairs, vport_get(t, 0).queue_pairs);
}

static void key_and_types_change(struct trial *t)
{
	struct rss rss = rss_params();
	struct frame frame = tcp_to(1, 5);
	uint32_t hash;

	rss_ready(t, 1);
	memset(rss.key, 0x3c, 17);
	rss.information = VMMQ_HASH_IPV4 | 1;
	rss.flags = 0x24; /* table and default processor unchanged */
	DONE(t, rss_set(t, 1, &rss));
	hash = shape_hash(rss.key, &(struct shape){ .kind = TCP4 }, false);
	hashed(t, &frame, 1, rss.table[hash % 4], VMMQ_HASH_IPV4, hash);
}

static void sizes_per_vport(struct trial *t)
{
	struct rss rss = rss_params();

	for (uint32_t id = 1; id <= 3; id++) {
		vport_ready(t, id);
		rss.entries = id < 3 ? 2u << id : 2;
		for (unsigned i = 0; i < rss.entries; i++)
			rss.table[i] = (uint16_t)(4 + (i * 3 + id) % 4);
		DONE(t, rss_set(t, id, &rss));
		follows_table(t, id, rss.table, rss.entries);
	}
	CHECK(t, rss_get(t, 1).entries == 4 && rss_get(t, 2).entries == 8 && rss_get(t, 3).entries == 2,
	      "one table's size has become another's");
}

static void special_flags(struct trial *t)
{
	rss_ready(t, 1);
	DONE(t, move_default(t, 7, 1, 5)); /* with index 0x5555 */
	DONE(t, move_primary(t, 4, 1, 6));
	default_processor_is(t, 1, 5);
	DONE(t, rss_disable(t, 1));
	default_processor_is(t, 1, 6);
}

static void special_indices(struct trial *t)
{
	struct command flags_win = { .vport = 1, .flags = MOVE_PRIMARY, .index = 0xffff, .target = 5 };

	rss_ready(t, 1);
	DONE(t, move_entry(t, 7, 1, 0xffff, 5));
	default_processor_is(t, 1, 5);
	DONE(t, move_entry(t, 4, 1, 0xfffe, 6));
	CHECK(t, vport_get(t, 1).affinity.mask == 1u << 6, "the primary processor did not move");
	DONE(t, move(t, 6, &flags_win, 1));
	CHECK(t, vport_get(t, 1).affinity.mask == 1u << 5, "flags 1, index 0xffff is not the primary processor");
	REFUSE(t, VMMQ_INVALID_PARAMETER, move_entry(t, 4, 1, 0xfffd, 5));
}

static void missing_vport(struct trial *t)
{
	struct command switch_1 = { .switch_id = 1, .vport = 9, .target = 5 };

	vport_ready(t, 1);
	REFUSE(t, VMMQ_INVALID_PORT, move_entry(t, 4, 9, 0, 5));
	REFUSE(t, VMMQ_INVALID_PARAMETER, move_entry(t, 4, 64, 0, 5));
	REFUSE(t, VMMQ_INVALID_PARAMETER, move(t, 4, &switch_1, 1));
}

static void inactive_tracks_only(struct trial *t)
{
	struct rss2 rss = rss2_params(RSS2_ENABLE | RSS2_INFO | RSS2_KEY);

	vport_ready(t, 1);
	DONE(t, move_entry(t, 4, 1, 0, 9)); /* outside of the RSS set */
	CHECK(t, rss_get(t, 1).table[0] == 9, "the entry is %u, not 9", rss_get(t, 1).table[0]);
	REFUSE(t, VMMQ_INVALID_DATA, rss2_set(t, 1, &rss));
	DONE(t, move_entry(t, 9, 1, 0, 5));
	DONE(t, rss2_set(t, 1, &rss));
	follows_table(t, 1, (const uint16_t[]){ 5 }, 1);
}

static void disable_to_primary(struct trial *t)
{
	struct rss rss = rss_params();

	rss_ready(t, 1);
	DONE(t, rss_disable(t, 1));
	default_processor_is(t, 1, 4); /* the affinity's, not moved */
	DONE(t, move_primary(t, 4, 1, 5));
	DONE(t, rss_set(t, 1, &rss));
	DONE(t, move_primary(t, 5, 1, 6));
	DONE(t, rss_disable(t, 1));
	default_processor_is(t, 1, 6);
}

static void mac_only(struct trial *t)
{
	struct frame tagged = frame_make(mac_of(1), &(struct shape){ .kind = TCP4, .tagged = true, .tci = 10 });
	struct frame zero = frame_make(mac_of(1), &(struct shape){ .kind = TCP4, .tagged = true, .tci = 0 });

	vport_ready(t, 1);
	not_on(t, &tagged, 1);
	CHECK(t, receive_one(t, &zero)->packet.vport == 1, "VID 0 is not VPort 1's");
}

static void entry_count(struct trial *t)
{
	struct rss2 rss = rss2_params(RSS2_ENTRIES);

	vport_ready(t, 1);
	rss.entries = table_limit(t);
	DONE(t, rss2_set(t, 1, &rss));
	rss.entries *= 2;
	REFUSE(t, VMMQ_INVALID_PARAMETER, rss2_set(t, 1, &rss));
}

static void filter_counters(struct trial *t)
{
	struct request *r = request_new(t, VMMQ_OID_NIC_SWITCH_ENUM_SWITCHES, METHOD, NO_VPORT);
	struct vmmq_ndis_switch_info_array array = { .header = { VMMQ_NDIS_OBJECT_DEFAULT, 1, sizeof(array) } };
	struct vmmq_ndis_switch_info info;

	vport_ready(t, 1);
	vport_ready(t, 2);
	DONE(t, filter_set(t, 2, mac_of(50), UNTAGGED, NULL));
	DONE(t, filter_set(t, 0, mac_of(51), UNTAGGED, NULL));
	CHECK(t, vport_info(t, 0).filters == 1 && vport_info(t, 1).filters == 1 && vport_info(t, 2).filters == 2,
	      "%u, %u and %u filters, expected 1, 1 and 2", vport_info(t, 0).filters, vport_info(t, 1).filters,
	      vport_info(t, 2).filters);
	request_put_bytes(r, 0, &array, sizeof(array));
	r->room = 4096;
	DONE(t, request_send(t, r));
	memcpy(&array, r->byte, sizeof(array));
	memcpy(&info, r->byte + array.first_offset, sizeof(info));
	CHECK(t, info.macs_default_vport == 1 && info.macs_nondefault_vports == 3,
	      "over the adapter %u and %u, expected 1, 3", info.macs_default_vport, info.macs_nondefault_vports);
}

static void affinity_mask(struct trial *t)
{
	struct vmmq_ndis_vport_parameters params = vport_params(1);

	params.affinity.mask = 0xe0; /* 5 6 7, more than one */
	params.queue_pairs = 2;
	DONE(t, vport_make(t, &params));
	DONE(t, vport_activate(t, 1));
	DONE(t, filter_set(t, 1, mac_of(1), UNTAGGED, NULL));
	default_processor_is(t, 1, 5);
	CHECK(t, rss_get(t, 1).default_processor == 5 && rss_get(t, 1).table[0] == 5,
	      "default processor %u, entry 0 %u; expected 5", rss_get(t, 1).default_processor,
	      rss_get(t, 1).table[0]);
	params = vport_params(2);
	params.affinity.mask = 0;
	REFUSE(t, VMMQ_INVALID_PARAMETER, vport_make(t, &params));
	params.affinity.mask = 1u << 4;
	params.affinity.group = 1;
	DONE(t, vport_make(t, &params));
	CHECK(t, rss_get(t, 2).default_processor == 68, "default processor %u; expected 1:4",
	      rss_get(t, 2).default_processor);
}

static void affinity_changes(struct trial *t)
{
	struct vmmq_ndis_vport_parameters params = vport_params(1);

	vport_ready(t, 1);
	params.flags = 0x100000;
	params.affinity.mask = 1u << 6;
	DONE(t, vport_set(t, &params));
	default_processor_is(t, 1, 6); /* RSS is off */
	CHECK(t, rss_get(t, 1).default_processor == 4 && rss_get(t, 1).table[0] == 4,
	      "default processor %u, entry 0 %u; they were 4", rss_get(t, 1).default_processor,
	      rss_get(t, 1).table[0]);
	params.affinity.mask = 1u << 8;
	REFUSE_AS(t, vport_set(t, &params), VMMQ_INVALID_DATA, VMMQ_INVALID_PARAMETER);
}

static void encapsulated_outer(struct trial *t)
{
	struct frame frame = tcp_to(1, 9);

	rss_ready(t, 1);
	frame.byte[23] = 47; /* GRE, and inside there is no TCP or UDP */
	hashed(t, &frame, 1, rss_params().table[0x323e8fc2 % 4], VMMQ_HASH_IPV4, 0x323e8fc2);
}

/* With entries where they are, and with entries that were pointed to the primary before. */
static void disable_wherever_entries_point(struct trial *t)
{
	struct rss2 on = rss2_params(RSS2_ENABLE | RSS2_INFO | RSS2_KEY), off = rss2_params(0);

	rss_ready(t, 1);
	DONE(t, rss2_set(t, 1, &off));
	default_processor_is(t, 1, 4);
	DONE(t, rss2_set(t, 1, &on));
	for (uint16_t i = 1; i < 4; i++)
		DONE(t, move_entry(t, (uint16_t)(4 + i), 1, i, 4));
	DONE(t, move_default(t, 7, 1, 4));
	DONE(t, rss2_set(t, 1, &off));
	default_processor_is(t, 1, 4);
	for (uint16_t sport = 1; sport <= 8; sport++) {
		struct frame frame = tcp_to(1, sport);

		unhashed(t, &frame, 1, 4);
	}
}

const struct line lines_choice[] = {
	CHOICE("19/1", "Queue pairs after creation: never change, or do",
	       "they change, the default VPort's too, by VPORT_PARAMETERS and by RSSv2"),
	CASE(pairs_change, "VPort 1 and VPort 0"),
	CHOICE("19/2", "Key, types and function: static for the VPort's life, or not",
	       "changes are accepted at any time"),
	CASE(key_and_types_change, "While RSS is on"),
	CHOICE("19/3", "Table size: the same for all PF VPorts, or per VPort",
	       "per VPort, up to what the capabilities say, 128"),
	CASE(sizes_per_vport, "4, 8 and 2 entries"),
	CHOICE("19/4", "Special indices: 0xFFFF and 0xFFFE, or flags 0x2 and 0x1",
	       "flags; the indices are synonyms when the flags are 0"),
	CASE(special_flags, "Default and primary processor by flags, whatever the index"),
	CASE(special_indices, "By indices with flags 0; flags win over an index"),
	CHOICE("19/5", "A VPort that is missing in a move: INVALID_PORT or INVALID_PARAMETER",
	       "INVALID_PORT for a well-formed id that is free, INVALID_PARAMETER for a switch other than 0 or an id "
	       "beyond "
	       "the maximum"),
	CASE(missing_vport, "One each"),
	CHOICE("19/6", "Inactive parameter, target outside of the RSS set: validate, or track only",
	       "track only; checked on the transition that makes it active"),
	CASE(inactive_tracks_only, "Moved outside, refused on enable, moved back"),
	CHOICE("19/7", "Disabling goes to the affinity processor, or to the current primary",
	       "the current primary, which is the affinity processor unless it was moved"),
	CASE(disable_to_primary, "Not moved, and moved"),
	CHOICE("19/8", "A MAC filter matches \"a VLAN tag or VID 0\", or no tag or VID 0", "no tag or VID 0"),
	CASE(mac_only, "VID 10 does not match, VID 0 does"),
	CHOICE("19/9", "The new entry count does, or does not, exceed the capability", "it does not"),
	CASE(entry_count, "As many as the capability says, and twice as many"),
	CHOICE("19/10", "Filters are counted per adapter, or per VPort",
	       "both, in the enumerations of switches and of VPorts"),
	CASE(filter_counters, "Four filters on three VPorts"),
	CHOICE("19/11", "A PF VPort's affinity: exactly one processor, or a candidate mask",
	       "a mask of one group; the lowest is primary, default processor and entry 0; an empty one is refused"),
	CASE(affinity_mask, "Three processors, none, and group 1"),
	CASE(affinity_changes, "Changed later it moves the primary processor only (11.1)"),
	CHOICE("19/12", "Encapsulated packet without TCP or UDP inside: inner headers, or outer 2-tuple",
	       "outer 2-tuple"),
	CASE(encapsulated_outer, "GRE over IPv4"),
	CHOICE("19/13",
	       "Tags: the miniport that advertises hardware tag handling takes out every one, or 4.3 leaves some in "
	       "the frame",
	       "by the adapter: as 4.3 says unless it was made to take out every one (8.1/3)"),
	CASE(tags_by_filter, "As it is made usually: a priority tag, and one that no filter names"),
	CHOICE("19/14", "Before RSS is disabled the upper layer may, or will, point entries to the primary processor",
	       "may: entries can point anywhere, and all packets go to the primary from then on"),
	CASE(disable_wherever_entries_point, "Entries where they were, and moved before"),
	CHOICE("19/15", "A request for moves does as many entries as it can, or all of a group or none",
	       "all of a group or none, and as many groups as it can"),
	CASE(sample_bad_command, "One bad command among good ones"),
	CASE(groups_independent, "Six groups, every other one fails"),
	END_OF_LINES,
};
