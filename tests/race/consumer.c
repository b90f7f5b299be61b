/* SPDX-License-Identifier: BSD-2-Clause */
/* The consumer: checks every packet on the processor that indicates it; sometimes slow, sometimes keeping what it got. */
#include <rte_pause.h>
#include <sched.h>
#include <stdio.h>
#include <time.h>

#include "race.h"

/*
 * A flow's packets come from one processor at a time, and from the next one only after the one before is through: that is
 * what the engine promises, so its state needs no lock.  Where the promise is broken the flag keeps the numbers whole.
 * Under a thread sanitizer it is no synchronisation at all, so that the engine's own hand-over has to be.
 */
#ifdef __SANITIZE_THREAD__
#define FLOW_ENTER memory_order_relaxed
#define FLOW_LEAVE memory_order_relaxed
#else
#define FLOW_ENTER memory_order_acquire
#define FLOW_LEAVE memory_order_release
#endif

static void flow_enter(struct flow *flow)
{
	while (atomic_exchange_explicit(&flow->entered, true, FLOW_ENTER))
		rte_pause();
}

static void flow_leave(struct flow *flow)
{
	atomic_store_explicit(&flow->entered, false, FLOW_LEAVE);
}

/* missing_take clears the bit of a sequence number and returns it. */
static bool missing_take(const struct race *race, struct flow *flow, uint32_t sequence)
{
	uint32_t at = sequence % race->window;
	bool was = flow->missing[at / 64] >> at % 64 & 1;

	flow->missing[at / 64] &= ~(1ull << at % 64);
	return was;
}

/*
 * check_order: the next one of its flow?  Later ones leave a gap; earlier ones fill it, or were here before.  One that is
 * behind by more than the window, which only broken gates allow, has no bit any more; that it was not here before its buffer
 * tells (packet_note's state).  True unless it came late.
 */
static bool check_order(const struct race *race, struct consumer *consumer, struct flow *flow, uint32_t sequence)
{
	uint32_t skipped = sequence - flow->expected;

	if ((int32_t)skipped >= 0) {
		for (; flow->expected != sequence; flow->expected++) {
			uint32_t at = flow->expected % race->window;

			flow->missing[at / 64] |= 1ull << at % 64;
		}
		flow->expected++;
		flow->indicated++;
		return true;
	}
	if (flow->expected - sequence > race->window || missing_take(race, flow, sequence)) {
		consumer->tally.reordered++;
		flow->indicated++;
	} else {
		consumer->tally.duplicated++;
	}
	return false;
}

static void wrong(struct consumer *consumer, const struct vmmq_indication *indication, const struct vmmq_oob *oob,
		  const struct packet_note *note, const char *what)
{
	struct tally *tally = &consumer->tally;

	if (!tally->wrong++)
		snprintf(tally->first_wrong, sizeof(tally->first_wrong),
			 "%s: flow %u packet %u: VPort %u (OOB %u), hash 0x%08x type 0x%x entry %u via %s, on "
			 "processor %u, "
			 "sent at version %llu",
			 what, note->flow, note->sequence, indication->vport.v, oob->vport.v, oob->hash,
			 oob->hash_type, oob->entry, vmmq_via_name(oob->via), indication->processor.v,
			 (unsigned long long)note->version);
}

static bool agrees(const struct model_verdict *model, const struct vmmq_indication *indication,
		   const struct vmmq_oob *oob, unsigned processor)
{
	return model->vport == indication->vport.v && model->processor == processor && model->via == oob->via &&
	       model->strip == oob->stripped && model->hash_type == oob->hash_type && model->entry == oob->entry &&
	       (!model->hash_type || (model->hash == oob->hash && oob->hash_function == VMMQ_HASH_FUNCTION_TOEPLITZ));
}

/*
 * check_steering: some model from the oldest that can have steered the packet to the newest there is agrees.  The oldest
 * is what was effective when it was sent, what the flow's packet before it was steered by, and, since nothing steered
 * by views before a drained one may be indicated any more, that one.  True also when the models are gone.
 */
