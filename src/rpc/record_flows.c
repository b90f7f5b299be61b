/* SPDX-License-Identifier: BSD-2-Clause */
/* Which flows the lane with most load carries. */
#include "base/clock.h"
#include "control/live_flows.h"
#include "rpc/record.h"

json_t *record_flows_of(const struct live_flows_of *of)
{
	json_t *record = record_lane(of->lane);

	json_object_update_new(record, json_pack("{s:i, s:i, s:f}", "vport", of->id.v, "processor", of->processor.v,
						 "load", (double)of->load / BALANCE_WHOLE));
	return record;
}

json_t *record_flows(const struct live_flows *flows)
{
	json_t *record = record_flows_of(&flows->of), *list = json_array();

	for (unsigned i = 0; i < flows->flow_count; i++)
		json_array_append_new(list, json_pack("{s:s, s:i, s:I}", "flow", flows->flow[i].text, "packets",
						      (int)flows->flow[i].packets, "bytes",
						      (json_int_t)flows->flow[i].bytes));
	json_object_update_new(record,
			       json_pack("{s:f, s:i, s:o}", "seconds", (double)flows->took_ns / (double)SECOND_NS,
					 "packets", (int)flows->packets, "flows", list));
	return record;
}
