/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A device's own receive hash.  It is asked to hash as a VPort does that names no key and no types; what it then says that
 * it hashes with is told on, if a VPort can say the same: Toeplitz (the only function that DPDK 22.11 knows for RSS unless a
 * flow rule asks for another), a key of 40 bytes, and types that are exactly VMMQ_HASH_*.
 */
#include "ports/ethdev_hash.h"

#include <string.h>
#include <vmmq/toeplitz.h>

/* One IP version: its own bits, and what they mean to us.  Fragments do not matter: their hash is never taken. */
struct family {
	uint64_t l3, fragment, tcp, udp, other;
	uint32_t l3_type, tcp_type, udp_type;
};
static const struct family families[] = {
	{ RTE_ETH_RSS_IPV4, RTE_ETH_RSS_FRAG_IPV4, RTE_ETH_RSS_NONFRAG_IPV4_TCP, RTE_ETH_RSS_NONFRAG_IPV4_UDP,
	  RTE_ETH_RSS_NONFRAG_IPV4_OTHER, VMMQ_HASH_IPV4, VMMQ_HASH_TCP_IPV4, VMMQ_HASH_UDP_IPV4 },
	{ RTE_ETH_RSS_IPV6, RTE_ETH_RSS_FRAG_IPV6, RTE_ETH_RSS_NONFRAG_IPV6_TCP, RTE_ETH_RSS_NONFRAG_IPV6_UDP,
	  RTE_ETH_RSS_NONFRAG_IPV6_OTHER, VMMQ_HASH_IPV6, VMMQ_HASH_TCP_IPV6, VMMQ_HASH_UDP_IPV6 },
	{ RTE_ETH_RSS_IPV6_EX, 0, RTE_ETH_RSS_IPV6_TCP_EX, RTE_ETH_RSS_IPV6_UDP_EX, 0, VMMQ_HASH_IPV6_EX,
	  VMMQ_HASH_TCP_IPV6_EX, VMMQ_HASH_UDP_IPV6_EX },
};
#define FAMILIES (sizeof(families) / sizeof(families[0]))

static uint64_t hash_family_bits(const struct family *family)
{
	return family->l3 | family->fragment | family->tcp | family->udp | family->other;
}

/*
 * hash_family_types adds what one family's bits mean, and takes them out of *left.  "Other" packets hashed by their addresses are
 * the same as IP ones are, if TCP and UDP have types of their own; if not, no type of ours says it, and it stays.
 */
static uint32_t hash_family_types(const struct family *family, uint64_t *left)
{
	uint64_t l4 = family->tcp | family->udp, has = *left & hash_family_bits(family);
	bool others = family->other && has & family->other && (has & l4) == l4;
	uint32_t types = 0;

	types |= has & family->l3 || others ? family->l3_type : 0;
	types |= has & family->tcp ? family->tcp_type : 0;
	types |= has & family->udp ? family->udp_type : 0;
	*left &= ~(has & family->l3 || others ? has : has & ~family->other);
	return types;
}

uint32_t ethdev_hash_types(uint64_t rss_hf)
{
	uint64_t left = rss_hf;
	uint32_t types = 0;

	for (size_t i = 0; i < FAMILIES; i++)
		types |= hash_family_types(&families[i], &left);
	return left ? 0 : types;
}

void ethdev_hash_ask(struct ethdev *port, const struct rte_eth_dev_info *info, struct rte_eth_conf *conf)
{
	uint64_t wanted =
	    info->flow_type_rss_offloads & (hash_family_bits(&families[0]) | hash_family_bits(&families[1]));

	if (port->kind != ETHDEV_KIND_OTHER || !wanted)
		return;
	conf->rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
	conf->rxmode.offloads |= info->rx_offload_capa & RTE_ETH_RX_OFFLOAD_RSS_HASH;
	port->rss_reported = conf->rxmode.offloads & RTE_ETH_RX_OFFLOAD_RSS_HASH;
	conf->rx_adv_conf.rss_conf.rss_hf = wanted;
	if (info->hash_key_size != VMMQ_KEY_LEN)
		return; /* with a key of its own */
	memcpy(port->rss_key, vmmq_verification_key, VMMQ_KEY_LEN);
	conf->rx_adv_conf.rss_conf.rss_key = port->rss_key;
	conf->rx_adv_conf.rss_conf.rss_key_len = VMMQ_KEY_LEN;
}

void ethdev_hash_ask_not(struct ethdev *port, struct rte_eth_conf *conf)
{
	port->rss_reported = false;
	conf->rxmode.mq_mode = RTE_ETH_MQ_RX_NONE;
	conf->rxmode.offloads &= ~RTE_ETH_RX_OFFLOAD_RSS_HASH;
	memset(&conf->rx_adv_conf.rss_conf, 0, sizeof(conf->rx_adv_conf.rss_conf));
}

void ethdev_hash_look(struct ethdev *port, const struct rte_eth_dev_info *info)
{
	uint8_t key[VMMQ_KEY_LEN] = { 0 };
	struct rte_eth_rss_conf rss = { .rss_key = key, .rss_key_len = sizeof(key) };

	if (!port->rss_reported || info->hash_key_size != VMMQ_KEY_LEN ||
	    rte_eth_dev_rss_hash_conf_get(port->id, &rss))
		return;
	port->rss_types = ethdev_hash_types(rss.rss_hf);
	memcpy(port->rss_key, key, sizeof(key));
}
