/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The configuration as a value: what a YAML file, a request or a state database states, validated and complete
 * (defaults filled in).  Owned by one thread; free with vmmq_config_fini().
 * Ranges and defaults: schema/field_table.h.
 */
#ifndef VMMQ_CONFIG_CONFIG_MODEL_H
#define VMMQ_CONFIG_CONFIG_MODEL_H

#include <vmmq/filter.h>
#include <vmmq/rss.h>
#include <vmmq/status.h>

#include "ports/port_spec.h"

/* In the order of the words in the schema. */
enum moderation {
	MODERATION_POLL,
	MODERATION_INTERRUPT,
	MODERATION_ADAPTIVE,
};

struct config_filter {
	uint32_t id; /* 0 in a file: to be assigned; from a running adapter: the filter's */
	uint8_t mac[VMMQ_MAC_LEN];
	vmmq_vlan_rule vlan;
	bool encapsulated;
	uint32_t vni;
};

/*
 * What only NDIS requests state of a VPort (vmmq/request.h); no file has it.  Zeroed: nothing of it was stated.
 */
struct config_ndis {
	bool deactivated; /* created, and not activated yet: no traffic */
	uint32_t flags;
	uint32_t interrupt_moderation;
	uint16_t affinity_group;
	uint64_t affinity_mask; /* 0: the primary processor */
};

/* Whose a VPort is: who made it, and may change it.  No file says so. */
enum config_owner {
	OWNER_HAND,
	OWNER_FLEET,         /* the fleet's store (docs/fleet.md) */
	OWNER_FLEET_OWN_KEY, /* the same, and its key is this host's */
	OWNER_COUNT
};

struct config_vport {
	struct vmmq_vport_id id;
	enum config_owner owner;
	char *name; /* never NULL; "vport7" unless the file names it, "default" for VPort 0 */
	uint32_t queue_pairs;
	uint32_t min_queue_pairs; /* at most queue_pairs */
	bool dynamic;             /* scaling: its entries move with the load */
	struct vmmq_rss_params rss;
	struct config_filter *filters;
	size_t filter_count;
	struct port_spec backend;
	bool anti_spoofing;   /* the VM sends with source addresses of its filters only */
	bool control_frames;  /* it is trusted with frames to reserved group addresses */
	uint32_t flood_limit; /* group-addressed packets a second that are replicated for it; 0: no limit */
	struct config_ndis ndis;
};

/* How the load of dynamic VPorts is moved (docs/balance.md). */
struct config_balance {
	uint32_t tick_ms;
	uint32_t target, tolerance; /* percent */
	uint32_t budget;            /* moves in a tick */
	bool coalesce;
};

/* Where this host follows the fleet's store (docs/fleet.md).  Texts are NULL where nothing was stated. */
struct config_fleet {
	char **servers; /* the relays, then the remotes, of which there is one at least */
	size_t relay_count, server_count;
	char *host; /* never NULL */
	char *certificate, *private_key, *ca_certificate;
	char *sockets; /* directory */
	enum port_mode mode;
};

struct vmmq_config {
	char *adapter_name;                /* never NULL; "vmmq0" unless the file names it */
	struct vmmq_processor *processors; /* preferred first, no duplicates, at least one */
	size_t processor_count;
	enum moderation moderation;
	struct config_balance balance;
	struct port_spec uplink; /* without queues: uplink_rx_queues says how many */
	uint32_t uplink_rx_queues;
	uint16_t mtu;                /* of the whole switch */
	struct config_vport *vports; /* ascending by id; VPort 0 is always the first, listed in the file or not */
	size_t vport_count;
	struct config_fleet *fleet; /* NULL: none; only a file has it */
};

/* vmmq_config_fini frees what config owns and zeroes it.  A zeroed config is legal. */
void vmmq_config_fini(struct vmmq_config *config);

/* config_fleet_same: they say the same; NULL: nothing is said. */
bool config_fleet_same(const struct config_fleet *a, const struct config_fleet *b);
/* config_fleet_free: NULL is legal. */
void config_fleet_free(struct config_fleet *fleet);

/* vmmq_config_vport returns the VPort of that id, or NULL. */
const struct config_vport *vmmq_config_vport(const struct vmmq_config *config, struct vmmq_vport_id id);

/* Are RSS parameters, or VPorts but for their filters, the same? */
bool vmmq_config_rss_equal(const struct vmmq_rss_params *a, const struct vmmq_rss_params *b);
bool vmmq_config_vport_equal(const struct config_vport *a, const struct config_vport *b);

/* config_filter_of returns a VPort's filter as the core has it. */
struct vmmq_filter config_filter_of(const struct config_filter *filter, struct vmmq_vport_id vport);
/* config_filter_compare orders filters by what they match; 0: one of them is too many. */
int config_filter_compare(const struct config_filter *a, const struct config_filter *b);

/* config_balance_default fills in what holds unless it is stated; config_balance_equal tells whether two are the same. */
void config_balance_default(struct config_balance *balance);
bool config_balance_equal(const struct config_balance *a, const struct config_balance *b);

#endif
