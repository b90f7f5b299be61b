/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The adapter as a miniport is driven: binary NDIS requests in, statuses and binary answers out.
 * Requests are decoded into the typed ones of vmmq/request.h and vmmq/nic_switch.h, which decide.
 * Rules: spec sections 3.4, 4, 10 to 13 and 17.  Layouts: vmmq/ndis.h.  How each OID is answered: docs/oid.md.
 */
#ifndef VMMQ_OID_H
#define VMMQ_OID_H

#include <vmmq/ndis.h>
#include <vmmq/request.h>

#ifdef __cplusplus
extern "C" {
#endif

enum vmmq_oid_method { VMMQ_OID_QUERY = 0, VMMQ_OID_SET = 1, VMMQ_OID_METHOD = 2, VMMQ_OID_METHOD_COUNT };

/*
 * Who makes and destroys a NIC switch when a request asks for it.  An adapter that hands packets over replaces both,
 * so that no view is freed while it is read.  Contracts: vmmq_nic_switch_create() and vmmq_nic_switch_destroy().  A
 * function that is NULL: the switch is not to be made or destroyed by requests, which are answered with
 * NOT_SUPPORTED.
 */
struct vmmq_oid_switch_maker {
	void *context;
	vmmq_status (*create)(void *context, const struct vmmq_nic_switch_params *params, struct vmmq_nic_switch **sw,
			      struct vmmq_why *why);
	void (*destroy)(void *context, struct vmmq_nic_switch *sw);
};

/*
 * What an adapter that hands packets over does around requests; any may be NULL, and all are for a bare switch.
 * begin, end: before a request looks at the switch, and when it has done so: nobody else edits it in between.
 * apply: the request has given the switch another view; packets are to follow it.  SUCCESS, or PENDING: not all do yet.
 * Between begin and end.
 * quiesce: a VPort without filters is to be deleted; waits until nothing of it is outstanding (spec 3.2), and if that
 * takes too long the deletion is refused with FAILURE.  Between begin and end.
 * move: instead of vmmq_rss_move(), with the same contract and so that packets follow.  Not between begin and end.
 * indicate: a status to indicate to those above, VMMQ_NDIS_STATUS_TASK_OFFLOAD_CURRENT_CONFIG, with its buffer of length bytes, a struct
 * vmmq_ndis_offload of revision 4: what holds from now on for every VPort that NDIS has made (VPort 0's).  Between begin and end.
 */
struct vmmq_oid_hooks {
	void *context;
	void (*begin)(void *context);
	void (*end)(void *context);
	vmmq_status (*apply)(void *context);
	bool (*quiesce)(void *context, struct vmmq_vport_id vport);
	vmmq_status (*move)(void *context, struct vmmq_processor actor, struct vmmq_rss_move *move, size_t count,
			    struct vmmq_why *why);
	void (*indicate)(void *context, uint32_t status, const void *buffer, size_t length);
};

/*
 * struct vmmq_oid_adapter: what requests are addressed to.  Owned by the caller, one thread at a time; a
 * processor that moves entries from inside an indication has a copy of its own, whose actor is that processor.
 * sw: the NIC switch, the caller's; NULL while there is none (NIC_SWITCH_CREATE_SWITCH makes one).
 * sw_was_created: by such a request, and not with the adapter ("statically": then that request only compares, spec 2.1).
 * hardware: what a switch is made with, and the limits that capability queries tell; processors stay the caller's.
 * actor: the processor that synchronous requests run on (spec 11.3).
 * name: the switch's, as it was given; kept by the requests.
 */
struct vmmq_oid_adapter {
	struct vmmq_nic_switch *sw;
	bool sw_was_created;
	struct vmmq_nic_switch_params hardware;
	struct vmmq_processor actor;
	struct vmmq_oid_switch_maker maker;
	struct vmmq_oid_hooks hooks;
	struct vmmq_ndis_string name;
};

/*
 * vmmq_oid_adapter_init sets up an adapter around sw (may be NULL) that was made, or is to be made, with *hardware;
 * the actor is its first processor, and the maker vmmq_nic_switch_create() and vmmq_nic_switch_destroy().  For an
 * adapter of libvmmq: vmmq_adapter_oid_init() (vmmq/adapter_oid.h).
 */
VMMQ_API void vmmq_oid_adapter_init(struct vmmq_oid_adapter *adapter, struct vmmq_nic_switch *sw,
				    const struct vmmq_nic_switch_params *hardware);

/*
 * At most this many commands in one request for indirection table entries (spec 11.3, rule 11): one for each entry of
 * the largest table, and primary and default processor.
 */
#define VMMQ_OID_MOVES_MAX (VMMQ_TABLE_ENTRIES_MAX + 2)

/*
 * vmmq_oid_request carries out one request.
 * request_flags: VMMQ_NDIS_VPORT_ID_VALID when vport_id says which VPort an RSS request is about; without it, VPort
 * 0.
 * buffer: length bytes at any alignment, read and (query, method) written in place; may be NULL when length is 0.
 * *bytes (may be NULL): with SUCCESS and PENDING how many bytes of answer stand in buffer, 0 for a set; with INVALID_LENGTH how
 * many the request or its answer needs; 0 otherwise.
 *
 * Returns what the typed request returned, or: INVALID_LENGTH for a buffer that is too short, whose offsets or sizes
 * leave it, or that the answer does not fit; INVALID_PARAMETER for a wrong header, value or id; NOT_SUPPORTED for an
 * OID, or a method of it, that this adapter does not have (virtual functions, VM queues), or when a switch is needed
 * and there is none; RESOURCES; PENDING: it is carried out, but the adapter could not make all packets follow at once (apply above), so
 * never for the synchronous request, for moves.  Each byte of the request is read at most once.  A refused request
 * changes nothing, nor does it write to buffer but for the EntryStatus of commands (never PENDING); *why (may be
 * NULL) then says why.
 */
VMMQ_API vmmq_status vmmq_oid_request(struct vmmq_oid_adapter *adapter, uint32_t oid, enum vmmq_oid_method method,
				      uint32_t request_flags, uint32_t vport_id, void *buffer, size_t length,
				      size_t *bytes, struct vmmq_why *why);

#ifdef __cplusplus
}
#endif
#endif
