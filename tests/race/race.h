/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The race test: processors, sources and changes all at once, and a sequence number in every packet.
 *
 *   senders (sender.c) -> vmmq_receive() -> processors -> consumer (consumer.c) -> keeper (keeper.c) -> pool (pool.c)
 *   control (control.c, changes.c): changes of all kinds, each one also made in the model (model.c)
 *
 * What is checked of each packet, on the processor that indicates it: it is the next one of its flow; it is indicated
 * once; its frame is what was sent; its OOB and its processor are what some view says that was current meanwhile.  At
 * the end: nothing is missing, all counters agree, and every buffer is back.
 */
#ifndef VMMQ_RACE_H
#define VMMQ_RACE_H

#include <rte_mbuf.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <vmmq/adapter.h>

#include "base/clock.h"
#include "model.h"
#include "random.h"

#define SOURCES_MAX 16u
#define FLOWS_MAX   65536u
#define SEND_BURST  64u
#define FRAME_MAX   128u
#define STUCK_NS    120000000000u /* a packet that has not moved for so long never will, on a slow machine either */

struct options {
	double seconds;
	uint64_t seed;
	int gates;    /* enum test_gates */
	bool stall;   /* processor 0 stands still for long, processor 1 is slow */
	bool balance; /* load is moved by itself, too */
	bool help;
	unsigned processors;
	unsigned sources;
	unsigned drop_sources; /* how many of the sources drop instead of waiting */
	unsigned flows;
	unsigned vports; /* besides VPort 0; the last quarter of them never moves */
	unsigned inbox;
	int moderation; /* enum vmmq_moderation, or -1: drawn from the seed */
};

/* options_strangers returns how many VPorts, the last ones, never move. */
static inline unsigned options_strangers(const struct options *options)
{
	return options->vports / 4;
}

/* options_parse fills options; false with a message on standard error. */
bool options_parse(int argc, char *argv[], struct options *options);

/* What stands beside a packet in its mbuf's private area. */
enum packet_state { PACKET_FREE, PACKET_SENT, PACKET_INDICATED, PACKET_DROPPED };
struct packet_note {
	_Atomic uint32_t state; /* enum packet_state */
	uint32_t flow;
	uint32_t sequence;
	uint64_t version;      /* effective when it was sent: no older view may have steered it */
	struct rte_mbuf *next; /* in the keeper's list */
};

static inline struct packet_note *packet_note(struct rte_mbuf *packet)
{
	return rte_mbuf_to_priv(packet);
}

struct flow {
	/* constant */
	struct model_flow model;
	uint16_t len;
	uint8_t frame[FRAME_MAX];

	/* its sender: rw */
	_Alignas(64) uint32_t next_sequence; /* made so far */
	uint32_t sent;                       /* taken by the adapter */
	_Atomic uint32_t dropped;

	/* whichever processor has the flow: rw; see flow_enter() */
	_Alignas(64) atomic_bool entered;
	uint32_t expected; /* next sequence number */
	uint32_t indicated;
	uint64_t version;  /* no older view may have steered the next packet */
	uint64_t *missing; /* bit (sequence % window): skipped, and may still come late */
};

/* Sums of one thread; added up at the end. */
struct tally {
	uint64_t packets;
	uint64_t reordered;
	uint64_t duplicated;
	uint64_t wrong;     /* frame, OOB or processor not as any current view says */
	uint64_t unchecked; /* no model of its time was left to compare it with */
	char first_wrong[256];
};

struct race;

struct consumer {
	_Alignas(64) struct race *race;
	struct random random;
	struct tally tally;
	uint64_t packets[VPORTS_MAX + 1];
	uint64_t bytes[VPORTS_MAX + 1];
	uint64_t via[VPORTS_MAX + 1][VMMQ_VIA_COUNT];
};

struct sender {
	_Alignas(64) struct race *race;
	struct random random;
	struct vmmq_source *source;
	struct rte_mempool *pool;
	bool drops;
	unsigned first_flow; /* and every sources-th one after it */
	uint64_t dropped;    /* packets that the adapter reported as dropped */
	uint64_t sent;
};

struct keeper {
	_Alignas(64) _Atomic(struct rte_mbuf *) kept; /* pushed by processors, all taken at once by the keeper */
};

struct race {
	struct options options;
	struct vmmq_adapter *adapter;
	struct flow *flow;
	uint32_t window; /* packets of one flow that can be under way at once: all buffers of its sender */
	struct vmmq_processor processor[PROCESSORS_MAX];
	uint8_t place[PROCESSORS_MAX * 8 + 8]; /* of a processor number in processor[] */
	struct consumer consumer[PROCESSORS_MAX];
	struct sender sender[SOURCES_MAX];
	struct keeper keeper;
	struct history history;
	atomic_bool stop; /* senders */
	atomic_bool stop_keeper;
	atomic_uint senders_left; /* T1: threads say with a release that they are through; control: acquire */
	atomic_uint others_left;  /* T1: processors and keeper */
};

/* frame.c: flows_make draws all flows and their frames; false: memory. */
bool flows_make(struct race *race);
void flows_free(struct race *race);
/* frame_fill writes the flow's next packet into an empty mbuf. */
void frame_fill(struct rte_mbuf *packet, const struct flow *flow, uint32_t number, uint32_t sequence);
/* frame_intact tells whether an indicated packet is what was sent, less the tag if that was stripped. */
bool frame_intact(const struct rte_mbuf *packet, const struct flow *flow, uint32_t number, uint32_t sequence,
		  bool stripped);

/* pool.c: a pool of size mbufs from which only one thread allocates.  NULL: memory. */
struct rte_mempool *pool_make(const char *name, unsigned size);

/* sender.c: run by a thread of its own for each source, until race->stop. */
int sender_run(void *sender);
/* sender_note_drop is the adapter's drop function, on the sender's thread. */
void sender_note_drop(void *race, struct vmmq_vport_id vport, enum vmmq_drop reason, struct rte_mbuf *packet);

/* consumer.c */
void consumer_indicate(void *race, const struct vmmq_indication *indication);

/* strangers.c: strangers_watch counts, from then on, packets of VPorts that never move which a gate, not their turn, delays. */
void strangers_watch(const struct options *options);
uint64_t strangers_delayed(void);

/* keeper.c: keeper_take keeps a packet for a while; keeper_run, on a thread of its own, gives them back. */
void keeper_take(struct keeper *keeper, struct rte_mbuf *packet);
int keeper_run(void *race);

#endif
