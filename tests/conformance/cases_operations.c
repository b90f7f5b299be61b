/* SPDX-License-Identifier: BSD-2-Clause */
/* Control operations (spec 3.4): every request's kind, answer and documented statuses. */
#include <stdio.h>
#include <string.h>

#include "cases.h"
#include "cases_queries.h"

static struct vmmq_ndis_header header(uint8_t revision, size_t size)
{
	return (struct vmmq_ndis_header){ VMMQ_NDIS_OBJECT_DEFAULT, revision, (uint16_t)size };
}

static struct vmmq_ndis_switch_parameters switch_params(void)
{
	struct vmmq_ndis_switch_parameters params = {
		.header = header(2, VMMQ_NDIS_SWITCH_PARAMETERS_SIZE_2),
		.type = VMMQ_NDIS_SWITCH_TYPE_EXTERNAL,
		.queue_pairs_default_vport = 3,
	};

	name_put(&params.name, "external");
	return params;
}

static struct request *switch_request(struct trial *t, uint32_t oid, enum method method,
				      const struct vmmq_ndis_switch_parameters *params)
{
	struct request *r = request_new(t, oid, method, NO_VPORT);

	request_put_bytes(r, 0, params, sizeof(*params));
	return r;
}

static vmmq_status switch_create(struct trial *t, const struct vmmq_ndis_switch_parameters *params)
{
	vmmq_status status = request_send(t, switch_request(t, VMMQ_OID_NIC_SWITCH_CREATE_SWITCH, METHOD, params));

	need(t, VMMQ_OID_NIC_SWITCH_CREATE_SWITCH, METHOD, status);
	return status;
}

static void without_switch(struct trial *t)
{
	struct vmmq_conformance_setup setup = usual;

	setup.without_switch = true;
	trial_open(t, &setup);
}

static void create_switch(struct trial *t)
{
	struct vmmq_ndis_switch_parameters params = switch_params();
	struct frame frame = tcp_to(1, 1);

	without_switch(t);
	params.type = 0;
	REFUSE(t, VMMQ_INVALID_PARAMETER, switch_create(t, &params));
	params.type = 1;
	params.switch_id = 1;
	REFUSE(t, VMMQ_INVALID_PARAMETER, switch_create(t, &params));
	params.switch_id = 0;
	DONE(t, switch_create(t, &params));
	CHECK(t, vport_get(t, 0).queue_pairs == 3 && vport_get(t, 0).state == 1, "%u queue pairs, state %u",
	      vport_get(t, 0).queue_pairs, vport_get(t, 0).state);
	unhashed(t, &frame, 0, 4);
	vport_ready(t, 1);
	REFUSE_AS(t, switch_create(t, &params), VMMQ_FAILURE, VMMQ_INVALID_PARAMETER);
}

static struct vmmq_ndis_switch_parameters switch_get(struct trial *t)
{
	struct vmmq_ndis_switch_parameters params = switch_params();
	struct request *r = switch_request(t, VMMQ_OID_NIC_SWITCH_PARAMETERS, METHOD, &params);
	vmmq_status status = request_send(t, r);

	need(t, r->oid, METHOD, status);
	trial_expect(t, VMMQ_SUCCESS, status, "query of switch parameters");
	memcpy(&params, r->byte, sizeof(params));
	return params;
}

static void set_switch(struct trial *t)
{
	struct vmmq_ndis_switch_parameters params = switch_params(), answer;

	params.flags = VMMQ_NDIS_SWITCH_NAME_CHANGED;
	DONE(t, request_send(t, switch_request(t, VMMQ_OID_NIC_SWITCH_PARAMETERS, SET, &params)));
	answer = switch_get(t);
	CHECK(t, answer.type == 1 && answer.switch_id == 0, "type %u, id %u", answer.type, answer.switch_id);
	CHECK(t, !memcmp(&answer.name, &params.name, 2u + params.name.length), "the name was not taken");
	CHECK(t, answer.queue_pairs_default_vport == 4, "%u queue pairs of the default VPort; they were 4",
	      answer.queue_pairs_default_vport);
	params.switch_id = 7;
	REFUSE(t, VMMQ_INVALID_PARAMETER,
	       request_send(t, switch_request(t, VMMQ_OID_NIC_SWITCH_PARAMETERS, SET, &params)));
}

