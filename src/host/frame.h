/* SPDX-License-Identifier: BSD-2-Clause */
/* A guest's frame as the switch looks at it: two addresses and the outermost VLAN tag; and tags put in and taken out. */
#ifndef VMMQ_HOST_FRAME_H
#define VMMQ_HOST_FRAME_H

#include <stdbool.h>
#include <stdint.h>
#include <vmmq/parse.h>

#include "core/wire_format.h"

struct rte_mbuf;
struct rte_mempool;

#define FRAME_HEADER_LEN ((unsigned)ETHERNET_LEN)
#define FRAME_TAG_LEN    ((unsigned)TAG_LEN)
#define FRAME_VID_MASK   VID_MASK

/* What a frame begins with.  tci: valid with tagged. */
struct frame {
	uint8_t destination[VMMQ_MAC_LEN];
	uint8_t source[VMMQ_MAC_LEN];
	bool tagged;
	uint16_t tci;
};

/* frame_read reads it, over segments; false: the frame ends inside. */
bool frame_read(const struct rte_mbuf *packet, struct frame *frame);

static inline bool frame_is_group(const struct frame *frame)
{
	return frame->destination[0] & 1;
}

/* frame_vid returns the VLAN id that the frame carries; 0: untagged or a priority tag. */
static inline uint16_t frame_vid(const struct frame *frame)
{
	return frame->tagged ? frame->tci & FRAME_VID_MASK : 0;
}

/*
 * frame_tag_insert puts an 802.1Q tag in, frame_tag_remove takes the outermost one out, frame_tag_set changes its TCI.
 * A packet that others share, or that has no room, is copied into a buffer of pool first.  The packet is the caller's; they
 * return what has taken its place, or NULL, having freed it: no buffer.  The frame passed frame_read().
 */
struct rte_mbuf *frame_tag_insert(struct rte_mbuf *packet, struct rte_mempool *pool, uint16_t tci);
struct rte_mbuf *frame_tag_remove(struct rte_mbuf *packet, struct rte_mempool *pool);
struct rte_mbuf *frame_tag_set(struct rte_mbuf *packet, struct rte_mempool *pool, uint16_t tci);

/*
 * frame_tags_restore puts those tags back that the device a packet came from has taken out, and frame_tags_forget forgets that
 * it did: a device that hands mbufs over as they are would tell of it again.
 */
struct rte_mbuf *frame_tags_restore(struct rte_mbuf *packet, struct rte_mempool *pool);
void frame_tags_forget(struct rte_mbuf *packet);

#endif
