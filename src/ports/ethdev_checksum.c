/* SPDX-License-Identifier: BSD-2-Clause */
#include "ports/ethdev_checksum.h"

#include <netinet/in.h>
#include <rte_ether.h>
#include <rte_hash_crc.h>
#include <rte_ip.h>
#include <rte_mbuf.h>
#include <rte_sctp.h>
#include <rte_tcp.h>
#include <rte_udp.h>
#include <string.h>

#define TAGS_MAX 2u

/* What stands between an IP header and the frame's end.  pseudo: the pseudo-header's sum, as it stands in memory. */
struct transport {
	uint8_t *at;
	uint32_t len;
	uint8_t protocol;
	uint16_t pseudo;
};

static bool transport_of_ipv4(uint8_t *at, uint32_t len, struct transport *transport)
{
	const uint16_t fragment = rte_cpu_to_be_16(RTE_IPV4_HDR_MF_FLAG | RTE_IPV4_HDR_OFFSET_MASK);
	struct rte_ipv4_hdr header;
	uint32_t header_len, total;

	if (len < sizeof(header))
		return false;
	memcpy(&header, at, sizeof(header));
	header_len = rte_ipv4_hdr_len(&header);
	total = rte_be_to_cpu_16(header.total_length);
	if (header.version_ihl >> 4 != 4 || header_len < sizeof(header) || total < header_len || total > len ||
	    header.fragment_offset & fragment)
		return false;
	*transport = (struct transport){ at + header_len, total - header_len, header.next_proto_id,
					 rte_ipv4_phdr_cksum(&header, 0) };
	return true;
}

static bool transport_of_ipv6(uint8_t *at, uint32_t len, struct transport *transport)
{
	struct rte_ipv6_hdr header;
	uint32_t payload;

	if (len < sizeof(header))
		return false;
	memcpy(&header, at, sizeof(header));
	payload = rte_be_to_cpu_16(header.payload_len);
	if (*at >> 4 != 6 || payload > len - sizeof(header))
		return false;
	*transport = (struct transport){ at + sizeof(header), payload, header.proto, 0 };
	if (header.proto != IPPROTO_SCTP) /* which has no pseudo header, and DPDK shifts its number too far */
		transport->pseudo = rte_ipv6_phdr_cksum(&header, 0);
	return true;
}

static bool transport_find(struct rte_mbuf *packet, struct transport *transport)
{
	uint8_t *at = rte_pktmbuf_mtod(packet, uint8_t *);
	uint32_t len = rte_pktmbuf_data_len(packet), type_at = 2 * RTE_ETHER_ADDR_LEN;
	uint16_t type;

	for (unsigned tags = 0;; tags++, type_at += RTE_VLAN_HLEN) {
		if (len < type_at + sizeof(type))
			return false;
		type = (uint16_t)(at[type_at] << 8 | at[type_at + 1]);
		if (tags == TAGS_MAX || (type != RTE_ETHER_TYPE_VLAN && type != RTE_ETHER_TYPE_QINQ))
			break;
	}
	at += type_at + sizeof(type);
	len -= type_at + (uint32_t)sizeof(type);
	if (type == RTE_ETHER_TYPE_IPV4)
		return transport_of_ipv4(at, len, transport);
	return type == RTE_ETHER_TYPE_IPV6 && transport_of_ipv6(at, len, transport);
}

/*
 * inet_complete: the field's own value is part of the sum, and is the pseudo-header's: nothing else has to be added.
 */
static bool inet_complete(const struct transport *transport, uint32_t field_at, uint32_t header_len)
{
	uint8_t *field = transport->at + field_at;
	uint16_t value, sum, whole;

	if (transport->len < header_len)
		return false;
	memcpy(&value, field, sizeof(value));
	if (value != transport->pseudo)
		return false;
	sum = rte_raw_cksum(transport->at, transport->len);
	whole = __rte_raw_cksum_reduce((uint32_t)sum + value);
	if (whole == 0xffff)
		return false;
	value = (uint16_t)~sum;
	if (value == 0)
		value = 0xffff; /* 0 is UDP's "none", and the same number */
	memcpy(field, &value, sizeof(value));
	return true;
}

/* crc32c: byte by byte up to where the library may read words. */
static uint32_t crc32c(const uint8_t *at, size_t len)
{
	uint32_t crc = 0xffffffff;

	for (; len && (uintptr_t)at % sizeof(uint64_t); len--)
		crc = rte_hash_crc_1byte(*at++, crc);
	return ~rte_hash_crc(at, (uint32_t)len, crc);
}

static bool sctp_complete(const struct transport *transport)
{
	uint8_t *field = transport->at + offsetof(struct rte_sctp_hdr, cksum);
	uint32_t crc;

	if (transport->len < sizeof(struct rte_sctp_hdr))
		return false;
	memcpy(&crc, field, sizeof(crc));
	if (crc)
		return false;
	crc = rte_cpu_to_le_32(crc32c(transport->at, transport->len)); /* RFC 9260, appendix A */
	memcpy(field, &crc, sizeof(crc));
	return true;
}

bool ethdev_checksum_complete(struct rte_mbuf *packet)
{
	struct transport transport;

	if (!transport_find(packet, &transport))
		return false;
	switch (transport.protocol) {
	case IPPROTO_TCP:
		return inet_complete(&transport, offsetof(struct rte_tcp_hdr, cksum), sizeof(struct rte_tcp_hdr));
	case IPPROTO_UDP:
		return inet_complete(&transport, offsetof(struct rte_udp_hdr, dgram_cksum),
				     sizeof(struct rte_udp_hdr));
	case IPPROTO_SCTP:
		return sctp_complete(&transport);
	default:
		return false;
	}
}
