/* SPDX-License-Identifier: BSD-2-Clause */
#include "host/cut.h"

#include <rte_ip.h>
#include <rte_tcp.h>
#include <rte_udp.h>
#include <string.h>

#define TCP_ONLY_FIRST RTE_TCP_CWR_FLAG /* RFC 3168, 6.1.2: said once */
#define TCP_ONLY_LAST  (RTE_TCP_FIN_FLAG | RTE_TCP_PSH_FLAG)

static uint32_t cut_carries(const struct cut *cut)
{
	return rte_pktmbuf_pkt_len(cut->packet) - cut->offload.header_len;
}

bool cut_begin(struct cut *cut, struct rte_mbuf *packet)
{
	*cut = (struct cut){ .packet = packet };
	if (packet->tso_segsz && offload_find(packet, &cut->offload) &&
	    rte_pktmbuf_pkt_len(packet) > cut->offload.header_len)
		return true;
	cut->packet = NULL;
	return false;
}

void cut_end(struct cut *cut)
{
	rte_pktmbuf_free(cut->packet);
	cut->packet = NULL;
}

/* ip_set makes the IP header that of the piece: its length, and for IPv4 the identification, which counts (RFC 6864 asks for it of datagrams). */
static void ip_set(const struct cut *cut, uint8_t *frame, uint32_t len)
{
	struct rte_ipv4_hdr *ipv4 = (struct rte_ipv4_hdr *)(frame + cut->offload.l3);
	struct rte_ipv6_hdr *ipv6 = (struct rte_ipv6_hdr *)(frame + cut->offload.l3);

	len -= cut->offload.l3;
	if (cut->offload.ipv6) {
		ipv6->payload_len = rte_cpu_to_be_16((uint16_t)(len - sizeof(*ipv6)));
		return;
	}
	ipv4->total_length = rte_cpu_to_be_16((uint16_t)len);
	ipv4->packet_id = rte_cpu_to_be_16((uint16_t)(rte_be_to_cpu_16(ipv4->packet_id) + cut->number));
	ipv4->hdr_checksum = 0;
	ipv4->hdr_checksum = rte_ipv4_cksum(ipv4);
}

static void tcp_set(const struct cut *cut, uint8_t *frame, bool last)
{
	struct rte_tcp_hdr *tcp = (struct rte_tcp_hdr *)(frame + cut->offload.l4);

	tcp->sent_seq = rte_cpu_to_be_32(rte_be_to_cpu_32(tcp->sent_seq) + cut->done);
	if (cut->number)
		tcp->tcp_flags &= (uint8_t)~TCP_ONLY_FIRST;
	if (!last)
		tcp->tcp_flags &= (uint8_t)~TCP_ONLY_LAST;
}

/*
 * checksum_set: the field has the pseudo header's sum, with the length of the whole: the difference in length is taken out of it before all is summed.
 */
static void checksum_set(const struct cut *cut, struct rte_mbuf *piece)
{
	const uint32_t l4 = cut->offload.l4, offset = offload_checksum_offset(&cut->offload);
	const uint16_t whole = rte_cpu_to_be_16((uint16_t)(rte_pktmbuf_pkt_len(cut->packet) - l4)),
		       own = rte_cpu_to_be_16((uint16_t)(rte_pktmbuf_pkt_len(piece) - l4));
	uint8_t *at = rte_pktmbuf_mtod_offset(piece, uint8_t *, l4 + offset);
	uint16_t value;

	memcpy(&value, at, sizeof(value));
	value = __rte_raw_cksum_reduce((uint32_t)value + (uint16_t)~whole + own);
	memcpy(at, &value, sizeof(value));
	offload_checksum_put(piece, l4, offset);
}

struct rte_mbuf *cut_next(struct cut *cut, struct rte_mempool *pool)
{
	const uint32_t header_len = cut->offload.header_len, left = cut_carries(cut) - cut->done;
	const uint32_t carries = left < cut->packet->tso_segsz ? left : cut->packet->tso_segsz;
	const uint32_t len = header_len + carries;
	struct rte_mbuf *piece = rte_pktmbuf_alloc(pool);
	const void *from;
	uint8_t *frame;

	if (!piece)
		return NULL;
	frame = (uint8_t *)rte_pktmbuf_append(piece, (uint16_t)len);
	if (!frame || len > UINT16_MAX) {
		rte_pktmbuf_free(piece);
		return NULL;
	}
	memcpy(frame, rte_pktmbuf_mtod(cut->packet, const void *), header_len);
	from = rte_pktmbuf_read(cut->packet, header_len + cut->done, carries, frame + header_len);
	if (from != frame + header_len)
		memcpy(frame + header_len, from, carries);
	if (cut->offload.udp)
		((struct rte_udp_hdr *)(frame + cut->offload.l4))->dgram_len =
		    rte_cpu_to_be_16((uint16_t)(len - cut->offload.l4));
	else
		tcp_set(cut, frame, carries == left);
	ip_set(cut, frame, len);
	checksum_set(cut, piece);
	piece->port = cut->packet->port;
	cut->done += carries;
	cut->number++;
	if (carries == left)
		cut_end(cut);
	return piece;
}
