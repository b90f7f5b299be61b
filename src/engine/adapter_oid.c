/* SPDX-License-Identifier: BSD-2-Clause */
/* What a running adapter does around binary requests.  Of libvmmq-ndis it needs the types alone. */
#include <vmmq/adapter_oid.h>

#include "base/clock.h"

#define WAIT_NS SECOND_NS /* for sources, consumers, devices */

static void oid_hook_begin(void *context)
{
	vmmq_adapter_edit_begin(context);
}

static void oid_hook_end(void *context)
{
	vmmq_adapter_edit_end(context);
}

static vmmq_status oid_hook_apply(void *context)
{
	return vmmq_adapter_apply(context, false, WAIT_NS, NULL);
}

static bool oid_hook_quiesce(void *context, struct vmmq_vport_id vport)
{
	return vmmq_vport_quiesce(context, vport, WAIT_NS);
}

static vmmq_status oid_hook_move(void *context, struct vmmq_processor actor, struct vmmq_rss_move *commands,
				 size_t count, struct vmmq_why *why)
{
	/*
	 * PENDING, when memory for a gate ran out just now, says that a source follows by itself: packets of its may
	 * surface on either processor for a moment, as they may anyway (spec 11.3, rule 6), and this request must not pend.
	 */
	vmmq_adapter_move(context, actor, commands, count, why);
	return VMMQ_SUCCESS;
}

void vmmq_adapter_oid_init(struct vmmq_oid_adapter *oids, struct vmmq_adapter *adapter,
			   const struct vmmq_nic_switch_params *hardware)
{
	*oids = (struct vmmq_oid_adapter){
		.sw = vmmq_adapter_switch(adapter),
		.hardware = *hardware,
		.actor = hardware->processors[0],
		.hooks = { adapter, oid_hook_begin, oid_hook_end, oid_hook_apply, oid_hook_quiesce, oid_hook_move },
	};
}
