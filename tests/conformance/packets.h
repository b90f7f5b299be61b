/* SPDX-License-Identifier: BSD-2-Clause */
/* Frames, what is expected of them, and NICs as cases need them to begin with. */
#ifndef CONFORMANCE_PACKETS_H
#define CONFORMANCE_PACKETS_H

#include "requests.h"

/* The filter MAC of VPort id in most cases is mac_of(id).  Nobody has mac_of(200). */
const uint8_t *mac_of(unsigned id);

/* A packet to make. */
enum kind { TCP4, UDP4, ICMP4, TCP6, UDP6, ICMP6, ARP };
bool kind_is_v6(enum kind kind);
struct shape {
	enum kind kind;
	uint16_t sport; /* the flow; everything else about it is fixed */
	bool tagged;
	uint16_t tci;
	const uint8_t *tuple; /* both addresses and both ports, wire order; NULL: the usual ones and sport */
};
struct frame frame_make(const uint8_t mac[6], const struct shape *shape);
struct frame tcp_to(unsigned vport, uint16_t sport);

/* toeplitz is the definition (spec 6.5), bit by bit. */
uint32_t toeplitz(const uint8_t key[40], const uint8_t *input, size_t len);
/* shape_hash returns what a packet of that shape hashes to: with ports (the 4-tuple) or without. */
uint32_t shape_hash(const uint8_t key[40], const struct shape *shape, bool ports);
/* tcp_hash: of tcp_to() with the well-known key.  sport_for: a flow whose hash selects that entry of a table. */
uint32_t tcp_hash(uint16_t sport);
uint16_t sport_for(unsigned entry, unsigned entries);

/*
 * vport_ready: VPort id exists, is activated, and has the filter for mac_of(id), untagged.  Primary processor 4, 4
 * queue pairs.
 */
uint32_t vport_ready(struct trial *t, uint32_t id);
/* rss_ready: vport_ready() and RSS on as rss_params() says. */
uint32_t rss_ready(struct trial *t, uint32_t id);

/* receive lets frames arrive and be indicated; receive_one demands that one indication comes of one frame. */
void arrive(struct trial *t, const struct frame *frame);
const struct seen *receive_one(struct trial *t, const struct frame *frame);
/* not_on: the frame is not indicated on that VPort. */
void not_on(struct trial *t, const struct frame *frame, uint32_t vport);

/*
 * hashed, unhashed: the frame is indicated once, on that VPort and processor, with that or no hash beside it,
 * unchanged.
 */
void hashed(struct trial *t, const struct frame *frame, uint32_t vport, uint16_t processor, uint32_t type,
	    uint32_t hash);
void unhashed(struct trial *t, const struct frame *frame, uint32_t vport, uint16_t processor);
/* follows_table: flows of TCP to a VPort with RSS on go where table says, whatever entry they select. */
void follows_table(struct trial *t, uint32_t vport, const uint16_t table[], unsigned entries);
/* default_processor_is: a packet that cannot be hashed tells. */
void default_processor_is(struct trial *t, uint32_t vport, uint16_t processor);
/* send_one sends a frame from a VPort and returns its completion. */
struct vmmq_conformance_completion send_one(struct trial *t, uint32_t vport, uint32_t hash, uint32_t information);

#endif
