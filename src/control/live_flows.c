/* SPDX-License-Identifier: BSD-2-Clause */
#include "control/live_flows.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <vmmq/parse.h>

#include "control/live_balance_state.h"

#define EXPIRE_NS (60 * SECOND_NS)

/* flows_heaviest looks for the lane with most load among a VPort's; false: it has none. */
static bool flows_heaviest(const struct live *live, struct vmmq_vport_id id, struct live_flows_of *of)
{
	struct live_balance_lane lane[VMMQ_LANES_MAX];
	unsigned count = live_balance_lanes(live, id, lane), most = 0;

	for (unsigned i = 0; i < count; i++)
		if (lane[i].load > lane[most].load)
			most = i;
	if (count)
		*of = (struct live_flows_of){ id, lane[most].lane, lane[most].effective, lane[most].load };
	return count;
}

/* flows_heaviest_of_all: that of an elephant, else of all dynamic VPorts; false: there are none. */
static bool flows_heaviest_of_all(const struct live *live, struct live_flows_of *of)
{
	struct live_balance_elephant elephant;
	struct live_flows_of its;
	bool found = false;

	if (live_balance_elephant(live, 0, &elephant)) {
		*of = (struct live_flows_of){ elephant.id, elephant.lane, elephant.processor, elephant.load };
		return true;
	}
	for (uint32_t id = 0; id < live->extras.end; id++) {
		if (!flows_heaviest(live, (struct vmmq_vport_id){ (uint16_t)id }, &its) ||
		    (found && its.load <= of->load))
			continue;
		*of = its;
		found = true;
	}
	return found;
}

vmmq_status live_flows_begin(struct live *live, const struct vmmq_vport_id *id, struct live_flows_of *of,
			     struct vmmq_why *why)
{
	struct live_balance *b = live->balance;

	if (id ? !flows_heaviest(live, *id, of) : !flows_heaviest_of_all(live, of))
		return vmmq_why_set(why, VMMQ_INVALID_PARAMETER, "vport",
				    id ? "VPort %u is static, and loads of lanes are known of dynamic VPorts only"
				       : "no VPort is dynamic, and loads of lanes are known of such only",
				    id ? (unsigned)id->v : 0);
	if (!host_sample_begin(live->host, of->id, of->lane))
		return vmmq_why_set(why, VMMQ_RESOURCES, "", "out of memory");
	b->sampled = *of;
	b->sampled_ns = now_ns();
	return VMMQ_SUCCESS;
}

/* flow_addresses writes "a > b", with ports where there are any. */
static void flow_addresses(const uint8_t *frame, const struct vmmq_headers *headers, char text[LIVE_FLOW_TEXT])
{
	int family = headers->l3 == VMMQ_L3_IPV6 ? AF_INET6 : AF_INET;
	const uint8_t *port = headers->l4 == VMMQ_L4_OTHER ? NULL : frame + headers->l4_offset;
	const char *open = port && family == AF_INET6 ? "[" : "", *close = *open ? "]" : "";
	char source[INET6_ADDRSTRLEN], destination[INET6_ADDRSTRLEN];

	inet_ntop(family, frame + headers->src_offset, source, sizeof(source));
	inet_ntop(family, frame + headers->dst_offset, destination, sizeof(destination));
	if (port)
		snprintf(text, LIVE_FLOW_TEXT, "%s %s%s%s:%u > %s%s%s:%u", headers->l4 == VMMQ_L4_TCP ? "tcp" : "udp",
			 open, source, close, (unsigned)(port[0] << 8 | port[1]), open, destination, close,
			 (unsigned)(port[2] << 8 | port[3]));
	else if (headers->fragment)
		snprintf(text, LIVE_FLOW_TEXT, "fragments %s > %s", source, destination);
	else if (headers->protocol == (family == AF_INET6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP))
		snprintf(text, LIVE_FLOW_TEXT, "icmp %s > %s", source, destination);
	else
		snprintf(text, LIVE_FLOW_TEXT, "protocol %u %s > %s", (unsigned)headers->protocol, source,
			 destination);
}

static void flow_text(const struct host_sample *sample, char text[LIVE_FLOW_TEXT])
{
	struct vmmq_headers headers;

	vmmq_parse(sample->bytes, sample->held, &headers);
	if (headers.l3 != VMMQ_L3_NONE)
		flow_addresses(sample->bytes, &headers, text);
	else
		snprintf(text, LIVE_FLOW_TEXT, "no IP, EtherType 0x%04x", (unsigned)headers.ethertype);
}

static void flows_add(struct live_flows *flows, const struct host_sample *sample)
{
	char text[LIVE_FLOW_TEXT];
	unsigned i = 0;

	flow_text(sample, text);
	while (i < flows->flow_count && strcmp(flows->flow[i].text, text) != 0)
		i++;
	if (i == flows->flow_count) {
		flows->flow[flows->flow_count++] = (struct live_flow){ .packets = 0 };
		memcpy(flows->flow[i].text, text, sizeof(text));
	}
	flows->flow[i].packets++;
	flows->flow[i].bytes += sample->len;
}

static int flow_compare(const void *a, const void *b)
{
	const struct live_flow *left = a, *right = b;

	if (left->packets != right->packets)
		return left->packets < right->packets ? 1 : -1;
	return strcmp(left->text, right->text);
}

vmmq_status live_flows_end(struct live *live, struct live_flows *flows, struct vmmq_why *why)
{
	static struct host_sample sample[HOST_SAMPLES]; /* of the control thread: too large for its stack */
	struct live_balance *b = live->balance;

	if (!b->sampled_ns)
		return vmmq_why_set(why, VMMQ_INVALID_PARAMETER, "",
				    "nothing is looked at: balance.sample begins that, a minute ago at most");
	flows->of = b->sampled;
	flows->took_ns = now_ns() - b->sampled_ns;
	flows->packets = host_sample_end(live->host, sample);
	flows->flow_count = 0;
	b->sampled_ns = 0;
	for (unsigned i = 0; i < flows->packets; i++)
		flows_add(flows, &sample[i]);
	qsort(flows->flow, flows->flow_count, sizeof(flows->flow[0]), flow_compare);
	return VMMQ_SUCCESS;
}

void live_flows_expire(struct live *live, uint64_t now)
{
	struct live_balance *b = live->balance;

	if (!b->sampled_ns || now < b->sampled_ns + EXPIRE_NS)
		return;
	host_sample_end(live->host, NULL);
	b->sampled_ns = 0;
}
