/* SPDX-License-Identifier: BSD-2-Clause */
/* Flows and their frames: TCP and UDP over IPv4 and IPv6, some ICMP and ARP, untagged and tagged; all in a flow alike. */
#include <stdlib.h>
#include <string.h>
#include <vmmq/toeplitz.h>

#include "race.h"

#define STAMP_LEN  8 /* flow number and sequence number, the frame's last bytes */
#define TAG_OFFSET 12
#define TAG_LEN    4

struct writer {
	uint8_t *data;
	unsigned len;
};

static void put(struct writer *writer, const void *bytes, unsigned len)
{
	memcpy(writer->data + writer->len, bytes, len);
	writer->len += len;
}

static void put_be16(struct writer *writer, unsigned value)
{
	put(writer, (uint8_t[]){ (uint8_t)(value >> 8), (uint8_t)value }, 2);
}

static void put_ethernet(struct writer *writer, const struct model_flow *flow)
{
	static const uint16_t vid[TAG_COUNT] = { 0, 0, VLAN_A, VLAN_B, VLAN_OTHER };
	static const uint16_t type[KIND_COUNT] = { 0x0800, 0x0800, 0x86dd, 0x86dd, 0x0800, 0x0806 };

	put(writer, (uint8_t[]){ 0x02, 0, 0, 0, 0x10, flow->mac }, 6);
	put(writer, (uint8_t[]){ 0x02, 0, 0, 0, 0x20, 0x01 }, 6);
	if (flow->tag != TAG_NONE) {
		put_be16(writer, 0x8100);
		put_be16(writer, vid[flow->tag]);
	}
	put_be16(writer, type[flow->kind]);
}

static void put_ipv4(struct writer *writer, uint8_t protocol, const uint8_t addresses[8])
{
	put(writer, (uint8_t[]){ 0x45, 0, 0, 60, 0, 1, 0, 0, 64, protocol, 0, 0 }, 12);
	put(writer, addresses, 8);
}

static void put_ipv6(struct writer *writer, uint8_t protocol, const uint8_t addresses[32])
{
	put(writer, (uint8_t[]){ 0x60, 0, 0, 0, 0, 40, protocol, 64 }, 8);
	put(writer, addresses, 32);
}

/* put_headers writes all headers; tuple: addresses and ports, of which *addresses_len are addresses. */
static void put_headers(struct writer *writer, const struct model_flow *flow, const uint8_t tuple[36],
			unsigned *addresses_len)
{
	static const uint8_t zero[20];
	bool tcp = flow->kind == KIND_TCP4 || flow->kind == KIND_TCP6;

	put_ethernet(writer, flow);
	switch (flow->kind) {
	case KIND_TCP4:
	case KIND_UDP4:
	case KIND_ICMP4:
		*addresses_len = 8;
		put_ipv4(writer, flow->kind == KIND_ICMP4 ? 1 : tcp ? 6 : 17, tuple);
		break;
	case KIND_TCP6:
	case KIND_UDP6:
		*addresses_len = 32;
		put_ipv6(writer, tcp ? 6 : 17, tuple);
		break;
	default:
		*addresses_len = 0;
		put(writer, zero, sizeof(zero));
		return;
	}
	put(writer, tuple + *addresses_len, 4); /* ports; for ICMP: anything */
	put(writer, zero, tcp ? 16 : 4);
}

static void flow_make(struct flow *flow, struct random *random, unsigned macs)
{
	struct writer writer = { .data = flow->frame };
	uint8_t tuple[36], key[VMMQ_KEY_LEN];
	unsigned addresses_len;

	flow->model.mac = (uint8_t)random_below(random, macs);
	flow->model.tag = (uint8_t)(random_one_in(random, 2) ? TAG_NONE : random_below(random, TAG_COUNT));
	flow->model.kind = (uint8_t)(random_one_in(random, 16) ? random_below(random, KIND_COUNT)
							       : random_below(random, KIND_ICMP4));
	for (unsigned i = 0; i < sizeof(tuple); i++)
		tuple[i] = (uint8_t)random_u64(random);
	put_headers(&writer, &flow->model, tuple, &addresses_len);
	flow->len = (uint16_t)(writer.len + STAMP_LEN);
	for (unsigned i = 0; i < KEYS; i++) {
		model_key(i, key);
		flow->model.hash[i][0] = vmmq_toeplitz_reference(key, tuple, addresses_len + 4);
		flow->model.hash[i][1] = vmmq_toeplitz_reference(key, tuple, addresses_len);
	}
}

bool flows_make(struct race *race)
{
	struct random random = random_start(race->options.seed, 1);
	unsigned macs = 2 * race->options.vports + 2;
	size_t size = race->options.flows * sizeof(struct flow);

	race->flow = aligned_alloc(64, size);
	if (!race->flow)
		return false;
	memset((void *)race->flow, 0, size);
	for (unsigned i = 0; i < race->options.flows; i++) {
		flow_make(&race->flow[i], &random, macs);
		race->flow[i].missing = calloc(race->window / 64, sizeof(uint64_t));
		if (!race->flow[i].missing)
			return false;
	}
	return true;
}

void flows_free(struct race *race)
{
	for (unsigned i = 0; race->flow && i < race->options.flows; i++)
		free(race->flow[i].missing);
	free(race->flow);
}

void frame_fill(struct rte_mbuf *packet, const struct flow *flow, uint32_t number, uint32_t sequence)
{
	uint8_t *data = rte_pktmbuf_mtod(packet, uint8_t *);
	const uint32_t stamp[2] = { number, sequence };

	memcpy(data, flow->frame, flow->len - STAMP_LEN);
	memcpy(data + flow->len - STAMP_LEN, stamp, STAMP_LEN);
	packet->data_len = flow->len;
	packet->pkt_len = flow->len;
}

bool frame_intact(const struct rte_mbuf *packet, const struct flow *flow, uint32_t number, uint32_t sequence,
		  bool stripped)
{
	const uint8_t *data = rte_pktmbuf_mtod(packet, const uint8_t *);
	const uint32_t stamp[2] = { number, sequence };
	unsigned cut = stripped ? TAG_LEN : 0, headers = flow->len - STAMP_LEN;

	return packet->data_len == flow->len - cut && packet->pkt_len == packet->data_len &&
	       !memcmp(data, flow->frame, TAG_OFFSET) &&
	       !memcmp(data + TAG_OFFSET, flow->frame + TAG_OFFSET + cut, headers - TAG_OFFSET - cut) &&
	       !memcmp(data + headers - cut, stamp, STAMP_LEN);
}
