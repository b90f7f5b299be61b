/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The configuration as a value: what a YAML file, a request or a state database states, validated and complete
 * (defaults filled in).  Owned by one thread; free with vmmq_config_fini().
 * Shapes and defaults: docs/configuration.md.
 */
#ifndef VMMQ_CONTROL_MODEL_H
#define VMMQ_CONTROL_MODEL_H

#include <vmmq/filter.h>
#include <vmmq/rss.h>
#include <vmmq/status.h>

enum moderation {
	MODERATION_POLL,
	MODERATION_INTERRUPT,
	MODERATION_ADAPTIVE,
};

struct config_filter {
	uint8_t mac[VMMQ_MAC_LEN];
	vmmq_vlan_rule vlan;
};

struct config_vport {
	struct vmmq_vport_id id;
	char *name; /* never NULL; "vport7" unless the file names it, "default" for VPort 0 */
	uint32_t queue_pairs;
	struct vmmq_rss_params rss;
	struct config_filter *filters;
	size_t filter_count;
	char *backend_device; /* DPDK devargs, or NULL */
};

struct vmmq_config {
	char *adapter_name;                /* never NULL; "vmmq0" unless the file names it */
	struct vmmq_processor *processors; /* preferred first, no duplicates, at least one */
	size_t processor_count;
	enum moderation moderation;
	char *uplink_device; /* DPDK devargs, or NULL */
	uint32_t uplink_rx_queues;
	struct config_vport *vports; /* ascending by id; VPort 0 is always the first, listed in the file or not */
	size_t vport_count;
};

/* vmmq_config_fini frees what config owns and zeroes it.  A zeroed config is legal. */
void vmmq_config_fini(struct vmmq_config *config);

/* vmmq_config_vport returns the VPort of that id, or NULL. */
const struct config_vport *vmmq_config_vport(const struct vmmq_config *config, struct vmmq_vport_id id);

#endif
