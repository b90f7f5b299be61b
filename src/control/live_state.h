/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Inside the running switch: what its parts share.
 *
 * The NIC switch and the extras (what a VPort has beside it) are edited by requests, in one group, and can both be
 * rolled back to a mark.  `known` is what was last made durable and effective; a batch is the difference between the
 * two, complete before anything is written, so that nothing can fail after the database's commit.
 */
#ifndef VMMQ_CONTROL_LIVE_STATE_H
#define VMMQ_CONTROL_LIVE_STATE_H

#include <vmmq/request.h>

#include "base/clock.h"
#include "control/live.h"
#include "control/state_writer.h"

#define LIVE_UPLINK  VMMQ_VPORTS_MAX       /* its place among the extras, behind those of the VPorts */
#define LIVE_BALANCE (VMMQ_VPORTS_MAX + 1) /* likewise, of how load is moved */
#define LIVE_PLACES  (VMMQ_VPORTS_MAX + 2)

struct live_moved;

/* What a VPort, the uplink, or the balance of load has beside the NIC switch. */
struct live_extra {
	struct port_spec port; /* its socket's path is absolute */
	bool anti_spoofing, control_frames, dynamic;
	uint32_t flood_limit, min_queue_pairs;
	enum config_owner owner;
	struct live_moved *moved;      /* control/live_moved.h; NULL: nothing */
	uint32_t rx_queues;            /* uplink only */
	struct config_balance balance; /* LIVE_BALANCE only */
};

struct live_extra_undo {
	uint32_t place;
	struct live_extra *before;
};

struct live_extra_table {
	struct live_extra *of[LIVE_PLACES]; /* NULL: as a new VPort has it */
	uint32_t end;                       /* no VPort from here on ever had one */
	struct live_extra_undo *undo;
	size_t undo_count, undo_capacity;
};

/* The last durable and effective state.  vport[id]: without filters; filters: ascending by id. */
struct live_known {
	struct config_vport *vport[VMMQ_VPORTS_MAX];
	size_t vport_count;
	struct vmmq_filter *filter;
	size_t filter_count, filter_capacity;
	struct vmmq_processor *processors;
	size_t processor_count;
	uint32_t last_filter_id;
};

struct live_vport_change {
	struct vmmq_vport_id id;
	struct config_vport *before; /* known's, or NULL */
	struct config_vport *after;  /* the batch's until it is taken over; NULL: deleted */
};
struct live_filter_change {
	uint32_t id;
	bool had, has;
	struct vmmq_filter before, after;
};
struct live_batch {
	struct live_vport_change *vport;
	size_t vport_count;
	struct live_filter_change *filter;
	size_t filter_count;
	struct vmmq_processor *processors; /* NULL: as before */
	size_t processor_count;
	uint32_t *
	    touched; /* ids of VPorts: one may be put back where it was requested, which is no change of its record */
	size_t touched_count;
	bool uplink, balance;
	const struct live_extra *uplink_after, *balance_after;
	bool taken;    /* before is the batch's, after is known's */
	bool numbered; /* last_filter_id is another one */
	uint32_t last_filter_id;
};

/* Requests under way: those before at are done, the next ones, `running` of them, are the group that waits for the disk. */
struct live_flight {
	struct live_request *const *request; /* NULL: none */
	size_t count, at, running;
	bool one_by_one; /* they have failed together */
	bool writing;
	struct live_batch batch;
	live_done_fn *done;
	void *context;
};

struct live_thread;
struct live_balance;

struct live {
	struct vmmq_adapter *adapter;
	struct vmmq_nic_switch *sw;
	struct host *host;
	struct state_db *db;         /* NULL: nothing survives; the writer's, once there is one */
	struct state_writer *writer; /* NULL: no db */
	struct live_flight flight;
	char *name, *state;
	char *sockets; /* directory, or NULL: wherever they are said to be */
	bool allow_devargs;
	const char *control, *interfaces, *addresses; /* as in struct live_params */
	bool governed;
	enum moderation moderation;
	uint16_t mtu;
	struct vmmq_processor *running;
	int *cpu;
	size_t running_count;
	struct live_thread *threads;
	unsigned thread_count;
	bool threads_run;

	struct live_extra_table extras;
	struct live_balance *balance;
	struct live_known known;
	bool in_group;
	bool gone[VMMQ_VPORTS_MAX]; /* deleted by requests of the open group */
	bool any_gone;
	bool apply_again;  /* the last vmmq_adapter_apply() did not come to its end */
	bool update_again; /* the same of host_update() */

	bool draining[VMMQ_VPORTS_MAX]; /* deleted, and perhaps not quiescent yet */
	size_t draining_count;
	bool forgotten[VMMQ_VPORTS_MAX]; /* deleted and quiescent, once */
	bool *stalled;                   /* by place in running: told so */
	uint64_t stalled_at;

