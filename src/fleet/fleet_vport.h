/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A VPort as the fleet's store has it: in queue numbers, and what no schema can say of it checked.  A value; pure, any thread.
 * Rules: docs/fleet.md.
 */
#ifndef VMMQ_FLEET_FLEET_VPORT_H
#define VMMQ_FLEET_FLEET_VPORT_H

#include <vmmq/filter.h>
#include <vmmq/rss.h>

#include "config/config_model.h"
#include "fleet/fleet_tables.h"
#include "ovsdb/ovsdb_datum.h"

#define FLEET_MACS_MAX  64
#define FLEET_VLANS_MAX 64

enum fleet_rss {
	FLEET_RSS_OFF,
	FLEET_RSS_ON,
	FLEET_RSS_HASH_ONLY,
};

enum fleet_activation {
	FLEET_AT_ONCE,
	FLEET_FIRST_FRAME,
};

/* Queues are 0 to queue_pairs - 1.  The zero UUID: no host. */
struct fleet_vport {
	/* Who it is, and where: also there of one that is refused, as far as it could be read. */
	char name[FLEET_NAME_MAX + 1]; /* "": it could not be read */
	int64_t generation;
	struct ovsdb_uuid host, destination;
	enum fleet_activation activation;

	uint8_t mac[FLEET_MACS_MAX][VMMQ_MAC_LEN];
	size_t mac_count; /* at least 1 */
	vmmq_vlan_rule vlan[FLEET_VLANS_MAX];
	size_t vlan_count; /* at least 1 */
	uint16_t queue_pairs;
	enum fleet_rss rss;
	uint32_t hash_types;
	bool has_key; /* else its host makes one */
	uint8_t key[VMMQ_KEY_LEN];
	uint16_t entry_count; /* a power of two */
	uint8_t queue[VMMQ_TABLE_ENTRIES_MAX];
	uint8_t default_queue, primary_queue;
	bool dynamic;
};

/*
 * fleet_vport_read reads a row: FLEET_VPORT_COLUMN_COUNT columns, in their order.  False: no host takes it; why: "column: what is wrong with
 * it; what is needed", on one line.
 */
bool fleet_vport_read(struct fleet_vport *vport, const struct ovsdb_datum *column, struct ovsdb_why *why);

/* fleet_vport_read_filters reads only the name and what frames are for it: the first FLEET_VPORT_FILTER_COUNT columns are needed. */
bool fleet_vport_read_filters(struct fleet_vport *vport, const struct ovsdb_datum *column, struct ovsdb_why *why);

/* fleet_vport_processors returns how many processors its queues need: one more than the highest that frames can go to. */
unsigned fleet_vport_processors(const struct fleet_vport *vport);

/*
 * fleet_vport_place makes of it what a host is asked for: queue q is the processor (first + q) of its set, around its end, where `first` comes
 * of the name, so that the queue 0 of all VPorts is not one processor's.  The key is the VPort's, or key, which is the host's for it.
 * *placed: id 0 and no backend, the caller's for fleet_placed_fini().  False: the set is too small, or memory; *placed is zeroed.
 */
bool fleet_vport_place(const struct fleet_vport *vport, const struct vmmq_processor_set *set,
		       const uint8_t key[VMMQ_KEY_LEN], struct config_vport *placed, struct ovsdb_why *why);
void fleet_placed_fini(struct config_vport *placed);

/* fleet_vports_share tells whether frames could be for both: a MAC and a VLAN in common.  why then names them. */
bool fleet_vports_share(const struct fleet_vport *a, const struct fleet_vport *b, struct ovsdb_why *why);

#endif
