/* SPDX-License-Identifier: BSD-2-Clause */
/* A guest's frame as the switch looks at it: two addresses and the outermost VLAN tag; and tags put in and taken out. */
#ifndef VMMQ_HOST_FRAME_H
#define VMMQ_HOST_FRAME_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <vmmq/parse.h>

#include "core/wire_format.h"

struct rte_mbuf;
struct rte_mempool;

#define FRAME_HEADER_LEN ((unsigned)ETHERNET_LEN)
#define FRAME_TAG_LEN    ((unsigned)TAG_LEN)
#define FRAME_VID_MASK   VID_MASK

#define FRAME_TYPE_MAC_CONTROL 0x8808u /* PAUSE and the like */

/* What a frame begins with.  type: of the outermost tag, if tagged, else of the frame; tci, inner (type behind the tag): valid with tagged. */
struct frame {
	uint8_t destination[VMMQ_MAC_LEN];
	uint8_t source[VMMQ_MAC_LEN];
	bool tagged; /* 802.1Q or 802.1ad */
	uint16_t type;
	uint16_t tci;
	uint16_t inner;
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
 * frame_type_tags tells whether some switch takes it for the type of a tag: 802.1Q's, 802.1ad's, and those that came before that
 * one, which are no tags to VMMQ (0x9100, 0x9200, 0x9300).
 */
static inline bool frame_type_tags(uint16_t type)
{
	return ethertype_is_tag(type) || type == 0x9100 || type == 0x9200 || type == 0x9300;
}

/*
 * frame_is_reserved tells whether it is for one of the addresses 01-80-C2-00-00-00 to -0F, whose frames never leave the link
 * that they are on: no bridge relays them (IEEE 802.1Q, 8.6.3).
 */
static inline bool frame_is_reserved(const uint8_t destination[VMMQ_MAC_LEN])
{
	return !memcmp(destination, "\x01\x80\xc2\0\0", VMMQ_MAC_LEN - 1) && destination[VMMQ_MAC_LEN - 1] < 16;
}

/* frame_is_mac_control: not even its link's other end passes it on (IEEE 802.3, clause 31); also behind a tag that might be taken out. */
static inline bool frame_is_mac_control(const struct frame *frame)
{
	return (frame->tagged ? frame->inner : frame->type) == FRAME_TYPE_MAC_CONTROL;
}

/*
 * frame_tag_insert puts an 802.1Q tag in, frame_tag_put one of any type, frame_tag_remove takes the outermost one out,
 * frame_tag_set changes its TCI.
 * A packet that others share, or that has no room, is copied into a buffer of pool first.  The packet is the caller's; they
 * return what has taken its place, or NULL, having freed it: no buffer.  The frame passed frame_read().
 */
struct rte_mbuf *frame_tag_insert(struct rte_mbuf *packet, struct rte_mempool *pool, uint16_t tci);
struct rte_mbuf *frame_tag_put(struct rte_mbuf *packet, struct rte_mempool *pool, uint16_t type, uint16_t tci);
struct rte_mbuf *frame_tag_remove(struct rte_mbuf *packet, struct rte_mempool *pool);
struct rte_mbuf *frame_tag_set(struct rte_mbuf *packet, struct rte_mempool *pool, uint16_t tci);

/* frame_tags_restore puts those tags back that the device a packet came from has taken out, and forgets that it did. */
struct rte_mbuf *frame_tags_restore(struct rte_mbuf *packet, struct rte_mempool *pool);

#endif
