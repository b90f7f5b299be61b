/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Loads on VPorts, offered turn by turn, and what is demanded of them: to be unharmed, or to be charged with all the losses.
 * Processors are stepped by hand, one turn for each round of traffic, so that every run is the same.
 */
#ifndef VMMQ_UNIT_ENGINE_ISOLATION_RIG_H
#define VMMQ_UNIT_ENGINE_ISOLATION_RIG_H

#include "unit/engine/vport_rig.h"

#define TURNS    500u
#define FLOOD    (10 * RIG_TURN)
#define TRICKLE  (RIG_TURN / 10)
#define A        1
#define B        2
#define BURST    32u
#define KEPT_MAX 8192u

struct world {
	struct vmmq_adapter *adapter;
	struct rte_mempool *pool;
	struct rte_mempool *copies;
	bool keeps[RIG_VPORTS]; /* the consumer does not return this VPort's packets */
	struct rte_mbuf *kept[KEPT_MAX];
	unsigned kept_count;
	uint64_t resources[RIG_VPORTS]; /* packets indicated with RESOURCES */
	uint64_t drops[RIG_VPORTS][VMMQ_DROP_COUNT];
	uint64_t completed, completed_resources;
	unsigned uplink_takes;
};

/* What is offered to one VPort in each turn. */
struct load {
	uint16_t vport;
	unsigned per_turn;
	uint64_t sent;
	int credit;
};

static inline void on_indicate(void *context, const struct vmmq_indication *indication)
{
	struct world *world = context;

	if (indication->flags & VMMQ_INDICATE_RESOURCES) {
		world->resources[indication->vport.v] += indication->count;
		return;
	}
	if (!world->keeps[indication->vport.v]) {
		vmmq_return_packets(world->adapter, indication->packet, indication->count);
		return;
	}
	assert_true(world->kept_count + indication->count <= KEPT_MAX);
	memcpy(world->kept + world->kept_count, indication->packet, indication->count * sizeof(world->kept[0]));
	world->kept_count += indication->count;
}

static inline void on_drop(void *context, struct vmmq_vport_id vport, enum vmmq_drop reason, struct rte_mbuf *packet)
{
	struct world *world = context;

	assert_non_null(packet);
	world->drops[vport.v][reason]++;
}

static inline unsigned on_transmit(void *context, struct rte_mbuf *packet[], unsigned count)
{
	struct world *world = context;
	unsigned n = count < world->uplink_takes ? count : world->uplink_takes;

	rte_pktmbuf_free_bulk(packet, n);
	world->uplink_takes -= n;
	return n;
}

static inline void on_complete(void *context, const struct vmmq_completion *completion)
{
	struct world *world = context;

	for (unsigned i = 0; i < completion->count; i++) {
		world->completed++;
		world->completed_resources += completion->send[i].status == VMMQ_RESOURCES;
		rte_pktmbuf_free(completion->send[i].packet);
	}
}

static struct rte_mempool *packets, *copies;

static inline int start(void **state)
{
	(void)state;
	if (rig_start(1))
		return -1;
	packets = rig_pool("packets", 8191);
	copies = rig_pool("copies", 4095);
	return 0;
}

static inline void world_make(struct world *world, uint32_t inbox_size, uint32_t held_max, const uint16_t primary[],
			      unsigned count)
{
	struct vmmq_adapter_params params = {
		.name = "isolation",
		.inbox_size = inbox_size,
		.held_max = held_max,
		.indicate = on_indicate,
		.drop = on_drop,
		.transmit = on_transmit,
		.complete = on_complete,
		.pool = copies,
		.transmit_pool = copies,
		.context = world,
	};

	*world = (struct world){ .pool = packets, .copies = copies, .uplink_takes = UINT32_MAX };
	world->adapter = rig_adapter(params, primary, count);
}

static inline void world_end(struct world *world)
{
	rig_drain(world->adapter);
	vmmq_return_packets(world->adapter, world->kept, world->kept_count);
	rig_balanced(world->adapter, world->pool);
	assert_int_equal(rte_mempool_in_use_count(world->copies), 0);
	vmmq_adapter_destroy(world->adapter);
}

/* next_load spreads the loads evenly over the turn. */
static inline struct load *next_load(struct load load[], unsigned count, unsigned total)
{
	struct load *most = load;

	for (unsigned i = 0; i < count; i++) {
		load[i].credit += (int)load[i].per_turn;
		if (load[i].credit > most->credit)
			most = &load[i];
	}
	most->credit -= (int)total;
	return most;
}

/* offer gives a source one turn's packets in bursts, mixed. */
static inline void offer(struct world *world, struct vmmq_source *source, struct load load[], unsigned count)
{
	struct rte_mbuf *burst[BURST];
	unsigned total = 0, n = 0;

	for (unsigned i = 0; i < count; i++)
		total += load[i].per_turn;
	for (unsigned i = 0; i < total; i++) {
		struct load *next = next_load(load, count, total);

		burst[n++] = rig_packet(world->pool, next->vport, 0);
		next->sent++;
		if (n == BURST || i + 1 == total) {
			assert_int_equal(vmmq_receive(source, burst, n), n);
			n = 0;
		}
	}
}

static inline void turn(struct world *world, uint16_t processor)
{
	vmmq_processor_poll(world->adapter, (struct vmmq_processor){ processor });
}

static inline void assert_unharmed(const struct world *world, const struct load *load)
{
	assert_int_equal(rig_indicated(world->adapter, load->vport), load->sent);
	assert_int_equal(rig_dropped_all(world->adapter, load->vport), 0);
}

/* assert_charged: the flooder has all its losses on its own account, for want of room, and was told of each. */
static inline void assert_charged(const struct world *world, const struct load *load)
{
	uint64_t share = rig_dropped(world->adapter, load->vport, VMMQ_DROP_SHARE_FULL);
	uint64_t inbox = rig_dropped(world->adapter, load->vport, VMMQ_DROP_INBOX_FULL);

	assert_true(share + inbox > load->sent / 2);
	assert_int_equal(rig_indicated(world->adapter, load->vport) + share + inbox, load->sent);
	assert_int_equal(world->drops[load->vport][VMMQ_DROP_SHARE_FULL], share);
	assert_int_equal(world->drops[load->vport][VMMQ_DROP_INBOX_FULL], inbox);
}

#endif
