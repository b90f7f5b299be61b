/* SPDX-License-Identifier: BSD-2-Clause */
/* Moving table entries (spec 11.3): each status, requests that are malformed as a whole, and the order of the checks. */
#include <string.h>

#include "cases_move.h"

void status_success(struct trial *t)
{
	vport_ready(t, 1);
	DONE(t, move_primary(t, 4, 1, 5)); /* applied */
	default_processor_is(t, 1, 5);
	DONE(t, move_entry(t, 4, 1, 0, 6)); /* tracked */
	CHECK(t, rss_get(t, 1).table[0] == 6, "the entry is %u, not 6", rss_get(t, 1).table[0]);
	DONE(t, move_entry(t, 6, 1, 0, 6)); /* no-op */
}

void status_invalid_parameter(struct trial *t)
{
	struct command switch_1 = { .switch_id = 1, .vport = 1, .target = 5 };

	rss_ready(t, 1);
	REFUSE(t, VMMQ_INVALID_PARAMETER, move(t, 4, &switch_1, 1));
	REFUSE(t, VMMQ_INVALID_PARAMETER, move_entry(t, 4, 64, 0, 5)); /* the first id that cannot be */
	REFUSE(t, VMMQ_INVALID_PARAMETER, move_entry(t, 4, 0xffffffff, 0, 5));
	REFUSE(t, VMMQ_INVALID_PARAMETER, move_entry(t, 4, 65536 + 1, 0, 5));
	REFUSE(t, VMMQ_INVALID_PARAMETER, move_entry(t, 4, 1, 4, 5));
	REFUSE(t, VMMQ_INVALID_PARAMETER, move_entry(t, 4, 1, 128, 5));
	for (uint32_t flags = 3; flags <= 8; flags++) {
		struct command command = { .vport = 1, .flags = flags, .target = 5 };

		REFUSE(t, VMMQ_INVALID_PARAMETER, move(t, 4, &command, 1));
	}
}

void status_invalid_port(struct trial *t)
{
	rss_ready(t, 1);
	REFUSE(t, VMMQ_INVALID_PORT, move_entry(t, 4, 9, 0, 5));
	REFUSE(t, VMMQ_INVALID_PORT, move_entry(t, 4, 63, 0, 5));
}

void status_invalid_port_state(struct trial *t)
{
	struct vmmq_ndis_vport_parameters params = vport_params(1);

	DONE(t, vport_make(t, &params));
	REFUSE(t, VMMQ_INVALID_PORT_STATE, move_entry(t, 4, 1, 0, 5));
	REFUSE(t, VMMQ_INVALID_PORT_STATE, move_primary(t, 4, 1, 5));
	DONE(t, vport_activate(t, 1));
	DONE(t, move_primary(t, 4, 1, 5));
}

void status_invalid_data(struct trial *t)
{
	rss_ready(t, 1);
	REFUSE(t, VMMQ_INVALID_DATA, move_entry(t, 4, 1, 0, 8));
	REFUSE(t, VMMQ_INVALID_DATA, move_entry(t, 4, 1, 0, 132)); /* 2:4 */
	REFUSE(t, VMMQ_INVALID_DATA, move_default(t, 7, 1, 8));
	DONE(t, rss_disable(t, 1));
	REFUSE(t, VMMQ_INVALID_DATA, move_primary(t, 4, 1, 8));
}

void status_no_queues(struct trial *t)
{
	rss_ready(t, 1);
	DONE(t, vport_set_queue_pairs(t, 1, 4));
	REFUSE(t, VMMQ_NO_QUEUES, move_default(t, 7, 1, 68)); /* entry 3 still points at 7 */
	DONE(t, move_entry(t, 4, 1, 0, 68));                  /* 4 is given up by that */
	follows_table(t, 1, (const uint16_t[]){ 68, 5, 6, 7 }, 4);
}

void adapter_state(struct trial *t)
{
	struct vmmq_conformance_setup setup = usual;
	struct command command = { .vport = 0, .target = 5 };
	struct request *r;

	setup.without_switch = true;
	trial_open(t, &setup);
	r = move_request(t, 4, &command, 1);
	CHECK(t, request_send(t, r) != VMMQ_SUCCESS || memcmp(r->byte + 40, "\0\0\0\0", 4),
	      "an entry is moved where there is no switch");
}

void resources(struct trial *t)
{
	rss_ready(t, 1); /* never for queue counts */
	REFUSE(t, VMMQ_NO_QUEUES, move_default(t, 7, 1, 68));
}

