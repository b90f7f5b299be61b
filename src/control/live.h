/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The running switch and everything that may change it: NIC switch, adapter, host, and the state database, kept equal.
 *
 * Every change, whatever front end it comes from, is a request function that edits the NIC switch (and what else a VPort has) with
 * the operations below or those of vmmq/nic_switch.h and vmmq/request.h.  live_submit() runs a batch of requests as one group:
 * each one all or nothing, then one database transaction for all of them, then one view for the data path.  When it
 * is done, what succeeded is on disk and in effect, what was refused left no trace.  Whatever cannot be written to disk is
 * refused too (RESOURCES), and the running switch is as before.
 *
 * A thread of its own writes (state_writer.h).  Meanwhile the batch is set aside: whoever reads, packets and ports included, sees the
 * switch as it is before the batch, and nothing is edited, since what comes next must be held against what the batch will have
 * left.  One batch at a time is under way; the next one is its caller's until this one is done.
 *
 * Control thread only.  Nothing here lets processors move table entries (vmmq_adapter_move()), so that thread is the only one who
 * edits, and needs no vmmq_adapter_edit_begin(): that lock is spun on, and is never held while a disk is written to.
 */
#ifndef VMMQ_CONTROL_LIVE_H
#define VMMQ_CONTROL_LIVE_H

#include <jansson.h>
#include <limits.h>
#include <vmmq/adapter.h>

#include "config/config_model.h"
#include "host/host.h"

struct live;

/*
 * Why this switch began with another configuration than it should have: a state that could not be used.  reason: what was wrong with it;
 * config: the file that seed was read from; kept: what that state is called now, or ""; unwritable: "", or why there is no state at
 * all now, so that every change is refused.
 */
struct live_fallback {
	char config[PATH_MAX], reason[512], kept[PATH_MAX], unwritable[512];
};

/*
 * seed: what an empty state begins with; with reseed, what the state is made equal to before anything runs.  May be NULL
 * when there is a state.
 * state: path of the SQLite database; "" for none (nothing survives: tests).
 * sockets: absolute path of the directory that sockets live below; NULL: anywhere (tests).  allow_devargs: take PORT_DEVICE.
 * control: path of a socket that no port may be at; NULL: there is none.  interfaces, addresses: names of kernel interfaces, and PCI
 * addresses in full, that ports may have: patterns as in glob(7), with commas between them; NULL: any.  These three are borrowed until
 * live_close().
 * fallback: NULL, or why seed is used; then nothing about the state keeps the switch from running.
 * governed: VPorts of the fleet's are changed by requests of the fleet's only, and no file is about them; else they are like others.
 * host_buffers: see host_create().  pin: bind processor N's thread to CPU N where this process may use that.
 */
struct live_params {
	const struct vmmq_config *seed;
	bool reseed;
	const struct live_fallback *fallback;
	const char *state;
	const char *sockets;
	bool allow_devargs;
	const char *control;
	const char *interfaces, *addresses;
	bool governed;
	uint32_t host_buffers;
	bool pin;
};

/*
 * live_open reads the state or the seed, makes adapter and host, starts the processors' threads, opens the ports (those that
 * cannot be are tried again later).  The EAL must run, with a worker thread per processor (engine/eal.h).
 * A second process on the same state is refused, naming the owner's pid.  A database that is damaged, not ours, or newer
 * than this program is refused and left alone.  NULL with a message in error.
 * live_notice: a sentence for the log about what differs from what was asked (seed not used and not equal to the state), or "".
 * live_close stops: no new packets, completes what is outstanding (at most 2 s), stops processors, closes everything.  A batch that the
 * disk still keeps is not waited for: it is whole in the state, or not there, and the process should end.
 */
struct live *live_open(const struct live_params *params, char *error, size_t error_len);
const char *live_notice(const struct live *live);
const struct live_fallback *live_fallback(const struct live *live); /* NULL: none */
void live_close(struct live *live);

