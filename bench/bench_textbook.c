/* SPDX-License-Identifier: BSD-2-Clause */
/* The path as one would write it from DPDK's parts. */
#include <netinet/in.h>
#include <rte_byteorder.h>
#include <rte_ether.h>
#include <rte_hash.h>
#include <rte_hash_crc.h>
#include <rte_ip.h>
#include <rte_thash.h>
#include <stdlib.h>
#include <string.h>

#include "bench_core.h"

struct filter_key {
	uint8_t mac[6];
	uint16_t vlan;
};

struct textbook_vport {
	bool rss;
	uint16_t primary, default_processor, mask;
	uint32_t key[VMMQ_KEY_LEN / 4];
	uint64_t matrix[GFNI_MATRIX];
	uint16_t table[VMMQ_TABLE_ENTRIES_MAX];
};

struct textbook {
	struct rte_hash *filters;
	struct textbook_vport vport[];
};

/* What is hashed: 0, 8, 12, 32 or 36 bytes, as they lie in the frame (the addresses are followed by the ports, or are not). */
struct tuple {
	uint32_t len;
	uint8_t bytes[TUPLE_ROOM];
};

static void vport_fill(struct textbook_vport *vport, const struct vmmq_rss_params *rss)
{
	vport->rss = rss->enabled;
	vport->primary = rss->primary.v;
	vport->default_processor = rss->default_processor.v;
	vport->mask = (uint16_t)(rss->entry_count - 1);
	rte_convert_rss_key((const uint32_t *)rss->key, vport->key, VMMQ_KEY_LEN);
	if (gfni_supported())
		gfni_matrix(vport->matrix, rss->key);
	for (unsigned i = 0; i < rss->entry_count; i++)
		vport->table[i] = rss->table[i].v;
}

static bool filters_fill(struct textbook *textbook, const struct vmmq_nic_switch *sw)
{
	const struct vmmq_filter *filter = NULL;

	while ((filter = vmmq_filter_next(sw, filter ? filter->id : 0))) {
		struct filter_key key = { .vlan = filter->vlan };

		memcpy(key.mac, filter->mac, 6);
		if (rte_hash_add_key_data(textbook->filters, &key, (void *)(uintptr_t)filter->vport.v))
			return false;
	}
	return true;
}

struct textbook *textbook_make(const struct vmmq_nic_switch *sw, unsigned vports)
{
	struct textbook *textbook = calloc(1, sizeof(*textbook) + vports * sizeof(textbook->vport[0]));
	struct rte_hash_parameters params = {
		.name = "textbook",
		.entries = 4 * vports + 64,
		.key_len = sizeof(struct filter_key),
		.hash_func = rte_hash_crc,
		.socket_id = SOCKET_ID_ANY,
	};
	struct vmmq_vport_info info;

	if (!textbook)
		return NULL;
	for (unsigned v = 0; v < vports; v++)
		if (vmmq_vport_get(sw, (struct vmmq_vport_id){ (uint16_t)v }, &info))
			vport_fill(&textbook->vport[v], info.rss);
	textbook->filters = rte_hash_create(&params);
	if (textbook->filters && filters_fill(textbook, sw))
		return textbook;
	textbook_free(textbook);
	return NULL;
}

void textbook_free(struct textbook *textbook)
{
	if (textbook)
		rte_hash_free(textbook->filters);
	free(textbook);
}

static void tuple_ipv4(const uint8_t *at, struct tuple *tuple)
{
	const struct rte_ipv4_hdr *ip = (const struct rte_ipv4_hdr *)at;
	bool fragment = ip->fragment_offset & rte_cpu_to_be_16(RTE_IPV4_HDR_MF_FLAG | RTE_IPV4_HDR_OFFSET_MASK);

	memcpy(tuple->bytes, &ip->src_addr, 8);
	tuple->len = 8;
	if (!fragment && (ip->next_proto_id == IPPROTO_TCP || ip->next_proto_id == IPPROTO_UDP)) {
		memcpy(tuple->bytes + 8, at + rte_ipv4_hdr_len(ip), 4);
		tuple->len = 12;
	}
}

static void tuple_ipv6(const uint8_t *at, const uint8_t *end, struct tuple *tuple)
{
	const struct rte_ipv6_hdr *ip = (const struct rte_ipv6_hdr *)at;
	uint8_t next = ip->proto;

	memcpy(tuple->bytes, ip->src_addr, 32);
	tuple->len = 32;
	at += sizeof(*ip);
	while ((next == IPPROTO_HOPOPTS || next == IPPROTO_ROUTING || next == IPPROTO_DSTOPTS) && at + 8 <= end) {
		next = at[0];
		at += 8 * (at[1] + 1);
	}
	if ((next == IPPROTO_TCP || next == IPPROTO_UDP) && at + 8 <= end) {
		memcpy(tuple->bytes + 32, at, 4);
		tuple->len = 36;
	}
}

static void parse(const uint8_t *frame, uint32_t len, struct filter_key *key, struct tuple *tuple)
{
	const struct rte_ether_hdr *ethernet = (const struct rte_ether_hdr *)frame;
	const uint8_t *at = frame + sizeof(*ethernet), *end = frame + len;
	uint16_t type = ethernet->ether_type;

	memcpy(key->mac, &ethernet->dst_addr, 6);
	key->vlan = 0;
	tuple->len = 0;
	if (type == rte_cpu_to_be_16(RTE_ETHER_TYPE_VLAN)) {
		const struct rte_vlan_hdr *vlan = (const struct rte_vlan_hdr *)at;

		key->vlan = rte_be_to_cpu_16(vlan->vlan_tci) & 0xfff;
		type = vlan->eth_proto;
		at += sizeof(*vlan);
	}
	if (type == rte_cpu_to_be_16(RTE_ETHER_TYPE_IPV4) && at + 40 <= end)
		tuple_ipv4(at, tuple);
	else if (type == rte_cpu_to_be_16(RTE_ETHER_TYPE_IPV6) && at + 40 <= end)
		tuple_ipv6(at, end, tuple);
}

static uint32_t hash_of(const struct textbook_vport *vport, bool gfni, const struct tuple *tuple)
{
	uint32_t words[VMMQ_HASH_WORDS];

	if (gfni)
		return gfni_hash(vport->matrix, tuple->bytes, tuple->len);
	for (unsigned w = 0; w < tuple->len / 4; w++) {
		memcpy(&words[w], tuple->bytes + 4 * w, 4);
		words[w] = rte_be_to_cpu_32(words[w]);
	}
	return rte_softrss_be(words, tuple->len / 4, (const uint8_t *)vport->key);
}

void textbook_burst(const struct textbook *textbook, bool gfni, const uint8_t *const frame[], const uint32_t len[],
		    uint16_t processor[], unsigned count)
{
	struct filter_key key[BURST];
	struct tuple tuple[BURST];
	const void *key_at[BURST];
	void *found[BURST];
	uint64_t hits;

	for (unsigned i = 0; i < count; i++) {
		parse(frame[i], len[i], &key[i], &tuple[i]);
		key_at[i] = &key[i];
	}
	rte_hash_lookup_bulk_data(textbook->filters, key_at, count, &hits, found);
	for (unsigned i = 0; i < count; i++) {
		const struct textbook_vport *vport = &textbook->vport[hits >> i & 1 ? (uintptr_t)found[i] : 0];

		if (!vport->rss)
			processor[i] = vport->primary;
		else if (!tuple[i].len)
			processor[i] = vport->default_processor;
		else
			processor[i] = vport->table[hash_of(vport, gfni, &tuple[i]) & vport->mask];
	}
}
