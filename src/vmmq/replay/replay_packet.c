/* SPDX-License-Identifier: BSD-2-Clause */
/* A captured packet as an mbuf, and what the capture did to it. */
#include <rte_mbuf.h>
#include <string.h>

#include "ports/capture_read.h"
#include "vmmq/input/cut_frame.h"
#include "vmmq/replay/replay.h"

struct replay_packet *replay_packet(struct rte_mbuf *packet)
{
	return rte_mbuf_to_priv(packet);
}

/*
 * In DPDK's usual pools who gives an mbuf back waits for all who began before him.  With more threads than CPUs those may not
 * be running, and the threads then go on in single file, a time slice for each mbuf.  In an RTS ring nobody waits.
 */
struct rte_mempool *replay_pool_make(const char *name, unsigned count, size_t private_len, uint16_t data_room)
{
	return rte_pktmbuf_pool_create_by_ops(name, count, 0, (uint16_t)RTE_ALIGN(private_len, RTE_MBUF_PRIV_ALIGN),
					      data_room, SOCKET_ID_ANY, "ring_mt_rts");
}

/* replay_fill_packet copies a captured packet into an mbuf, or a chain of them; false: the pool is empty. */
static bool replay_fill_packet(struct rte_mempool *pool, const struct capture_packet *packet, struct rte_mbuf *mbuf)
{
	struct rte_mbuf *last = mbuf;
	uint32_t done = 0;

	do {
		uint16_t room = rte_pktmbuf_tailroom(last);
		uint16_t piece = packet->len - done < room ? (uint16_t)(packet->len - done) : room;

		memcpy(rte_pktmbuf_mtod(last, char *), packet->data + done, piece);
		last->data_len = piece;
		done += piece;
		mbuf->pkt_len = done;
		if (done < packet->len) {
			last->next = rte_pktmbuf_alloc(pool);
			if (!last->next)
				return false;
			last = last->next;
			mbuf->nb_segs++;
		}
	} while (done < packet->len);
	return true;
}

/* replay_complete_packet adds the bytes that a NIC has seen of its headers where the capture cut them behind the ports. */
static uint16_t replay_complete_packet(const struct capture_packet *packet, struct rte_mbuf *mbuf)
{
	uint16_t made = (uint16_t)(cut_frame_len(packet->data, packet->len, packet->wire_len) - packet->len);

	if (made)
		memset(rte_pktmbuf_append(mbuf, made), 0, made);
	return made;
}

struct rte_mbuf *replay_packet_make(struct rte_mempool *pool, const struct capture_packet *packet, uint64_t sequence)
{
	struct rte_mbuf *mbuf = rte_pktmbuf_alloc(pool);
	uint16_t made;

	if (!mbuf || !replay_fill_packet(pool, packet, mbuf)) {
		rte_pktmbuf_free(mbuf);
		return NULL;
	}
	made = packet->len < packet->wire_len ? replay_complete_packet(packet, mbuf) : 0;
	*replay_packet(mbuf) = (struct replay_packet){
		.sequence = sequence,
		.number = packet->number,
		.time_ns = packet->time_ns,
		.wire_len = packet->wire_len,
		.made = made,
	};
	return mbuf;
}

/* headers_are_cut: the capture, not the sender, cut this packet's headers off. */
static bool headers_are_cut(const struct capture_packet *packet)
{
	struct vmmq_headers headers;

	if (packet->wire_len <= packet->len ||
	    cut_frame_len(packet->data, packet->len, packet->wire_len) > packet->len)
		return false;
	switch (vmmq_parse(packet->data, packet->len, &headers)) {
	case VMMQ_PARSE_RUNT:
	case VMMQ_PARSE_IPV4_TRUNCATED:
	case VMMQ_PARSE_IPV6_TRUNCATED:
	case VMMQ_PARSE_IPV6_EXT_TRUNCATED:
	case VMMQ_PARSE_TCP_TRUNCATED:
	case VMMQ_PARSE_UDP_TRUNCATED:
		return true;
	case VMMQ_PARSE_TAG_STACK:
		return headers.tag_count < VMMQ_VLAN_TAGS_MAX;
	default:
		return false;
	}
}

void replay_count(struct replay_counts *counts, const struct capture_packet *packet)
{
	counts->packets++;
	counts->bytes += packet->len;
	if (headers_are_cut(packet) && !counts->cut++)
		counts->first_cut = packet->number;
}

void replay_count_skipped(struct replay_counts *counts, const struct capture_read *capture)
{
	const struct capture_skipped *skipped;
	unsigned count = capture_read_skipped(capture, &skipped);

	/* Each pass over a capture finds the same ones. */
	for (unsigned i = 0; i < count; i++) {
		uint64_t before = i < counts->skipped_count ? counts->skipped[i].packets : 0;

		counts->skipped[i] = skipped[i];
		counts->skipped[i].packets += before;
	}
	counts->skipped_count = count;
}
