/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VMMQ_PORTS_ETHDEV_SETUP_H
#define VMMQ_PORTS_ETHDEV_SETUP_H

#include "ports/ethdev_port.h"

/*
 * ethdev_queue_counts cuts *rx and *tx, the queues wanted, to what the driver can have.
 * ethdev_setup configures and starts the device with port->rx_queues and tx_queues.  Returns 0, or a negative errno
 * with a sentence in error that says which step failed; the device may then be closed only.
 */
void ethdev_queue_counts(const struct ethdev *port, const struct rte_eth_dev_info *info, uint16_t *rx, uint16_t *tx);
int ethdev_setup(struct ethdev *port, const struct ethdev_params *params, const struct rte_eth_dev_info *info,
		 char *error, size_t error_len);

#endif
