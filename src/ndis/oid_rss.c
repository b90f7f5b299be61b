/* SPDX-License-Identifier: BSD-2-Clause */
/* GEN_RECEIVE_SCALE_PARAMETERS, set (spec 10). */
#include <string.h>

#include "ndis/oid_rss.h"

const struct oid_shape rss_v1_shape = {
	"RECEIVE_SCALE_PARAMETERS",
	VMMQ_NDIS_OBJECT_RSS_PARAMETERS,
	3,
	{ VMMQ_NDIS_RSS_PARAMETERS_SIZE_1, VMMQ_NDIS_RSS_PARAMETERS_SIZE_2, VMMQ_NDIS_RSS_PARAMETERS_SIZE_3 },
};

/* Table and key as they are copied out of the request. */
struct parts {
	struct vmmq_processor table[VMMQ_TABLE_ENTRIES_MAX];
	uint8_t key[VMMQ_KEY_LEN];
};

/* Revision 1: a signed byte is a processor's number, so that none above 127 and none below 0 can be told. */
static struct vmmq_processor rss_byte_read(const struct oid_call *call, uint8_t byte)
{
	return byte < 128 ? (struct vmmq_processor){ byte } : oid_processor_outside(call->sw);
}

static struct vmmq_processor rss_number_read(const struct oid_call *call, struct vmmq_ndis_processor_number number)
{
	struct vmmq_processor processor;

	return oid_processor_read(number, &processor) ? processor : oid_processor_outside(call->sw);
}

static vmmq_status rss_table_read(struct oid_call *call, const struct vmmq_ndis_rss_parameters *request,
				  struct vmmq_rss_v1 *rss, struct vmmq_processor table[VMMQ_TABLE_ENTRIES_MAX])
{
	bool bytes = request->header.revision == 1;
	size_t entry_size = bytes ? 1 : sizeof(struct vmmq_ndis_processor_number);
	const uint8_t *part = oid_part(call, oid_fixed_size(&rss_v1_shape, &request->header), request->table_offset,
				       request->table_size, "table_offset");

	if (!part)
		return VMMQ_INVALID_LENGTH;
	rss->entry_count = request->table_size / entry_size;
	if (request->table_size % entry_size || rss->entry_count > VMMQ_TABLE_ENTRIES_MAX)
		return vmmq_why_set(call->why, VMMQ_INVALID_LENGTH, "table_size",
				    "%u bytes; a multiple of %zu is needed, at most %zu", request->table_size,
				    entry_size, entry_size * VMMQ_TABLE_ENTRIES_MAX);
	for (size_t i = 0; i < rss->entry_count; i++) {
		struct vmmq_ndis_processor_number number;

		if (bytes) {
			table[i] = rss_byte_read(call, part[i]);
			continue;
		}
		memcpy(&number, part + i * entry_size, sizeof(number));
		table[i] = rss_number_read(call, number);
	}
	rss->table = table;
	return VMMQ_SUCCESS;
}

/* The masks say once more what the table says: they have to be in the buffer, and are not looked at (spec 7). */
static vmmq_status rss_masks_check(struct oid_call *call, const struct vmmq_ndis_rss_parameters *request)
{
	uint64_t len = (uint64_t)request->mask_count * request->mask_size;

	if (!request->mask_count)
		return VMMQ_SUCCESS;
	if (!oid_part(call, oid_fixed_size(&rss_v1_shape, &request->header), request->masks_offset, len,
		      "masks_offset"))
		return VMMQ_INVALID_LENGTH;
	if (request->mask_size < sizeof(struct vmmq_ndis_group_affinity))
		return vmmq_why_set(call->why, VMMQ_INVALID_LENGTH, "mask_size", "%u; at least %zu are needed",
				    request->mask_size, sizeof(struct vmmq_ndis_group_affinity));
	return VMMQ_SUCCESS;
}

/* A request that switches RSS off has no other members (spec 10.2). */
static bool oid_rss_disables(const struct vmmq_ndis_rss_parameters *request)
{
	if (request->flags & VMMQ_RSS_DISABLE)
		return true;
	return !(request->flags & VMMQ_RSS_HASH_INFO_UNCHANGED) &&
	       !(request->hash_information & VMMQ_HASH_FUNCTION_MASK);
}

/* rss_parts_read copies table and key, as far as the request says that they have changed. */
static vmmq_status rss_parts_read(struct oid_call *call, const struct vmmq_ndis_rss_parameters *request,
				  struct vmmq_rss_v1 *rss, struct parts *parts)
{
	vmmq_status status = VMMQ_SUCCESS;

	if (oid_rss_disables(request))
		return VMMQ_SUCCESS;
	if (!(request->flags & VMMQ_RSS_ITABLE_UNCHANGED)) {
		status = rss_table_read(call, request, rss, parts->table);
		if (status == VMMQ_SUCCESS)
			status = rss_masks_check(call, request);
	}
	if (status == VMMQ_SUCCESS && !(request->flags & VMMQ_RSS_HASH_KEY_UNCHANGED)) {
		status = oid_key_read(call, oid_fixed_size(&rss_v1_shape, &request->header), request->key_offset,
				      request->key_size, parts->key);
		rss->key = parts->key;
		rss->key_len = VMMQ_KEY_LEN;
	}
	return status;
}

vmmq_status oid_rss_v1_set(struct oid_call *call)
{
	struct vmmq_ndis_rss_parameters request;
	vmmq_status status = oid_read(call, &rss_v1_shape, &request, sizeof(request));
	struct vmmq_rss_v1 rss;
	struct parts parts;

	if (status != VMMQ_SUCCESS)
		return status;
	rss = (struct vmmq_rss_v1){
		.flags = request.flags,
		.base_cpu = request.base_cpu,
		.hash_information = request.hash_information,
		.default_processor = rss_number_read(call, request.default_processor),
	};
	if (request.header.revision < 3)
		rss.flags |= VMMQ_RSS_DEFAULT_PROCESSOR_UNCHANGED;
	status = rss_parts_read(call, &request, &rss, &parts);
	return status == VMMQ_SUCCESS ? vmmq_rss_v1_set(call->sw, call->vport_id, &rss, call->why) : status;
}
