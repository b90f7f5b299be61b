/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bench-host: what the switch forwards, stepped in one thread: 64 VMs with four queues each, four processors, RSS over all of
 * them.  Each figure beside what the adapter alone takes for the same packets from and to the same devices: receive or
 * send, classify, copy to another VPort, inbox, indicate, complete.  So the rest is the switch's: source check, VLANs,
 * forwarding, counters, queues.
 */
#include "bench_host.h"

#include <stdio.h>
#include <vmmq/adapter.h>

#include "engine/eal.h"
#include "host/host.h"

#define MEMORY_MB  256
#define PROCESSORS DEVICE_QUEUES
#define BURST      32u
#define TURNS      16u
#define PACKETS    (TURNS * PROCESSORS * BURST)
#define ROUNDS     201u
#define KINDS      3u /* of traffic */

static struct vmmq_adapter *adapter, *alone;
static struct host *host;
static struct vmmq_source *source[PROCESSORS], *senders_source[PROCESSORS];
static struct vmmq_sender *sender[DEVICE_VPORTS + 1][DEVICE_QUEUES];
static struct device *sending; /* the VM that sends; NULL: the uplink */

/* The adapter alone: what it indicates is transmitted, what it completes is freed. */
static void alone_indicate(void *context, const struct vmmq_indication *indication)
{
	struct rte_mbuf *packet[DEVICE_VPORTS];

	(void)context;
	vmmq_take_packets(alone, indication->packet, indication->count);
	for (unsigned i = 0; i < indication->count; i++)
		packet[i] = indication->packet[i];
	ethdev_transmit(device_port(device_find(indication->vport.v)), 0, packet, indication->count);
}

static unsigned alone_transmit(void *context, struct rte_mbuf *packet[], unsigned count)
{
	(void)context;
	return ethdev_transmit(device_port(device_find(0)), 0, packet, count);
}

static void alone_complete(void *context, const struct vmmq_completion *completion)
{
	(void)context;
	for (unsigned i = 0; i < completion->count; i++)
		rte_pktmbuf_free(completion->send[i].packet);
}

static void alone_poll(uint16_t queue)
{
	struct device *device = sending ? sending : device_find(0);
	struct rte_mbuf *packet[BURST];
	unsigned n = ethdev_receive(device_port(device), queue, packet, BURST);

	if (!sending) {
		vmmq_receive(source[queue], packet, n);
		return;
	}
	for (unsigned i = 0; i < n; i++)
		vmmq_oob_set_hash(packet[i], 0, 0);
	vmmq_transfer(sender[sending->vport][queue], (struct vmmq_vport_id){ sending->vport }, packet, n);
}

/* due: one VM after the other sends, a burst from each of its queues. */
static void due(unsigned turn, bool from_vms, bool to_vms)
{
	const uint16_t from = (uint16_t)(1 + turn % DEVICE_VPORTS);
	struct device *device = device_find(from_vms ? from : 0);

	sending = from_vms ? device : NULL;
	device->to = (uint16_t)(to_vms ? 1 + from % DEVICE_VPORTS : NOWHERE);
	for (unsigned q = 0; q < DEVICE_QUEUES; q++)
		device->due[q] = BURST;
}

struct traffic {
	const char *title, *note;
	bool from_vms, to_vms;
};

static void step_alone(const struct traffic *traffic, unsigned round)
{
	for (unsigned turn = 0; turn < TURNS; turn++) {
		due(round * TURNS + turn, traffic->from_vms, traffic->to_vms);
		for (uint16_t p = 0; p < PROCESSORS; p++) {
			alone_poll(p);
			vmmq_processor_poll(alone, (struct vmmq_processor){ p });
		}
	}
}

static void step_host(const struct traffic *traffic, unsigned round)
{
	for (unsigned turn = 0; turn < TURNS; turn++) {
		due(round * TURNS + turn, traffic->from_vms, traffic->to_vms);
		for (uint16_t p = 0; p < PROCESSORS; p++)
			vmmq_processor_poll(adapter, (struct vmmq_processor){ p });
	}
}

static double timed(void (*step)(const struct traffic *traffic, unsigned round), const struct traffic *traffic,
		    unsigned round)
{
	uint64_t start = rte_rdtsc_precise();

	step(traffic, round);
	return (double)(rte_rdtsc_precise() - start) / PACKETS;
}

static uint64_t all_sent(void)
{
	uint64_t sum = 0;

	for (uint16_t v = 0; v <= DEVICE_VPORTS; v++)
		sum += device_find(v)->sent;
	return sum;
}

