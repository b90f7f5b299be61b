/* SPDX-License-Identifier: BSD-2-Clause */
/* The steps from a device that exists to one that runs: queues, offloads, MTU, modes, start. */
#include "ports/ethdev_setup.h"
#include "ports/ethdev_hash.h"
#include "ports/ethdev_link.h"

#include <errno.h>
#include <rte_mbuf.h>
#include <stdio.h>
#include <string.h>

#define DESCRIPTORS     512
#define TAP_DESCRIPTORS 64 /* the driver holds a buffer for each */
#define TAP_PAIRS_MAX   4  /* the driver sends its descriptors in one message of at most 8, unchecked, at start */
#define VLAN_TAGS_LEN   8

static uint16_t queues_fewer(uint16_t wanted, uint16_t most)
{
	return wanted < most ? wanted : most;
}

void ethdev_queue_counts(const struct ethdev *port, const struct rte_eth_dev_info *info, uint16_t *rx, uint16_t *tx)
{
	uint16_t pairs;

	*rx = queues_fewer(*rx, info->max_rx_queues);
	*tx = queues_fewer(*tx, info->max_tx_queues);
	if (port->kind != ETHDEV_KIND_AF_XDP && port->kind != ETHDEV_KIND_TAP)
		return;
	pairs = *rx > *tx ? *rx : *tx; /* these drivers know pairs only */
	if (port->kind == ETHDEV_KIND_TAP)
		pairs = queues_fewer(pairs, TAP_PAIRS_MAX);
	*rx = *tx = queues_fewer(pairs, queues_fewer(info->max_rx_queues, info->max_tx_queues));
}

/* ethdev_frame_fits: frames of that MTU fit in one buffer of the pool. */
static bool ethdev_frame_fits(const struct ethdev_params *params)
{
	return rte_pktmbuf_data_room_size(params->pool) >=
	       RTE_PKTMBUF_HEADROOM + RTE_ETHER_HDR_LEN + VLAN_TAGS_LEN + params->mtu;
}

/* ethdev_mtu_possible: the wanted MTU, or the largest that the driver accepts. */
static uint16_t ethdev_mtu_possible(const struct rte_eth_dev_info *info, uint16_t mtu)
{
	uint32_t overhead = RTE_ETHER_HDR_LEN + RTE_ETHER_CRC_LEN;

	if (info->max_mtu != UINT16_MAX && info->max_rx_pktlen > info->max_mtu)
		overhead = info->max_rx_pktlen - info->max_mtu;
	if (mtu > info->max_mtu)
		mtu = info->max_mtu;
	if (mtu < info->min_mtu)
		mtu = info->min_mtu;
	if (mtu + overhead > info->max_rx_pktlen)
		mtu = (uint16_t)(info->max_rx_pktlen - overhead);
	return mtu;
}

/*
 * ethdev_configure_as asks for interrupts of the receive queues and of the link where the driver may have them, and does
 * without where it refuses.  TAP's link is watched with the kernel's other interfaces.  virtio-user gets none: it
 * tries once to take its handler from the EAL's interrupt thread, closes the descriptor even where that failed, and the
 * thread then panics.
 */
static int ethdev_configure_as(const struct ethdev *port, const struct rte_eth_dev_info *info,
			       struct rte_eth_conf conf)
{
	bool interrupts = port->kind != ETHDEV_KIND_VIRTIO_USER;
	bool lsc = interrupts && port->kind != ETHDEV_KIND_TAP && *info->dev_flags & RTE_ETH_DEV_INTR_LSC;
	int result;

	conf.intr_conf.lsc = lsc;
	conf.intr_conf.rxq = interrupts;
	result = rte_eth_dev_configure(port->id, port->rx_queues, port->tx_queues, &conf);
	if (result == 0 || !interrupts)
		return result;
	conf.intr_conf.rxq = 0;
	result = rte_eth_dev_configure(port->id, port->rx_queues, port->tx_queues, &conf);
	if (result == 0 || !lsc)
		return result;
	conf.intr_conf.lsc = 0;
	return rte_eth_dev_configure(port->id, port->rx_queues, port->tx_queues, &conf);
}

static int ethdev_configure(struct ethdev *port, const struct ethdev_params *params,
			    const struct rte_eth_dev_info *info)
{
	struct rte_eth_conf conf = { .rxmode.mtu = ethdev_mtu_possible(info, params->mtu) };
	int result;

	if (!ethdev_frame_fits(params))
		conf.rxmode.offloads |= info->rx_offload_capa & RTE_ETH_RX_OFFLOAD_SCATTER;
	conf.txmode.offloads |= info->tx_offload_capa & RTE_ETH_TX_OFFLOAD_MULTI_SEGS;
	ethdev_hash_ask(port, info, &conf);
	result = ethdev_configure_as(port, info, conf);
	if (result == 0 || conf.rxmode.mq_mode == RTE_ETH_MQ_RX_NONE)
		return result;
	ethdev_hash_ask_not(port, &conf);
	return ethdev_configure_as(port, info, conf);
}

