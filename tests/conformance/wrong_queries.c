/* SPDX-License-Identifier: BSD-2-Clause */
/* Subjects that break a rule of enumerations, queries, and switches made statically (wrong.c has the table). */
#include "wrong.h"

#define REQUEST_ABORTED 0xc001000cu

/* Without the flag: VPort 0's filters. */
uint32_t enum_default_only(struct wrong *w, struct vmmq_conformance_request *r)
{
	if (is(r, VMMQ_OID_RECEIVE_FILTER_ENUM_FILTERS, METHOD, 28) && !get(r, 20)) {
		put(r, 20, VMMQ_NDIS_ENUM_FILTERS_VPORT);
		put(r, 24, 0);
	}
	return pass(w, r);
}

uint32_t show_file_not_found(struct wrong *w, struct vmmq_conformance_request *r)
{
	bool show = is(r, VMMQ_OID_RECEIVE_FILTER_PARAMETERS, METHOD, 36);

	return show ? instead(w, r, VMMQ_INVALID_PARAMETER, VMMQ_FILE_NOT_FOUND) : pass(w, r);
}

uint32_t properties_missing(struct wrong *w, struct vmmq_conformance_request *r)
{
	const size_t at = offsetof(struct vmmq_ndis_filter_capabilities, queue_properties);
	uint32_t status = pass(w, r);

	if (is(r, VMMQ_OID_RECEIVE_FILTER_CURRENT_CAPABILITIES, QUERY, at + 4) && status == VMMQ_SUCCESS)
		put(r, at, get(r, at) & ~0x10u);
	return status;
}

uint32_t enum_both_flags(struct wrong *w, struct vmmq_conformance_request *r)
{
	if (is(r, VMMQ_OID_NIC_SWITCH_ENUM_VPORTS, METHOD, 28) && get(r, 4) == 3)
		put(r, 4, 1);
	return pass(w, r);
}

uint32_t activated_create_taken(struct wrong *w, struct vmmq_conformance_request *r)
{
	if (is(r, VMMQ_OID_NIC_SWITCH_CREATE_VPORT, METHOD, 0x224) && get(r, 0x220) == 1)
		put(r, 0x220, 2);
	return pass(w, r);
}

/* The affinity stays what it was at creation. */
uint32_t primary_stale(struct wrong *w, struct vmmq_conformance_request *r)
{
	uint32_t status = pass(w, r);

	if (is(r, VMMQ_OID_NIC_SWITCH_VPORT_PARAMETERS, METHOD, 0x238) && status == VMMQ_SUCCESS && get(r, 12)) {
		put(r, 0x228, 1u << 4);
		put(r, 0x230, 0);
	}
	return status;
}

uint32_t static_differs_taken(struct wrong *w, struct vmmq_conformance_request *r)
{
	bool create = is(r, VMMQ_OID_NIC_SWITCH_CREATE_SWITCH, METHOD, 0x228);

	return create ? instead(w, r, VMMQ_INVALID_PARAMETER, VMMQ_SUCCESS) : pass(w, r);
}

uint32_t move_pends(struct wrong *w, struct vmmq_conformance_request *r)
{
	uint32_t status = pass(w, r);

	return is_move(r) && status == VMMQ_SUCCESS && ++w->packets % 16 == 0 ? VMMQ_PENDING : status;
}

uint32_t move_aborts(struct wrong *w, struct vmmq_conformance_request *r)
{
	return is_move(r) ? instead(w, r, VMMQ_INVALID_PORT, REQUEST_ABORTED) : pass(w, r);
}

/* Only the filters of other VPorts are cleared. */
uint32_t default_filter_stays(struct wrong *w, struct vmmq_conformance_request *r)
{
	uint8_t block[256] = { VMMQ_NDIS_OBJECT_DEFAULT, 2, VMMQ_NDIS_FILTER_PARAMETERS_SIZE_2 };
	struct vmmq_conformance_request show = {
		.oid = VMMQ_OID_RECEIVE_FILTER_PARAMETERS, .method = METHOD, .buffer = block, .len = sizeof(block)
	};

	if (!is(r, VMMQ_OID_RECEIVE_FILTER_CLEAR_FILTER, SET, 16))
		return pass(w, r);
	put(&show, 16, get(r, 12));
	if (pass(w, &show) == VMMQ_SUCCESS && !get(&show, 40))
		return VMMQ_SUCCESS;
	return pass(w, r);
}

/* RSS is disabled only once entries have been pointed elsewhere. */
uint32_t disable_needs_moves(struct wrong *w, struct vmmq_conformance_request *r)
{
	w->packets += r->oid == MOVE;
	if (is(r, V2, SET, 28) && !(get(r, 4) & 0x19) && !w->packets)
		return VMMQ_INVALID_DATA;
	return pass(w, r);
}
