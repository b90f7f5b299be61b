/* SPDX-License-Identifier: BSD-2-Clause */
/* A VPort's record: all that is known of it but its filters, as it was requested. */
#include <stdlib.h>
#include <string.h>

#include "control/live_moved.h"

void live_record_free(struct config_vport *record)
{
	if (!record)
		return;
	free(record->name);
	port_spec_fini(&record->backend);
	free(record);
}

static void ndis_of(const struct live *live, const struct vmmq_vport_info *info, struct config_ndis *ndis)
{
	struct vmmq_affinity alone = {
		.group = (uint16_t)(info->rss->primary.v / VMMQ_PROCESSORS_PER_GROUP),
		.mask = UINT64_C(1) << info->rss->primary.v % VMMQ_PROCESSORS_PER_GROUP,
	};
	struct vmmq_vport_params params;

	vmmq_vport_get_params(live->sw, info->id.v, &params);
	ndis->deactivated = info->state == VMMQ_VPORT_DEACTIVATED;
	ndis->flags = params.flags;
	ndis->interrupt_moderation = params.interrupt_moderation;
	if (params.affinity.group == alone.group && params.affinity.mask == alone.mask)
		return;
	ndis->affinity_group = params.affinity.group;
	ndis->affinity_mask = params.affinity.mask;
}

struct config_vport *live_record(const struct live *live, struct vmmq_vport_id id)
{
	const struct live_extra *extra = live_extra_at(live, id.v);
	struct config_vport *record = calloc(1, sizeof(*record));
	struct vmmq_vport_info info;

	if (!record || !vmmq_vport_get(live->sw, id, &info)) {
		free(record);
		return NULL;
	}
	record->id = id;
	record->queue_pairs = info.queue_pairs;
	live_requested(live, &info, &record->rss);
	record->dynamic = extra->dynamic;
	record->min_queue_pairs =
	    extra->min_queue_pairs < info.queue_pairs ? extra->min_queue_pairs : info.queue_pairs;
	record->anti_spoofing = extra->anti_spoofing;
	record->control_frames = extra->control_frames;
	record->flood_limit = extra->flood_limit;
	record->owner = extra->owner;
	ndis_of(live, &info, &record->ndis);
	record->name = strdup(info.name);
	if (record->name && port_spec_copy(&record->backend, &extra->port))
		return record;
	live_record_free(record);
	return NULL;
}
