/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Inside the NIC switch.  Operations (vport.c, filter_set.c) edit the model and note in the group's log how to take that
 * back; view.c turns a finished group into the next view; nic_switch.c opens, commits and aborts groups.
 */
#ifndef VMMQ_CORE_SWITCH_MODEL_H
#define VMMQ_CORE_SWITCH_MODEL_H

#include <vmmq/nic_switch.h>
#include <vmmq/request.h>

struct vport {
	struct vmmq_vport_id id;
	enum vmmq_vport_state state;
	uint32_t queue_pairs;
	uint32_t filter_count;
	uint32_t flags; /* VMMQ_VPORT_* of its own (spec 17.4) */
	uint32_t interrupt_moderation;
	struct vmmq_affinity affinity; /* as last stated; void once the primary processor is not its lowest bit */
	uint64_t group; /* the group that made this copy: it may be edited in place while that one is open */
	const struct vmmq_steering *steering; /* in the current view; NULL: to be made at commit */
	struct vmmq_rss_params rss;
	char name[VMMQ_VPORT_NAME_BYTES + 1];
};

enum undo_kind {
	UNDO_VPORT,        /* put before back (NULL: the VPort did not exist) */
	UNDO_FILTER_SET,   /* take filter out */
	UNDO_FILTER_CLEAR, /* put filter back */
	UNDO_FILTER_MOVE,  /* give filter back to vport */
	UNDO_PROCESSORS,   /* put set back */
};

struct undo {
	enum undo_kind kind;
	struct vmmq_vport_id vport;
	struct vport *before;
	struct vmmq_filter *filter;
	struct vmmq_processor_set set;
	struct vmmq_filter *cleared; /* SET: the cleared filter of this key whose tree node it took over, or NULL */
	uint64_t next_filter_id;     /* SET: what it was */
};

struct undo_log {
	struct undo *entry;
	size_t count;
	size_t capacity;
};

/* A growing list of heap blocks. */
struct blocks {
	void **block;
	size_t count;
	size_t capacity;
};

/* A view with what is freed together with it: all that its successor does not share. */
struct view_node {
	struct vmmq_view view;
	uint32_t looking; /* VPorts that look into tunnels */
	struct view_node *next;
	struct blocks retired;
};

/* A view in the making: what has been allocated for it, and what it leaves behind. */
struct making {
	struct vmmq_nic_switch *sw;
	struct view_node *node;         /* NULL: nothing that steers packets changes */
	struct vmmq_view_chunk **chunk; /* NULL: shared with the current view */
	struct blocks made;
	struct blocks left;
};

struct vmmq_nic_switch {
	struct vmmq_processor_set all;        /* processors that it was made with */
	struct vmmq_processor_set set;        /* the RSS processor set: some of them, in a block of its own */
	struct vmmq_nic_switch_params limits; /* defaults filled in */
	enum vmmq_toeplitz_impl toeplitz;

	struct vport **vport; /* by id, vport_slots of them */
	uint32_t vport_slots;
	uint32_t vport_count;
	uint32_t queue_pairs_used;

	struct vmmq_filter **filter; /* ascending by id */
	size_t filter_count;
	size_t filter_capacity;
	void *
	    filter_by_key; /* tsearch tree over the same objects, by (MAC, VLAN rule); and the group's cleared ones */
	uint64_t next_filter_id;      /* above UINT32_MAX: there are none left */
	uint32_t reserved_filter_ids; /* up to this one; no group takes that back */

	/*
	 * In the open group: the log's length when the first such change was noted, or 0.  So a rollback to a shorter log
	 * shows that it has taken all of them back.
	 */
	bool in_group;
	size_t filters_changed; /* filters, or which VPorts are activated */
	size_t pairs_changed;   /* some VPort's queue pairs */
	uint64_t group;         /* counts marks too: what was copied before one is not edited in place behind it */
	struct undo_log undo;
	bool prepared;
	bool aside;    /* the log's entries hold what the group has made, the model what was before */
	bool followed; /* follower.prepare() has said true of it */
	struct vmmq_nic_switch_follower follower; /* prepare NULL: none */
	struct making making;                     /* while prepared */