static int ethdev_setup_queues(const struct ethdev *port, const struct rte_eth_dev_info *info)
{
	uint16_t rx_count = info->default_rxportconf.ring_size, tx_count = info->default_txportconf.ring_size;
	int result;

	if (!rx_count)
		rx_count = port->kind == ETHDEV_KIND_TAP ? TAP_DESCRIPTORS : DESCRIPTORS;
	if (!tx_count)
		tx_count = DESCRIPTORS;
	result = rte_eth_dev_adjust_nb_rx_tx_desc(port->id, &rx_count, &tx_count);
	for (uint16_t q = 0; q < port->rx_queues && result == 0; q++)
		result = rte_eth_rx_queue_setup(port->id, q, rx_count, SOCKET_ID_ANY, NULL, port->pool);
	for (uint16_t q = 0; q < port->tx_queues && result == 0; q++)
		result = rte_eth_tx_queue_setup(port->id, q, tx_count, SOCKET_ID_ANY, NULL);
	return result;
}

/* ethdev_offloads_wanted: a mode that the driver does not have is no failure. */
static int ethdev_offloads_wanted(int result)
{
	return result == -ENOTSUP || result == -ENOSYS ? 0 : result;
}

static int ethdev_setup_fail(const struct ethdev *port, const char *what, int result, char *error, size_t error_len)
{
	/* -1 is drivers' "no", no errno */
	snprintf(error, error_len, "%s: %s%s%s", port->name, what, result < -1 ? ": " : "",
		 result < -1 ? rte_strerror(-result) : "");
	return result;
}

/*
 * ethdev_setup_mtu: drivers of kernel interfaces know a smaller limit than they have, so those are set without them.
 */
static int ethdev_setup_mtu(struct ethdev *port, uint16_t possible, char *error, size_t error_len)
{
	bool interface = ethdev_is_on_interface(port);
	int result = interface ? ethdev_frames_mtu(port, port->mtu)
			       : ethdev_offloads_wanted(rte_eth_dev_set_mtu(port->id, possible));

	if (result)
		snprintf(error, error_len,
			 "%s: an MTU of %u cannot be set: %s: adapter.mtu is to be what %s can have", port->name,
			 interface ? port->mtu : possible, rte_strerror(-result),
			 interface ? port->interface : "the device");
	return result;
}

static int ethdev_setup_modes(struct ethdev *port)
{
	bool before = port->ifindex && ethdev_interface_promiscuous(port->ifindex);
	int result;

	if (ethdev_is_on_interface(port) && port->kind != ETHDEV_KIND_TAP)
		return ethdev_frames_all(port);
	result = ethdev_offloads_wanted(rte_eth_promiscuous_enable(port->id));
	port->made_promiscuous = result == 0 && port->ifindex && !before;
	return result ? result : ethdev_offloads_wanted(rte_eth_allmulticast_enable(port->id));
}

/* ethdev_mtu_fits: AF_XDP's frames have to fit in a page, with what is before them. */
static bool ethdev_mtu_fits(const struct ethdev *port, const struct rte_eth_dev_info *info, char *error,
			    size_t error_len)
{
	if (port->kind != ETHDEV_KIND_AF_XDP || port->mtu <= info->max_mtu)
		return true;
	snprintf(error, error_len,
		 "%s: AF_XDP has an MTU of at most %u, not %u: set adapter.mtu to that, or use net_af_packet",
		 port->name, info->max_mtu, port->mtu);
	return false;
}

int ethdev_setup(struct ethdev *port, const struct ethdev_params *params, const struct rte_eth_dev_info *info,
		 char *error, size_t error_len)
{
	uint16_t mtu = ethdev_mtu_possible(info, params->mtu);
	int result;

	if (!ethdev_mtu_fits(port, info, error, error_len))
		return -ERANGE;
	result = ethdev_configure(port, params, info);
	if (result)
		return ethdev_setup_fail(port, "cannot be configured", result, error, error_len);
	result = ethdev_setup_queues(port, info);
	if (result)
		return ethdev_setup_fail(port, "its queues cannot be set up", result, error, error_len);
	result = ethdev_setup_mtu(port, mtu, error, error_len);
	if (result)
		return result;
	result = rte_eth_dev_start(port->id);
	if (result)
		return ethdev_setup_fail(port, "cannot be started", result, error, error_len);
	ethdev_hash_look(port, info);
	result = ethdev_setup_modes(port);
	if (result)
		return ethdev_setup_fail(port, "promiscuous mode cannot be set", result, error, error_len);
	if (port->kind == ETHDEV_KIND_TAP && port->mtu > mtu)
		port->tap_max = RTE_ETHER_HDR_LEN + mtu;
	if (ethdev_is_on_interface(port) && port->kind != ETHDEV_KIND_TAP) /* a TAP is offered no offloads */
		ethdev_frames_hold(port);
	return 0;
}
