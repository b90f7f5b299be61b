/* SPDX-License-Identifier: BSD-2-Clause */
/* Ports with sockets and files in a folder of the test's own: a vhost-user port, and its guest, a virtio-user one. */
#ifndef VMMQ_UNIT_PORTS_ETHDEV_FOLDER_H
#define VMMQ_UNIT_PORTS_ETHDEV_FOLDER_H

#include "unit/ports/ethdev_rig.h"

#include <stdlib.h>

static char folder[] = "/tmp/vmmq-ethdev-XXXXXX";
static char vhost[128], guest[128], path[64];

static inline int folder_start(void **state)
{
	if (!mkdtemp(folder) || rig_start(state))
		return -1;
	snprintf(path, sizeof(path), "%s/v.sock", folder);
	snprintf(vhost, sizeof(vhost), "net_vhost0,iface=%s,queues=2", path);
	snprintf(guest, sizeof(guest), "net_virtio_user0,path=%s,queues=2,queue_size=1024", path);
	return 0;
}

static inline int folder_stop(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	return system(command) ? -1 : 0;
}

static inline void assert_nothing_lost(void)
{
	assert_int_equal(rte_mempool_in_use_count(rig_pool), 0);
}

#endif