void whole_lengths(struct trial *t)
{
	static const struct {
		size_t at;
		uint32_t value;
	} wrong[] = {
		{ offsetof(struct vmmq_ndis_rss_set_entries, entry_size), 23 },
		{ offsetof(struct vmmq_ndis_rss_set_entries, entry_size), 25 },
		{ offsetof(struct vmmq_ndis_rss_set_entries, entry_size), 0x80000000 },
		{ offsetof(struct vmmq_ndis_rss_set_entries, entries_offset), 21 },
		{ offsetof(struct vmmq_ndis_rss_set_entries, entries_offset), 0xfffffff0 },
		{ offsetof(struct vmmq_ndis_rss_set_entries, entry_count), 3 },
		{ offsetof(struct vmmq_ndis_rss_set_entries, entry_count), 0x0aaaaaab },
	};
	const struct command command[] = { { .vport = 1, .target = 5 }, { .vport = 1, .index = 1, .target = 5 } };

	rss_ready(t, 1);
	for (unsigned i = 0; i < COUNT(wrong); i++) {
		struct request *r = move_request(t, 4, command, 2);

		request_put(r, wrong[i].at, wrong[i].value, 4);
		REFUSE(t, VMMQ_INVALID_LENGTH, request_send(t, r));
	}
}

void whole_header(struct trial *t)
{
	static const struct {
		size_t at;
		uint32_t value;
		size_t len;
	} wrong[] = { { 0, 0x80, 1 }, { 0, 0xc8, 1 }, { 1, 0, 1 }, { 4, 1, 4 }, { 4, 0x80000000, 4 } };
	const struct command command = { .vport = 1, .target = 5 };

	rss_ready(t, 1);
	for (unsigned i = 0; i < COUNT(wrong); i++) {
		struct request *r = move_request(t, 4, &command, 1);

		request_put(r, wrong[i].at, wrong[i].value, wrong[i].len);
		REFUSE(t, VMMQ_INVALID_PARAMETER, request_send(t, r));
	}
}

void stride(struct trial *t)
{
	const struct command command = { .vport = 1, .target = 5 };
	struct request *r;

	rss_ready(t, 1);
	r = move_request(t, 4, &command, 1);
	PUT(r, rss_set_entries, entry_size, 40);
	PUT(r, rss_set_entries, entries_offset, 24);
	memmove(r->byte + 24, r->byte + 20, 24);
	request_put(r, 24 + 39, 0xaa, 1);
	DONE(t, request_send(t, r));
	CHECK(t, !memcmp(r->byte + 24 + 20, "\0\0\0\0", 4) && r->byte[24 + 39] == 0xaa,
	      "the status is not in its place, or something is written behind the command");
	follows_table(t, 1, (const uint16_t[]){ 5, 5, 6, 7 }, 4);
}

/* Each command is wrong in all ways from some check on: the first of them is answered. */
void order(struct trial *t)
{
	struct vmmq_ndis_vport_parameters params = vport_params(2);
	struct command command = { .vport = 9, .flags = 7, .index = 99, .target = 9 };

	rss_ready(t, 1);
	DONE(t, vport_make(t, &params));
	REFUSE(t, VMMQ_INVALID_PORT, move(t, 5, &command, 1));
	command.vport = 2;
	REFUSE(t, VMMQ_INVALID_PORT_STATE, move(t, 5, &command, 1));
	command.vport = 1;
	REFUSE(t, VMMQ_INVALID_PARAMETER, move(t, 5, &command, 1));
	command.flags = 0;
	REFUSE(t, VMMQ_INVALID_PARAMETER, move(t, 5, &command, 1));
	command.index = 0;
	REFUSE(t, VMMQ_NOT_ACCEPTED, move(t, 5, &command, 1));
	REFUSE(t, VMMQ_INVALID_DATA, move(t, 4, &command, 1));
	command.target = 68;
	DONE(t, vport_set_queue_pairs(t, 1, 4));
	DONE(t, move_default(t, 7, 1, 4));
	REFUSE(t, VMMQ_NO_QUEUES, move(t, 4, &command, 1));
	command.target = 4;
	DONE(t, move(t, 4, &command, 1));
}

void same_entry_twice(struct trial *t)
{
	struct command twice[] = { { .vport = 1, .index = 0, .target = 5 }, { .vport = 1, .index = 0, .target = 6 } };
	struct command after_no_op[] = { { .vport = 1, .index = 0, .target = 4 },
					 { .vport = 1, .index = 0, .target = 6 } };

	rss_ready(t, 1);
	REFUSE(t, VMMQ_NOT_ACCEPTED, move(t, 4, twice, 2));
	DONE(t, move(t, 4, after_no_op, 2));
	follows_table(t, 1, (const uint16_t[]){ 6, 5, 6, 7 }, 4);
}

void counts_active_only(struct trial *t)
{
	rss_ready(t, 1); /* 4 5 6 7 are used: a primary elsewhere costs no queue */
	DONE(t, move_primary(t, 4, 1, 69));
	DONE(t, rss_disable(t, 1));
	DONE(t, vport_set_queue_pairs(t, 1, 1)); /* nor does the table now */
	default_processor_is(t, 1, 69);
}
