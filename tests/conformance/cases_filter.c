/* SPDX-License-Identifier: BSD-2-Clause */
/* Receive filters: the VLAN truth table (spec 4.3), and their rules in time (4.5). */
#include <string.h>

#include "cases.h"
#include "cases_queries.h"

#define VID        10u
#define OTHER_VID  11u
#define PRIORITY_7 0xe000u

enum column { NO_TAG, VID_ZERO, VID_SAME, VID_OTHER };

static struct frame framed(enum column column)
{
	static const uint16_t tci[] = { 0, PRIORITY_7, PRIORITY_7 | VID, OTHER_VID };
	const struct shape shape = { .kind = TCP4, .sport = 2794, .tagged = column != NO_TAG, .tci = tci[column] };

	return frame_make(mac_of(1), &shape);
}

/* matches: on VPort 1; strip: the tag is beside the packet, not in it. */
static void matches(struct trial *t, enum column column, bool strip)
{
	struct frame frame = framed(column), plain = framed(NO_TAG);
	const struct frame *expected = strip ? &plain : &frame;
	const struct seen *seen = receive_one(t, &frame);

	CHECK(t, seen->packet.vport == 1, "indicated on VPort %u, expected VPort 1", seen->packet.vport);
	CHECK(t, seen->packet.stripped == strip, "tag %s", strip ? "left in the frame" : "taken out");
	CHECK(t, seen->packet.len == expected->len && !memcmp(seen->frame.byte, expected->byte, expected->len),
	      "the frame is not what it should be");
	CHECK(t, !strip || seen->packet.tci == (frame.byte[14] << 8 | frame.byte[15]), "the tag beside it is 0x%04x",
	      seen->packet.tci);
}

static void misses(struct trial *t, enum column column)
{
	struct frame frame = framed(column);

	not_on(t, &frame, 1);
	CHECK(t, t->seen_count <= 1, "indicated %u times", t->seen_count);
	if (t->seen_count)
		CHECK(t, t->seen[0].packet.vport == 0, "indicated on VPort %u", t->seen[0].packet.vport);
}

/* filtered: VPort 1 with one filter of a kind. */
static void filtered(struct trial *t, int vlan)
{
	struct vmmq_ndis_vport_parameters params = vport_params(1);
	vmmq_status status;

	DONE(t, vport_make(t, &params));
	DONE(t, vport_activate(t, 1));
	status = filter_set(t, 1, mac_of(1), vlan, NULL);
	if (vlan == ANY_VLAN && status != VMMQ_SUCCESS)
		trial_skip(t, "the subject refuses a MAC without the flag, as it may");
	trial_expect(t, VMMQ_SUCCESS, status, "setting the filter");
}

#define CELL(name, vlan, check)                                                                                      \
	static void name(struct trial *t)                                                                            \
	{                                                                                                            \
		filtered(t, vlan);                                                                                   \
		check;                                                                                               \
	}
CELL(mac_untagged, UNTAGGED, matches(t, NO_TAG, false))
CELL(mac_zero, UNTAGGED, matches(t, VID_ZERO, false))
CELL(mac_vid, UNTAGGED, misses(t, VID_SAME))
CELL(mac_other, UNTAGGED, misses(t, VID_OTHER))
CELL(vlan_untagged, VID, misses(t, NO_TAG))
CELL(vlan_zero, VID, misses(t, VID_ZERO))
CELL(vlan_vid, VID, matches(t, VID_SAME, true))
CELL(vlan_other, VID, misses(t, VID_OTHER))
CELL(any_untagged, ANY_VLAN, matches(t, NO_TAG, false))
CELL(any_zero, ANY_VLAN, matches(t, VID_ZERO, true))
CELL(any_vid, ANY_VLAN, matches(t, VID_SAME, true))
CELL(any_other, ANY_VLAN, matches(t, VID_OTHER, true))

static void vlan_flag_must_be_clear(struct trial *t)
{
	struct request *r;

	vport_ready(t, 1);
	r = filter_request(t, 1, mac_of(50), VID);
	request_put(r, 48 + offsetof(struct vmmq_ndis_filter_field, flags), 1, 4);
	REFUSE(t, VMMQ_INVALID_PARAMETER, request_send(t, r));
	r = filter_request(t, 1, mac_of(50), VID);
	request_put(r, 48 + 56 + offsetof(struct vmmq_ndis_filter_field, flags), 1, 4);
	REFUSE(t, VMMQ_INVALID_PARAMETER, request_send(t, r));
}

