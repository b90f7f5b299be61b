/* SPDX-License-Identifier: BSD-2-Clause */
/* OID_GEN_RECEIVE_SCALE_PARAMETERS_V2 (spec 11.2); the numbers below are the steps of its processing order. */
#include <stdio.h>
#include <string.h>

#include "core/request_check.h"

#define FLAGS_KNOWN                                                                                                  \
	(VMMQ_RSS_V2_ENABLE | VMMQ_RSS_V2_HASH_INFO_CHANGED | VMMQ_RSS_V2_HASH_KEY_CHANGED |                         \
	 VMMQ_RSS_V2_NUMBER_OF_QUEUES_CHANGED | VMMQ_RSS_V2_NUMBER_OF_ENTRIES_CHANGED)

static bool rss_v2_changes(const struct vmmq_rss_v2 *request, uint32_t changed)
{
	return request->flags & changed;
}

/* rss_v2_enables tells whether RSS is to be on; when not, hash information and key are ignored. */
static bool rss_v2_enables(const struct vmmq_rss_v2 *request)
{
	if (!(request->flags & VMMQ_RSS_V2_ENABLE))
		return false;
	return !rss_v2_changes(request, VMMQ_RSS_V2_HASH_INFO_CHANGED) ||
	       request->hash_information & VMMQ_HASH_FUNCTION_MASK;
}

static vmmq_status rss_v2_hash_check(const struct vport *vport, const struct vmmq_rss_v2 *request,
				     struct vmmq_why *why)
{
	if (vport->rss.receive_hash)
		return vmmq_why_set(why, VMMQ_INVALID_OID, "vport",
				    "receive hash is on for VPort %u; turn that off first", (unsigned)vport->id.v);
	if (rss_v2_changes(request, VMMQ_RSS_V2_HASH_INFO_CHANGED))
		return hash_information_check(request->hash_information, why);
	if (!vport->rss.hash_types)
		return vmmq_why_set(why, VMMQ_INVALID_PARAMETER, "hash_information",
				    "VPort %u has no hash types yet; they have to be supplied",
				    (unsigned)vport->id.v);
	return VMMQ_SUCCESS;
}

/* rss_v2_check is step 1 for a VPort that exists. */
static vmmq_status rss_v2_check(const struct vmmq_nic_switch *sw, const struct vport *vport,
				const struct vmmq_rss_v2 *request, struct vmmq_why *why)
{
	uint32_t n = request->entries;
	vmmq_status status = flags_check(request->flags, FLAGS_KNOWN, why);

	if (status == VMMQ_SUCCESS && rss_v2_enables(request))
		status = rss_v2_hash_check(vport, request, why);
	if (status == VMMQ_SUCCESS && rss_v2_changes(request, VMMQ_RSS_V2_NUMBER_OF_QUEUES_CHANGED))
		status = queue_pairs_bound_check(sw, request->queues, why);
	if (status != VMMQ_SUCCESS)
		return status;
	if (rss_v2_changes(request, VMMQ_RSS_V2_NUMBER_OF_ENTRIES_CHANGED) &&
	    (!n || n > VMMQ_TABLE_ENTRIES_MAX || (n & (n - 1))))
		return vmmq_why_set(why, VMMQ_INVALID_PARAMETER, "entries", "%u; a power of two is needed, 1 to %d",
				    n, VMMQ_TABLE_ENTRIES_MAX);
	return VMMQ_SUCCESS;
}

/* rss_v2_staying_check is step 3: RSS is on and stays on. */
static vmmq_status rss_v2_staying_check(const struct vport *vport, const struct vport *wanted, struct vmmq_why *why)
{
	unsigned used = vmmq_rss_queues_used(&vport->rss);

	if (!vport->rss.enabled || !wanted->rss.enabled || used <= wanted->queue_pairs)
		return VMMQ_SUCCESS;
	return vmmq_why_set(why, VMMQ_NO_QUEUES, "queues", "%u; table and default processor name %u processors",
			    wanted->queue_pairs, used);
}

