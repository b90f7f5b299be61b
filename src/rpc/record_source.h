/* SPDX-License-Identifier: BSD-2-Clause */
/* What records are made from: the running switch, and samples taken over time. */
#ifndef VMMQ_RPC_RECORD_SOURCE_H
#define VMMQ_RPC_RECORD_SOURCE_H

#include "rpc/record.h"

struct record_share {
	uint64_t busy_ns, asleep_ns; /* when last sampled */
	double busy, asleep;         /* shares of the time between the last two samples */
	bool stalled;
};

struct record_source {
	struct live *live;
	const struct agent *fleet; /* NULL: none */
	uint64_t started_ns, sampled_ns;
	struct record_share *share; /* by the index of live_adapter_info's processors */
	size_t share_count;
};

/* record_drops_sum adds up what the adapter and the host have dropped, over all VPorts that there are or were. */
void record_drops_sum(const struct record_source *source, uint64_t *adapter, uint64_t *host);

/*
 * record_vlans tells for each VPort what VLAN its filters make it a port of (src/host/host.h): entry [id], an id or one of these.
 * *vlans: VMMQ_VPORTS_MAX entries, the caller's, for free(); false: memory.
 */
enum { RECORD_VLAN_UNTAGGED = 0, RECORD_VLAN_TRUNK = -1, RECORD_VLAN_NO_FILTER = -2 };
bool record_vlans(const struct record_source *source, int16_t **vlans);

json_t *record_processor_list(const struct vmmq_processor processor[], size_t count);
/* record_processors_used lists what a VPort's parameters steer to now, in the order of the RSS processor set. */
json_t *record_processors_used(const struct record_source *source, const struct vmmq_rss_params *rss);

#endif
