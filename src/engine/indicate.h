/* SPDX-License-Identifier: BSD-2-Clause */
/* The last step of a received packet's way: to the consumer, VPort by VPort, and back when it is returned. */
#ifndef VMMQ_ENGINE_INDICATE_H
#define VMMQ_ENGINE_INDICATE_H

#include "engine/processor_state.h"

/*
 * indicate_batch makes one indication per VPort out of count packets, at most DPC_BATCH, from one inbox, keeping their order.
 * The processor only.
 */
void indicate_batch(struct processor *processor, struct inbox *inbox, struct rte_mbuf *packet[], unsigned count);

#endif