/* rss_table_resize is step 4; a table that grows repeats itself, so that no flow changes its processor. */
static vmmq_status rss_table_resize(struct vmmq_rss_params *rss, unsigned entries, struct vmmq_why *why)
{
	for (unsigned i = entries; i < rss->entry_count; i++) {
		char path[sizeof("indirection_table[4294967295]")];

		if (rss->table[i].v == rss->table[i % entries].v)
			continue;
		snprintf(path, sizeof(path), "indirection_table[%u]", i);
		return vmmq_why_set(why, VMMQ_INVALID_DATA, path,
				    "processor %u, but entry %u, which would take over, has %u",
				    (unsigned)rss->table[i].v, i % entries, (unsigned)rss->table[i % entries].v);
	}
	for (unsigned i = rss->entry_count; i < entries; i++)
		rss->table[i] = rss->table[i % rss->entry_count];
	rss->entry_count = (uint16_t)entries;
	return VMMQ_SUCCESS;
}

static void rss_v2_hash_take(struct vmmq_rss_params *rss, const struct vmmq_rss_v2 *request)
{
	if (rss_v2_changes(request, VMMQ_RSS_V2_HASH_INFO_CHANGED))
		rss->hash_types = request->hash_information & ~VMMQ_HASH_FUNCTION_MASK;
	if (rss_v2_changes(request, VMMQ_RSS_V2_HASH_KEY_CHANGED))
		memcpy(rss->key, request->key, VMMQ_KEY_LEN);
}

/* rss_v2_plan makes of *wanted, a copy of the VPort, what the request asks for. */
static vmmq_status rss_v2_plan(const struct vmmq_nic_switch *sw, const struct vport *vport, struct vport *wanted,
			       const struct vmmq_rss_v2 *request, struct vmmq_why *why)
{
	vmmq_status status = rss_v2_check(sw, vport, request, why);

	if (status != VMMQ_SUCCESS)
		return status;
	wanted->rss.enabled = rss_v2_enables(request);
	if (wanted->rss.enabled)
		rss_v2_hash_take(&wanted->rss, request);
	if (rss_v2_changes(request, VMMQ_RSS_V2_NUMBER_OF_QUEUES_CHANGED))
		wanted->queue_pairs = request->queues;
	status = rss_v2_staying_check(vport, wanted, why);
	if (status == VMMQ_SUCCESS && rss_v2_changes(request, VMMQ_RSS_V2_NUMBER_OF_ENTRIES_CHANGED))
		status = rss_table_resize(&wanted->rss, request->entries, why);
	if (status == VMMQ_SUCCESS) /* steps 5 and 6 */
		status = vmmq_rss_check(&wanted->rss, &sw->set, wanted->queue_pairs, why);
	if (status == VMMQ_SUCCESS)
		status = queue_pairs_left_check(sw, wanted->queue_pairs, vport->queue_pairs, why);
	return status;
}

static vmmq_status rss_v2_set(struct vmmq_nic_switch *sw, uint32_t vport_id, const struct vmmq_rss_v2 *request,
			      struct vmmq_why *why)
{
	struct vport *vport = request_vport(sw, vport_id);
	vmmq_status status = VMMQ_SUCCESS;
	struct vport wanted;

	if (rss_v2_enables(request) && rss_v2_changes(request, VMMQ_RSS_V2_HASH_KEY_CHANGED))
		status = key_len_check(request->key_len, why);
	if (status != VMMQ_SUCCESS)
		return status;
	if (!vport)
		return request_unknown_vport(vport_id, VMMQ_INVALID_PORT, why);
	wanted = *vport;
	status = rss_v2_plan(sw, vport, &wanted, request, why);
	return status == VMMQ_SUCCESS ? vport_replace(sw, vport, &wanted, why) : status;
}

vmmq_status vmmq_rss_v2_set(struct vmmq_nic_switch *sw, uint32_t vport_id, const struct vmmq_rss_v2 *request,
			    struct vmmq_why *why)
{
	bool lone = op_begin(sw);

	return op_end(sw, lone, rss_v2_set(sw, vport_id, request, why), why);
}
