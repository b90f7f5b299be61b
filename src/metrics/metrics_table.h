/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every metric there is: the exposition, docs/metrics.md and the tests follow this table.
 *   X(id, name, type, labels, help)
 * labels: all that its samples have, in their order; "" none.
 */
#ifndef VMMQ_METRICS_METRICS_TABLE_H
#define VMMQ_METRICS_METRICS_TABLE_H

/* clang-format off */
#define METRICS(X) \
	X(INFO, "vmmq_info", "gauge", "name,version,moderation", "The adapter, as labels; always 1.") \
	X(START_TIME, "vmmq_start_time_seconds", "gauge", "", "When vmmqd began to count, in seconds since 1970.") \
	X(MTU, "vmmq_mtu_bytes", "gauge", "", "MTU of the switch.") \
	X(FALLBACK, "vmmq_fallback", "gauge", "", "1 when the switch began with the fallback configuration, since its state could not be used.") \
	X(VPORTS, "vmmq_vports", "gauge", "", "VPorts there are, the default VPort included.") \
	X(FILTERS, "vmmq_filters", "gauge", "", "Receive filters there are.") \
	X(RECEIVED, "vmmq_received_packets_total", "counter", "", "Packets taken from the uplink and from guests for VPorts: indicated or dropped, when nothing is under way.") \
	X(INDICATED, "vmmq_indicated_packets_total", "counter", "", "Packets indicated on processors, all VPorts together.") \
	X(DROPS, "vmmq_drops_total", "counter", "where,reason", "Packets dropped, by reason, all VPorts together; where: adapter or host.") \
	X(CHANGE_BATCHES, "vmmq_change_batches_total", "counter", "", "Batches of changes that took effect together.") \
	X(CHANGE_REQUESTS, "vmmq_change_requests_total", "counter", "", "Requested changes, refused ones included.") \
	X(CHANGE_REFUSED, "vmmq_change_refused_total", "counter", "", "Requested changes that were refused.") \
	X(EFFECTIVE_SUM, "vmmq_change_effective_seconds_total", "counter", "", "Time until batches steered every source, summed; divide by vmmq_change_batches_total.") \
	X(EFFECTIVE_LAST, "vmmq_change_effective_last_seconds", "gauge", "", "That of the last batch.") \
	X(EFFECTIVE_MAX, "vmmq_change_effective_max_seconds", "gauge", "", "That of the slowest batch.") \
	X(DISK_SUM, "vmmq_change_disk_seconds_total", "counter", "", "Time until batches were on disk, summed; divide by vmmq_change_batches_total.") \
	X(DISK_LAST, "vmmq_change_disk_last_seconds", "gauge", "", "That of the last batch.") \
	X(DISK_MAX, "vmmq_change_disk_max_seconds", "gauge", "", "That of the slowest batch.") \
	X(BALANCE_TICKS, "vmmq_balance_ticks_total", "counter", "", "Looks at the load of dynamic VPorts.") \
	X(BALANCE_MOVES, "vmmq_balance_moves_total", "counter", "reason", "Entries, default and primary processors that were moved with the load, by reason.") \
	X(BALANCE_REFUSED, "vmmq_balance_refused_total", "counter", "", "Such moves that were refused.") \
	X(BALANCE_TIME, "vmmq_balance_seconds_total", "counter", "", "The control thread's time in those looks and moves.") \
	X(BALANCE_LOAD, "vmmq_balance_processor_load_ratio", "gauge", "processor", "Load of the processor as it is balanced by, 1: all of its time, more: it drops packets for want of room; while a VPort is dynamic.") \
	X(BALANCE_IN_USE, "vmmq_balance_processor_in_use", "gauge", "processor", "1 when load may be moved to the processor, 0 when it may sleep; while a VPort is dynamic.") \
	X(CPU, "vmmq_processor_cpu", "gauge", "processor", "The CPU that the processor is pinned to; absent when it is not.") \
	X(IN_RSS_SET, "vmmq_processor_in_rss_set", "gauge", "processor", "1 when tables may name the processor.") \
	X(P_PACKETS, "vmmq_processor_packets_total", "counter", "processor", "Packets indicated on the processor.") \
	X(P_DPCS, "vmmq_processor_dpcs_total", "counter", "processor", "DPCs: turns that indicated something.") \
	X(P_INTERRUPTS, "vmmq_processor_interrupts_total", "counter", "processor", "Times it slept and was woken.") \
	X(P_SAVED, "vmmq_processor_interrupts_saved_total", "counter", "processor", "Packets handed to it while it was awake.") \
	X(P_GATES, "vmmq_processor_gates_total", "counter", "processor", "Gates passed: waits for order after a change.") \
	X(P_GATE_WAITS, "vmmq_processor_gate_waits_total", "counter", "processor", "Turns in which a closed gate held packets of an inbox.") \
	X(P_COMPLETIONS, "vmmq_processor_completions_total", "counter", "processor", "Sends completed on the processor.") \
	X(P_TURNS, "vmmq_processor_turns_total", "counter", "processor", "Turns of its loop.") \
	X(P_BUSY, "vmmq_processor_busy_seconds_total", "counter", "processor", "Time in turns that moved something.") \
	X(P_ASLEEP, "vmmq_processor_asleep_seconds_total", "counter", "processor", "Time asleep.") \
	X(P_INBOX_HIGH, "vmmq_processor_inbox_high_packets", "gauge", "processor", "Most packets ever seen waiting in one of its inboxes.") \
	X(V_INFO, "vmmq_vport_info", "gauge", "vport,name,state,rss", "The VPort, as labels; always 1. rss: on, off, hash_only.") \
	X(V_QUEUE_PAIRS, "vmmq_vport_queue_pairs", "gauge", "vport", "Queue pairs granted.") \
	X(V_QUEUE_PAIRS_USED, "vmmq_vport_queue_pairs_used", "gauge", "vport", "Distinct processors steered to.") \
	X(V_FILTERS, "vmmq_vport_filters", "gauge", "vport", "Receive filters of the VPort.") \
	X(V_PACKETS, "vmmq_vport_packets_total", "counter", "vport,processor", "Packets indicated; processors with traffic only.") \
	X(V_BYTES, "vmmq_vport_bytes_total", "counter", "vport,processor", "Bytes of them, with Ethernet headers.") \
	X(V_INDICATIONS, "vmmq_vport_indications_total", "counter", "vport,processor", "Batches they were indicated in.") \
	X(V_VIA, "vmmq_vport_via_packets_total", "counter", "vport,processor,via", "Packets by what named the processor: table, default, primary.") \
	X(V_HASHED, "vmmq_vport_hashed_packets_total", "counter", "vport,processor,type", "Packets by hash type; types that occurred.") \
	X(V_DROPS, "vmmq_vport_drops_total", "counter", "vport,where,reason", "Packets dropped, charged to the VPort; reasons that occurred.") \
	X(V_TO_GUEST_PACKETS, "vmmq_vport_to_guest_packets_total", "counter", "vport", "Packets delivered to its backend.") \
	X(V_TO_GUEST_BYTES, "vmmq_vport_to_guest_bytes_total", "counter", "vport", "Bytes of them.") \
	X(V_FROM_GUEST_PACKETS, "vmmq_vport_from_guest_packets_total", "counter", "vport", "Packets taken from its backend.") \
	X(V_FROM_GUEST_BYTES, "vmmq_vport_from_guest_bytes_total", "counter", "vport", "Bytes of them.") \
	X(V_REPLICAS, "vmmq_vport_replicas_total", "counter", "vport", "Copies of group-addressed packets delivered to its backend.") \
	X(V_HELD, "vmmq_vport_held_packets", "gauge", "vport", "Packets indicated and not returned.") \
	X(V_SENDING, "vmmq_vport_sending_packets", "gauge", "vport", "Sends that are not complete.") \
	X(ENTRY_PACKETS, "vmmq_vport_entry_packets_total", "counter", "vport,entry", "Packets steered by the entry of the indirection table.") \
	X(ENTRY_PROCESSOR, "vmmq_vport_entry_processor", "gauge", "vport,entry", "The processor that the entry names.") \
	X(FLEET_CONNECTED, "vmmq_fleet_connected", "gauge", "", "1 while a server of the fleet's store is followed; like the others of the fleet absent without a fleet.") \
	X(FLEET_SINCE, "vmmq_fleet_since_seconds", "gauge", "", "Since when that is so, in seconds since 1970.") \
	X(FLEET_APART, "vmmq_fleet_apart_seconds", "gauge", "", "For how long none has been followed, 0 while one is; absent before the first.") \
	X(FLEET_CONNECTIONS, "vmmq_fleet_connections_total", "counter", "", "Times that a server began to be followed.") \
	X(FLEET_VPORTS, "vmmq_fleet_vports", "gauge", "state", "VPorts of the fleet that concern this host, by what it says of them in the store; none: nothing.") \
	X(FLEET_TRANSACTIONS, "vmmq_fleet_transactions_total", "counter", "outcome", "Transactions about statuses: committed, conflict (the store had changed), refused, lost (the server went before it answered).") \
	X(PORT_UP, "vmmq_port_up", "gauge", "port,vport", "1 when traffic can flow; port: uplink (no vport), backend. Configured ports only.") \
	X(PORT_STATE, "vmmq_port_state", "gauge", "port,vport,state", "Its state, as a label; always 1.") \
	X(PORT_QUEUES, "vmmq_port_queues", "gauge", "port,vport", "Receive queues that the peer has enabled.") \
	X(PORT_RX_PACKETS, "vmmq_port_rx_packets_total", "counter", "port,vport", "Packets received, by the device's count.") \
	X(PORT_RX_BYTES, "vmmq_port_rx_bytes_total", "counter", "port,vport", "Bytes received.") \
	X(PORT_TX_PACKETS, "vmmq_port_tx_packets_total", "counter", "port,vport", "Packets transmitted.") \
	X(PORT_TX_BYTES, "vmmq_port_tx_bytes_total", "counter", "port,vport", "Bytes transmitted.") \
	X(PORT_RX_MISSED, "vmmq_port_rx_missed_total", "counter", "port,vport", "Packets that the device had no room for.") \
	X(PORT_RX_NO_BUFFER, "vmmq_port_rx_no_buffer_total", "counter", "port,vport", "Times it found no buffer.") \
	X(PORT_RX_ERRORS, "vmmq_port_rx_errors_total", "counter", "port,vport", "Packets received with errors.") \
	X(PORT_TX_ERRORS, "vmmq_port_tx_errors_total", "counter", "port,vport", "Packets it failed to transmit.") \
	X(PORT_RX_LENT, "vmmq_port_rx_lent_total", "counter", "port,vport", "Frames of a guest's of which all but the first bytes were lent by its memory; one copy, less the two below.") \
	X(PORT_RX_LENT_KEPT, "vmmq_port_rx_lent_kept_total", "counter", "port,vport", "Of these, those copied to a buffer after all: for the uplink, several receivers, or another processor that could not have them as they were.") \
	X(PORT_RX_LENT_WAITED, "vmmq_port_rx_lent_waited_total", "counter", "port,vport", "Of these, those copied to a buffer after all: their receiver had no room, or its processor no time.") \
	X(PORT_RX_LENT_HANDED, "vmmq_port_rx_lent_handed_total", "counter", "port,vport", "Of these, those that went to another processor as they were, which copied them to their receiver.") \
	X(HASH_MISMATCHES, "vmmq_uplink_hash_mismatches_total", "counter", "", "Times that the uplink's device gave a hash that was not the one it says it gives; that ends their use for the queue.")
/* clang-format on */

enum metric {
#define X(id, name, type, labels, help) METRIC_##id,
	METRICS(X)
#undef X
	    METRIC_COUNT
};

#endif
