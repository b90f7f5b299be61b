/* SPDX-License-Identifier: BSD-2-Clause */
#include "ports/vhost_user.h"

#include <rte_ip.h>
#include <rte_net.h>

#define TCP_CHECKSUM 16u
#define UDP_CHECKSUM 6u

void vhost_checksum_put(struct rte_mbuf *packet, uint32_t start, uint32_t offset)
{
	uint16_t sum;

	if (rte_raw_cksum_mbuf(packet, start, rte_pktmbuf_pkt_len(packet) - start, &sum))
		return;
	sum = (uint16_t)~sum;
	if (offset == UDP_CHECKSUM && !sum)
		sum = UINT16_MAX; /* RFC 768: 0 says that there is none */
	memcpy(rte_pktmbuf_mtod_offset(packet, void *, start + offset), &sum, sizeof(sum));
}

/*
 * The guest has put the sum of the pseudo header where the checksum belongs (virtio 1.1, 5.1.6.2.1); the library has looked at where it
 * says that the sum starts, and completed what is neither TCP nor UDP itself.
 */
void vhost_checksum_complete(struct rte_mbuf *packet)
{
	bool partial = (packet->ol_flags & RTE_MBUF_F_RX_L4_CKSUM_MASK) == RTE_MBUF_F_RX_L4_CKSUM_NONE;
	struct rte_net_hdr_lens lens;
	uint32_t type, at, field;

	packet->ol_flags = 0;
	if (!partial)
		return;
	type = rte_net_get_ptype(packet, &lens, RTE_PTYPE_ALL_MASK) & RTE_PTYPE_L4_MASK;
	at = lens.l2_len + lens.l3_len;
	field = at + (type == RTE_PTYPE_L4_TCP ? TCP_CHECKSUM : UDP_CHECKSUM);
	if ((type != RTE_PTYPE_L4_TCP && type != RTE_PTYPE_L4_UDP) ||
	    field + sizeof(uint16_t) > rte_pktmbuf_data_len(packet))
		return;
	vhost_checksum_put(packet, at, field - at);
}
