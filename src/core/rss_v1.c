/* SPDX-License-Identifier: BSD-2-Clause */
/* OID_GEN_RECEIVE_SCALE_PARAMETERS: RSSv1 (spec 10.2 to 10.4). */
#include <string.h>

#include "core/request_check.h"

#define FLAGS_KNOWN                                                                                                  \
	(VMMQ_RSS_BASE_CPU_UNCHANGED | VMMQ_RSS_HASH_INFO_UNCHANGED | VMMQ_RSS_ITABLE_UNCHANGED |                    \
	 VMMQ_RSS_HASH_KEY_UNCHANGED | VMMQ_RSS_DISABLE | VMMQ_RSS_DEFAULT_PROCESSOR_UNCHANGED)
/* What the first enable has to supply.  The default processor has had a value since the VPort was created. */
#define FLAGS_SUPPLY (VMMQ_RSS_HASH_INFO_UNCHANGED | VMMQ_RSS_ITABLE_UNCHANGED | VMMQ_RSS_HASH_KEY_UNCHANGED)

static bool rss_v1_changes(const struct vmmq_rss_v1 *request, uint32_t unchanged)
{
	return !(request->flags & unchanged);
}

/* rss_v1_disables tells whether RSS is to be off: every other flag and member is then ignored. */
static bool rss_v1_disables(const struct vmmq_rss_v1 *request)
{
	if (request->flags & VMMQ_RSS_DISABLE)
		return true;
	return rss_v1_changes(request, VMMQ_RSS_HASH_INFO_UNCHANGED) &&
	       !(request->hash_information & VMMQ_HASH_FUNCTION_MASK);
}

static vmmq_status rss_v1_lengths_check(const struct vmmq_rss_v1 *request, struct vmmq_why *why)
{
	size_t n = request->entry_count;

	if (rss_v1_changes(request, VMMQ_RSS_ITABLE_UNCHANGED) && (!n || n > VMMQ_TABLE_ENTRIES_MAX || (n & (n - 1))))
		return vmmq_why_set(why, VMMQ_INVALID_LENGTH, "indirection_table",
				    "%zu entries; a power of two of them is needed, 1 to %d", n,
				    VMMQ_TABLE_ENTRIES_MAX);
	if (rss_v1_changes(request, VMMQ_RSS_HASH_KEY_UNCHANGED))
		return key_len_check(request->key_len, why);
	return VMMQ_SUCCESS;
}

static vmmq_status rss_v1_check(const struct vport *vport, const struct vmmq_rss_v1 *request, struct vmmq_why *why)
{
	vmmq_status status = flags_check(request->flags, FLAGS_KNOWN, why);

	if (status != VMMQ_SUCCESS)
		return status;
	if (vport->rss.receive_hash)
		return vmmq_why_set(why, VMMQ_INVALID_OID, "vport",
				    "receive hash is on for VPort %u; turn that off first", (unsigned)vport->id.v);
	if (!vport->rss.enabled && request->flags & FLAGS_SUPPLY)
		return vmmq_why_set(why, VMMQ_INVALID_PARAMETER, "flags",
				    "0x%x; RSS is off, so hash information, table and key have to be supplied",
				    (unsigned)request->flags);
	if (rss_v1_changes(request, VMMQ_RSS_HASH_INFO_UNCHANGED))
		return hash_information_check(request->hash_information, why);
	return VMMQ_SUCCESS;
}

/* rss_v1_take copies what the request does not flag as unchanged; such members are not looked at. */
static void rss_v1_take(struct vmmq_rss_params *rss, const struct vmmq_rss_v1 *request)
{
	rss->enabled = true;
	if (rss_v1_changes(request, VMMQ_RSS_HASH_INFO_UNCHANGED))
		rss->hash_types = request->hash_information & ~VMMQ_HASH_FUNCTION_MASK;
	if (rss_v1_changes(request, VMMQ_RSS_HASH_KEY_UNCHANGED))
		memcpy(rss->key, request->key, VMMQ_KEY_LEN);
	if (rss_v1_changes(request, VMMQ_RSS_DEFAULT_PROCESSOR_UNCHANGED))
		rss->default_processor = request->default_processor;
	if (rss_v1_changes(request, VMMQ_RSS_ITABLE_UNCHANGED)) {
		rss->entry_count = (uint16_t)request->entry_count;
		memcpy(rss->table, request->table, request->entry_count * sizeof(rss->table[0]));
	}
}

static vmmq_status rss_v1_set(struct vmmq_nic_switch *sw, uint32_t vport_id, const struct vmmq_rss_v1 *request,
			      struct vmmq_why *why)
{
	struct vport *vport = request_vport(sw, vport_id);
	bool enable = !rss_v1_disables(request);
	vmmq_status status = enable ? rss_v1_lengths_check(request, why) : VMMQ_SUCCESS;
	struct vport wanted;

	if (status != VMMQ_SUCCESS)
		return status;
	if (!vport)
		return request_unknown_vport(vport_id, VMMQ_INVALID_PORT, why);
	status = enable ? rss_v1_check(vport, request, why) : VMMQ_SUCCESS;
	if (status != VMMQ_SUCCESS)
		return status;
	wanted = *vport;
	wanted.rss.enabled = false;
	if (enable)
		rss_v1_take(&wanted.rss, request);
	status = vmmq_rss_check(&wanted.rss, &sw->set, wanted.queue_pairs, why);
	return status == VMMQ_SUCCESS ? vport_replace(sw, vport, &wanted, why) : status;
}

vmmq_status vmmq_rss_v1_set(struct vmmq_nic_switch *sw, uint32_t vport_id, const struct vmmq_rss_v1 *request,
			    struct vmmq_why *why)
{
	bool lone = op_begin(sw);

	return op_end(sw, lone, rss_v1_set(sw, vport_id, request, why), why);
}
