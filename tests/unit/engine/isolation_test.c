/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A noisy neighbour costs others nothing but time.  VPort A is flooded with ten times what a processor takes, VPort B gets
 * a tenth of it: B loses nothing, whatever they share, and each drop is charged to A.  Processors are stepped by hand, one
 * turn for each round of traffic, so that every run is the same.
 */
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

static void on_indicate(void *context, const struct vmmq_indication *indication)
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

static void on_drop(void *context, struct vmmq_vport_id vport, enum vmmq_drop reason, struct rte_mbuf *packet)
{
	struct world *world = context;

	assert_non_null(packet);
	world->drops[vport.v][reason]++;
}

static unsigned on_transmit(void *context, struct rte_mbuf *packet[], unsigned count)
{
	struct world *world = context;
	unsigned n = count < world->uplink_takes ? count : world->uplink_takes;

	rte_pktmbuf_free_bulk(packet, n);
	world->uplink_takes -= n;
	return n;
}

static void on_complete(void *context, const struct vmmq_completion *completion)
{
	struct world *world = context;

	for (unsigned i = 0; i < completion->count; i++) {
		world->completed++;
		world->completed_resources += completion->send[i].status == VMMQ_RESOURCES;
		rte_pktmbuf_free(completion->send[i].packet);
	}
}

static struct rte_mempool *packets, *copies;

static int start(void **state)
{
	(void)state;
	if (rig_start(1))
		return -1;
	packets = rig_pool("packets", 8191);
	copies = rig_pool("copies", 4095);
	return 0;
}

