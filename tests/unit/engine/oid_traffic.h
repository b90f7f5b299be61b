/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Traffic while binary requests change an adapter: sources on threads send numbered packets of many flows as fast as
 * they
 * can, and every indication is checked: the next packet of its flow, on a VPort that exists, and, if it was received
 * in a window between requests, on the VPort and processor that the model names then.
 */
#ifndef VMMQ_UNIT_ENGINE_OID_TRAFFIC_H
#define VMMQ_UNIT_ENGINE_OID_TRAFFIC_H

#include <stdatomic.h>

#include "unit/core/request_run.h"
#include "unit/engine/thread_rig.h"

enum { SOURCES = 2, FLOWS = 100, TAGS = 5, PACKETS = 512, BATCH = 32, WIRE_LEN = 68, NOTE_LEN = 16 };

/* One flow of one source.  Its indications follow one another, on whatever processors, or the engine is wrong. */
struct flow {
	uint8_t frame[WIRE_LEN];
	uint32_t len;
	int tag; /* -1: none */
	const uint8_t *mac;
	uint64_t sent;     /* source: rw */
	uint64_t expected; /* indications: rw */
	/* control: rw while no window is open and nobody looks through one  indications: ro */
	uint16_t vport, processor;
};

struct traffic_source {
	pthread_t thread;
	struct vmmq_source *source;
	struct rig_stack packets;
	struct flow flow[FLOWS];
	uint64_t random;
};

static struct traffic_source traffic[SOURCES];
static struct vmmq_adapter *adapter;
static atomic_bool stopping;
/*
 * Packets carry the era in which their source was about to hand them over.  A window is an era in which there are no
 * requests: its packets go where the flows say.  0: no window is open.
 */
static atomic_uint era, window, watchers, seen_in_window;
static unsigned watched;
static atomic_bool alive[IDS];
static char problem[200];
static atomic_bool has_problem;

static inline void complain(const char *what, const struct vmmq_indication *indication, unsigned flow,
			    uint64_t number)
{
	if (atomic_exchange(&has_problem, true))
		return;
	snprintf(problem, sizeof(problem), "%s: VPort %u, processor %u, flow %u, packet %llu", what,
		 (unsigned)indication->vport.v, (unsigned)indication->processor.v, flow, (unsigned long long)number);
}

/* flow_make: TCP, UDP or, without a hash, ARP; to a MAC that filters have or to one that none has; tagged or not. */
static inline void flow_make(struct flow *flow, unsigned number)
{
	static const int tags[TAGS] = { -1, 0, 7, 4094, 9 };
	static const uint8_t nobody[VMMQ_MAC_LEN] = { 2, 0, 0, 9, 9, 9 };

	*flow = (struct flow){ .tag = tags[number / 5 % TAGS] };
	flow->mac = number % 5 < MACS ? macs[number % 5] : nobody;
	dump_frame(flow->frame, flow->mac, number * 2654435761u);
	flow->frame[17] = 40;
	flow->frame[23] = number % 2 ? 6 : 17;
	flow->frame[34] = (uint8_t)number;
	if (number % 7 == 0)
		flow->frame[13] = 6;
	flow->len = 64;
	if (flow->tag < 0)
		return;
	frame_tag(flow->frame, 64, (uint16_t)flow->tag);
	flow->len = 68;
}

static inline uint32_t traffic_random(struct traffic_source *source)
{
	source->random = source->random * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(source->random >> 33);
}

static inline void packet_write(struct traffic_source *source, struct rte_mbuf *packet)
{
	uint32_t note[4] = { 0 };
	uint32_t number = traffic_random(source) % FLOWS;
	struct flow *flow = &source->flow[number];
	uint8_t *bytes;

	rte_pktmbuf_reset(packet);
	bytes = (uint8_t *)rte_pktmbuf_append(packet, (uint16_t)flow->len);
	memcpy(bytes, flow->frame, flow->len);
	note[0] = (uint32_t)(source - traffic) * FLOWS + number;
	note[1] = atomic_load(&era);
	memcpy(&note[2], &flow->sent, sizeof(flow->sent));
	memcpy(bytes + flow->len - NOTE_LEN, note, NOTE_LEN);
	flow->sent++;
}

static inline void *traffic_main(void *argument)
{
	struct traffic_source *source = argument;

	while (!atomic_load_explicit(&stopping, memory_order_relaxed)) {
		struct rte_mbuf *packet[BATCH];
		unsigned count = 0, taken = 0;

		while (count < BATCH && (packet[count] = rig_get(&source->packets)))
			packet_write(source, packet[count++]);
		while (taken < count) {
			taken += vmmq_receive(source->source, packet + taken, count - taken);
			if (taken < count)
				sched_yield();
		}
		if (!count)
			sched_yield();
	}
	return NULL;
}

/*
 * --- indications
 * ----------------------------------------------------------------------------------------------------
 */

static inline bool vport_alive(uint16_t vport)
{
	for (unsigned i = 0; i < IDS; i++)
		if (ids[i] == vport)
			return atomic_load(&alive[i]);
	return false;
}

static inline void vport_live(uint32_t vport, bool lives)
{
	for (unsigned i = 0; i < IDS; i++)
		if (ids[i] == vport)
			atomic_store(&alive[i], lives);
}