static void delete_switch(struct trial *t)
{
	const struct vmmq_ndis_switch_delete params = { .header = header(1, sizeof(params)) };
	struct vmmq_ndis_switch_parameters again = switch_params();
	struct request *r = request_new(t, VMMQ_OID_NIC_SWITCH_DELETE_SWITCH, SET, NO_VPORT);
	struct request *copy = request_new(t, r->oid, SET, NO_VPORT);
	vmmq_status status;

	request_put_bytes(r, 0, &params, sizeof(params));
	*copy = *r;
	PUT(copy, switch_delete, switch_id, 1);
	status = request_send(t, copy);
	need(t, r->oid, SET, status);
	trial_expect(t, VMMQ_INVALID_PARAMETER, status, "deleting switch 1");
	DONE(t, request_send(t, r));
	CHECK(t, request_send(t, r) != VMMQ_SUCCESS, "a switch is deleted twice");
	DONE(t, switch_create(t, &again));
}

static void enum_switches(struct trial *t)
{
	struct request *r = request_new(t, VMMQ_OID_NIC_SWITCH_ENUM_SWITCHES, METHOD, NO_VPORT);
	struct vmmq_ndis_switch_info_array array = { .header = header(1, sizeof(array)) };
	struct vmmq_ndis_switch_info info;

	vport_ready(t, 1);
	request_put_bytes(r, 0, &array, sizeof(array));
	r->room = 4096;
	DONE(t, request_send(t, r));
	memcpy(&array, r->byte, sizeof(array));
	CHECK(t, array.count == 1, "%u switches", array.count);
	memcpy(&info, r->byte + array.first_offset, sizeof(info));
	CHECK(t, info.switch_id == 0 && info.type == 1, "switch %u, type %u", info.switch_id, info.type);
	CHECK(t, info.vports == t->setup.vports, "%u VPorts of %u", info.vports, t->setup.vports);
}

static struct request *enum_vports(struct trial *t, uint32_t flags, uint32_t switch_id, uint16_t function)
{
	const struct vmmq_ndis_vport_info_array array = {
		.header = header(1, sizeof(array)),
		.flags = flags,
		.switch_id = switch_id,
		.attached_function = function,
	};
	struct request *r = request_new(t, VMMQ_OID_NIC_SWITCH_ENUM_VPORTS, METHOD, NO_VPORT);

	request_put_bytes(r, 0, &array, sizeof(array));
	r->room = REQUEST_MAX;
	return r;
}

static void enum_vports_flags(struct trial *t)
{
	static const struct {
		uint32_t flags, switch_id;
		uint16_t function;
	} question[] = { { 0, 9, 9 }, { 1, 9, 0xffff }, { 2, 0, 9 } };

	vport_ready(t, 1);
	vport_ready(t, 7);
	for (unsigned i = 0; i < 3; i++) {
		struct request *r = enum_vports(t, question[i].flags, question[i].switch_id, question[i].function);
		struct vmmq_ndis_vport_info_array array;

		DONE(t, request_send(t, r));
		memcpy(&array, r->byte, sizeof(array));
		CHECK(t, array.count == 3, "flags %u: %u VPorts of 3", question[i].flags, array.count);
	}
}

static void enum_vports_tells(struct trial *t)
{
	struct vmmq_ndis_vport_info info;

	vport_ready(t, 7);
	info = vport_info(t, 7);
	CHECK(t, info.vport_id == 7 && info.state == 1 && info.queue_pairs == 4 && info.attached_function == 0xffff,
	      "VPort %u, state %u, %u queue pairs, function 0x%x", info.vport_id, info.state, info.queue_pairs,
	      info.attached_function);
	CHECK(t, info.affinity.mask == 1u << 4 && !info.affinity.group, "affinity %u:0x%llx", info.affinity.group,
	      (unsigned long long)info.affinity.mask);
}

static void create_vport_kinds(struct trial *t)
{
	struct vmmq_ndis_vport_parameters params = vport_params(1);
	struct request *r = vport_request(t, METHOD, VMMQ_OID_NIC_SWITCH_CREATE_VPORT, &params);

	request_short(t, r, VMMQ_NDIS_VPORT_PARAMETERS_SIZE_1);
	request_put(r, 0, 0x81, 1);
	REFUSE(t, VMMQ_INVALID_PARAMETER, request_send(t, r));
	request_put(r, 0, 0x80, 1);
	DONE(t, request_send(t, r));
	CHECK(t, r->bytes >= 16 && !memcmp(r->byte + 12, "\1\0\0\0", 4), "the answer does not carry the id");
	params.queue_pairs = 1;
	REFUSE(t, VMMQ_INVALID_PARAMETER, vport_make(t, &params)); /* the id is in use */
}