static void settle(void)
{
	for (unsigned turn = 0; turn < 100; turn++)
		for (uint16_t p = 0; p < PROCESSORS; p++) {
			vmmq_processor_poll(adapter, (struct vmmq_processor){ p });
			vmmq_processor_poll(alone, (struct vmmq_processor){ p });
		}
}

/* What a kind of traffic took, round by round. */
struct taken {
	double alone[ROUNDS], host[ROUNDS];
};

static void report_traffic(const struct traffic *traffic, const struct taken *taken, const struct taken *first,
			   unsigned rounds)
{
	static double by_alone[ROUNDS], by_host[ROUNDS], ratio[ROUNDS], rate[ROUNDS], against[ROUNDS];

	for (unsigned r = 0; r < rounds; r++) {
		by_alone[r] = taken->alone[r];
		by_host[r] = taken->host[r];
		ratio[r] = taken->host[r] / taken->alone[r];
		rate[r] = (double)rte_get_tsc_hz() / 1e6 / taken->host[r];
		against[r] = taken->alone[r] / first->alone[r];
	}
	report_section(traffic->title, traffic->note);
	report_samples("the adapter alone", "cycles/packet", by_alone, rounds);
	if (taken != first)
		report_samples("  against uplink to VMs", "times", against, rounds);
	report_samples("the switch", "cycles/packet", by_host, rounds);
	report_samples("  against the adapter alone", "times", ratio, rounds);
	report_samples("  one CPU forwards", "Mpps", rate, rounds);
}

/* compare measures all kinds of traffic in turns.  false: packets were lost. */
static bool compare(const struct traffic traffic[KINDS], unsigned rounds)
{
	static struct taken taken[KINDS];
	uint64_t before = all_sent(), sent = (uint64_t)2 * KINDS * (rounds + 1) * PACKETS;

	for (unsigned k = 0; k < KINDS; k++) {
		timed(step_alone, &traffic[k], 0);
		timed(step_host, &traffic[k], 0);
	}
	for (unsigned r = 0; r < rounds; r++)
		for (unsigned k = 0; k < KINDS; k++) {
			bool host_first = r % 2;

			if (host_first)
				taken[k].host[r] = timed(step_host, &traffic[k], r);
			taken[k].alone[r] = timed(step_alone, &traffic[k], r);
			if (!host_first)
				taken[k].host[r] = timed(step_host, &traffic[k], r);
		}
	for (unsigned k = 0; k < KINDS; k++)
		report_traffic(&traffic[k], &taken[k], &taken[0], rounds);
	settle();
	if (all_sent() - before == sent)
		return true;
	fprintf(stderr, "bench-host: %llu packets sent, %llu forwarded\n", (unsigned long long)sent,
		(unsigned long long)(all_sent() - before));
	return false;
}

static void step_idle(const struct traffic *traffic, unsigned round)
{
	(void)traffic;
	(void)round;
	for (unsigned turn = 0; turn < TURNS; turn++)
		for (uint16_t p = 0; p < PROCESSORS; p++)
			vmmq_processor_poll(adapter, (struct vmmq_processor){ p });
}

/* idle: nothing has anything.  Before VMs have sent to each other a processor has but an inbox or two. */
static void idle(const char *when, unsigned rounds)
{
	static double sample[ROUNDS];

	for (unsigned r = 0; r < rounds; r++)
		sample[r] = timed(step_idle, NULL, r) * PACKETS / (TURNS * PROCESSORS * (DEVICE_VPORTS + 1));
	report_samples(when, "cycles/poll", sample, rounds);
}

static bool vport_add(struct vmmq_nic_switch *sw, uint16_t vport)
{
	struct vmmq_vport_id id = { vport };
	struct vmmq_rss_params rss;
	uint64_t random = vport;
	uint8_t mac[VMMQ_MAC_LEN];
	uint32_t filter;

	vmmq_rss_params_init(&rss, (struct vmmq_processor){ (uint16_t)(vport % PROCESSORS) });
	rss.enabled = true;
	rss.entry_count = VMMQ_TABLE_ENTRIES_MAX;
	for (unsigned i = 0; i < VMMQ_KEY_LEN; i++)
		rss.key[i] = (uint8_t)random_u64(&random);
	for (unsigned i = 0; i < rss.entry_count; i++)
		rss.table[i].v = (uint16_t)((vport + i) % PROCESSORS);
	frame_mac(vport, mac);
	return vmmq_vport_create(sw, id, "vm", PROCESSORS, rss.primary, NULL) == VMMQ_SUCCESS &&
	       vmmq_vport_activate(sw, id, NULL) == VMMQ_SUCCESS &&
	       vmmq_rss_set(sw, id, &rss, NULL) == VMMQ_SUCCESS &&
	       vmmq_filter_set(sw, id, mac, VMMQ_VLAN_UNTAGGED_OR_ZERO, &filter, NULL) == VMMQ_SUCCESS;
}