static void tag_not_hashed(struct trial *t)
{
	struct rss rss = rss_params();

	filtered(t, VID);
	DONE(t, rss_set(t, 1, &rss));
	matches(t, VID_SAME, true);
	CHECK(t, t->seen[0].packet.hash == 0x51ccc178, "hash 0x%08x, expected 0x51ccc178", t->seen[0].packet.hash);
}

const struct line lines_vlan[] = {
	RULE("4.3/1", "MAC, flag untagged-or-zero: matches without a tag or with VID 0, must not match another tag"),
	CASE(mac_untagged, "Cell: no tag: match"),
	CASE(mac_zero, "Cell: VID 0: match"),
	CASE(mac_vid, "Cell: VID v: no match"),
	CASE(mac_other, "Cell: another VID: no match"),
	RULE("4.3/2", "MAC and VLAN v, flag clear: matches that VID only, and the tag moves out of the frame"),
	CASE(vlan_untagged, "Cell: no tag: no match"),
	CASE(vlan_zero, "Cell: VID 0: no match"),
	CASE(vlan_vid, "Cell: VID v: match, tag out"),
	CASE(vlan_other, "Cell: another VID: no match"),
	CASE(vlan_flag_must_be_clear, "With a VLAN the flag must be clear, in either field: INVALID_PARAMETER"),
	CASE(tag_not_hashed, "The tag takes no part in the hash"),
	RULE("4.3/3",
	     "MAC, flag clear: the request is refused, or everything matches and a tag moves out of the frame"),
	CASE(any_untagged, "Cell: no tag: match"),
	CASE(any_zero, "Cell: VID 0: match, tag out"),
	CASE(any_vid, "Cell: VID v: match, tag out"),
	CASE(any_other, "Cell: another VID: match, tag out"),
	END_OF_LINES,
};

static void none_before_first(struct trial *t)
{
	struct frame frame = tcp_to(1, 1);
	struct vmmq_ndis_vport_parameters params = vport_params(1);

	DONE(t, vport_make(t, &params));
	DONE(t, vport_activate(t, 1));
	for (unsigned i = 0; i < 16; i++)
		not_on(t, &frame, 1);
	CHECK(t, !vport_info(t, 1).filters, "a new VPort has %u filters", vport_info(t, 1).filters);
}

/* Packets arrive all the while; the request ends in SUCCESS whatever was indicated. */
static void set_under_traffic(struct trial *t)
{
	struct frame frame = tcp_to(1, 1);
	struct vmmq_ndis_vport_parameters params = vport_params(1);

	DONE(t, vport_make(t, &params));
	DONE(t, vport_activate(t, 1));
	for (unsigned i = 0; i < 8; i++)
		arrive(t, &frame);
	DONE(t, filter_set(t, 1, mac_of(1), UNTAGGED, NULL));
	trial_poll_all(t);
	CHECK(t, t->seen_count == 8, "%u of 8 packets are indicated", t->seen_count);
	unhashed(t, &frame, 1, 4);
}

static void set_statuses(struct trial *t)
{
	static const struct {
		size_t at;
		uint64_t value;
	} wrong[] = {
		{ offsetof(struct vmmq_ndis_filter_parameters, type), 0 },
		{ offsetof(struct vmmq_ndis_filter_parameters, type), 2 },
		{ offsetof(struct vmmq_ndis_filter_parameters, queue_id), 1 },
		{ offsetof(struct vmmq_ndis_filter_parameters, filter_id_bits), 1 },
		{ offsetof(struct vmmq_ndis_filter_parameters, field_count), 0 },
		{ offsetof(struct vmmq_ndis_filter_parameters, vport_id), 9 },
		{ offsetof(struct vmmq_ndis_filter_parameters, vport_id), 0xffffffff },
		{ 48 + offsetof(struct vmmq_ndis_filter_field, frame_header), 3 },
		{ 48 + offsetof(struct vmmq_ndis_filter_field, test), 2 },
		{ 48 + offsetof(struct vmmq_ndis_filter_field, test), 3 },
		{ 48 + offsetof(struct vmmq_ndis_filter_field, field), 2 },
		{ 48 + offsetof(struct vmmq_ndis_filter_field, field), 4 },
	};

	vport_ready(t, 1);
	for (unsigned i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct request *r = filter_request(t, 1, mac_of(50), UNTAGGED);

		request_put(r, wrong[i].at, wrong[i].value, 4);
		REFUSE(t, VMMQ_INVALID_PARAMETER, request_send(t, r));
	}
}

