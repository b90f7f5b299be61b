/* SPDX-License-Identifier: BSD-2-Clause */
/* OID_GEN_RECEIVE_HASH: packets are hashed and reported so, and still go to the primary processor (spec 10.6). */
#include <string.h>

#include "core/request_check.h"

#define FLAGS_UNCHANGED (VMMQ_RECEIVE_HASH_INFO_UNCHANGED | VMMQ_RECEIVE_HASH_KEY_UNCHANGED)
#define FLAGS_KNOWN     (VMMQ_RECEIVE_HASH_ENABLE | FLAGS_UNCHANGED)

static bool receive_hash_changes(const struct vmmq_receive_hash *request, uint32_t unchanged)
{
	return !(request->flags & unchanged);
}

static vmmq_status receive_hash_check(const struct vport *vport, const struct vmmq_receive_hash *request,
				      struct vmmq_why *why)
{
	vmmq_status status = flags_check(request->flags, FLAGS_KNOWN, why);

	if (status != VMMQ_SUCCESS)
		return status;
	if (vport->rss.enabled)
		return vmmq_why_set(why, VMMQ_INVALID_OID, "vport", "RSS is on for VPort %u; turn that off first",
				    (unsigned)vport->id.v);
	if (!vport->rss.receive_hash && request->flags & FLAGS_UNCHANGED)
		return vmmq_why_set(why, VMMQ_INVALID_PARAMETER, "flags",
				    "0x%x; receive hash is off, so hash information and key have to be supplied",
				    request->flags);
	if (receive_hash_changes(request, VMMQ_RECEIVE_HASH_INFO_UNCHANGED))
		return hash_information_check(request->hash_information, why);
	return VMMQ_SUCCESS;
}

static void receive_hash_take(struct vmmq_rss_params *rss, const struct vmmq_receive_hash *request)
{
	rss->receive_hash = true;
	if (receive_hash_changes(request, VMMQ_RECEIVE_HASH_INFO_UNCHANGED))
		rss->hash_types = request->hash_information & ~VMMQ_HASH_FUNCTION_MASK;
	if (receive_hash_changes(request, VMMQ_RECEIVE_HASH_KEY_UNCHANGED))
		memcpy(rss->key, request->key, VMMQ_KEY_LEN);
}

static vmmq_status receive_hash_set(struct vmmq_nic_switch *sw, uint32_t vport_id,
				    const struct vmmq_receive_hash *request, struct vmmq_why *why)
{
	struct vport *vport = request_vport(sw, vport_id);
	bool enable = request->flags & VMMQ_RECEIVE_HASH_ENABLE;
	vmmq_status status = VMMQ_SUCCESS;
	struct vport wanted;

	if (enable && receive_hash_changes(request, VMMQ_RECEIVE_HASH_KEY_UNCHANGED))
		status = key_len_check(request->key_len, why);
	if (status != VMMQ_SUCCESS)
		return status;
	if (!vport)
		return request_unknown_vport(vport_id, VMMQ_INVALID_PORT, why);
	status = enable ? receive_hash_check(vport, request, why) : VMMQ_SUCCESS;
	if (status != VMMQ_SUCCESS)
		return status;
	wanted = *vport;
	wanted.rss.receive_hash = false;
	if (enable)
		receive_hash_take(&wanted.rss, request);
	return vport_replace(sw, vport, &wanted, why);
}

vmmq_status vmmq_receive_hash_set(struct vmmq_nic_switch *sw, uint32_t vport_id,
				  const struct vmmq_receive_hash *request, struct vmmq_why *why)
{
	bool lone = op_begin(sw);

	return op_end(sw, lone, receive_hash_set(sw, vport_id, request, why), why);
}