static void vport_parameters_kinds(struct trial *t)
{
	struct vmmq_ndis_vport_parameters params = vport_params(1);

	vport_ready(t, 1);
	params.flags = 0x10000; /* a VPort's own flags, none are set */
	request_short(t, vport_request(t, SET, VMMQ_OID_NIC_SWITCH_VPORT_PARAMETERS, &params),
		      VMMQ_NDIS_VPORT_PARAMETERS_SIZE_1);
	request_short(t, vport_request(t, METHOD, VMMQ_OID_NIC_SWITCH_VPORT_PARAMETERS, &params),
		      VMMQ_NDIS_VPORT_PARAMETERS_SIZE_1);
	params.vport_id = 9;
	REFUSE(t, VMMQ_INVALID_PARAMETER, vport_set(t, &params));
	params.vport_id = 1;
	params.switch_id = 1;
	REFUSE(t, VMMQ_INVALID_PARAMETER, vport_set(t, &params));
}

static void delete_vport_kinds(struct trial *t)
{
	const struct vmmq_ndis_vport_delete params = { .header = header(1, sizeof(params)), .vport_id = 1 };
	struct vmmq_ndis_vport_parameters new = vport_params(1);
	struct request *r = request_new(t, VMMQ_OID_NIC_SWITCH_DELETE_VPORT, SET, NO_VPORT);

	DONE(t, vport_make(t, &new));
	request_put_bytes(r, 0, &params, sizeof(params));
	request_short(t, r, sizeof(params));
	request_put(r, 1, 9, 1);
	REFUSE(t, VMMQ_INVALID_PARAMETER, request_send(t, r));
	request_put(r, 1, 1, 1);
	DONE(t, request_send(t, r));
}

static void set_filter_kinds(struct trial *t)
{
	struct request *r;

	vport_ready(t, 1);
	r = filter_request(t, 1, mac_of(50), UNTAGGED);
	request_short(t, r, 48 + sizeof(struct vmmq_ndis_filter_field));
	DONE(t, request_send(t, r));
	CHECK(t, r->byte[16] == 2, "the second filter's id is %u", r->byte[16]);
}

static void clear_filter_kinds(struct trial *t)
{
	const struct vmmq_ndis_filter_clear params = { .header = header(1, sizeof(params)), .filter_id = 1 };
	struct request *r = request_new(t, VMMQ_OID_RECEIVE_FILTER_CLEAR_FILTER, SET, NO_VPORT);

	vport_ready(t, 1);
	request_put_bytes(r, 0, &params, sizeof(params));
	request_short(t, r, sizeof(params));
	DONE(t, request_send(t, r));
}

static void move_filter_kinds(struct trial *t)
{
	const struct vmmq_ndis_filter_move params = {
		.header = header(1, sizeof(params)),
		.filter_id = 1,
		.source_vport_id = 1,
	};
	struct request *r = request_new(t, VMMQ_OID_RECEIVE_FILTER_MOVE_FILTER, SET, NO_VPORT);

	vport_ready(t, 1);
	request_put_bytes(r, 0, &params, sizeof(params));
	request_short(t, r, sizeof(params));
	DONE(t, request_send(t, r));
}

static void rss_capabilities(struct trial *t)
{
	struct request *r = request_new(t, VMMQ_OID_GEN_RECEIVE_SCALE_CAPABILITIES, QUERY, NO_VPORT);
	struct vmmq_ndis_rss_capabilities caps;
	uint32_t n;

	request_short(t, r, VMMQ_NDIS_RSS_CAPABILITIES_SIZE_2);
	r->room = 64;
	DONE(t, request_send(t, r));
	memcpy(&caps, r->byte, sizeof(caps));
	n = caps.table_entries;
	CHECK(t, caps.flags & 1, "Toeplitz is not among the capabilities");
	CHECK(t, n && !(n & (n - 1)) && n <= 128, "%u indirection table entries", n);
}

static void rss_v1_kinds(struct trial *t)
{
	struct rss rss = rss_params(), answer;

	vport_ready(t, 1);
	request_short(t, rss_request(t, 1, &rss), 44 + 16 + 40);
	DONE(t, rss_set(t, 1, &rss));
	answer = rss_get(t, 1);
	CHECK(t,
	      !(answer.flags & 0x10) && answer.information == rss.information && answer.entries == 4 &&
		  answer.default_processor == 7 && answer.key_len == 40 && !memcmp(answer.key, rss.key, 40) &&
		  !memcmp(answer.table, rss.table, 8),
	      "the query does not say what was set");
}