/* packet_check returns whether the packet was received in the window. */
static inline bool packet_check(const struct vmmq_indication *indication, struct rte_mbuf *packet, unsigned open)
{
	uint32_t note[4];
	uint64_t number;
	struct vmmq_oob oob;
	struct flow *flow;
	bool inside;

	memcpy(note, rte_pktmbuf_mtod(packet, const uint8_t *) + packet->data_len - NOTE_LEN, NOTE_LEN);
	memcpy(&number, &note[2], sizeof(number));
	flow = &traffic[note[0] / FLOWS].flow[note[0] % FLOWS];
	inside = open && note[1] == open;
	vmmq_oob_get(packet, &oob);
	if (number != flow->expected)
		complain(number > flow->expected ? "a packet is missing" : "a packet is late", indication, note[0],
			 number);
	flow->expected = number + 1;
	if (oob.vport.v != indication->vport.v)
		complain("OOB names another VPort", indication, note[0], number);
	if (inside && (flow->vport != oob.vport.v || flow->processor != indication->processor.v))
		complain("not where the model steers it", indication, note[0], number);
	rig_put(&traffic[note[0] / FLOWS].packets, packet);
	return inside;
}

/* A packet that met a later view comes with the end of the window before it: then the window is not seen as open. */
static inline void traffic_indicate(void *context, const struct vmmq_indication *indication)
{
	unsigned open, inside = 0;

	(void)context;
	atomic_fetch_add(&watchers, 1);
	open = atomic_load(&window);
	if (!vport_alive(indication->vport.v))
		complain("no such VPort any more", indication, 0, 0);
	vmmq_take_packets(adapter, indication->packet, indication->count);
	for (unsigned i = 0; i < indication->count; i++)
		inside += packet_check(indication, indication->packet[i], open);
	atomic_fetch_add(&seen_in_window, inside);
	atomic_fetch_sub(&watchers, 1);
}

/*
 * --- windows
 * --------------------------------------------------------------------------------------------------------
 */

/* flow_steer says where the model steers the flow's packets; only the hash is the switch's. */
static inline void flow_steer(struct flow *flow)
{
	const struct vmmq_filter *filter = model_match(flow->mac, flow->tag);
	const struct model_vport *v;
	struct vmmq_verdict verdict;
	unsigned parameter = PRIMARY;

	flow->vport = filter ? filter->vport.v : 0;
	v = known(flow->vport);
	vmmq_classify(vmmq_nic_switch_view(nic), flow->frame, flow->len, &verdict, NULL);
	assert_int_equal(verdict.vport.v, flow->vport);
	if (v->rss)
		parameter = verdict.hash_type ? ITE + (verdict.hash & (v->entries - 1)) : DEFAULT;
	flow->processor = v->at[parameter];
}

static inline void problem_check(void)
{
	if (atomic_load(&has_problem))
		fail_msg("%s", problem);
}

/* traffic_watch: what is received from here on, whatever is still on its way, has to be where the model says. */
static inline void traffic_watch(void)
{
	unsigned spins = 0;

	for (unsigned i = 0; i < SOURCES * FLOWS; i++)
		flow_steer(&traffic[i / FLOWS].flow[i % FLOWS]);
	atomic_store(&seen_in_window, 0);
	atomic_store(&window, atomic_load(&era) + 1);
	atomic_fetch_add(&era, 1);
	while (atomic_load(&seen_in_window) < 2 * FLOWS && !atomic_load(&has_problem) && spins++ < 20000)
		sched_yield();
	atomic_store(&window, 0);
	while (atomic_load(&watchers))
		sched_yield();
	watched += atomic_load(&seen_in_window);
	problem_check();
}

/*
 * --- a switch's life
 * ------------------------------------------------------------------------------------------------
 */

static inline void traffic_start(struct rte_mempool *pool)
{
	atomic_store(&stopping, false);
	for (unsigned i = 0; i < SOURCES; i++) {
		struct traffic_source *source = &traffic[i];

		rig_stack_fill(&source->packets, pool, PACKETS);
		source->random = random_u64();
		for (unsigned f = 0; f < FLOWS; f++)
			flow_make(&source->flow[f], f);
		assert_int_equal(vmmq_source_create(adapter, VMMQ_SOURCE_WAIT, &source->source, NULL), VMMQ_SUCCESS);
		assert_int_equal(pthread_create(&source->thread, NULL, traffic_main, source), 0);
	}
}

/* traffic_stop returns when all that was sent is indicated; nothing is missing then. */
static inline uint64_t traffic_stop(void)
{
	uint64_t sent = 0, dropped[VMMQ_DROP_COUNT] = { 0 };

	atomic_store(&stopping, true);
	for (unsigned i = 0; i < SOURCES; i++) {
		assert_int_equal(pthread_join(traffic[i].thread, NULL), 0);
		vmmq_source_destroy(traffic[i].source);
	}
	problem_check();
	for (unsigned i = 0; i < SOURCES * FLOWS; i++) {
		const struct flow *flow = &traffic[i / FLOWS].flow[i % FLOWS];

		assert_int_equal(flow->expected, flow->sent);
		sent += flow->sent;
	}
	assert_int_equal(vmmq_received_read(adapter), sent);
	for (uint32_t v = 0; v < MAX_VPORTS; v++)
		vmmq_vport_drops_read(adapter, (struct vmmq_vport_id){ (uint16_t)v }, dropped);
	for (unsigned i = 0; i < VMMQ_DROP_COUNT; i++)
		assert_int_equal(dropped[i], 0);
	for (unsigned i = 0; i < SOURCES; i++)
		assert_int_equal(rig_stack_empty(&traffic[i].packets), PACKETS);
	return sent;
}

#endif