static bool check_steering(struct race *race, struct consumer *consumer, struct flow *flow,
			   const struct vmmq_indication *indication, const struct vmmq_oob *oob, uint64_t oldest)
{
	const struct history *history = &race->history;
	uint64_t newest = atomic_load_explicit(&history->published, memory_order_acquire);
	uint64_t version = oldest > flow->version ? oldest : flow->version, first = version;
	unsigned processor = race->place[indication->processor.v];
	bool found = false;

	for (; version <= newest && !found; version++) {
		struct model_verdict model = model_steer(history, version, &flow->model);

		found = agrees(&model, indication, oob, processor);
	}
	if (atomic_load_explicit(&history->overwritten, memory_order_relaxed) > first) {
		consumer->tally.unchecked++;
		return true;
	}
	if (found)
		flow->version = version - 1;
	return found;
}

static void check_packet(struct race *race, struct consumer *consumer, const struct vmmq_indication *indication,
			 struct rte_mbuf *packet, uint64_t drained)
{
	struct packet_note *note = packet_note(packet);
	struct flow *flow = &race->flow[note->flow];
	struct vmmq_oob oob;

	vmmq_oob_get(packet, &oob);
	consumer->tally.packets++;
	consumer->packets[indication->vport.v]++;
	consumer->bytes[indication->vport.v] += packet->pkt_len;
	consumer->via[indication->vport.v][oob.via]++;
	if (atomic_exchange_explicit(&note->state, PACKET_INDICATED, memory_order_relaxed) != PACKET_SENT) {
		consumer->tally.duplicated++;
		return;
	}
	if (oob.vport.v != indication->vport.v ||
	    !frame_intact(packet, flow, note->flow, note->sequence, oob.stripped))
		wrong(consumer, indication, &oob, note, "not the frame that was sent");
	flow_enter(flow);
	/* One that came late was counted; with what it was steered by the next one cannot be compared. */
	if (check_order(race, consumer, flow, note->sequence) &&
	    !check_steering(race, consumer, flow, indication, &oob,
			    note->version > drained ? note->version : drained))
		wrong(consumer, indication, &oob, note, "not as any current view says");
	flow_leave(flow);
}

#define STALL_NS 200000000u

static void nap(uint64_t ns)
{
	struct timespec pause = { .tv_nsec = (long)ns };

	nanosleep(&pause, NULL);
}

/* stall stands still while many changes are made; but control may be waiting for this very processor. */
static void stall(struct consumer *consumer)
{
	const struct race *race = consumer->race;
	const _Atomic uint64_t *published = &race->history.published;
	uint64_t version =
	    atomic_load_explicit(published, memory_order_relaxed) + random_below(&consumer->random, 600);
	uint64_t deadline = now_ns() + STALL_NS;

	while (atomic_load_explicit(published, memory_order_relaxed) < version && now_ns() < deadline &&
	       !atomic_load_explicit(&race->stop, memory_order_relaxed))
		nap(100000);
}

/* stand_in_the_way: the first processor stands still now and then, the second one is always slow. */
static void stand_in_the_way(struct consumer *consumer)
{
	if (consumer == &consumer->race->consumer[0] && random_one_in(&consumer->random, 64))
		stall(consumer);
	else if (consumer == &consumer->race->consumer[1])
		nap(50000 + random_below(&consumer->random, 200000));
}

/* dawdle: most indications are quick, some slow, a few let others go first. */
static void dawdle(struct consumer *consumer)
{
	uint32_t draw = random_below(&consumer->random, 256);

	if (draw < 8) {
		uint64_t until = now_ns() + 1000 + random_below(&consumer->random, 30000);

		while (now_ns() < until)
			rte_pause();
	} else if (draw < 16) {
		sched_yield();
	}
}

void consumer_indicate(void *context, const struct vmmq_indication *indication)
{
	struct race *race = context;
	struct consumer *consumer = &race->consumer[race->place[indication->processor.v]];
	uint64_t drained = atomic_load_explicit(&race->history.drained, memory_order_acquire);
	unsigned kept = 0;

	dawdle(consumer);
	if (race->options.stall)
		stand_in_the_way(consumer);
	for (unsigned i = 0; i < indication->count; i++)
		check_packet(race, consumer, indication, indication->packet[i], drained);
	if (indication->flags & VMMQ_INDICATE_RESOURCES)
		return;
	if (random_one_in(&consumer->random, 4))
		for (; kept < indication->count; kept++)
			keeper_take(&race->keeper, indication->packet[kept]);
	vmmq_return_packets(race->adapter, indication->packet + kept, indication->count - kept);
}