static void world_make(struct world *world, uint32_t inbox_size, uint32_t held_max, const uint16_t primary[],
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

static void world_end(struct world *world)
{
	rig_drain(world->adapter);
	vmmq_return_packets(world->adapter, world->kept, world->kept_count);
	rig_balanced(world->adapter, world->pool);
	assert_int_equal(rte_mempool_in_use_count(world->copies), 0);
	vmmq_adapter_destroy(world->adapter);
}

/* next_load spreads the loads evenly over the turn. */
static struct load *next_load(struct load load[], unsigned count, unsigned total)
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
static void offer(struct world *world, struct vmmq_source *source, struct load load[], unsigned count)
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

static void turn(struct world *world, uint16_t processor)
{
	vmmq_processor_poll(world->adapter, (struct vmmq_processor){ processor });
}

static void assert_unharmed(const struct world *world, const struct load *load)
{
	assert_int_equal(rig_indicated(world->adapter, load->vport), load->sent);
	assert_int_equal(rig_dropped_all(world->adapter, load->vport), 0);
}

/* assert_charged: the flooder has all its losses on its own account, for want of room, and was told of each. */
static void assert_charged(const struct world *world, const struct load *load)
{
	uint64_t share = rig_dropped(world->adapter, load->vport, VMMQ_DROP_SHARE_FULL);
	uint64_t inbox = rig_dropped(world->adapter, load->vport, VMMQ_DROP_INBOX_FULL);

	assert_true(share + inbox > load->sent / 2);
	assert_int_equal(rig_indicated(world->adapter, load->vport) + share + inbox, load->sent);
	assert_int_equal(world->drops[load->vport][VMMQ_DROP_SHARE_FULL], share);
	assert_int_equal(world->drops[load->vport][VMMQ_DROP_INBOX_FULL], inbox);
}

static void flood_same_inbox(uint32_t inbox_size)
{
	struct load load[] = { { .vport = A, .per_turn = FLOOD }, { .vport = B, .per_turn = TRICKLE } };
	struct world world;
	struct vmmq_source *source;

	world_make(&world, inbox_size, 0, (const uint16_t[]){ 0, 0 }, 2);
	source = rig_source(world.adapter, VMMQ_SOURCE_DROP);
	for (unsigned i = 0; i < TURNS; i++) {
		offer(&world, source, load, 2);
		turn(&world, 0);
	}
	/* What B leaves is A's: the processor was never without work. */
	assert_int_equal(rig_indicated(world.adapter, A) + rig_indicated(world.adapter, B), TURNS * RIG_TURN);
	rig_drain(world.adapter);
	assert_unharmed(&world, &load[1]);
	assert_charged(&world, &load[0]);
	world_end(&world);
}

static void test_flood_same_source_same_inbox(void **state)
{
	(void)state;
	flood_same_inbox(0);
	flood_same_inbox(256);
}

/* Different sources, one processor: B does not even wait, since each inbox is served in each turn. */
static void test_flood_other_source_same_processor(void **state)
{
	struct load flood = { .vport = A, .per_turn = FLOOD }, trickle = { .vport = B, .per_turn = TRICKLE };
	struct vmmq_source *noisy, *quiet;
	struct world world;

	(void)state;
	world_make(&world, 256, 0, (const uint16_t[]){ 0, 0 }, 2);
	noisy = rig_source(world.adapter, VMMQ_SOURCE_DROP);
	quiet = rig_source(world.adapter, VMMQ_SOURCE_DROP);
	for (unsigned i = 0; i < TURNS; i++) {
		offer(&world, noisy, &flood, 1);
		offer(&world, quiet, &trickle, 1);
		turn(&world, 0);
		assert_unharmed(&world, &trickle);
	}
	rig_drain(world.adapter);
	assert_charged(&world, &flood);
	world_end(&world);
}

/* Four floods of ten times the capacity each, and they share what B leaves evenly. */
static void test_several_floods(void **state)
{
	struct load load[] = {
		{ .vport = A, .per_turn = FLOOD }, { .vport = B, .per_turn = TRICKLE },
		{ .vport = 3, .per_turn = FLOOD }, { .vport = 4, .per_turn = FLOOD },
		{ .vport = 5, .per_turn = FLOOD },
	};
	struct vmmq_source *source;
	struct world world;

	(void)state;
	world_make(&world, 256, 0, (const uint16_t[]){ 0, 0, 0, 0, 0 }, 5);
	source = rig_source(world.adapter, VMMQ_SOURCE_DROP);
	for (unsigned i = 0; i < TURNS; i++) {
		offer(&world, source, load, 5);
		turn(&world, 0);
	}
	rig_drain(world.adapter);
	assert_unharmed(&world, &load[1]);
	for (unsigned i = 0; i < 5; i++) {
		if (i == 1)
			continue;
		assert_charged(&world, &load[i]);
		assert_true(rig_indicated(world.adapter, load[i].vport) > TURNS * RIG_TURN / 8);
	}
	world_end(&world);
}

/* A's processor does not run at all: B's, fed by the same source, notices nothing, and the watchdog names A's. */
static void test_stopped_processor(void **state)
{
	struct load load[] = { { .vport = A, .per_turn = FLOOD }, { .vport = B, .per_turn = TRICKLE } };
	struct vmmq_processor stalled[RIG_PROCESSORS];
	struct vmmq_source *source;
	struct world world;

	(void)state;
	world_make(&world, 256, 0, (const uint16_t[]){ 2, 1 }, 2);
	source = rig_source(world.adapter, VMMQ_SOURCE_DROP);
	assert_int_equal(vmmq_stalled(world.adapter, stalled, RIG_PROCESSORS), 0); /* nothing waits for them */
	for (unsigned i = 0; i < TURNS; i++) {
		offer(&world, source, load, 2);
		turn(&world, 1);
		assert_unharmed(&world, &load[1]);
		assert_int_equal(vmmq_stalled(world.adapter, stalled, RIG_PROCESSORS), 1);
		assert_int_equal(stalled[0].v, 2);
	}
	assert_int_equal(vmmq_stalled(world.adapter, NULL, 0), 1); /* counted beyond the room for names */
	turn(&world, 2);
	assert_int_equal(vmmq_stalled(world.adapter, stalled, RIG_PROCESSORS), 0); /* slow, but it polls */
	rig_drain(world.adapter);
	assert_charged(&world, &load[0]);
	world_end(&world);
}

/* A VM floods A with copies from the adapter's pool; B gets its packets from the uplink, on the same processor. */
static void test_flood_from_a_vm(void **state)
{
	struct load trickle = { .vport = B, .per_turn = TRICKLE };
	struct vmmq_source *uplink;
	struct vmmq_sender *sender;
	struct world world;
	uint64_t sent = 0, lost;

	(void)state;
	world_make(&world, 256, 0, (const uint16_t[]){ 0, 0, 0 }, 3);
	uplink = rig_source(world.adapter, VMMQ_SOURCE_DROP);
	assert_int_equal(vmmq_sender_create(world.adapter, 0, &sender, NULL), VMMQ_SUCCESS);
	for (unsigned i = 0; i < TURNS; i++) {
		struct rte_mbuf *flood[FLOOD];

		for (unsigned k = 0; k < FLOOD; k++) {
			flood[k] = rig_packet(world.pool, A, 0);
			vmmq_oob_set_hash(flood[k], 0, 0);
		}
		assert_int_equal(vmmq_send(sender, (struct vmmq_vport_id){ 3 }, flood, FLOOD), FLOOD);
		sent += FLOOD;
		offer(&world, uplink, &trickle, 1);
		turn(&world, 0);
		assert_int_equal(world.completed, sent);
		assert_unharmed(&world, &trickle);
	}
	rig_drain(world.adapter);
	lost = rig_dropped_all(world.adapter, A);
	assert_int_equal(lost, rig_dropped(world.adapter, A, VMMQ_DROP_SHARE_FULL));
	assert_int_equal(rig_indicated(world.adapter, A) + lost, sent);
	assert_true(lost > sent / 2);
	assert_int_equal(world.completed_resources, lost); /* the sender is told */
	vmmq_sender_destroy(sender);
	world_end(&world);
}

/* An uplink that takes nothing more: the sender is told so, and what is received goes on. */
static void test_blocked_uplink(void **state)
{
	struct load trickle = { .vport = B, .per_turn = TRICKLE };
	struct rte_mbuf *away[4 * BURST];
	struct vmmq_source *uplink;
	struct vmmq_sender *sender;
	struct world world;
	unsigned taken;

	(void)state;
	world_make(&world, 256, 0, (const uint16_t[]){ 0, 0 }, 2);
	world.uplink_takes = 0;
	uplink = rig_source(world.adapter, VMMQ_SOURCE_DROP);
	assert_int_equal(vmmq_sender_create(world.adapter, 0, &sender, NULL), VMMQ_SUCCESS);
	for (unsigned i = 0; i < 4 * BURST; i++) {
		away[i] = rig_packet(world.pool, 99, 0);
		vmmq_oob_set_hash(away[i], 0, 0);
	}
	taken = vmmq_send(sender, (struct vmmq_vport_id){ A }, away, 4 * BURST);
	assert_in_range(taken, 1, 4 * BURST - 1);
	for (unsigned i = 0; i < TURNS; i++) {
		assert_int_equal(vmmq_send(sender, (struct vmmq_vport_id){ A }, away + taken, 4 * BURST - taken), 0);
		offer(&world, uplink, &trickle, 1);
		turn(&world, 0);
		assert_unharmed(&world, &trickle);
	}
	assert_int_equal(world.completed, 0);
	world.uplink_takes = UINT32_MAX;
	while (taken < 4 * BURST)
		taken += vmmq_send(sender, (struct vmmq_vport_id){ A }, away + taken, 4 * BURST - taken);
	vmmq_send(sender, (struct vmmq_vport_id){ A }, NULL, 0);
	rig_drain(world.adapter);
	assert_int_equal(world.completed, 4 * BURST);
	vmmq_sender_destroy(sender);
	world_end(&world);
}

/* A's consumer never returns a packet: it may hold held_max, gets the others only for the call, and B is not touched. */
static void test_consumer_keeps_packets(void **state)
{
	enum { HELD_MAX = 1000 };
	struct load load[] = { { .vport = A, .per_turn = RIG_TURN / 2 }, { .vport = B, .per_turn = TRICKLE } };
	struct vmmq_source *source;
	struct world world;

	(void)state;
	world_make(&world, 256, HELD_MAX, (const uint16_t[]){ 0, 0 }, 2);
	world.keeps[A] = true;
	source = rig_source(world.adapter, VMMQ_SOURCE_DROP);
	for (unsigned i = 0; i < TURNS; i++) {
		offer(&world, source, load, 2);
		turn(&world, 0);
		assert_unharmed(&world, &load[0]);
		assert_unharmed(&world, &load[1]);
		assert_true(world.kept_count <= HELD_MAX);
		assert_int_equal(vmmq_held_read(world.adapter, (struct vmmq_vport_id){ A }), world.kept_count);
	}
	assert_int_equal(world.resources[A], load[0].sent - world.kept_count);
	assert_true(world.kept_count > HELD_MAX - RIG_TURN);
	assert_int_equal(world.resources[B], 0);
	vmmq_return_packets(world.adapter, world.kept, world.kept_count);
	world.kept_count = 0;
	world.resources[A] = 0;
	offer(&world, source, load, 1);
	turn(&world, 0);
	assert_int_equal(world.resources[A], 0); /* it may hold packets again */
	assert_int_equal(world.kept_count, RIG_TURN / 2);
	world_end(&world);
}

/* No buffer for a copy between VPorts: the send completes with RESOURCES; once there is one, it works. */
static void test_empty_pool(void **state)
{
	struct rte_mbuf *taken[4096], *packet;
	struct vmmq_sender *sender;
	struct world world;
	unsigned n = 0;

	(void)state;
	world_make(&world, 256, 0, (const uint16_t[]){ 0, 0 }, 2);
	assert_int_equal(vmmq_sender_create(world.adapter, 0, &sender, NULL), VMMQ_SUCCESS);
	while ((taken[n] = rte_pktmbuf_alloc(world.copies)))
		n++;
	for (uint16_t to = B; to < 99; to += 90) { /* a VPort here, and the uplink */
		packet = rig_packet(world.pool, to, 0);
		vmmq_oob_set_hash(packet, 0, 0);
		assert_int_equal(vmmq_send(sender, (struct vmmq_vport_id){ A }, &packet, 1), 1);
		rig_drain(world.adapter);
	}
	assert_int_equal(world.completed, 2);
	assert_int_equal(world.completed_resources, 2);
	rte_pktmbuf_free_bulk(taken, n);
	packet = rig_packet(world.pool, B, 0);
	vmmq_oob_set_hash(packet, 0, 0);
	assert_int_equal(vmmq_send(sender, (struct vmmq_vport_id){ A }, &packet, 1), 1);
	rig_drain(world.adapter);
	assert_int_equal(world.completed, 3);
	assert_int_equal(world.completed_resources, 2);
	assert_int_equal(rig_indicated(world.adapter, B), 1);
	vmmq_sender_destroy(sender);
	world_end(&world);
}

/* A WAIT source drops nothing: it stops where the room ends, and goes on when there is some. */
static void test_waiting_source(void **state)
{
	struct rte_mbuf *burst[FLOOD];
	struct vmmq_source *source;
	struct world world;
	unsigned taken = 0;

	(void)state;
	world_make(&world, 256, 0, (const uint16_t[]){ 0 }, 1);
	source = rig_source(world.adapter, VMMQ_SOURCE_WAIT);
	for (unsigned i = 0; i < FLOOD; i++)
		burst[i] = rig_packet(world.pool, A, 0);
	while (taken < FLOOD) {
		taken += vmmq_receive(source, burst + taken, FLOOD - taken);
		assert_int_equal(vmmq_received_read(world.adapter), taken);
		turn(&world, 0);
	}
	rig_drain(world.adapter);
	assert_int_equal(rig_indicated(world.adapter, A), FLOOD);
	world_end(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_flood_same_source_same_inbox),
		cmocka_unit_test(test_flood_other_source_same_processor),
		cmocka_unit_test(test_several_floods),
		cmocka_unit_test(test_stopped_processor),
		cmocka_unit_test(test_flood_from_a_vm),
		cmocka_unit_test(test_blocked_uplink),
		cmocka_unit_test(test_consumer_keeps_packets),
		cmocka_unit_test(test_empty_pool),
		cmocka_unit_test(test_waiting_source),
	};

	return cmocka_run_group_tests_name("isolation", tests, start, NULL);
}
