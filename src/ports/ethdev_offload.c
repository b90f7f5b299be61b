/* SPDX-License-Identifier: BSD-2-Clause */
#include "ports/ethdev_offload.h"

#include <rte_ip.h>
#include <rte_tcp.h>
#include <rte_udp.h>
#include <vmmq/parse.h>

bool offload_find(const struct rte_mbuf *packet, struct offload *offload)
{
	const uint8_t *frame = rte_pktmbuf_mtod(packet, const uint8_t *);
	const uint32_t len = rte_pktmbuf_data_len(packet);
	uint32_t header_len = sizeof(struct rte_udp_hdr);
	struct vmmq_headers headers;

	if (vmmq_parse(frame, len, &headers) != VMMQ_PARSE_OK || headers.l4 == VMMQ_L4_OTHER)
		return false;
	if (headers.l4 == VMMQ_L4_TCP) {
		if (headers.l4_offset + sizeof(struct rte_tcp_hdr) > len)
			return false;
		header_len = (frame[headers.l4_offset + offsetof(struct rte_tcp_hdr, data_off)] >> 4) * 4u;
		if (header_len < sizeof(struct rte_tcp_hdr))
			return false;
	}
	*offload = (struct offload){
		.l3 = headers.l3_offset,
		.l4 = headers.l4_offset,
		.header_len = (uint16_t)(headers.l4_offset + header_len),
		.ipv6 = headers.l3 == VMMQ_L3_IPV6,
		.udp = headers.l4 == VMMQ_L4_UDP,
	};
	return offload->header_len <= len;
}

void offload_set(struct rte_mbuf *packet, const struct offload *offload, uint16_t size)
{
	packet->ol_flags |= offload->udp ? RTE_MBUF_F_TX_UDP_CKSUM : RTE_MBUF_F_TX_TCP_CKSUM;
	packet->ol_flags |= offload->ipv6 ? RTE_MBUF_F_TX_IPV6 : RTE_MBUF_F_TX_IPV4;
	if (size)
		packet->ol_flags |= offload->udp ? RTE_MBUF_F_TX_UDP_SEG : RTE_MBUF_F_TX_TCP_SEG;
	packet->tso_segsz = size;
}

uint32_t offload_len(const struct rte_mbuf *packet)
{
	const uint32_t len = rte_pktmbuf_pkt_len(packet);
	struct offload offload;

	if (!(offload_needs(packet) & ETHDEV_CUT) || !offload_find(packet, &offload) ||
	    offload.header_len + packet->tso_segsz > len)
		return len;
	return offload.header_len + packet->tso_segsz;
}

/* packet_sum sums all from an offset in its first segment on.  (DPDK 22.11's own loses a carry behind a segment of odd length.) */
static uint16_t packet_sum(const struct rte_mbuf *packet, uint32_t from)
{
	uint32_t sum = 0, done = 0;

	for (; packet; packet = packet->next, from = 0) {
		const uint32_t len = rte_pktmbuf_data_len(packet) - from;
		uint16_t here = rte_raw_cksum(rte_pktmbuf_mtod_offset(packet, const void *, from), len);

		sum += done % 2 ? rte_bswap16(here) : here;
		done += len;
	}
	return __rte_raw_cksum_reduce(sum);
}

void offload_checksum_put(struct rte_mbuf *packet, uint32_t start, uint32_t offset)
{
	uint16_t sum = (uint16_t)~packet_sum(packet, start);

	if (offset == OFFLOAD_CHECKSUM_UDP && !sum)
		sum = UINT16_MAX; /* RFC 768: 0 says that there is none */
	memcpy(rte_pktmbuf_mtod_offset(packet, void *, start + offset), &sum, sizeof(sum));
}

void offload_complete(struct rte_mbuf *packet)
{
	struct offload offload;

	packet->ol_flags &= ~OFFLOAD_FLAGS;
	if (offload_find(packet, &offload))
		offload_checksum_put(packet, offload.l4, offload_checksum_offset(&offload));
}
