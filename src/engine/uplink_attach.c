/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The uplink gets the sender's buffers themselves, attached to mbufs of ours, whose free callback tells when the device has
 * finished with them.
 */
#include <assert.h>
#include <rte_mbuf.h>
#include <string.h>

#include "engine/adapter_state.h"
#include "engine/sender.h"

/* uplink_freed: the last mbuf that pointed into the sender's buffers is gone.  On whatever thread freed it. */
static void uplink_freed(void *address, void *opaque)
{
	(void)address;
	send_finish(opaque);
}

/* mbuf_chain_alloc allocates as many mbufs as packet has segments; NULL: there are too few. */
static struct rte_mbuf *mbuf_chain_alloc(struct rte_mempool *pool, const struct rte_mbuf *packet)
{
	struct rte_mbuf *head = NULL, **at = &head;

	for (; packet; packet = packet->next, at = &(*at)->next) {
		*at = rte_pktmbuf_alloc(pool);
		if (!*at) {
			rte_pktmbuf_free(head); /* nothing is attached yet: no callback */
			return NULL;
		}
		if (*at != head)
			head->nb_segs++;
	}
	return head;
}

struct rte_mbuf *uplink_attach(struct vmmq_sender *sender, struct send *send, struct rte_mbuf *packet)
{
	struct rte_mbuf *head = mbuf_chain_alloc(sender->adapter->params.transmit_pool, packet);

	assert(packet);
	if (!head)
		return NULL;
	send->shared.free_cb = uplink_freed;
	send->shared.fcb_opaque = send;
	rte_mbuf_ext_refcnt_set(&send->shared, head->nb_segs);
	for (struct rte_mbuf *ours = head, *m = packet; m; m = m->next, ours = ours->next) {
		rte_pktmbuf_attach_extbuf(ours, m->buf_addr, m->buf_iova, m->buf_len, &send->shared);
		ours->data_off = m->data_off;
		ours->data_len = m->data_len;
	}
	head->pkt_len = packet->pkt_len;
	head->vlan_tci = packet->vlan_tci;
	head->vlan_tci_outer = packet->vlan_tci_outer;
	head->tx_offload = packet->tx_offload;
	head->ol_flags |= packet->ol_flags & RTE_MBUF_F_TX_OFFLOAD_MASK;
	return head;
}

/* uplink_is_attached: there is a record of its send; what was given away has none. */
static bool uplink_is_attached(const struct rte_mbuf *packet)
{
	return RTE_MBUF_HAS_EXTBUF(packet) && packet->shinfo->free_cb == uplink_freed;
}

bool uplink_offer(struct vmmq_sender *sender)
{
	const struct vmmq_adapter_params *params = &sender->adapter->params;
	unsigned taken;

	if (!sender->offered_count)
		return true;
	taken = params->transmit(params->context, sender->offered, sender->offered_count);
	sender->offered_count -= taken;
	memmove(sender->offered, sender->offered + taken, sender->offered_count * sizeof(sender->offered[0]));
	return !sender->offered_count;
}

void uplink_abort(struct vmmq_sender *sender)
{
	for (unsigned i = 0; i < sender->offered_count; i++) {
		struct rte_mbuf *packet = sender->offered[i];

		if (uplink_is_attached(packet))
			((struct send *)packet->shinfo->fcb_opaque)->complete.status = VMMQ_FAILURE;
		rte_pktmbuf_free(packet);
	}
	sender->offered_count = 0;
}
