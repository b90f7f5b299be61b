/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The NIC switch: VPorts with their filters and RSS parameters, their lifecycle and limits, and the immutable views
 * that packets are steered by.
 * Rules: spec sections 2 to 4.  Statuses: section 12.
 *
 * One control thread.  Every operation validates completely and allocates before it changes anything: a refused one
 * leaves the switch as it was and says why.  Operations between vmmq_nic_switch_begin() and _commit() become visible
 * together, in one view; outside of them each operation commits by itself.
 */
#ifndef VMMQ_NIC_SWITCH_H
#define VMMQ_NIC_SWITCH_H

#include <vmmq/classify.h>
#include <vmmq/filter.h>
#include <vmmq/rss.h>
#include <vmmq/status.h>

#ifdef __cplusplus
extern "C" {
#endif

#define VMMQ_VPORTS_MAX       65536u
#define VMMQ_VPORT_NAME_MAX   256                       /* UTF-16 units, as NDIS counts (spec 2.2) */
#define VMMQ_VPORT_NAME_BYTES (3 * VMMQ_VPORT_NAME_MAX) /* what they take at most in UTF-8, without the NUL */

/*
 * What a switch is made with.  Zero in a limit means the default in brackets.
 * processors: the adapter's RSS processor set, preferred first, copied; 1 to 65536, no duplicates.
 * Limits (spec 3.3): max_vports counts the default VPort (65536); max_queue_pairs counts those of all VPorts (no limit);
 * max_queue_pairs_per_vport bounds one VPort (128); max_filters counts those of all VPorts (no limit).
 * symmetric: all nondefault VPorts must have the same queue pair count, at the end of each operation or group.
 * strip_all_tags: as a miniport that advertises hardware tag handling, the outermost tag of every frame moves to OOB, priority tags and
 * what no filter matches included (spec 8.1, 19.13); else only where a filter says so (4.3).
 */
struct vmmq_nic_switch_params {
	const struct vmmq_processor *processors;
	size_t processor_count;
	uint32_t max_vports;
	uint32_t max_queue_pairs;
	uint32_t max_queue_pairs_per_vport;
	uint32_t max_filters;
	uint32_t default_vport_queue_pairs; /* 0: 16 (spec 14.3) */
	bool symmetric;
	bool strip_all_tags;
	enum vmmq_toeplitz_impl toeplitz; /* AUTO, or a forced one */
};

/* VPort states (spec 3.1); the values are NDIS_NIC_SWITCH_VPORT_STATE's. */
enum vmmq_vport_state {
	VMMQ_VPORT_UNDEFINED = 0,
	VMMQ_VPORT_ACTIVATED = 1,
	VMMQ_VPORT_DEACTIVATED = 2,
};

/* What is known of a VPort.  name points into the switch and is valid until the VPort changes. */
struct vmmq_vport_info {
	struct vmmq_vport_id id;
	const char *name;
	enum vmmq_vport_state state;
	uint32_t queue_pairs;
	uint32_t filter_count;
	const struct vmmq_rss_params *rss; /* valid until the VPort changes */
};

struct vmmq_nic_switch;

/*
 * vmmq_nic_switch_create makes a switch with the default VPort: activated, RSS off, all traffic on the first processor.
 * INVALID_PARAMETER: no processor, a duplicate one, limits that contradict each other, a forced Toeplitz implementation
 * that this CPU lacks.  RESOURCES: memory.
 * vmmq_nic_switch_destroy frees it with all its views (NULL is legal); nobody may read a view any more.
 */
VMMQ_API vmmq_status vmmq_nic_switch_create(const struct vmmq_nic_switch_params *params, struct vmmq_nic_switch **sw,
					    struct vmmq_why *why);
VMMQ_API void vmmq_nic_switch_destroy(struct vmmq_nic_switch *sw);

/*
 * vmmq_nic_switch_begin opens a group of operations; groups do not nest.
 * vmmq_nic_switch_commit publishes it as one view.  INVALID_PARAMETER: a symmetric switch whose nondefault VPorts would
 * differ in queue pairs.  RESOURCES: memory.  The group is then rolled back.
 * vmmq_nic_switch_abort rolls it back.
 */
VMMQ_API void vmmq_nic_switch_begin(struct vmmq_nic_switch *sw);
VMMQ_API vmmq_status vmmq_nic_switch_commit(struct vmmq_nic_switch *sw, struct vmmq_why *why);
VMMQ_API void vmmq_nic_switch_abort(struct vmmq_nic_switch *sw);

/*
 * Inside a group, for those who do something fallible of their own with it before it counts (write it to a disk):
 * vmmq_nic_switch_mark notes how far the group has come; vmmq_nic_switch_rollback takes back all operations since that mark.
 * vmmq_nic_switch_prepare does all of commit that can fail, with its statuses (the group is rolled back then); after
 * SUCCESS only commit, which then succeeds, or abort may follow; vmmq_nic_switch_prepared_view() is what commit will publish.
 * vmmq_nic_switch_set_aside makes a prepared group wait: until vmmq_nic_switch_take_up() the switch reads as it was before the group, and is not
 * edited; commit may follow then.  Neither can fail.  Abort needs no taking up.
 * vmmq_nic_switch_changes tells what the group has changed since mark, at most max of it, skipping the first skip, and returns how
 * many there are; the same thing may be told more than once.  Whether it was created, changed or deleted shows when it is
 * looked up.
 */
typedef size_t vmmq_nic_switch_mark_t;
VMMQ_API vmmq_nic_switch_mark_t vmmq_nic_switch_mark(struct vmmq_nic_switch *sw);
VMMQ_API void vmmq_nic_switch_rollback(struct vmmq_nic_switch *sw, vmmq_nic_switch_mark_t mark);
VMMQ_API vmmq_status vmmq_nic_switch_prepare(struct vmmq_nic_switch *sw, struct vmmq_why *why);
VMMQ_API const struct vmmq_view *vmmq_nic_switch_prepared_view(const struct vmmq_nic_switch *sw);
VMMQ_API void vmmq_nic_switch_set_aside(struct vmmq_nic_switch *sw);
VMMQ_API void vmmq_nic_switch_take_up(struct vmmq_nic_switch *sw);

/*
 * Whoever steers packets by the switch's views can have a say in its groups, lone operations included: prepare is told of the view
 * that a group is about to make current, while all may still be refused, and does what may fail of following it; false:
 * memory, and the group is refused with RESOURCES.  After true exactly one of commit and abandon is called, which cannot fail.
 * None of them edits the switch.  vmmq_nic_switch_follow sets it; one at a time, outside of groups.
 */
struct vmmq_nic_switch_follower {
	void *context;
	bool (*prepare)(void *context, const struct vmmq_view *view);
	void (*commit)(void *context);
	void (*abandon)(void *context);
};
VMMQ_API void vmmq_nic_switch_follow(struct vmmq_nic_switch *sw, const struct vmmq_nic_switch_follower *follower);

enum vmmq_changed { VMMQ_CHANGED_VPORT, VMMQ_CHANGED_FILTER, VMMQ_CHANGED_PROCESSORS };
struct vmmq_nic_switch_change {
	enum vmmq_changed what;
	uint32_t id; /* of the VPort or the filter */
};
VMMQ_API size_t vmmq_nic_switch_changes(const struct vmmq_nic_switch *sw, vmmq_nic_switch_mark_t mark, size_t skip,
					struct vmmq_nic_switch_change change[], size_t max);

/*
 * vmmq_nic_switch_view returns the current view; it and all older ones stay readable, from any thread, until
 * vmmq_nic_switch_retire() says that view and everything older is read by nobody.  The current view is never freed; a
 * view that has been retired already is no error.
 */
VMMQ_API const struct vmmq_view *vmmq_nic_switch_view(const struct vmmq_nic_switch *sw);
VMMQ_API void vmmq_nic_switch_retire(struct vmmq_nic_switch *sw, const struct vmmq_view *view);

/*
 * vmmq_nic_switch_processors returns the RSS processor set.
 * vmmq_nic_switch_set_processors replaces it, by processors that the switch was made with, preferred first.
 * INVALID_PARAMETER: none, a duplicate, or one that the switch was not made with.  INVALID_DATA: a VPort steers to a
 * processor that would be outside (inactive parameters may point there: they are checked when they become active).
 */
VMMQ_API const struct vmmq_processor_set *vmmq_nic_switch_processors(const struct vmmq_nic_switch *sw);
VMMQ_API vmmq_status vmmq_nic_switch_set_processors(struct vmmq_nic_switch *sw,
						    const struct vmmq_processor *processors, size_t count,
						    struct vmmq_why *why);

/*
 * vmmq_vport_create adds a nondefault VPort: deactivated, RSS off, everything on primary (spec 3.1, 11.1); it looks into the tunnels
 * that the default VPort looks into (16).
 * name: UTF-8, 1 to VMMQ_VPORT_NAME_MAX UTF-16 units, copied.
 * INVALID_PARAMETER: id 0, id not below max_vports or in use, name, queue_pairs 0 or above its bound, or not the
 * others' on a symmetric switch.  INVALID_DATA: primary outside the processor set.  RESOURCES: queue pairs or VPorts are used up.
 */
VMMQ_API vmmq_status vmmq_vport_create(struct vmmq_nic_switch *sw, struct vmmq_vport_id id, const char *name,
				       uint32_t queue_pairs, struct vmmq_processor primary, struct vmmq_why *why);

/* vmmq_vport_activate lets traffic in.  Deactivated to activated only; INVALID_PARAMETER otherwise, INVALID_PORT if unknown. */
VMMQ_API vmmq_status vmmq_vport_activate(struct vmmq_nic_switch *sw, struct vmmq_vport_id id, struct vmmq_why *why);

/* vmmq_vport_rename: INVALID_PARAMETER for a name as in create, INVALID_PORT if unknown.  VPort 0 too. */
VMMQ_API vmmq_status vmmq_vport_rename(struct vmmq_nic_switch *sw, struct vmmq_vport_id id, const char *name,
				       struct vmmq_why *why);

/* vmmq_vport_delete: INVALID_PARAMETER for VPort 0 or an unknown one, FAILURE while it has filters (spec 3.2). */
VMMQ_API vmmq_status vmmq_vport_delete(struct vmmq_nic_switch *sw, struct vmmq_vport_id id, struct vmmq_why *why);

/*
 * vmmq_vport_set_queue_pairs: INVALID_PARAMETER out of bounds, NO_QUEUES while RSS is on and uses more processors,
 * RESOURCES when the pool has too few left (spec 10.5).  INVALID_PORT if unknown.
 */
VMMQ_API vmmq_status vmmq_vport_set_queue_pairs(struct vmmq_nic_switch *sw, struct vmmq_vport_id id,
						uint32_t queue_pairs, struct vmmq_why *why);

/* vmmq_rss_set replaces a VPort's parameters as a whole: INVALID_PORT if unknown, else as vmmq_rss_check(). */
VMMQ_API vmmq_status vmmq_rss_set(struct vmmq_nic_switch *sw, struct vmmq_vport_id id,
				  const struct vmmq_rss_params *params, struct vmmq_why *why);

/* vmmq_vport_get fills *info; false if unknown.  vmmq_vport_next returns the next existing id after id, or -1 (id -1: first). */
VMMQ_API bool vmmq_vport_get(const struct vmmq_nic_switch *sw, struct vmmq_vport_id id, struct vmmq_vport_info *info);
VMMQ_API int32_t vmmq_vport_next(const struct vmmq_nic_switch *sw, int32_t id);

/*
 * vmmq_filter_add adds a filter.  filter->id: 0, and it becomes the one that is assigned, from 1 and never used again; or one of the
 * caller's choice that was stored, or that NDIS assigned (spec 2.4): ids assigned later are above it.
 * INVALID_PARAMETER: id in use, unknown VPort, VLAN rule or VNI out of range, a VNI of a filter that is not encapsulated, or another
 * filter, of whichever VPort, matches the same (spec 4.2).  RESOURCES: max_filters.  Then *filter stays as it is.
 */
VMMQ_API vmmq_status vmmq_filter_add(struct vmmq_nic_switch *sw, struct vmmq_filter *filter, struct vmmq_why *why);

/* vmmq_filter_set is vmmq_filter_add() for a filter that is not encapsulated; its id goes into *id. */
VMMQ_API vmmq_status vmmq_filter_set(struct vmmq_nic_switch *sw, struct vmmq_vport_id vport,
				     const uint8_t mac[VMMQ_MAC_LEN], vmmq_vlan_rule vlan, uint32_t *id,
				     struct vmmq_why *why);

/*
 * vmmq_filter_set_as is the same with an id of the caller's choice.  INVALID_PARAMETER: id 0 or in use.
 * vmmq_filter_reserve_ids sees to it that ids up to last are not assigned by vmmq_filter_set() (they were in use once).
 */
VMMQ_API vmmq_status vmmq_filter_set_as(struct vmmq_nic_switch *sw, uint32_t id, struct vmmq_vport_id vport,
					const uint8_t mac[VMMQ_MAC_LEN], vmmq_vlan_rule vlan, struct vmmq_why *why);
VMMQ_API void vmmq_filter_reserve_ids(struct vmmq_nic_switch *sw, uint32_t last);

/* vmmq_filter_clear: FILE_NOT_FOUND for an unknown id. */
VMMQ_API vmmq_status vmmq_filter_clear(struct vmmq_nic_switch *sw, uint32_t id, struct vmmq_why *why);

/*
 * vmmq_filter_move gives a filter to another VPort; no packet sees it on neither or both (spec 4.5).
 * INVALID_PARAMETER: unknown filter, from is not its VPort, or to is unknown.
 */
VMMQ_API vmmq_status vmmq_filter_move(struct vmmq_nic_switch *sw, uint32_t id, struct vmmq_vport_id from,
				      struct vmmq_vport_id to, struct vmmq_why *why);

/* vmmq_filter_get returns the filter of that id, or NULL.  vmmq_filter_next: the next one after id, or NULL (id 0: first). */
VMMQ_API const struct vmmq_filter *vmmq_filter_get(const struct vmmq_nic_switch *sw, uint32_t id);
VMMQ_API const struct vmmq_filter *vmmq_filter_next(const struct vmmq_nic_switch *sw, uint32_t id);

#ifdef __cplusplus
}
#endif
#endif