static void set_lengths(struct trial *t)
{
	static const uint32_t offsets[] = { 0, 43, 49, 0x7fffffff, 0xfffffff0, 0xffffffff };

	vport_ready(t, 1);
	for (unsigned i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++) {
		struct request *r = filter_request(t, 1, mac_of(50), UNTAGGED);

		PUT(r, filter_parameters, fields_offset, offsets[i]);
		REFUSE(t, VMMQ_INVALID_LENGTH, request_send(t, r));
	}
	for (unsigned i = 0; i < 2; i++) {
		struct request *r = filter_request(t, 1, mac_of(50), UNTAGGED);

		PUT(r, filter_parameters, field_size, i ? 0x80000001u : 55);
		PUT(r, filter_parameters, field_count, 2);
		REFUSE(t, VMMQ_INVALID_LENGTH, request_send(t, r));
	}
}

static void set_on_default(struct trial *t)
{
	struct frame frame = tcp_to(1, 1);
	uint32_t id = 0;

	DONE(t, filter_set(t, 0, mac_of(1), UNTAGGED, &id));
	unhashed(t, &frame, 0, 4);
	CHECK(t, vport_info(t, 0).filters == 1, "%u filters on VPort 0", vport_info(t, 0).filters);
	DONE(t, filter_clear(t, id));
	unhashed(t, &frame, 0, 4);
}

static void ids_over_adapter(struct trial *t)
{
	uint32_t a = 0, b = 0, ids[4];

	vport_ready(t, 1);
	vport_ready(t, 2);
	DONE(t, filter_set(t, 1, mac_of(50), UNTAGGED, &a));
	DONE(t, filter_set(t, 2, mac_of(51), 10, &b));
	CHECK(t, a == 3 && b == 4, "the third and fourth filter have ids %u and %u", a, b);
	CHECK(t, filter_ids(t, 2, ids, 4) == 2 && ids[0] + ids[1] == 6, "VPort 2 has not filters 2 and 4");
}

static void duplicate(struct trial *t)
{
	vport_ready(t, 1);
	vport_ready(t, 2);
	REFUSE(t, VMMQ_INVALID_PARAMETER, filter_set(t, 2, mac_of(1), UNTAGGED, NULL));
	DONE(t, filter_set(t, 2, mac_of(1), 10, NULL)); /* another rule */
	REFUSE(t, VMMQ_INVALID_PARAMETER, filter_set(t, 1, mac_of(1), 10, NULL));
}

static void none_after_last(struct trial *t)
{
	struct frame frame = tcp_to(1, 1), second = tcp_to(50, 1);
	uint32_t first_id = vport_ready(t, 1), second_id = 0;

	DONE(t, filter_set(t, 1, mac_of(50), UNTAGGED, &second_id));
	DONE(t, filter_clear(t, first_id));
	unhashed(t, &frame, 0, 4);
	unhashed(t, &second, 1, 4);
	DONE(t, filter_clear(t, second_id));
	for (unsigned i = 0; i < 8; i++) {
		not_on(t, &frame, 1);
		not_on(t, &second, 1);
	}
}

static void clear_unknown(struct trial *t)
{
	uint32_t id = vport_ready(t, 1);

	REFUSE(t, VMMQ_FILE_NOT_FOUND, filter_clear(t, 77));
	REFUSE(t, VMMQ_FILE_NOT_FOUND, filter_clear(t, 0));
	DONE(t, filter_clear(t, id));
	REFUSE(t, VMMQ_FILE_NOT_FOUND, filter_clear(t, id));
}

/* A packet before, between and after moves: one of the two VPorts gets it, once. */
static void move_atomic(struct trial *t)
{
	struct frame frame = tcp_to(1, 1);
	uint32_t id = vport_ready(t, 1), on = 1;

	vport_ready(t, 2);
	t->seen_count = 0;
	for (unsigned i = 0; i < 200; i++) {
		arrive(t, &frame);
		DONE(t, filter_move(t, id, on, 3 - on));
		on = 3 - on;
	}
	trial_poll_all(t);
	CHECK(t, t->seen_count == 200, "%u of 200 packets are indicated", t->seen_count);
	for (unsigned i = 0; i < 200; i++)
		CHECK(t, t->seen[i].packet.vport == 1 || t->seen[i].packet.vport == 2,
		      "a packet is indicated on VPort %u", t->seen[i].packet.vport);
	unhashed(t, &frame, 1, 4);
}

