/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VMMQ_PORTS_ETHDEV_HASH_H
#define VMMQ_PORTS_ETHDEV_HASH_H

#include "ports/ethdev_port.h"

/*
 * ethdev_hash_ask writes into conf the key and types to hash with, where the device can; port->rss_key has the key, and must
 * outlive the device.  _ask_not takes that back.  _look, once it is started, finds what it does: port->rss_types and rss_key.
 */
void ethdev_hash_ask(struct ethdev *port, const struct rte_eth_dev_info *info, struct rte_eth_conf *conf);
void ethdev_hash_ask_not(struct ethdev *port, struct rte_eth_conf *conf);
void ethdev_hash_look(struct ethdev *port, const struct rte_eth_dev_info *info);

/* ethdev_hash_types returns the VMMQ_HASH_* that RTE_ETH_RSS_* bits mean; 0: not exactly any. */
uint32_t ethdev_hash_types(uint64_t rss_hf);

#endif
