/* SPDX-License-Identifier: BSD-2-Clause */
/* VLAN tags of a packet, in its frame or in its mbuf: read, taken out of the frame, put back. */
#ifndef VMMQ_ENGINE_FRAME_TAG_H
#define VMMQ_ENGINE_FRAME_TAG_H

#include <rte_mbuf.h>
#include <vmmq/classify.h>

struct vmmq_adapter;

/* The tag, or tags, are in the mbuf and not in the frame: of a packet that was received, and of one that is to be sent. */
#define TAG_RECEIVED (RTE_MBUF_F_RX_VLAN_STRIPPED | RTE_MBUF_F_RX_QINQ_STRIPPED)
#define TAG_TO_SEND  (RTE_MBUF_F_TX_VLAN | RTE_MBUF_F_TX_QINQ)

/* tag_received and tag_to_send return the tags that are in the mbuf: the outermost is vlan_tci_outer if there is such, else vlan_tci. */
static inline struct vmmq_given_tag tag_received(const struct rte_mbuf *packet)
{
	bool inner = packet->ol_flags & RTE_MBUF_F_RX_VLAN_STRIPPED;

	if (packet->ol_flags & RTE_MBUF_F_RX_QINQ_STRIPPED)
		return (struct vmmq_given_tag){ .tci = packet->vlan_tci_outer, .count = (uint8_t)(1 + inner) };
	return (struct vmmq_given_tag){ .tci = packet->vlan_tci, .count = inner };
}

static inline struct vmmq_given_tag tag_to_send(const struct rte_mbuf *packet)
{
	if (packet->ol_flags & RTE_MBUF_F_TX_QINQ)
		return (struct vmmq_given_tag){ .tci = packet->vlan_tci_outer, .count = 2 };
	return (struct vmmq_given_tag){ .tci = packet->vlan_tci,
					.count = (packet->ol_flags & RTE_MBUF_F_TX_VLAN) != 0 };
}

/* tag_sent_is_received makes a copy of a packet that was to be sent one that was received: its tags stay where they are. */
static inline void tag_sent_is_received(struct rte_mbuf *packet)
{
	struct vmmq_given_tag tag;

	if (!(packet->ol_flags & (TAG_TO_SEND | TAG_RECEIVED | RTE_MBUF_F_RX_VLAN | RTE_MBUF_F_RX_QINQ)))
		return;
	tag = tag_to_send(packet);
	packet->ol_flags &= ~(TAG_TO_SEND | TAG_RECEIVED | RTE_MBUF_F_RX_VLAN | RTE_MBUF_F_RX_QINQ);
	if (tag.count > 0)
		packet->ol_flags |= RTE_MBUF_F_RX_VLAN | RTE_MBUF_F_RX_VLAN_STRIPPED;
	if (tag.count > 1)
		packet->ol_flags |= RTE_MBUF_F_RX_QINQ | RTE_MBUF_F_RX_QINQ_STRIPPED;
}

/* tags_forget forgets that a device has taken tags out: one that hands mbufs over as they are would tell of it again. */
static inline void tags_forget(struct rte_mbuf *packet)
{
	packet->ol_flags &= ~(RTE_MBUF_F_RX_VLAN | RTE_MBUF_F_RX_QINQ | TAG_RECEIVED);
}

/*
 * packet_settle_tags makes the frame what it would be had no device taken a tag out: with strip all tags but the outermost
 * stand in it, else all of them, as 802.1Q whatever they were.  Where the packet must not be written to it returns a copy (the
 * packet is freed then); NULL: no buffer for a copy, and the packet is as it was.
 */
struct rte_mbuf *packet_settle_tags(const struct vmmq_adapter *adapter, struct rte_mbuf *packet, bool strip);

#endif
