/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One answer to top.show (docs/rpc.md) with types: counters, and room for the rates that top_model works out of two of
 * them.  Strings belong to the answer, which the snapshot keeps.  What an answer lacks is 0 or "".  One thread.
 */
#ifndef VMMQ_VMMQ_TOP_TOP_SNAPSHOT_H
#define VMMQ_VMMQ_TOP_TOP_SNAPSHOT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A counter, and how much it grew a second between this snapshot and the one before. */
struct top_count {
	uint64_t total;
	double rate;
};

/*
 * What is counted, by the names of the records.
 *   X(name, JSON name)
 */
/* clang-format off */
#define TOP_ADAPTER_COUNTS(X) \
	X(RECEIVED, "received") X(INDICATED, "indicated") X(DROPPED, "dropped") X(HOST_DROPPED, "host_dropped")
#define TOP_PORT_COUNTS(X) \
	X(RX_PACKETS, "rx_packets") X(RX_BYTES, "rx_bytes") X(TX_PACKETS, "tx_packets") X(TX_BYTES, "tx_bytes") \
	X(RX_MISSED, "rx_missed") X(RX_NO_BUFFER, "rx_no_buffer") X(RX_ERRORS, "rx_errors") X(TX_ERRORS, "tx_errors")
#define TOP_PROCESSOR_COUNTS(X) \
	X(PACKETS, "packets") X(DPCS, "dpcs") X(INTERRUPTS, "interrupts") X(SAVED, "interrupts_saved") \
	X(GATES, "gates") X(GATE_WAITS, "gate_waits") X(COMPLETIONS, "completions")
#define TOP_VPORT_COUNTS(X) \
	X(PACKETS, "packets") X(BYTES, "bytes") X(INDICATIONS, "indications") \
	X(TO_GUEST_PACKETS, "to_guest_packets") X(TO_GUEST_BYTES, "to_guest_bytes") \
	X(FROM_GUEST_PACKETS, "from_guest_packets") X(FROM_GUEST_BYTES, "from_guest_bytes") X(REPLICAS, "replicas")
/* clang-format on */
#define X(name, text) TOP_ADAPTER_##name,
enum top_adapter_count { TOP_ADAPTER_COUNTS(X) TOP_ADAPTER_COUNT };
#undef X
#define X(name, text) TOP_PORT_##name,
enum top_port_count { TOP_PORT_COUNTS(X) TOP_PORT_COUNT };
#undef X
#define X(name, text) TOP_PROCESSOR_##name,
enum top_processor_count { TOP_PROCESSOR_COUNTS(X) TOP_PROCESSOR_COUNT };
#undef X
#define X(name, text) TOP_VPORT_##name,
enum top_vport_count { TOP_VPORT_COUNTS(X) TOP_VPORT_COUNT };
#undef X
/* their JSON names, by those numbers */
extern const char *const top_adapter_names[], *const top_port_names[];
extern const char *const top_processor_names[], *const top_vport_names[];

struct top_port {
	const char *port, *state, *reason, *driver, *interface;
	unsigned queues, queues_enabled;
	struct top_count count[TOP_PORT_COUNT];
};

struct top_adapter {
	const char *name, *version, *moderation;
	double uptime; /* seconds */
	int64_t pid;
	unsigned mtu, filters;
	uint64_t changes, effective_last_us, effective_max_us;
	struct top_count count[TOP_ADAPTER_COUNT];
	struct top_port uplink;
};

struct top_processor {
	unsigned number;
	int cpu; /* -1: not pinned */
	bool in_rss_set, stalled;
	double busy, asleep; /* shares */
	uint64_t inbox_high;
	struct top_count count[TOP_PROCESSOR_COUNT];
};

/* What a VPort had on one processor: all that it has or had traffic on or steers to, ascending by number. */
struct top_share {
	unsigned processor;
	bool used; /* steered to now */
	struct top_count packets;
};

/* moved_at: uptime when its processor was last seen to have changed, 0: never; moved_from: what it was. */
struct top_entry {
	unsigned processor, moved_from;
	double moved_at;
	struct top_count packets;
};

struct top_drop {
	const char *reason;
	struct top_count packets;
};

struct top_vport {
	uint32_t id;
	const char *name, *state, *rss, *vlan;
	unsigned queue_pairs, queue_pairs_used, filters, primary, flood_limit, held, sending;
	bool anti_spoofing;
	bool has_rates;   /* false: new, or it began to count again */
	double imbalance; /* most loaded processor / mean of those used; 0: not known */
	struct top_port backend;
	struct top_count count[TOP_VPORT_COUNT];
	struct top_count dropped; /* all reasons together */
	struct top_share *share;
	size_t share_count;
	struct top_entry *entry;
	size_t entry_count;
	struct top_drop *drop;
	size_t drop_count;
	const json_t *hashed; /* object: packets by hash type; or NULL */
};

struct top_snapshot {
	json_t *answer;
	double time; /* seconds since 1970 */
	struct top_adapter adapter;
	struct top_processor *processor; /* ascending by number */
	size_t processor_count;
	struct top_vport *vport; /* ascending by id */
	size_t vport_count;
	struct top_drop *drop; /* all VPorts together, ascending by reason */
	size_t drop_count;
};

/*
 * top_snapshot_create makes a snapshot of an answer (borrowed; a reference is kept).  NULL with a sentence in *why: it is not
 * such a record, or memory is short.  Free with top_snapshot_destroy(), which takes NULL.
 */
struct top_snapshot *top_snapshot_create(json_t *answer, const char **why);
void top_snapshot_destroy(struct top_snapshot *snapshot);

#endif
