/* SPDX-License-Identifier: BSD-2-Clause */
/* What RSS parameters and receive hash of a VPort are now, as a set request would give them. */
#include "ndis/oid_rss.h"

/* rss_params_get finds the VPort that the request is about: INVALID_PORT when there is none. */
static vmmq_status rss_params_get(struct oid_call *call, struct vmmq_vport_info *info)
{
	if (call->vport_id < VMMQ_VPORTS_MAX &&
	    vmmq_vport_get(call->sw, (struct vmmq_vport_id){ (uint16_t)call->vport_id }, info))
		return VMMQ_SUCCESS;
	vmmq_why_set(call->why, VMMQ_INVALID_PORT, "vport_id", "there is no VPort %u", call->vport_id);
	return VMMQ_INVALID_PORT;
}

/* Function 0 is what "off" looks like. */
static uint32_t rss_hash_information(const struct vmmq_rss_params *rss, bool on)
{
	return on ? rss->hash_types | VMMQ_HASH_FUNCTION_TOEPLITZ : 0;
}

static void rss_table_write(struct oid_call *call, size_t offset, const struct vmmq_rss_params *rss)
{
	for (size_t i = 0; i < rss->entry_count; i++) {
		struct vmmq_ndis_processor_number number = oid_processor_write(rss->table[i]);

		oid_write(call, offset + i * sizeof(number), &number, sizeof(number));
	}
}

/* Revision 3: structure, table, key. */
vmmq_status oid_rss_v1_query(struct oid_call *call)
{
	struct vmmq_ndis_rss_parameters answer = {
		.header = oid_header(VMMQ_NDIS_OBJECT_RSS_PARAMETERS, 3, sizeof(answer)),
		.table_offset = sizeof(answer),
		.key_size = VMMQ_KEY_LEN,
	};
	struct vmmq_vport_info info;
	vmmq_status status = rss_params_get(call, &info);

	if (status != VMMQ_SUCCESS)
		return status;
	answer.flags = info.rss->enabled ? 0 : VMMQ_RSS_DISABLE;
	answer.hash_information = rss_hash_information(info.rss, info.rss->enabled);
	answer.table_size = (uint16_t)(info.rss->entry_count * sizeof(struct vmmq_ndis_processor_number));
	answer.key_offset = answer.table_offset + answer.table_size;
	answer.default_processor = oid_processor_write(info.rss->default_processor);
	status = oid_room(call, answer.key_offset + VMMQ_KEY_LEN);
	if (status != VMMQ_SUCCESS)
		return status;
	oid_write(call, 0, &answer, sizeof(answer));
	rss_table_write(call, answer.table_offset, info.rss);
	oid_write(call, answer.key_offset, info.rss->key, VMMQ_KEY_LEN);
	return VMMQ_SUCCESS;
}

/* rss_answer_with_key writes an answer whose last part is the VPort's key. */
static vmmq_status rss_answer_with_key(struct oid_call *call, const void *answer, size_t size,
				       const struct vmmq_rss_params *rss)
{
	vmmq_status status = oid_room(call, size + VMMQ_KEY_LEN);

	if (status != VMMQ_SUCCESS)
		return status;
	oid_write(call, 0, answer, size);
	oid_write(call, size, rss->key, VMMQ_KEY_LEN);
	return VMMQ_SUCCESS;
}

vmmq_status oid_rss_v2_query(struct oid_call *call)
{
	struct vmmq_ndis_rss_parameters_v2 answer = {
		.header = oid_header(VMMQ_NDIS_OBJECT_RSS_PARAMETERS_V2, 1, sizeof(answer)),
		.key_size = VMMQ_KEY_LEN,
		.key_offset = sizeof(answer),
	};
	struct vmmq_vport_info info;
	vmmq_status status = rss_params_get(call, &info);

	if (status != VMMQ_SUCCESS)
		return status;
	answer.flags = info.rss->enabled ? VMMQ_RSS_V2_ENABLE : 0;
	answer.hash_information = rss_hash_information(info.rss, info.rss->enabled);
	answer.queues = info.queue_pairs;
	answer.table_entries = info.rss->entry_count;
	return rss_answer_with_key(call, &answer, sizeof(answer), info.rss);
}

vmmq_status oid_receive_hash_query(struct oid_call *call)
{
	struct vmmq_ndis_receive_hash_parameters answer = {
		.header = oid_header(VMMQ_NDIS_OBJECT_DEFAULT, 1, sizeof(answer)),
		.key_size = VMMQ_KEY_LEN,
		.key_offset = sizeof(answer),
	};
	struct vmmq_vport_info info;
	vmmq_status status = rss_params_get(call, &info);

	if (status != VMMQ_SUCCESS)
		return status;
	answer.flags = info.rss->receive_hash ? VMMQ_RECEIVE_HASH_ENABLE : 0;
	answer.hash_information = rss_hash_information(info.rss, info.rss->receive_hash);
	return rss_answer_with_key(call, &answer, sizeof(answer), info.rss);
}
