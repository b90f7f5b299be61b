/* SPDX-License-Identifier: BSD-2-Clause */
#include "ports/vhost_user.h"

#include <rte_net.h>

#include "ports/ethdev_offload.h"

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
	field = at + (type == RTE_PTYPE_L4_TCP ? OFFLOAD_CHECKSUM_TCP : OFFLOAD_CHECKSUM_UDP);
	if ((type != RTE_PTYPE_L4_TCP && type != RTE_PTYPE_L4_UDP) ||
	    field + sizeof(uint16_t) > rte_pktmbuf_data_len(packet))
		return;
	offload_checksum_put(packet, at, field - at);
}