static void rss_v2_kinds(struct trial *t)
{
	struct rss2 rss = rss2_params(RSS2_ENABLE | RSS2_INFO | RSS2_KEY | RSS2_ENTRIES), answer;

	vport_ready(t, 1);
	request_short(t, rss2_request(t, 1, &rss), 28 + 40);
	DONE(t, rss2_set(t, 1, &rss));
	answer = rss2_get(t, 1);
	CHECK(t,
	      answer.flags & 1 && answer.information == rss.information && answer.entries == 4 &&
		  answer.queues == 4 && !memcmp(answer.key, rss.key, 40),
	      "the query does not say what was set");
}

static void move_kinds(struct trial *t)
{
	struct command command = { .vport = 1, .target = 5 };

	vport_ready(t, 1);
	request_short(t, move_request(t, 4, &command, 1), 20 + 24);
	DONE(t, move_entry(t, 4, 1, 0, 5));
}

static void receive_hash_kinds(struct trial *t)
{
	vport_ready(t, 1);
	DONE(t, receive_hash_set(t, 1, 1, VMMQ_HASH_TCP_IPV4 | 1));
	DONE(t, receive_hash_set(t, 1, 0, 0));
	request_short(t, receive_hash_request(t, 1, 1, VMMQ_HASH_TCP_IPV4 | 1), 20 + 40);
}

/* only_flagged sends nonsense in every member but the one that is flagged. */
static void only_flagged(struct trial *t)
{
	static const uint32_t flags[] = { 0x20000, 0x40000, 0x80000, 0x100000, 0x800000 };

	vport_ready(t, 1);
	for (unsigned i = 0; i < 5; i++) {
		struct vmmq_ndis_vport_parameters params, before = vport_get(t, 1), after;

		memset(&params, 0xee, sizeof(params));
		params.header = header(1, VMMQ_NDIS_VPORT_PARAMETERS_SIZE_1);
		params.switch_id = 0;
		params.vport_id = 1;
		params.flags = flags[i] | 0x4444; /* flags of its own, which FLAGS_CHANGED does not cover */
		name_put(&params.name, "flagged");
		if (flags[i] == 0x40000)
			before.interrupt_moderation = params.interrupt_moderation = 200;
		if (flags[i] == 0x80000)
			params.state = 1;
		if (flags[i] == 0x100000) {
			memset(&params.affinity, 0, sizeof(params.affinity));
			before.affinity.mask = params.affinity.mask = 1u << 6;
		}
		if (flags[i] == 0x800000)
			before.queue_pairs = params.queue_pairs = 9;
		if (flags[i] == 0x20000)
			name_put(&before.name, "flagged");
		DONE(t, vport_set(t, &params));
		after = vport_get(t, 1);
		CHECK(t, !memcmp(&before, &after, sizeof(after)),
		      "with flag 0x%x alone, more or less than its member has changed", flags[i]);
	}
}

static void no_flag(struct trial *t)
{
	struct vmmq_ndis_vport_parameters params = vport_params(1);
	const char *before;

	vport_ready(t, 1);
	before = state_take(t);
	name_put(&params.name, "other");
	params.queue_pairs = 99;
	params.affinity.mask = 0;
	params.state = 7;
	DONE(t, vport_set(t, &params));
	state_same(t, before, "VPORT_PARAMETERS without a flag");
}

/* One good and one bad member: neither is taken. */
static void all_or_nothing(struct trial *t)
{
	struct vmmq_ndis_vport_parameters params = vport_params(1);

	vport_ready(t, 1);
	name_put(&params.name, "half");
	params.interrupt_moderation = 300;
	params.flags = 0x20000 | 0x40000 | 0x80000;
	params.state = 2;
	REFUSE(t, VMMQ_INVALID_PARAMETER, vport_set(t, &params));
	params.flags = 0x20000 | 0x800000;
	params.queue_pairs = 0;
	REFUSE(t, VMMQ_INVALID_PARAMETER, vport_set(t, &params));
	params.flags = 0x20000 | 0x40000;
	params.interrupt_moderation = 77;
	REFUSE(t, VMMQ_INVALID_PARAMETER, vport_set(t, &params));
}

