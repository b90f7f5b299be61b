/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which flows a lane carries: headers of a few hundred of its packets, looked at when somebody asks.  Control thread only.
 */
#ifndef VMMQ_CONTROL_LIVE_FLOWS_H
#define VMMQ_CONTROL_LIVE_FLOWS_H

#include "control/live_balance.h"
#include "host/host.h"

#define LIVE_FLOW_TEXT 128

/* A lane that is looked at, and where it is; load in ppm, as the policy sees it. */
struct live_flows_of {
	struct vmmq_vport_id id;
	uint8_t lane;
	struct vmmq_processor processor;
	uint32_t load;
};

/* A flow as `vmmq explain --flow` reads it where there is one: "tcp 192.0.2.1:1024 > 192.0.2.2:80"; else what the frame is. */
struct live_flow {
	char text[LIVE_FLOW_TEXT];
	unsigned packets;
	uint64_t bytes;
};

struct live_flows {
	struct live_flows_of of;
	uint64_t took_ns;             /* from the beginning */
	unsigned packets, flow_count; /* looked at, HOST_SAMPLES at most; most packets first */
	struct live_flow flow[HOST_SAMPLES];
};

/*
 * live_flows_begin begins to look at the lane with the largest load of a VPort (NULL: of all of them; an elephant, when there is one), and fills *of.
 * What others have begun ends.  Refused, INVALID_PARAMETER: no VPort is dynamic, or that one is not, for loads of lanes are known of such only;
 * RESOURCES.
 * live_flows_end ends it and fills *flows; INVALID_PARAMETER: nothing has begun, or it was a minute ago.
 */
vmmq_status live_flows_begin(struct live *live, const struct vmmq_vport_id *id, struct live_flows_of *of,
			     struct vmmq_why *why);
vmmq_status live_flows_end(struct live *live, struct live_flows *flows, struct vmmq_why *why);

/* live_flows_expire ends what nobody has come back for. */
void live_flows_expire(struct live *live, uint64_t now_ns);

#endif
