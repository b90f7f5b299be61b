/* SPDX-License-Identifier: BSD-2-Clause */
/* A processor by its place in the adapter's list: an index into arrays. */
#ifndef VMMQ_ENGINE_PROCESSOR_SLOT_H
#define VMMQ_ENGINE_PROCESSOR_SLOT_H

#include <stdint.h>

typedef uint16_t processor_slot;
#define NO_SLOT ((processor_slot)0xffff)

#endif
