/* SPDX-License-Identifier: BSD-2-Clause */
/* The checklist on refusals: good requests, spoiled word by word, change nothing (spec 21/10). */
#include <string.h>

#include "cases_checklist.h"
#include "cases_types.h"

/* spoil sends a good request with each of its words wrong in several ways, and demands that refusals change nothing. */
static void spoil(struct trial *t, struct request *(*make)(struct trial *t), size_t from)
{
	static const uint32_t values[] = { 0, 0xffffffff, 0x80000000, 0x00010001, 0x7fff };
	unsigned refused = 0;
	size_t len;

	trial_open(t, NULL);
	rss_ready(t, 1);
	len = make(t)->len;
	for (size_t at = from; at < len && at < 80; at += 4)
		for (unsigned i = 0; i < COUNT(values); i++) {
			void *mark = t->memory;
			const char *before = state_take(t);
			struct request *r = make(t);

			request_put(r, at, values[i], 4);
			r->len = r->room = len;
			if (request_send(t, r) == VMMQ_SUCCESS &&
			    r->oid != VMMQ_OID_GEN_RSS_SET_INDIRECTION_TABLE_ENTRIES) {
				trial_open(t, NULL);
				rss_ready(t, 1);
			} else if (r->oid != VMMQ_OID_GEN_RSS_SET_INDIRECTION_TABLE_ENTRIES ||
				   memcmp(r->byte + 40, "\0\0\0\0", 4)) {
				refused++;
				state_same(t, before, "a request with a bad word");
			} else {
				trial_open(t, NULL);
				rss_ready(t, 1);
			}
			trial_release(t, mark);
		}
	CHECK(t, refused > 5, "only %u requests were refused", refused);
}

static struct request *good_v1(struct trial *t)
{
	struct rss rss = rss_params();

	rss.table[0] = 5;
	rss.key[5] = 1;
	rss.default_processor = 6;
	return rss_request(t, 1, &rss);
}

static struct request *good_v2(struct trial *t)
{
	struct rss2 rss = rss2_params(RSS2_ENABLE | RSS2_INFO | RSS2_KEY | RSS2_QUEUES | RSS2_ENTRIES);

	rss.queues = 5;
	rss.entries = 8;
	return rss2_request(t, 1, &rss);
}

static struct request *good_move(struct trial *t)
{
	return move_request(t, 4, &(struct command){ .vport = 1, .target = 5 }, 1);
}

static struct request *good_filter(struct trial *t)
{
	return filter_request(t, 1, mac_of(3), UNTAGGED);
}

static struct request *good_vport(struct trial *t)
{
	struct vmmq_ndis_vport_parameters params = vport_params(2);

	return vport_request(t, METHOD, VMMQ_OID_NIC_SWITCH_CREATE_VPORT, &params);
}

static struct request *good_vport_set(struct trial *t)
{
	struct vmmq_ndis_vport_parameters params = vport_params(1);

	params.flags = 0x20000 | 0x800000;
	params.queue_pairs = 6;
	return vport_request(t, SET, VMMQ_OID_NIC_SWITCH_VPORT_PARAMETERS, &params);
}

void spoiled_v1(struct trial *t)
{
	spoil(t, good_v1, 0);
}

void spoiled_v2(struct trial *t)
{
	spoil(t, good_v2, 0);
}

void spoiled_move(struct trial *t)
{
	spoil(t, good_move, 0);
}

void spoiled_filter(struct trial *t)
{
	spoil(t, good_filter, 0);
}

void spoiled_vport(struct trial *t)
{
	spoil(t, good_vport, 0);
	spoil(t, good_vport_set, 0);
}
