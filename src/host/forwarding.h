/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the switch forwards by: each VPort's VLANs and backend, each VLAN's members, and the filters that sources are checked
 * with.  Immutable but for the backends, made anew when filters or backends change, read by processors between
 * host_enter() and host_leave().
 */
#ifndef VMMQ_HOST_FORWARDING_H
#define VMMQ_HOST_FORWARDING_H

#include <stdatomic.h>
#include <vmmq/nic_switch.h>

#include "host/frame.h"

struct guest;

/* How a VPort's guest sees VLANs (host/host.h). */
enum vlan_mode {
	VLAN_UNTAGGED,
	VLAN_ACCESS,
	VLAN_TRUNK,
};

/* VLAN rules by number: 0 (untagged) to VMMQ_VLAN_ID_MAX, and one for "any". */
#define RULE_ANY   (VMMQ_VLAN_ID_MAX + 1)
#define RULE_COUNT (RULE_ANY + 1)

/* guest: NULL without an open backend; taken away in place, so that closing one needs no memory. */
struct forwarding_vport {
	_Atomic(struct guest *) guest; /* F1 */
	enum vlan_mode mode;
	uint16_t vid;    /* of an access port */
	bool unfiltered; /* VPort 0 without filters: any source */
	bool reserved;   /* a filter of it has a reserved group address */
	uint32_t first_rule, rule_count;
};

struct forwarding {
	uint64_t version;                  /* no two have the same; not 0 */
	struct vmmq_filter_table *filters; /* that are not encapsulated */
	bool looks_inside; /* others are: what a frame's own destination says may not be where it goes */
	uint32_t vport_count;
	struct forwarding_vport *vport; /* by VPort id */
	uint16_t *rule;                 /* of each VPort, ascending */
	uint16_t *member;               /* VPorts with a backend, by rule, ascending */
	uint32_t member_first[RULE_COUNT + 1];
};

/*
 * forwarding_create makes it of the switch's activated VPorts; guest_of returns the guest behind a VPort's open backend, or
 * NULL.  NULL: memory.
 */
struct forwarding *forwarding_create(const struct vmmq_nic_switch *sw,
				     struct guest *(*guest_of)(void *context, struct vmmq_vport_id vport),
				     void *context);
void forwarding_destroy(struct forwarding *forwarding);

/* forwarding_vport returns a VPort's entry; one without VLANs and backend when it has none. */
const struct forwarding_vport *forwarding_vport(const struct forwarding *forwarding, struct vmmq_vport_id vport);

static inline struct guest *forwarding_guest(const struct forwarding_vport *vport)
{
	return atomic_load_explicit(&vport->guest, memory_order_acquire); /* F1 */
}

/* forwarding_admits tells whether the VPort belongs to VLAN vid (0: untagged). */
bool forwarding_admits(const struct forwarding *forwarding, const struct forwarding_vport *vport, uint16_t vid);

/* forwarding_admits_all tells whether it belongs to every VLAN. */
static inline bool forwarding_admits_all(const struct forwarding *forwarding, const struct forwarding_vport *vport)
{
	return vport->rule_count && forwarding->rule[vport->first_rule + vport->rule_count - 1] == RULE_ANY;
}

/* forwarding_member returns the first member of VLAN vid that has a backend, from VPort id from on; -1: none. */
int32_t forwarding_member(const struct forwarding *forwarding, uint16_t vid, uint32_t from);

/* forwarding_match finds the filter that a MAC has in VLAN vid; filter_id 0: none. */
struct vmmq_filter_match forwarding_match(const struct forwarding *forwarding, const uint8_t mac[VMMQ_MAC_LEN],
					  uint16_t vid);

#endif