/* One request.  run edits; it returns its status, why (path, text) when refused; argument and result are the caller's. */
typedef vmmq_status live_request_fn(struct live *live, void *argument, struct vmmq_why *why);
struct live_request {
	live_request_fn *run;
	void *argument;
	bool of_fleet;       /* it may change VPorts that are the fleet's (control/live_fleet.h) */
	vmmq_status status;  /* out */
	struct vmmq_why why; /* out */
};
/*
 * live_submit carries out count requests in their order; should the batch fail as a whole they are tried one by one.  true: all are
 * done.  false: they wait for the disk; requests and the array stay where they are until done(context) is called, out of live_run().
 * live_busy tells that some are under way; nothing may be submitted then.
 * live_fd is readable when live_run() has something to do; -1: never.
 * live_execute waits: for what is under way, and for the disk.  For starts and tests; a loop that serves others submits.
 */
typedef void live_done_fn(void *context);
bool live_submit(struct live *live, struct live_request *const request[], size_t count, live_done_fn *done,
		 void *context);
bool live_busy(const struct live *live);
int live_fd(const struct live *live);
void live_run(struct live *live);
void live_execute(struct live *live, struct live_request *const request[], size_t count);
/*
 * live_pending tells whether what was carried out is not yet in effect everywhere: for a second some source has been inside a
 * burst, or memory was too short for the host to follow.  It takes effect by itself.
 */
bool live_pending(const struct live *live);

/*
 * For requests, inside live_submit(): the open group's switch, and what a VPort has beside it.
 * live_vport_add: params->id 0 asks for the lowest free id; the VPort is activated, with its filters, RSS parameters and backend;
 * *id tells which.  live_vport_set changes what changed names.  live_vport_delete: with its filters when with_filters, else
 * FAILURE when it has some.  Its traffic is drained and its backend closed after the group has taken effect.
 * live_uplink_set: another uplink, or none (PORT_NONE).
 * INVALID_PARAMETER: a backend or uplink that port_spec_check() refuses, a socket that is not below live_params.sockets, a device,
 * interface or address that is not allowed, a place that another port of this switch uses.
 */
struct vmmq_nic_switch *live_switch(struct live *live);
vmmq_status live_vport_add(struct live *live, const struct config_vport *params, struct vmmq_vport_id *id,
			   struct vmmq_why *why);
enum live_vport_changed {
	LIVE_VPORT_NAME = 1,
	LIVE_VPORT_QUEUE_PAIRS = 2,
	LIVE_VPORT_PRIMARY = 4,
	LIVE_VPORT_BACKEND = 8,
	LIVE_VPORT_ANTI_SPOOFING = 16,
	LIVE_VPORT_FLOOD_LIMIT = 32,
	LIVE_VPORT_CONTROL_FRAMES = 64,
	LIVE_VPORT_SCALING = 128, /* and to say so again: entries that were moved by hand may be moved, too */
	LIVE_VPORT_MIN_QUEUE_PAIRS = 256,
};
vmmq_status live_vport_set(struct live *live, const struct config_vport *params, unsigned changed,
			   struct vmmq_why *why);
vmmq_status live_vport_delete(struct live *live, struct vmmq_vport_id id, bool with_filters, struct vmmq_why *why);
vmmq_status live_uplink_set(struct live *live, const struct port_spec *spec, uint32_t rx_queues,
			    struct vmmq_why *why);

/* How load is moved: what holds for the whole adapter.  live_balance_get, any time, fills *balance; live_balance_set changes it. */
void live_balance_get(const struct live *live, struct config_balance *balance);
vmmq_status live_balance_set(struct live *live, const struct config_balance *balance, struct vmmq_why *why);

/*
 * What a dynamic VPort's entries point to (vmmq_vport_get()) is where its load is now; what was requested, and is on disk, may be something
 * else.  A change of RSS parameters begins with live_rss_restore(): as requested, from where load moves again; nothing that the balance
 * has done may be in a request's way.
 * live_rss_pin: what the open request has moved, by hand, stays there: the lane (VMMQ_LANE_*, or an entry); live_rss_pin_moved: all lanes
 * that are not where they were.  live_rss_stated: table and processors are what is wanted, as they are now; nothing of it is pinned.
 * All of them: SUCCESS, and nothing is done, for a VPort that is static; RESOURCES: memory.
 * live_rss_requested fills *rss with what was requested; any time; false: no such VPort.
 */
