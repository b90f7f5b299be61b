/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What senders have under way and which configurations were in force meanwhile; the adapter's callbacks, and a device that
 * frees late.  Flows must keep their order to the uplink and to the VPorts.
 */
#ifndef VMMQ_UNIT_ENGINE_TRANSMIT_STRESS_H
#define VMMQ_UNIT_ENGINE_TRANSMIT_STRESS_H

#include "unit/engine/transmit_fixture.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#define SENDERS   3u
#define PACKETS   512u /* of each sender */
#define IN_FLIGHT 256u
#define FLOWS     16u /* of each sender */
#define HISTORY   4096u
#define HELD      1024u /* by the device */
#define CHOICES   8u
#define MOVED_MAC 9u

/* The configuration after one change. */
struct version {
	struct vmmq_rss_params rss[VPORTS];
	bool exists[VPORTS];
};

struct sent {
	struct note note; /* first: note_of() */
	struct expectation allowed[CHOICES];
	unsigned allowed_count; /* 0: too many to list */
	_Atomic unsigned completions;
	struct rte_mbuf *packet;
	struct sent *next;
};

struct stress;

struct sending {
	struct stress *stress;
	struct vmmq_sender *sender;
	unsigned number;
	uint64_t random;
	_Atomic uint64_t reading; /* the oldest version that is looked at; UINT64_MAX: none */
	_Atomic(struct sent *) done;
	struct rte_mbuf *free[PACKETS];
	unsigned free_count;
	uint32_t next[FLOWS];      /* sequence numbers */
	uint32_t at_uplink[FLOWS]; /* highest seen */
	_Atomic uint32_t indicated[FLOWS];
	uint64_t sends, completed, unlisted, status[3]; /* SUCCESS, RESOURCES, FAILURE */
};

struct stress {
	struct vmmq_adapter *adapter;
	struct sending sending[SENDERS];
	struct version *history;
	_Atomic uint64_t begun, effective;
	_Atomic bool end, device_end;
	_Atomic uint64_t indications, completions;

	pthread_mutex_t lock; /* of the device */
	struct rte_mbuf *held[HELD];
	uint32_t held_number[HELD];
	unsigned held_count;
};

static inline uint32_t below(uint64_t *random, uint32_t n)
{
	uint64_t z = *random += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return (uint32_t)(((z ^ z >> 31) >> 32) * n >> 32);
}

static inline struct sent *sent_of(struct rte_mbuf *packet)
{
	return rte_mbuf_to_priv(packet);
}

/* A frame's number is sender, flow and sequence number. */
static inline uint32_t number_make(unsigned sender, unsigned flow, uint32_t sequence)
{
	return sender << 28 | flow << 24 | sequence;
}

static inline void check(bool condition, const char *what)
{
	if (!condition) {
		fprintf(stderr, "transmit_stress: %s\n", what);
		abort();
	}
}

static inline void hold(struct stress *stress, struct rte_mbuf *packet)
{
	pthread_mutex_lock(&stress->lock);
	if (stress->held_count < HELD) {
		stress->held[stress->held_count] = packet;
		stress->held_number[stress->held_count++] = frame_number(packet);
		packet = NULL;
	}
	pthread_mutex_unlock(&stress->lock);
	rte_pktmbuf_free(packet);
}

/* uplink takes none for a while, or some; frees at once, or leaves it to the device. */
static inline unsigned uplink(void *context, struct rte_mbuf *packet[], unsigned count)
{
	struct stress *stress = context;
	struct sending *sending = &stress->sending[frame_number(packet[0]) >> 28];
	unsigned n = below(&sending->random, 8) ? below(&sending->random, count + 1) : 0;

	for (unsigned i = 0; i < n; i++) {
		uint32_t number = frame_number(packet[i]), sequence = number & 0xffffff;
		unsigned flow = number >> 24 & 15;

		check(sequence > sending->at_uplink[flow], "a flow is out of order at the uplink");
		sending->at_uplink[flow] = sequence;
		if (below(&sending->random, 2))
			rte_pktmbuf_free(packet[i]);
		else
			hold(stress, packet[i]);
	}
	return n;
}

/* run_device frees what it holds in any order. */
static inline void *run_device(void *context)
{
	struct stress *stress = context;
	uint64_t random = 77;

	while (!stress->device_end || stress->held_count) {
		struct rte_mbuf *packet = NULL;
		uint32_t number = 0;

		pthread_mutex_lock(&stress->lock);
		if (stress->held_count) {
			unsigned at = below(&random, stress->held_count);

			packet = stress->held[at];
			number = stress->held_number[at];
			stress->held[at] = stress->held[--stress->held_count];
			stress->held_number[at] = stress->held_number[stress->held_count];
		}
		pthread_mutex_unlock(&stress->lock);
		if (packet)
			check(frame_number(packet) == number, "a buffer was used again before the device freed it");
		rte_pktmbuf_free(packet);
		if (!packet || below(&random, 64) == 0)
			sched_yield();
	}
	return NULL;
}

static inline void complete(void *context, const struct vmmq_completion *completion)
{
	struct stress *stress = context;

	for (unsigned i = 0; i < completion->count; i++) {
		struct sent *sent = sent_of(completion->send[i].packet);
		struct sending *sending = &stress->sending[sent->note.sequence >> 28];

		check(atomic_fetch_add(&sent->completions, 1) == 0, "a send completed twice");
		check(completion->send[i].sender == sending->sender, "the completion names another sender");
		sent->note.complete = completion->send[i];
		sent->note.processor = completion->processor.v;
		sent->next = atomic_load(&sending->done);
		while (!atomic_compare_exchange_weak(&sending->done, &sent->next, sent))
			;
	}
	atomic_fetch_add(&stress->completions, completion->count);
}

static inline void indicate(void *context, const struct vmmq_indication *indication)
{
	struct stress *stress = context;

	for (unsigned i = 0; i < indication->count; i++) {
		uint32_t number = frame_number(indication->packet[i]), sequence = number & 0xffffff;
		_Atomic uint32_t *last = &stress->sending[number >> 28].indicated[number >> 24 & 15];

		check(atomic_exchange_explicit(last, sequence, memory_order_relaxed) < sequence,
		      "a flow is indicated out of order");
	}
	atomic_fetch_add(&stress->indications, indication->count);
	vmmq_return_packets(stress->adapter, indication->packet, indication->count);
}

#endif