static bool adapter_make(struct vmmq_adapter_params *params, struct vmmq_adapter **made)
{
	static const struct vmmq_processor processors[PROCESSORS] = { { 0 }, { 1 }, { 2 }, { 3 } };
	bool done;

	params->name = "bench";
	params->moderation = VMMQ_MODERATION_POLL;
	params->nic_switch = (struct vmmq_nic_switch_params){ .processors = processors,
							      .processor_count = PROCESSORS,
							      .max_vports = DEVICE_VPORTS + 1 };
	done = vmmq_adapter_create(params, made, NULL) == VMMQ_SUCCESS;
	for (uint16_t v = 1; done && v <= DEVICE_VPORTS; v++)
		done = vport_add(vmmq_adapter_switch(*made), v);
	return done && vmmq_adapter_apply(*made, false, UINT64_MAX, NULL) == VMMQ_SUCCESS;
}

static bool host_make(struct vmmq_adapter_params *params)
{
	const struct host_params host_params = { .name = "bench" };
	char devargs[16], uplink[] = "uplink";

	if (host_create(&host_params, &host, NULL) != VMMQ_SUCCESS)
		return false;
	host_fill_adapter_params(host, params);
	if (!adapter_make(params, &adapter) || host_bind(host, adapter, NULL) != VMMQ_SUCCESS)
		return false;
	host_set_uplink(host, &(struct port_spec){ .kind = PORT_DEVICE, .device = uplink }, DEVICE_QUEUES);
	for (uint16_t v = 1; v <= DEVICE_VPORTS; v++) {
		snprintf(devargs, sizeof(devargs), "vm%u", v);
		host_set_backend(host, (struct vmmq_vport_id){ v },
				 &(struct port_spec){ .kind = PORT_DEVICE, .device = devargs });
	}
	return host_update(host) == VMMQ_SUCCESS;
}

static bool alone_make(struct vmmq_adapter_params *params)
{
	bool done;

	params->indicate = alone_indicate;
	params->drop = NULL;
	params->transmit = alone_transmit;
	params->complete = alone_complete;
	done = adapter_make(params, &alone);
	for (unsigned i = 0; done && i < PROCESSORS; i++)
		done = vmmq_source_create(alone, VMMQ_SOURCE_DROP, &source[i], NULL) == VMMQ_SUCCESS &&
		       vmmq_source_create(alone, VMMQ_SOURCE_DROP, &senders_source[i], NULL) == VMMQ_SUCCESS;
	for (unsigned v = 1; v <= DEVICE_VPORTS; v++)
		for (unsigned q = 0; done && q < DEVICE_QUEUES; q++)
			done = vmmq_sender_create_on(senders_source[q], 0, &sender[v][q], NULL) == VMMQ_SUCCESS;
	return done;
}

static bool end(void)
{
	settle();
	vmmq_adapter_stop(alone);
	vmmq_adapter_destroy(alone);
	vmmq_adapter_stop(adapter);
	host_destroy(host);
	vmmq_adapter_destroy(adapter);
	return devices_whole();
}

int main(int argc, char *argv[])
{
	static const struct traffic traffic[KINDS] = {
		{ "Uplink to 64 VMs", "64-byte frames, four uplink queues in bursts of 32, TCP and UDP over IPv4",
		  false, true },
		{ "VM to VM", "64-byte frames, one VM after the other sends a burst of 32 from each of its queues",
		  true, true },
		{ "VM to uplink", "likewise", true, false },
	};
	struct vmmq_adapter_params params = { .name = "bench" };
	struct options options;
	unsigned rounds;
	char error[256];

	if (!bench_options(argc, argv, &options))
		return 2;
	if (eal_start(1, MEMORY_MB, error, sizeof(error))) {
		fprintf(stderr, "bench-host: %s\n", error);
		return 1;
	}
	if (!devices_make() || !host_make(&params) || !alone_make(&params)) {
		fprintf(stderr, "bench-host: cannot make the adapters\n");
		return 1;
	}
	report_begin("bench-host", options.json);
	rounds = options.quick ? 3 : ROUNDS;
	report_section("An empty turn", "of a processor that polls 65 queues, divided by that");
	idle("at first", rounds);
	if (!compare(traffic, rounds))
		return 1;
	report_section("An empty turn", "when each VM has sent to another");
	idle("then", rounds);
	if (!end()) {
		fprintf(stderr, "bench-host: buffers are missing\n");
		return 1;
	}
	return report_end();
}