vmmq_status live_rss_restore(struct live *live, struct vmmq_vport_id id, struct vmmq_why *why);
vmmq_status live_rss_pin(struct live *live, struct vmmq_vport_id id, unsigned lane, struct vmmq_why *why);
vmmq_status live_rss_pin_moved(struct live *live, struct vmmq_vport_id id, struct vmmq_why *why);
vmmq_status live_rss_stated(struct live *live, struct vmmq_vport_id id, struct vmmq_why *why);
bool live_rss_requested(const struct live *live, struct vmmq_vport_id id, struct vmmq_rss_params *rss);

/*
 * live_apply makes the switch equal to wanted: VPorts by id, filters by (MAC, VLAN), all or nothing; counters of what stays go on.
 * The adapter's processors may be reordered or reduced to some of those that run; others, and another name, moderation or MTU,
 * are refused with what to do (INVALID_PARAMETER: restart vmmqd with --reseed).
 * live_difference returns what it would do, as a JSON array of objects {"change": "vport.add", "vport": 3, "text": "…"}; empty
 * when equal.  NULL: memory.
 */
vmmq_status live_apply(struct live *live, const struct vmmq_config *wanted, struct vmmq_why *why);
json_t *live_difference(struct live *live, const struct vmmq_config *wanted);

/*
 * Reading.  live_config returns the running configuration, for vmmq_config_fini(); false: memory.  live_adapter and live_host serve
 * counters and ports.  live_extras: what a VPort has beside the NIC switch; false: no such VPort.
 */
bool live_config(struct live *live, struct vmmq_config *config);
struct vmmq_adapter *live_adapter(struct live *live);
struct host *live_host(struct live *live);
struct live_extras {
	const struct port_spec *backend; /* valid until the VPort changes */
	bool anti_spoofing;
	uint32_t flood_limit;
	bool control_frames;
	bool dynamic; /* scaling */
	uint32_t min_queue_pairs;
	enum config_owner owner;
};
bool live_extras(struct live *live, struct vmmq_vport_id id, struct live_extras *extras);
/* live_drops adds up what was dropped over all VPorts that there are or were, so that no sum ever goes back. */
struct live_drops {
	uint64_t adapter[VMMQ_DROP_COUNT], host[HOST_DROP_COUNT];
};
void live_drops(const struct live *live, struct live_drops *sum);
uint64_t live_indicated(const struct live *live); /* on all processors */
struct live_adapter_info {
	const char *name, *state;
	const struct port_spec *uplink;
	uint32_t uplink_rx_queues;
	uint16_t mtu;
	enum moderation moderation;
	const struct vmmq_processor *processors; /* those that run; the RSS set may be fewer */
	const int *cpus;                         /* by the same index: pinned to that CPU, or -1 */
	size_t processor_count;
};
void live_adapter_info(struct live *live, struct live_adapter_info *info);
/* How long batches take: applied to every source, and on disk.  Nanoseconds of the last, the longest, and the sum. */
struct live_latency {
	uint64_t batches, requests, refused;
	uint64_t effective_last_ns, effective_max_ns, effective_sum_ns;
	uint64_t disk_last_ns, disk_max_ns, disk_sum_ns;
};
void live_latency(const struct live *live, struct live_latency *latency);

/*
 * Events: what has changed, told after it took effect, in order (docs/rpc.md has their list).  event: borrowed, an object with "event",
 * "time" (seconds since 1970, with fraction) and the event's members.  live_listen tells at once of ports that could not be opened.
 */
typedef void live_listener(void *context, json_t *event);
void live_listen(struct live *live, live_listener *listener, void *context);
/* live_tell sends an event of a front end's own to the listener; steals members. */
void live_tell(struct live *live, const char *event, json_t *members);

/* live_tick looks after ports (host_tick()), deleted VPorts and stalled processors: every 100 ms, and on ethdev_event_fd(). */
void live_tick(struct live *live);

#endif