	struct view_node *oldest;
	struct view_node *current;
};

/* op_begin opens a group for a lone operation; op_end closes that one with the operation's status. */
bool op_begin(struct vmmq_nic_switch *sw);
vmmq_status op_end(struct vmmq_nic_switch *sw, bool lone, vmmq_status status, struct vmmq_why *why);

/* undo_reserve makes room for one more entry, so that the next undo_push() cannot fail.  false: memory. */
bool undo_reserve(struct vmmq_nic_switch *sw);
void undo_push(struct vmmq_nic_switch *sw, struct undo undo);
/* change_note notes in filters_changed or pairs_changed a change that is in the log already. */
void change_note(const struct vmmq_nic_switch *sw, size_t *changed);

struct vport *vport_find(const struct vmmq_nic_switch *sw, struct vmmq_vport_id id);
/* vport_edit returns a copy of the VPort that this group may write to, or NULL (memory). */
struct vport *vport_edit(struct vmmq_nic_switch *sw, struct vport *vport);
/* vport_create adds a VPort to the open group; name may be empty. */
vmmq_status vport_create(struct vmmq_nic_switch *sw, struct vmmq_vport_id id, const char *name, uint32_t queue_pairs,
			 struct vmmq_processor primary, struct vmmq_why *why);
/* vport_name_check: INVALID_PARAMETER for a name that is too long; an empty one passes. */
vmmq_status vport_name_check(const char *name, struct vmmq_why *why);
/* vport_set_pairs changes the queue pairs of a VPort that may be edited; they have been checked. */
void vport_set_pairs(struct vmmq_nic_switch *sw, struct vport *vport, uint32_t queue_pairs);
/* May a VPort have so many queue pairs (INVALID_PARAMETER)?  Are there so many for one that has held some (RESOURCES)? */
vmmq_status queue_pairs_bound_check(const struct vmmq_nic_switch *sw, uint32_t wanted, struct vmmq_why *why);
vmmq_status queue_pairs_left_check(const struct vmmq_nic_switch *sw, uint32_t wanted, uint32_t held,
				   struct vmmq_why *why);
/* symmetric_check holds the finished group against the rule of symmetric adapters: INVALID_PARAMETER. */
vmmq_status symmetric_check(const struct vmmq_nic_switch *sw, struct vmmq_why *why);
/* affinity_of returns the affinity that names one processor. */
struct vmmq_affinity affinity_of(struct vmmq_processor processor);
void vport_restore(struct vmmq_nic_switch *sw, const struct undo *undo);

void filter_restore(struct vmmq_nic_switch *sw, const struct undo *undo);
/* filter_exchange makes the list as it was before one change of a filter (aside), or as it was after; the tree stays the group's. */
void filter_exchange(struct vmmq_nic_switch *sw, struct undo *undo, bool aside);
/* filter_free frees a filter that is no longer in the list, and its tree node unless another one has taken that over. */
void filter_free(struct vmmq_nic_switch *sw, struct vmmq_filter *filter);
void filters_free(struct vmmq_nic_switch *sw);

/*
 * view_first makes the first view; view_prepare the one for the open group.  false: memory, no change.  view_commit makes
 * the prepared one current, view_abandon frees it; the VPorts of the group must not be used after that.
 */
bool view_first(struct vmmq_nic_switch *sw);
bool view_prepare(struct vmmq_nic_switch *sw);
void view_commit(struct vmmq_nic_switch *sw);
void view_abandon(struct vmmq_nic_switch *sw);
void view_node_free(struct view_node *node);
void view_last_free(struct view_node *node);

/* The processor sets: made, freed, put back, and left behind at commit. */
bool processors_init(struct vmmq_nic_switch *sw, const struct vmmq_processor *processors, size_t count);
void processors_fini(struct vmmq_nic_switch *sw);
void processors_restore(struct vmmq_nic_switch *sw, const struct undo *undo);
void processors_forget(const struct undo *undo);
bool has_duplicate(const struct vmmq_processor *processor, size_t count);

vmmq_status out_of_memory(struct vmmq_why *why);

#endif