static void needed_bytes(struct trial *t)
{
	static const uint32_t queries[] = {
		VMMQ_OID_GEN_RECEIVE_SCALE_CAPABILITIES,   VMMQ_OID_GEN_RECEIVE_SCALE_PARAMETERS,
		VMMQ_OID_GEN_RECEIVE_SCALE_PARAMETERS_V2,  VMMQ_OID_NIC_SWITCH_CURRENT_CAPABILITIES,
		VMMQ_OID_NIC_SWITCH_HARDWARE_CAPABILITIES, VMMQ_OID_RECEIVE_FILTER_CURRENT_CAPABILITIES,
	};

	rss_ready(t, 1);
	for (unsigned i = 0; i < sizeof(queries) / sizeof(queries[0]); i++) {
		struct request *r = request_new(t, queries[i], QUERY, 1);
		vmmq_status status = request_send(t, r);
		size_t needed = r->bytes;

		if (status == VMMQ_NOT_SUPPORTED)
			continue;
		CHECK(t,
		      (status == VMMQ_INVALID_LENGTH || status == VMMQ_BUFFER_TOO_SHORT) && needed && needed < 4096,
		      "OID 0x%08x with no room: %s, %zu bytes needed", queries[i], status_name(status), needed);
		r->room = needed - 1;
		status = request_send(t, r);
		CHECK(t, status != VMMQ_SUCCESS && r->bytes == needed,
		      "OID 0x%08x with %zu of %zu bytes: %s, %zu needed", queries[i], needed - 1, needed,
		      status_name(status), r->bytes);
		r->room = needed;
		DONE(t, request_send(t, r));
	}
}

static void bad_create(struct trial *t)
{
	struct vmmq_ndis_vport_parameters params = vport_params(0);

	REFUSE(t, VMMQ_INVALID_PARAMETER, vport_make(t, &params));
	params = vport_params(1);
	params.switch_id = 1;
	REFUSE(t, VMMQ_INVALID_PARAMETER, vport_make(t, &params));
	params.switch_id = 0xffffffff;
	REFUSE(t, VMMQ_INVALID_PARAMETER, vport_make(t, &params));
	params = vport_params(1);
	params.affinity.mask = 0;
	REFUSE(t, VMMQ_INVALID_PARAMETER, vport_make(t, &params));
	params = vport_params(65536 + 1);
	REFUSE(t, VMMQ_INVALID_PARAMETER, vport_make(t, &params));
}

static void unknown_function(struct trial *t)
{
	struct vmmq_ndis_vport_parameters params = vport_params(1);

	params.attached_function = 200;
	REFUSE(t, VMMQ_NOT_SUPPORTED, vport_make(t, &params));
}

static void bad_filter(struct trial *t)
{
	struct request *r;

	REFUSE_AS(t, filter_set(t, 1, mac_of(1), UNTAGGED, NULL), VMMQ_INVALID_PARAMETER, VMMQ_INVALID_DATA);
	vport_ready(t, 1);
	r = filter_request(t, 1, mac_of(50), UNTAGGED);
	PUT(r, filter_parameters, filter_id, 1);
	REFUSE_AS(t, request_send(t, r), VMMQ_INVALID_PARAMETER, VMMQ_INVALID_DATA);
}

