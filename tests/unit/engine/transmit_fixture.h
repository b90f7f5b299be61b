/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * For tests of transmit: RSS parameters by chance, packets with a note of what became of them, and an independent
 * calculation of the processor on which a send has to complete (spec 9, rows 2 to 5).
 */
#ifndef VMMQ_UNIT_ENGINE_TRANSMIT_FIXTURE_H
#define VMMQ_UNIT_ENGINE_TRANSMIT_FIXTURE_H

#include "unit/core/test_random.h"

#include <rte_mbuf.h>
#include <string.h>
#include <vmmq/adapter.h>

#define PROCESSORS 4u
#define VPORTS     5u /* ids 0 to 4 are there to begin with */
#define FRAME_LEN  128u

/* The processors' numbers are far apart, so that a slot taken for a number shows. */
static const struct vmmq_processor processors[PROCESSORS] = { { 3 }, { 70 }, { 1000 }, { 65535 } };

struct expectation {
	uint16_t vport;
	uint16_t processor;
	uint16_t entry;
	uint16_t via; /* enum vmmq_via; the struct has no padding */
};

/* expect_completion reads RSS parameters as a person would: vports[id] is what VPort id has, exists[id] whether it is there. */
static inline struct expectation expect_completion(const struct vmmq_rss_params vports[], const bool exists[],
						   uint16_t id, uint32_t hash, uint32_t information)
{
	uint16_t vport = id < VPORTS && exists[id] ? id : 0;
	const struct vmmq_rss_params *rss = &vports[vport];
	bool present = information % 256 != 0;

	if (!rss->enabled)
		return (struct expectation){ vport, rss->primary.v, VMMQ_NO_ENTRY, VMMQ_VIA_PRIMARY };
	if (!present)
		return (struct expectation){ vport, rss->default_processor.v, VMMQ_NO_ENTRY, VMMQ_VIA_DEFAULT };
	return (struct expectation){ vport, rss->table[hash % rss->entry_count].v,
				     (uint16_t)(hash % rss->entry_count), VMMQ_VIA_TABLE };
}

/* In the private area of every packet that a test sends. */
struct note {
	uint32_t sequence;
	uint16_t vport; /* as given to vmmq_send() */
	uint32_t hash;
	uint32_t information;
	unsigned completions;
	struct vmmq_send_complete complete;
	uint16_t processor; /* that completed it */
};

static inline struct note *note_of(struct rte_mbuf *packet)
{
	return rte_mbuf_to_priv(packet);
}

static inline struct vmmq_processor random_processor(void)
{
	return processors[random_below(PROCESSORS)];
}

static inline void random_rss(struct vmmq_rss_params *rss)
{
	vmmq_rss_params_init(rss, random_processor());
	rss->enabled = !random_one_in(4);
	rss->default_processor = random_processor();
	rss->entry_count = (uint16_t)(1u << random_below(8));
	for (unsigned i = 0; i < rss->entry_count; i++)
		rss->table[i] = random_processor();
}

/* mac_of: the MAC of VPort id's filter is 02:00:00:00:00:id; 255 is nobody's. */
static inline void mac_of(uint8_t id, uint8_t mac[VMMQ_MAC_LEN])
{
	memcpy(mac, (uint8_t[]){ 2, 0, 0, 0, 0, id }, VMMQ_MAC_LEN);
}

/*
 * frame_write writes TCP 66.9.149.187:2794 > 161.142.100.80:1766 to VPort id's MAC, with a tag unless vid is 0, and
 * number at its end.  tcp_ipv4, verification key: the published hash is 0x51ccc178.
 */
#define FRAME_HASH 0x51ccc178u
static inline void frame_write(uint8_t frame[FRAME_LEN], uint8_t id, uint16_t vid, uint32_t number)
{
	static const uint8_t packet[] = { 0x45, 0, 0,   40,  0,   0,   0x40, 0,  64,   6,    0,    0,
					  66,   9, 149, 187, 161, 142, 100,  80, 0x0a, 0xea, 0x06, 0xe6 };
	static const uint8_t source[VMMQ_MAC_LEN] = { 2, 0, 0, 0, 1, 0 };
	const uint8_t tag[4] = { 0x81, 0x00, (uint8_t)(vid >> 8), (uint8_t)vid };
	unsigned at = 12;

	memset(frame, 0, FRAME_LEN);
	mac_of(id, frame);
	memcpy(frame + 6, source, sizeof(source));
	if (vid) {
		memcpy(frame + at, tag, sizeof(tag));
		at += sizeof(tag);
	}
	frame[at] = 0x08;
	memcpy(frame + at + 2, packet, sizeof(packet));
	memcpy(frame + FRAME_LEN - sizeof(number), &number, sizeof(number));
}

static inline uint32_t frame_number(const struct rte_mbuf *packet)
{
	uint8_t scratch[sizeof(uint32_t)];
	uint32_t number;

	memcpy(&number, rte_pktmbuf_read(packet, packet->pkt_len - sizeof(number), sizeof(number), scratch),
	       sizeof(number));
	return number;
}

#endif