static void move_statuses(struct trial *t)
{
	const struct vmmq_ndis_filter_move queue = {
		.header = { VMMQ_NDIS_OBJECT_DEFAULT, 1, sizeof(queue) },
		.filter_id = 1,
		.source_vport_id = 1,
		.destination_vport_id = 2,
		.destination_queue_id = 1,
	};
	struct request *r = request_new(t, VMMQ_OID_RECEIVE_FILTER_MOVE_FILTER, SET, NO_VPORT);
	uint32_t id = vport_ready(t, 1);

	vport_ready(t, 2);
	REFUSE(t, VMMQ_INVALID_PARAMETER, filter_move(t, 77, 1, 2));
	REFUSE(t, VMMQ_INVALID_PARAMETER, filter_move(t, id, 2, 1));
	REFUSE(t, VMMQ_INVALID_PARAMETER, filter_move(t, id, 1, 9));
	REFUSE(t, VMMQ_INVALID_PARAMETER, filter_move(t, id, 1, 65536 + 2));
	request_put_bytes(r, 0, &queue, sizeof(queue));
	REFUSE(t, VMMQ_INVALID_PARAMETER, request_send(t, r));
}

static void move_typical(struct trial *t)
{
	struct vmmq_ndis_vport_parameters params = vport_params(1);
	struct frame frame = tcp_to(1, 1);
	uint32_t id = 0, now = 0;

	DONE(t, filter_set(t, 0, mac_of(1), UNTAGGED, &id));
	DONE(t, vport_make(t, &params));
	DONE(t, vport_activate(t, 1));
	DONE(t, filter_move(t, id, 0, 1));
	unhashed(t, &frame, 1, 4);
	CHECK(t, filter_ids(t, 1, &now, 1) == 1 && now == id, "a moved filter has another id");
	CHECK(t, vport_info(t, 0).filters == 0 && vport_info(t, 1).filters == 1, "the filters are not counted right");
	DONE(t, filter_move(t, id, 1, 0));
	unhashed(t, &frame, 0, 4);
	DONE(t, vport_delete(t, 1));
}

const struct line lines_filter[] = {
	RULE("4.5/1", "Nothing is indicated on a new VPort before its first SET_FILTER"),
	CASE(none_before_first, "An activated VPort without a filter, sixteen packets"),
	RULE("4.5/2",
	     "SET_FILTER ends in SUCCESS if packets are indicated meanwhile; else INVALID_PARAMETER, INVALID_LENGTH, "
	     "NOT_SUPPORTED, FAILURE"),
	CASE(set_under_traffic, "Packets are under way while the filter is set; none is lost"),
	CASE(set_statuses, "Filter type, queue, bit count, fields, VPort, header, test: INVALID_PARAMETER"),
	CASE(set_lengths, "Fields that leave the buffer, overflow, or are too short: INVALID_LENGTH"),
	RULE("4.5/3",
	     "Only its creator sets filters on a VPort, anybody on the default VPort; ids are the adapter's, from 1"),
	CASE(set_on_default, "A filter on VPort 0, set and cleared"),
	CASE(ids_over_adapter, "Filters of two VPorts count through"),
	CASE(duplicate, "The same MAC and VLAN rule twice, on whatever VPort, is INVALID_PARAMETER (4.2)"),
	RULE("4.5/4", "After its last filter is cleared nothing is indicated on a nondefault VPort; an unknown id: "
		      "FILE_NOT_FOUND"),
	CASE(none_after_last, "Two filters, cleared one after the other"),
	CASE(clear_unknown, "Ids never set, 0, and cleared before"),
	RULE("4.5/5", "MOVE_FILTER is atomic: at no instant does the MAC match neither VPort or both"),
	CASE(move_atomic, "200 moves with a packet before each: each packet is indicated once, on one of the two"),
	CASE(move_statuses, "Unknown filter, not its VPort, unknown destination, a queue: INVALID_PARAMETER"),
	RULE("4.5/6", "Typical: from the default VPort to a new VPort, and back before it is deleted"),
	CASE(move_typical, "So; the filter keeps its id, the counts follow"),
	RULE("4.5/7", "Before a binding closes, its filters on the default VPort are cleared as well"),
	CASE(default_filters_cleared, "Two of three filters on VPort 0; the third stays, their MAC is free"),
	END_OF_LINES,
};