const struct line lines_operations[] = {
	RULE("3.4/1",
	     "NIC_SWITCH_CREATE_SWITCH, method: SUCCESS, NOT_SUPPORTED, INVALID_PARAMETER, INVALID_LENGTH, FAILURE"),
	CASE(create_switch, "Type and id are checked; the switch has its default VPort; a second one is refused"),
	RULE("3.4/2", "NIC_SWITCH_PARAMETERS, set and method"),
	CASE(set_switch, "The name is set, and read; a switch other than 0 is refused"),
	RULE("3.4/3", "NIC_SWITCH_DELETE_SWITCH, set"),
	CASE(delete_switch, "Another id is refused; deleted once; another can be made"),
	RULE("3.4/4", "NIC_SWITCH_ENUM_SWITCHES and _ENUM_VPORTS, method; flags of the latter: 1 by function, 2 by "
		      "switch, 0 all"),
	CASE(enum_switches, "One switch, id 0, external, MaxNumVPorts"),
	CASE(enum_vports_flags, "VPorts by function, by switch, and all; members that no flag names are ignored"),
	CASE(enum_vports_tells, "What it says of a VPort"),
	RULE("3.4/5", "NIC_SWITCH_CREATE_VPORT, method"),
	CASE(create_vport_kinds, "Cut off, wrong header, an id in use; the answer carries the id"),
	RULE("3.4/6", "NIC_SWITCH_VPORT_PARAMETERS, set; as method a query"),
	CASE(vport_parameters_kinds, "Cut off, unknown VPort, unknown switch"),
	RULE("3.4/7", "NIC_SWITCH_DELETE_VPORT, set"),
	CASE(delete_vport_kinds, "Cut off, wrong header"),
	RULE("3.4/8", "RECEIVE_FILTER_SET_FILTER, method"),
	CASE(set_filter_kinds, "Cut off; the answer carries the id"),
	RULE("3.4/9", "RECEIVE_FILTER_CLEAR_FILTER, set"),
	CASE(clear_filter_kinds, "Cut off"),
	RULE("3.4/10", "RECEIVE_FILTER_MOVE_FILTER, set"),
	CASE(move_filter_kinds, "Cut off"),
	RULE("3.4/11", "GEN_RECEIVE_SCALE_CAPABILITIES, query"),
	CASE(rss_capabilities, "Toeplitz, a power of two of entries"),
	RULE("3.4/12", "GEN_RECEIVE_SCALE_PARAMETERS, set (query by NDIS)"),
	CASE(rss_v1_kinds, "Cut off; the query says what was set"),
	RULE("3.4/13", "GEN_RECEIVE_SCALE_PARAMETERS_V2, set and query"),
	CASE(rss_v2_kinds, "Cut off; the query says what was set"),
	RULE("3.4/14", "GEN_RSS_SET_INDIRECTION_TABLE_ENTRIES, method, synchronous"),
	CASE(move_kinds, "Cut off"),
	RULE("3.4/15", "GEN_RECEIVE_HASH, set (query by NDIS), optional"),
	CASE(receive_hash_kinds, "On, off, cut off"),
	RULE("3.4/16",
	     "Of VPORT_PARAMETERS only the members whose CHANGED flag is set are applied; all else is ignored"),
	CASE(only_flagged, "Each flag alone, nonsense in all other members"),
	CASE(no_flag, "No flag, nonsense in all members"),
	CASE(all_or_nothing, "Good and bad members in one request: none is applied"),
	RULE("3.4/17", "INVALID_LENGTH replies report the needed byte count"),
	CASE(needed_bytes, "Queries with no room, with one byte too few, with just enough"),
	RULE("3.4/18", "Create with VPortId 0 or SwitchId other than 0: INVALID_PARAMETER; unknown VF: "
		       "NOT_SUPPORTED; filter on a VPort "
		       "that is not there, or with an id in use: refused"),
	CASE(bad_create, "VPort id 0, beyond the maximum, a switch other than 0, an affinity without processors"),
	CASE(unknown_function, "A VF that is not there"),
	CASE(bad_filter, "No such VPort; a filter id in use (INVALID_PARAMETER, or ionic's INVALID_DATA)"),
	RULE("3.4/19",
	     "RECEIVE_FILTER_ENUM_FILTERS: with the flag that VPortId is specified that VPort's filters, without "
	     "it those of every VPort"),
	CASE(filters_of_every_vport, "One filter on each of three VPorts, asked with and without the flag"),
	RULE("3.4/20", "RECEIVE_FILTER_PARAMETERS, method: a filter id that is 0 or undefined is INVALID_PARAMETER"),
	CASE(filter_unknown, "0, an id never set, and one that was cleared"),
	RULE("3.4/21", "NIC_SWITCH_ENUM_VPORTS: by function and by switch exclude each other: INVALID_PARAMETER"),
	CASE(enum_vports_both, "Both flags, each of them right by itself"),
	RULE("3.4/22", "NIC_SWITCH_VPORT_PARAMETERS is how the current primary processor is read (11.1)"),
	CASE(primary_is_read, "Moved while RSS is on, moved while it is off, to another group, and set"),
	RULE("3.4/23",
	     "NIC_SWITCH_CREATE_SWITCH for a switch that was made statically compares: parameters that differ fail "
	     "(2.1)"),
	CASE(switch_is_static, "The same, other queue pairs, virtual functions; nothing changes"),
	END_OF_LINES,
};

const struct line lines_capabilities[] = {
	RULE("13.3/1", "SupportedQueueProperties: with VMQ or SR-IOV on, VM_QUEUE_SUPPORTED 0x2 and "
		       "INTERRUPT_VECTOR_COALESCING 0x10 are set"),
	CASE(filter_properties, "Current and hardware capabilities"),
	RULE("13.3/2", "VPorts of equal affinity share interrupts"),
	CASE(filters_share_interrupts, "Two VPorts, one processor"),
	END_OF_LINES,
};
