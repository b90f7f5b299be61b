/* SPDX-License-Identifier: BSD-2-Clause */
/* A sender's thread: it knows of every packet where it may be completed, and checks that when it is. */
#ifndef VMMQ_UNIT_ENGINE_TRANSMIT_STRESS_SENDER_H
#define VMMQ_UNIT_ENGINE_TRANSMIT_STRESS_SENDER_H

#include "unit/engine/transmit_stress.h"

/* allow lists what may be expected of the packets of a call during which versions from to to were in force. */
static inline void allow(const struct stress *stress, struct sent *sent, uint64_t from, uint64_t to)
{
	const struct note *note = &sent->note;

	sent->allowed_count = 0;
	for (uint64_t v = from; v <= to; v++) {
		const struct version *version = &stress->history[v % HISTORY];
		struct expectation expected =
		    expect_completion(version->rss, version->exists, note->vport, note->hash, note->information);
		unsigned i = 0;

		while (i < sent->allowed_count && memcmp(&sent->allowed[i], &expected, sizeof(expected)) != 0)
			i++;
		if (i < sent->allowed_count)
			continue;
		if (i == CHOICES) {
			sent->allowed_count = 0;
			return;
		}
		sent->allowed[sent->allowed_count++] = expected;
	}
}

static inline void verify(struct sending *sending, struct sent *sent)
{
	const struct vmmq_send_complete *complete = &sent->note.complete;
	const struct expectation seen = { complete->vport.v, sent->note.processor, complete->entry,
					  (uint16_t)complete->via };
	unsigned i = 0;

	sending->completed++;
	sending->unlisted += !sent->allowed_count;
	while (i < sent->allowed_count && memcmp(&sent->allowed[i], &seen, sizeof(seen)) != 0)
		i++;
	check(!sent->allowed_count || i < sent->allowed_count, "a send completed on a processor that nobody named");
	check(complete->packet == sent->packet, "another packet came back");
	check(complete->hash_function == (sent->note.information & VMMQ_HASH_FUNCTION_MASK),
	      "the hash function changed");
	check(complete->hash == (complete->hash_function ? sent->note.hash : 0), "the hash changed");
	check(complete->status == VMMQ_SUCCESS || complete->status == VMMQ_RESOURCES ||
		  complete->status == VMMQ_FAILURE,
	      "no such status");
	sending->status[complete->status == VMMQ_SUCCESS ? 0 : complete->status == VMMQ_RESOURCES ? 1 : 2]++;
}

static inline void reclaim(struct sending *sending)
{
	struct sent *sent = atomic_exchange(&sending->done, NULL);

	while (sent) {
		struct sent *next = sent->next;

		verify(sending, sent);
		sending->free[sending->free_count++] = sent->packet;
		sent = next;
	}
}

/* prepare writes the next packet of a flow; flow % 4 says whom it is for: the uplink, VPort 1, 2, or who has the MAC now. */
static inline struct rte_mbuf *prepare(struct sending *sending, uint16_t vport)
{
	static const uint8_t macs[] = { 255, 1, 2, MOVED_MAC };
	struct rte_mbuf *packet = sending->free[--sending->free_count];
	uint8_t *frame = rte_pktmbuf_mtod(packet, uint8_t *);
	unsigned flow = below(&sending->random, FLOWS);
	struct sent *sent = sent_of(packet);
	uint32_t number = number_make(sending->number, flow, ++sending->next[flow]);

	frame_write(frame, macs[flow % 4], 0, number);
	frame[35] = (uint8_t)(sending->number << 4 | flow); /* a port */
	sent->note = (struct note){ .sequence = number, .vport = vport, .hash = below(&sending->random, UINT32_MAX) };
	sent->note.information = below(&sending->random, 4) ? VMMQ_HASH_TCP_IPV4 | VMMQ_HASH_FUNCTION_TOEPLITZ : 0;
	atomic_store(&sent->completions, 0);
	vmmq_oob_set_hash(packet, sent->note.hash, sent->note.information);
	return packet;
}

/*
 * send_all gives the packets to the adapter, in as many calls as it takes.  What may be expected of a packet must be known
 * before its completion is looked at, which this thread does, and not before this call has returned.
 */
static inline void send_all(struct sending *sending, uint16_t vport, struct rte_mbuf *packet[], unsigned count)
{
	struct stress *stress = sending->stress;
	unsigned done = 0;

	while (done < count) {
		uint64_t from, to;
		unsigned taken;

		/* Published before it is relied on: control does not overwrite what is at most HISTORY / 2 newer. */
		atomic_store(&sending->reading, atomic_load(&stress->effective));
		from = atomic_load(&stress->effective);
		taken = vmmq_send(sending->sender, (struct vmmq_vport_id){ vport }, packet + done, count - done);
		to = atomic_load(&stress->begun);
		for (unsigned i = 0; i < taken; i++)
			allow(stress, sent_of(packet[done + i]), from, to);
		atomic_store(&sending->reading, UINT64_MAX);
		done += taken;
		if (!taken)
			sched_yield();
	}
	sending->sends += count;
}

static inline void *run_sender(void *context)
{
	static const uint16_t ids[] = { 0, 1, 2, 3, 40 };
	struct sending *sending = context;

	while (!sending->stress->end) {
		struct rte_mbuf *packet[48];
		uint16_t vport = ids[below(&sending->random, 5)];
		unsigned count = 1 + below(&sending->random, 48);

		reclaim(sending);
		if (sending->free_count < count) {
			vmmq_send(sending->sender, (struct vmmq_vport_id){ vport }, NULL, 0);
			sched_yield();
			continue;
		}
		for (unsigned i = 0; i < count; i++)
			packet[i] = prepare(sending, vport);
		send_all(sending, vport, packet, count);
	}
	return NULL;
}

#endif