	struct live_latency latency;
	live_listener *listener;
	void *listener_context;
	char notice[512];
	struct live_fallback *fallback; /* NULL: none */
};

/* live_extra_at returns what is at a place now, defaults where nothing was stated; never NULL. */
const struct live_extra *live_extra_at(const struct live *live, uint32_t place);
/*
 * live_extra_put replaces what is at a place by a copy, live_extra_forget takes it away.  live_extra_set_port makes
 * spec the port of a caller's copy, of which the texts are borrowed.  false: memory.
 * live_extra_check: INVALID_PARAMETER when the port cannot be one, is not allowed, or shares its place with another.
 */
bool live_extra_put(struct live *live, uint32_t place, const struct live_extra *wanted);
bool live_extra_forget(struct live *live, uint32_t place);
void live_extra_set_port(const struct live *live, struct live_extra *extra, const struct port_spec *spec);
vmmq_status live_extra_check(const struct live *live, uint32_t place, struct vmmq_why *why);
/*
 * live_resolved returns a configuration with the absolute paths that its sockets have here; all else is borrowed.  NULL: memory.
 */
struct vmmq_config *live_resolved(const struct live *live, const struct vmmq_config *config);
void live_resolved_free(struct vmmq_config *resolved);
size_t live_extra_mark(const struct live *live);
void live_extra_rollback(struct live *live, size_t mark);
/* As vmmq_nic_switch_set_aside() and _take_up(). */
void live_extra_set_aside(struct live *live);
void live_extra_take_up(struct live *live);
void live_extra_commit(struct live *live);
void live_extra_fini(struct live *live);

/*
 * live_batch_collect finds what the open group has changed; false: memory.  live_batch_write writes it, a struct live_batch, to the
 * database in one transaction; any thread: it looks at nothing else.  live_batch_take makes it known, which cannot fail; before stays
 * the batch's from then on.
 */
bool live_batch_collect(struct live *live, vmmq_nic_switch_mark_t mark, struct live_batch *batch);
bool live_batch_is_empty(const struct live_batch *batch);
bool live_batch_write(struct state_db *db, const void *batch);
void live_batch_take(struct live *live, struct live_batch *batch);
void live_batch_fini(struct live_batch *batch);
void live_known_fini(struct live *live);

/*
 * live_group_make opens a group, runs requests in it until one has to wait for its end, *running of them, and prepares it.  Refused, the
 * group is rolled back, and closed.  live_group_take makes a prepared one count; live_group_drop takes it back.
 */
vmmq_status live_group_make(struct live *live, struct live_request *const request[], size_t count, size_t *running,
			    struct live_batch *batch, struct vmmq_why *why);
void live_group_take(struct live *live, struct live_batch *batch);
void live_group_drop(struct live *live);

/* live_flight_fini forgets what is under way; false: it is being written, and what of it is lent to the writer must be left as it is. */
bool live_flight_fini(struct live *live);

/*
 * live_apply_vport makes `after` of the VPort `before`; NULL: there is none, before or after.  differs: only told whether that would change
 * anything.
 */
vmmq_status live_apply_vport(struct live *live, const struct config_vport *before, const struct config_vport *after,
			     bool *differs, struct vmmq_why *why);

/* live_record makes a VPort's record from NIC switch and extras; NULL: memory. */
struct config_vport *live_record(const struct live *live, struct vmmq_vport_id id);
void live_record_free(struct config_vport *record);

/*
 * live_effect makes the data path follow what was committed: adapter, then host.  live_effect_again does what was
 * left to do.
 * live_drain: VPorts that were deleted; at most until deadline_ns (CLOCK_MONOTONIC).  live_drain_one: true when
 * quiescent.
 */
void live_effect(struct live *live, const struct live_batch *batch);
void live_effect_again(struct live *live);
void live_drain(struct live *live, uint64_t deadline_ns);
bool live_drain_one(struct live *live, struct vmmq_vport_id id, uint64_t timeout_ns);

/* live_tell_batch sends the events of a batch. */
void live_tell_batch(struct live *live, const struct live_batch *batch);
void live_tell_port(void *live, bool uplink, struct vmmq_vport_id vport, const char *state, const char *reason);
void live_tell_stalled(struct live *live);
/* live_tell_hash_mismatches tells of uplink queues whose device hashes in another way than it says, each once. */
void live_tell_hash_mismatches(struct live *live);

/* live_threads_start runs all processors; false with a message in error.  live_threads_stop ends them. */
bool live_threads_start(struct live *live, bool pin, char *error, size_t error_len);
void live_threads_stop(struct live *live);

#endif
