/* SPDX-License-Identifier: BSD-2-Clause */
/* Waiting until everything that is in the inboxes now has been indicated. */
#ifndef VMMQ_ENGINE_DRAIN_H
#define VMMQ_ENGINE_DRAIN_H

#include <stdbool.h>
#include <stdint.h>

struct vmmq_adapter;

/* drain_await returns false when deadline (now_ns()) comes first, the adapter stops meanwhile, or memory is short. */
bool drain_await(const struct vmmq_adapter *adapter, uint64_t deadline);

#endif
