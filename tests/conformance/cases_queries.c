/* SPDX-License-Identifier: BSD-2-Clause */
/* What enumerations and queries say, and of a switch that came with its adapter (spec 2.1, 3.4, 4.5, 11.3, 13.3). */
#include "cases_queries.h"

#include <string.h>

#define REQUEST_ABORTED ((vmmq_status)0xc001000cu)

static struct vmmq_ndis_header query_header(uint8_t revision, size_t size)
{
	return (struct vmmq_ndis_header){ VMMQ_NDIS_OBJECT_DEFAULT, revision, (uint16_t)size };
}

/* Without the flag the VPort id is not looked at. */
void filters_of_every_vport(struct trial *t)
{
	const struct vmmq_ndis_filter_info_array question = {
		.header = query_header(2, VMMQ_NDIS_FILTER_ARRAY_SIZE_2),
		.vport_id = 77,
	};
	struct request *r = request_new(t, VMMQ_OID_RECEIVE_FILTER_ENUM_FILTERS, METHOD, NO_VPORT);
	struct vmmq_ndis_filter_info_array array;
	uint32_t ids = 0, id[2];

	vport_ready(t, 1);
	vport_ready(t, 2);
	DONE(t, filter_set(t, 0, mac_of(51), UNTAGGED, NULL));
	CHECK(t, filter_ids(t, 0, id, 2) == 1 && filter_ids(t, 1, id, 2) == 1 && id[0] == 1,
	      "with the flag it is not the named VPort's filters");
	request_put_bytes(r, 0, &question, sizeof(question));
	r->room = REQUEST_MAX;
	DONE(t, request_send(t, r));
	memcpy(&array, r->byte, sizeof(array));
	CHECK(t, array.count == 3, "%u filters; VPorts 0, 1 and 2 have one each", array.count);
	for (uint32_t i = 0; i < array.count; i++) {
		struct vmmq_ndis_filter_info info;

		memcpy(&info, r->byte + array.first_offset + (size_t)i * array.element_size, sizeof(info));
		ids |= 1u << info.filter_id % 32;
	}
	CHECK(t, ids == 0xe, "the ids, as bits, are 0x%x; expected 1, 2 and 3", ids);
}

static vmmq_status filter_show(struct trial *t, uint32_t id)
{
	const struct vmmq_ndis_filter_parameters question = {
		.header = query_header(2, VMMQ_NDIS_FILTER_PARAMETERS_SIZE_2),
		.filter_id = id,
	};
	struct request *r = request_new(t, VMMQ_OID_RECEIVE_FILTER_PARAMETERS, METHOD, NO_VPORT);

	request_put_bytes(r, 0, &question, sizeof(question));
	r->room = 4096;
	return request_send(t, r);
}

void filter_unknown(struct trial *t)
{
	uint32_t id = vport_ready(t, 1);

	DONE(t, filter_show(t, id));
	REFUSE(t, VMMQ_INVALID_PARAMETER, filter_show(t, 0));
	REFUSE(t, VMMQ_INVALID_PARAMETER, filter_show(t, 77));
	DONE(t, filter_clear(t, id));
	REFUSE(t, VMMQ_INVALID_PARAMETER, filter_show(t, id));
}

void enum_vports_both(struct trial *t)
{
	const struct vmmq_ndis_vport_info_array both = {
		.header = query_header(1, sizeof(both)),
		.flags = VMMQ_NDIS_ENUM_VPORTS_FUNCTION | VMMQ_NDIS_ENUM_VPORTS_SWITCH,
		.attached_function = VMMQ_NDIS_PF_FUNCTION_ID,
	};
	struct request *r = request_new(t, VMMQ_OID_NIC_SWITCH_ENUM_VPORTS, METHOD, NO_VPORT);

	vport_ready(t, 1);
	request_put_bytes(r, 0, &both, sizeof(both));
	r->room = REQUEST_MAX;
	REFUSE(t, VMMQ_INVALID_PARAMETER, request_send(t, r));
}

/* Moved while it is inactive and while it is active, by entries and by VPORT_PARAMETERS. */
void primary_is_read(struct trial *t)
{
	struct vmmq_ndis_vport_parameters params = vport_params(1);

	rss_ready(t, 1);
	DONE(t, move_primary(t, 4, 1, 6));
	CHECK(t, vport_get(t, 1).affinity.mask == 1u << 6, "moved to 6, it is read as the mask 0x%llx",
	      (unsigned long long)vport_get(t, 1).affinity.mask);
	CHECK(t, vport_info(t, 1).affinity.mask == 1u << 6, "the enumeration says another mask");
	DONE(t, rss_disable(t, 1));
	DONE(t, move_primary(t, 6, 1, 68));
	CHECK(t, vport_get(t, 1).affinity.mask == 1u << 4 && vport_get(t, 1).affinity.group == 1,
	      "moved to 1:4, it is read as group %u, mask 0x%llx", vport_get(t, 1).affinity.group,
	      (unsigned long long)vport_get(t, 1).affinity.mask);
	params.flags = 0x100000;
	params.affinity.mask = 1u << 5;
	DONE(t, vport_set(t, &params));
	CHECK(t, vport_get(t, 1).affinity.mask == 1u << 5 && !vport_get(t, 1).affinity.group, "set, it is not read");
}

