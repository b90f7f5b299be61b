/* SPDX-License-Identifier: BSD-2-Clause */
/* A sender: full load on one source, its own flows at random, now and then a pause, in which control adopts views for it. */
#include <sched.h>
#include <time.h>

#include "race.h"

static unsigned flow_pick(struct sender *sender)
{
	const struct options *options = &sender->race->options;
	unsigned own = (options->flows - sender->first_flow + options->sources - 1) / options->sources;

	return sender->first_flow + random_below(&sender->random, own) * options->sources;
}

/* burst_make fills up to SEND_BURST packets, a few of one flow after the other; returns how many there were buffers for. */
static unsigned burst_make(struct sender *sender, struct rte_mbuf *burst[SEND_BURST])
{
	struct race *race = sender->race;
	uint64_t version = atomic_load_explicit(&race->history.effective, memory_order_acquire);
	unsigned wanted = 1 + random_below(&sender->random, SEND_BURST), count = 0;
	unsigned number = flow_pick(sender);

	while (count < wanted) {
		struct flow *flow;
		struct packet_note *note;

		if (random_one_in(&sender->random, 2))
			number = flow_pick(sender);
		burst[count] = rte_pktmbuf_alloc(sender->pool);
		if (!burst[count])
			break;
		flow = &race->flow[number];
		note = packet_note(burst[count]);
		note->flow = number;
		note->sequence = flow->next_sequence++;
		note->version = version;
		atomic_store_explicit(&note->state, PACKET_SENT, memory_order_relaxed);
		frame_fill(burst[count], flow, number, note->sequence);
		count++;
	}
	return count;
}

/* burst_send returns how many were taken: all of them, unless the adapter takes none for STUCK_NS. */
static unsigned burst_send(struct sender *sender, struct rte_mbuf *burst[], unsigned count)
{
	uint32_t flow[SEND_BURST];
	uint64_t moved = 0;
	unsigned done = 0;

	for (unsigned i = 0; i < count; i++)
		flow[i] = packet_note(burst[i])->flow;
	while (done < count) {
		unsigned taken = vmmq_receive(sender->source, burst + done, count - done);

		done += taken;
		if (done == count)
			break;
		if (taken || !moved)
			moved = now_ns();
		else if (now_ns() - moved > STUCK_NS)
			break;
		sched_yield();
	}
	for (unsigned i = 0; i < done; i++)
		sender->race->flow[flow[i]].sent++;
	return done;
}

/* pause_now_and_then: so that views pile up before an idle source, and flows pause while they move. */
static void pause_now_and_then(struct sender *sender)
{
	struct timespec pause = { .tv_nsec = 20000 + random_below(&sender->random, 300000) };

	if (random_one_in(&sender->random, 256))
		nanosleep(&pause, NULL);
}

int sender_run(void *argument)
{
	struct sender *sender = argument;
	struct race *race = sender->race;
	struct rte_mbuf *burst[SEND_BURST];
	bool stuck = false;

	while (!stuck && !atomic_load_explicit(&race->stop, memory_order_relaxed)) {
		unsigned count = burst_make(sender, burst), sent = burst_send(sender, burst, count);

		sender->sent += sent;
		for (unsigned i = sent; i < count; i++)
			rte_pktmbuf_free(burst[i]);
		stuck = sent < count;
		if (count < SEND_BURST / 8)
			sched_yield(); /* few buffers */
		pause_now_and_then(sender);
	}
	atomic_fetch_sub_explicit(&race->senders_left, 1, memory_order_release); /* T1 */
	return 0;
}

void sender_note_drop(void *context, struct vmmq_vport_id vport, enum vmmq_drop reason, struct rte_mbuf *packet)
{
	struct race *race = context;
	struct packet_note *note = packet_note(packet);
	struct flow *flow = &race->flow[note->flow];
	struct sender *sender = &race->sender[note->flow % race->options.sources];

	(void)vport;
	(void)reason;
	if (atomic_exchange_explicit(&note->state, PACKET_DROPPED, memory_order_relaxed) != PACKET_SENT)
		return; /* it was indicated as well: the sums will not balance */
	atomic_store_explicit(&flow->dropped, atomic_load_explicit(&flow->dropped, memory_order_relaxed) + 1,
			      memory_order_relaxed);
	sender->dropped++;
}
