/* SPDX-License-Identifier: BSD-2-Clause */
/* GEN_RECEIVE_SCALE_PARAMETERS_V2 and GEN_RECEIVE_HASH, set (spec 11.2, 10.6). */
#include "ndis/oid_rss.h"

const struct oid_shape rss_v2_shape = {
	"RECEIVE_SCALE_PARAMETERS_V2",
	VMMQ_NDIS_OBJECT_RSS_PARAMETERS_V2,
	1,
	{ sizeof(struct vmmq_ndis_rss_parameters_v2) },
};
const struct oid_shape receive_hash_shape = {
	"RECEIVE_HASH_PARAMETERS",
	VMMQ_NDIS_OBJECT_DEFAULT,
	1,
	{ sizeof(struct vmmq_ndis_receive_hash_parameters) },
};

/* A key of the right size stands in every request, changed or not (spec 11.2). */
vmmq_status oid_rss_v2_set(struct oid_call *call)
{
	struct vmmq_ndis_rss_parameters_v2 request;
	vmmq_status status = oid_read(call, &rss_v2_shape, &request, sizeof(request));
	uint8_t key[VMMQ_KEY_LEN];
	struct vmmq_rss_v2 rss;

	if (status == VMMQ_SUCCESS)
		status = oid_key_read(call, sizeof(request), request.key_offset, request.key_size, key);
	if (status != VMMQ_SUCCESS)
		return status;
	rss = (struct vmmq_rss_v2){
		.flags = request.flags,
		.hash_information = request.hash_information,
		.key = key,
		.key_len = VMMQ_KEY_LEN,
		.queues = request.queues,
		.entries = request.table_entries,
	};
	return vmmq_rss_v2_set(call->sw, call->vport_id, &rss, call->why);
}

/* The key is read when receive hash is to be on and the key is not flagged as unchanged. */
vmmq_status oid_receive_hash_set(struct oid_call *call)
{
	struct vmmq_ndis_receive_hash_parameters request;
	vmmq_status status = oid_read(call, &receive_hash_shape, &request, sizeof(request));
	uint8_t key[VMMQ_KEY_LEN] = { 0 };
	struct vmmq_receive_hash hash;

	if (status == VMMQ_SUCCESS && request.flags & VMMQ_RECEIVE_HASH_ENABLE &&
	    !(request.flags & VMMQ_RECEIVE_HASH_KEY_UNCHANGED))
		status = oid_key_read(call, sizeof(request), request.key_offset, request.key_size, key);
	if (status != VMMQ_SUCCESS)
		return status;
	hash = (struct vmmq_receive_hash){
		.flags = request.flags,
		.hash_information = request.hash_information,
		.key = key,
		.key_len = VMMQ_KEY_LEN,
	};
	return vmmq_receive_hash_set(call->sw, call->vport_id, &hash, call->why);
}