static vmmq_status switch_create_again(struct trial *t, uint32_t queue_pairs, uint32_t vfs)
{
	struct vmmq_ndis_switch_parameters params = {
		.header = query_header(2, VMMQ_NDIS_SWITCH_PARAMETERS_SIZE_2),
		.type = VMMQ_NDIS_SWITCH_TYPE_EXTERNAL,
		.vfs = vfs,
		.queue_pairs_default_vport = queue_pairs,
	};
	struct request *r = request_new(t, VMMQ_OID_NIC_SWITCH_CREATE_SWITCH, METHOD, NO_VPORT);

	request_put_bytes(r, 0, &params, sizeof(params));
	return request_send(t, r);
}

/* The usual NIC's switch comes with it. */
void switch_is_static(struct trial *t)
{
	const char *before;
	vmmq_status same;

	vport_ready(t, 1);
	before = state_take(t);
	same = switch_create_again(t, usual.default_vport_queue_pairs, 0);
	if (same == VMMQ_NOT_SUPPORTED)
		trial_skip(t, "the subject's switches are never made by requests");
	trial_expect(t, VMMQ_SUCCESS, same, "the parameters it was made with");
	state_same(t, before, "CREATE_SWITCH for a switch that is there");
	REFUSE_AS(t, switch_create_again(t, usual.default_vport_queue_pairs + 1, 0), VMMQ_INVALID_PARAMETER,
		  VMMQ_FAILURE);
	REFUSE_AS(t, switch_create_again(t, usual.default_vport_queue_pairs, 1), VMMQ_INVALID_PARAMETER,
		  VMMQ_FAILURE);
}

void filter_properties(struct trial *t)
{
	static const uint32_t oids[] = { VMMQ_OID_RECEIVE_FILTER_CURRENT_CAPABILITIES,
					 VMMQ_OID_RECEIVE_FILTER_HARDWARE_CAPABILITIES };

	for (unsigned i = 0; i < 2; i++) {
		struct request *r = request_new(t, oids[i], QUERY, NO_VPORT);
		struct vmmq_ndis_filter_capabilities caps;

		r->room = 256;
		DONE(t, request_send(t, r));
		memcpy(&caps, r->byte, sizeof(caps));
		CHECK(t, (caps.queue_properties & 0x12) == 0x12,
		      "SupportedQueueProperties is 0x%x; VM_QUEUE_SUPPORTED 0x2 and INTERRUPT_VECTOR_COALESCING 0x10 "
		      "are needed",
		      caps.queue_properties);
		CHECK(t, caps.enabled_filter_types & 1, "VMQ filters are not enabled");
	}
}

/* Two VPorts of equal affinity, and their packets come on one processor. */
void filters_share_interrupts(struct trial *t)
{
	struct frame one = tcp_to(1, 1), two = tcp_to(2, 1);

	vport_ready(t, 1);
	vport_ready(t, 2);
	unhashed(t, &one, 1, 4);
	unhashed(t, &two, 2, 4);
}

/* Whoever leaves clears what it set on the default VPort; what others have set there stays. */
void default_filters_cleared(struct trial *t)
{
	struct frame frame = tcp_to(50, 1);
	uint32_t mine[2], other = 0, id[4], count;

	DONE(t, filter_set(t, 0, mac_of(50), UNTAGGED, &mine[0]));
	DONE(t, filter_set(t, 0, mac_of(51), UNTAGGED, &other));
	DONE(t, filter_set(t, 0, mac_of(50), 10, &mine[1]));
	DONE(t, filter_clear(t, mine[0]));
	DONE(t, filter_clear(t, mine[1]));
	count = filter_ids(t, 0, id, 4);
	CHECK(t, count == 1 && id[0] == other, "%u filters are left on VPort 0; expected the other one's", count);
	unhashed(t, &frame, 0, 4);
	vport_ready(t, 1); /* and the MAC is free again */
	DONE(t, filter_set(t, 1, mac_of(50), UNTAGGED, NULL));
	unhashed(t, &frame, 1, 4);
}

static void move_is_final(struct trial *t, uint16_t actor, struct command *command, unsigned count)
{
	struct request *r = move_request(t, actor, command, count);
	vmmq_status status = request_send(t, r);

	CHECK(t, status != VMMQ_PENDING && status != REQUEST_ABORTED, "the request ends in %s",
	      status == VMMQ_PENDING ? "PENDING" : "REQUEST_ABORTED");
	for (unsigned i = 0; i < count; i++) {
		memcpy(&status, r->byte + 20 + i * 24 + 20, sizeof(status));
		CHECK(t, status != VMMQ_PENDING && status != REQUEST_ABORTED, "command %u ends in 0x%08x", i,
		      (unsigned)status);
	}
}

/* Good moves, refused ones and malformed ones, with packets under way. */
void move_never_pends(struct trial *t)
{
	struct frame frame = tcp_to(1, 1);

	rss_ready(t, 1);
	for (unsigned i = 0; i < 32; i++) {
		struct command command[] = {
			{ .vport = 1, .index = 0, .target = (uint16_t)(4 + (i + 1) % 4) },
			{ .vport = 1, .index = 1, .target = 99 },
			{ .vport = 9, .target = 5 },
		};

		arrive(t, &frame);
		move_is_final(t, (uint16_t)(4 + i % 4), command, 1);
		move_is_final(t, (uint16_t)(4 + i % 4), command, 3);
	}
	trial_poll_all(t);
}
