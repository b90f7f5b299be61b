/* SPDX-License-Identifier: BSD-2-Clause */
/* A burst on its way through classify_burst.c. */
#ifndef VMMQ_CORE_BURST_H
#define VMMQ_CORE_BURST_H

#include <vmmq/classify.h>

#include "base/inline.h"
#include "core/device_hash.h"
#include "core/filter_table.h"
#include "core/parse_plain.h"
#include "core/toeplitz_impl.h"
#include "core/tunnel_header.h"

#define BURST      32u
#define INPUT_ROOM 40u /* VMMQ_HASH_INPUT_MAX, and at least TOEPLITZ_IPV4_READ */

/* What one packet carries from step to step. */
struct lane {
	uint64_t key; /* of its filter, by the exact rule */
	struct filter_slots slots;
	struct filter_entry filter; /* all 0: none */
	const struct vmmq_steering *rss;
	const uint32_t *hash; /* where it is, or will be once the work is done */
	uint32_t hash_type;
	struct plain plain; /* valid if is_plain; tagged and tci always */
	bool is_plain;
	bool runt;
};

/*
 * Inputs to be hashed, all of IPv4's or all of IPv6's length; shorter ones have zeros behind them, which add nothing.
 * Behind the last one there is room to make its group full.
 */
struct work {
	unsigned count;
	const struct vmmq_toeplitz_key *key[BURST + TOEPLITZ_GROUP];
	const uint8_t *input[BURST + TOEPLITZ_GROUP];
	uint32_t hash[BURST + TOEPLITZ_GROUP];
};

struct burst {
	const struct vmmq_view *view;
	struct given *given; /* or NULL */
	const uint8_t *const *frame;
	const uint32_t *len;
	unsigned count;
	struct lane lane[BURST];
	struct work work[2];                /* of IPv4, of IPv6 */
	struct vmmq_headers headers[BURST]; /* of those that are not plain */
	uint8_t input[BURST][INPUT_ROOM];   /* of those that do not lie in the frame as they are hashed */
	/* Of those that an encapsulated filter has matched, and whose VPort hashes what is inside; tunnels: which, by bits. */
	struct tunnel_header tunnel[BURST];
	uint32_t tunnels;
};

/* What stands behind a packet's IP header.  at: offset; 0 where there is none, and in fragments. */
struct lane_payload {
	uint8_t protocol;
	size_t at;
};

static inline struct lane_payload lane_payload(const struct burst *b, unsigned i)
{
	const struct vmmq_headers *headers = &b->headers[i];
	const struct lane *lane = &b->lane[i];

	if (lane->is_plain) {
		const struct plain_row *row = &plain_row[lane->plain.network];
		size_t ip = lane->plain.input - (size_t)row->input_at;

		if (lane->plain.fragment)
			return (struct lane_payload){ 0 };
		return (struct lane_payload){
			.protocol = b->frame[i][ip + row->protocol_at],
			.at = ip + (lane->plain.network == PLAIN_IPV6 ? IPV6_LEN : IPV4_LEN_MIN),
		};
	}
	if (lane->runt || headers->l3 == VMMQ_L3_NONE || headers->fragment)
		return (struct lane_payload){ 0 };
	return (struct lane_payload){ .protocol = headers->protocol, .at = headers->payload_offset };
}

#endif
