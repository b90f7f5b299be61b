/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bench-host: devices (ports/ethdev.h) that cost next to nothing.  A receive queue has as many packets as it was told to, filled
 * once, as a NIC would by DMA; what is transmitted is freed.  A device is known by its devargs, "uplink" or "vm<VPort id>".
 */
#ifndef VMMQ_BENCH_HOST_H
#define VMMQ_BENCH_HOST_H

#include <rte_mbuf.h>

#include "bench.h"
#include "ports/ethdev.h"

#define DEVICE_VPORTS 64u /* besides VPort 0 */
#define DEVICE_QUEUES 4u
#define NOWHERE       0xfeffu /* a VPort that does not exist: its MAC is somewhere beyond the uplink */

struct device {
	unsigned due[DEVICE_QUEUES]; /* packets that are to be received */
	uint16_t vport, to;          /* their source and destination; of the uplink's, any VPort */
	uint64_t sent;
};

/* devices_make: false: memory.  device_find: 0 is the uplink. */
bool devices_make(void);
struct device *device_find(uint16_t vport);
struct ethdev *device_port(struct device *device);
/* devices_whole tells whether all buffers are back. */
bool devices_whole(void);

#endif
