/* SPDX-License-Identifier: BSD-2-Clause */
/* What the wrong subjects work with: the one that is right, and requests as they pass by. */
#ifndef CONFORMANCE_WRONG_H
#define CONFORMANCE_WRONG_H

#include <string.h>
#include <vmmq/ndis.h>
#include <vmmq/status.h>

#include "vmmq_conformance.h"

#define FRAME_LEN 512

struct wrong {
	void *nic; /* of the subject that is right */
	struct vmmq_conformance_host host;
	struct vmmq_conformance_packet last; /* hashed */
	struct vmmq_conformance_packet held;
	uint8_t held_frame[FRAME_LEN];
	unsigned packets;
	unsigned countdown; /* packets that are still treated wrongly */
};

extern const struct vmmq_conformance_subject *right;

#define V1   VMMQ_OID_GEN_RECEIVE_SCALE_PARAMETERS
#define V2   VMMQ_OID_GEN_RECEIVE_SCALE_PARAMETERS_V2
#define MOVE VMMQ_OID_GEN_RSS_SET_INDIRECTION_TABLE_ENTRIES

enum { QUERY, SET, METHOD };
enum { FIXED = 20, COMMAND = 24, STATUS = 20 }; /* of a request that moves entries */

static inline uint32_t pass(struct wrong *w, struct vmmq_conformance_request *r)
{
	return right->request(w->nic, r);
}

static inline bool is(const struct vmmq_conformance_request *r, uint32_t oid, uint32_t method, size_t len)
{
	return r->oid == oid && r->method == method && r->len >= len;
}

static inline uint32_t get(const struct vmmq_conformance_request *r, size_t at)
{
	uint32_t value;

	memcpy(&value, (uint8_t *)r->buffer + at, sizeof(value));
	return value;
}

static inline void put(struct vmmq_conformance_request *r, size_t at, uint32_t value)
{
	memcpy((uint8_t *)r->buffer + at, &value, sizeof(value));
}

static inline uint8_t *command(const struct vmmq_conformance_request *r, uint32_t i)
{
	return (uint8_t *)r->buffer + FIXED + i * COMMAND;
}

/* is_move: a request of the usual shape, so that command() finds its commands. */
static inline bool is_move(const struct vmmq_conformance_request *r)
{
	return is(r, MOVE, METHOD, FIXED + COMMAND) && get(r, 8) == COMMAND && get(r, 12) == FIXED && get(r, 16) &&
	       get(r, 16) <= (r->len - FIXED) / COMMAND && !r->flags;
}

static inline uint32_t status_of(const struct vmmq_conformance_request *r, uint32_t i)
{
	return get(r, FIXED + i * COMMAND + STATUS);
}

/* instead answers another status than the right one. */
static inline uint32_t instead(struct wrong *w, struct vmmq_conformance_request *r, uint32_t right_one,
			       uint32_t wrong_one)
{
	uint32_t status = pass(w, r);

	for (uint32_t i = 0; is_move(r) && i < get(r, 16); i++)
		if (status_of(r, i) == right_one)
			put(r, FIXED + i * COMMAND + STATUS, wrong_one);
	return status == right_one ? wrong_one : status;
}

typedef uint32_t wrong_request(struct wrong *w, struct vmmq_conformance_request *r);

/* wrong_queries.c */
wrong_request enum_default_only, show_file_not_found, properties_missing, enum_both_flags, activated_create_taken;
wrong_request primary_stale, static_differs_taken, move_pends, move_aborts, default_filter_stays;
wrong_request disable_needs_moves;

#endif
