/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Binary requests, made and read by the suite itself: from the specification (17), not with an implementation's
 * decoder.
 * Every request is sent in a block of exactly its length, so that a sanitizer sees who reads behind it.
 */
#ifndef CONFORMANCE_REQUESTS_H
#define CONFORMANCE_REQUESTS_H

#include <vmmq/ndis.h>

#include "trial.h"

enum method { QUERY = 0, SET = 1, METHOD = 2 };

#define REQUEST_MAX 65536u
#define NO_VPORT    (-1)

/* A request and, once it was sent, its answer.  room: the buffer is that long, len of it are the request. */
struct request {
	uint32_t oid;
	enum method method;
	int64_t vport; /* it is about, or NO_VPORT */
	uint16_t actor;
	size_t len;
	size_t room;
	size_t bytes; /* out */
	uint8_t byte[REQUEST_MAX];
};

/* request_new returns an empty request, the trial's; request_put writes a number, little endian, at an offset. */
struct request *request_new(struct trial *t, uint32_t oid, enum method method, int64_t vport);
void request_put(struct request *r, size_t at, uint64_t value, size_t len);
#define PUT(r, type, member, value)                                                                                  \
	request_put(r, offsetof(struct vmmq_ndis_##type, member), value,                                             \
		    sizeof(((struct vmmq_ndis_##type *)0)->member))
void request_put_bytes(struct request *r, size_t at, const void *bytes, size_t len);
/* request_send sends it as it stands; byte[] has the answer then. */
vmmq_status request_send(struct trial *t, struct request *r);
/*
 * request_short: every beginning of a request that is all needed is INVALID_LENGTH, with more bytes needed than
 * given.
 */
void request_short(struct trial *t, const struct request *r, size_t needed);
/* need ends the case as not applicable when the subject does not have that OID at all. */
void need(struct trial *t, uint32_t oid, enum method method, vmmq_status status);

/*
 * VPorts.  vport_params gives what creates VPort id on the PF: activated later, primary processor 4, 4 queue pairs.
 */
struct vmmq_ndis_vport_parameters vport_params(uint32_t id);
struct request *vport_request(struct trial *t, enum method method, uint32_t oid,
			      const struct vmmq_ndis_vport_parameters *params);
vmmq_status vport_make(struct trial *t, const struct vmmq_ndis_vport_parameters *params);
vmmq_status vport_set(struct trial *t, const struct vmmq_ndis_vport_parameters *params);
vmmq_status vport_activate(struct trial *t, uint32_t id);
vmmq_status vport_set_queue_pairs(struct trial *t, uint32_t id, uint32_t queue_pairs);
vmmq_status vport_delete(struct trial *t, uint32_t id);
vmmq_status vport_query(struct trial *t, uint32_t id, struct vmmq_ndis_vport_parameters *params);
/* vport_get, vport_info demand an answer; the latter is the element of the enumeration. */
struct vmmq_ndis_vport_parameters vport_get(struct trial *t, uint32_t id);
struct vmmq_ndis_vport_info vport_info(struct trial *t, uint32_t id);
void name_put(struct vmmq_ndis_string *string, const char *name);

/* Filters.  vlan: a VLAN id, or one of the two below. */
enum { UNTAGGED = -1, ANY_VLAN = -2 };
struct request *filter_request(struct trial *t, uint32_t vport, const uint8_t mac[6], int vlan);
vmmq_status filter_set(struct trial *t, uint32_t vport, const uint8_t mac[6], int vlan, uint32_t *id);
vmmq_status filter_clear(struct trial *t, uint32_t id);
vmmq_status filter_move(struct trial *t, uint32_t id, uint32_t from, uint32_t to);
/* filter_ids returns how many filters a VPort has, and the ids of at most max. */
uint32_t filter_ids(struct trial *t, uint32_t vport, uint32_t id[], uint32_t max);

/* RSS parameters as RSSv1 carries them. */
#define TABLE_MAX 512
struct rss {
	uint8_t revision;
	uint16_t flags;
	uint16_t base_cpu;
	uint32_t information;
	unsigned entries;
	uint16_t table[TABLE_MAX];
	unsigned key_len;
	uint8_t key[64];
	uint16_t default_processor;
};
extern const uint8_t well_known_key[40];
/*
 * rss_params: Toeplitz, the six types without _EX, the well-known key, 4 entries: processors 4 5 6 7, default
 * processor 7.
 */
struct rss rss_params(void);
struct request *rss_request(struct trial *t, int64_t vport, const struct rss *rss);
vmmq_status rss_set(struct trial *t, int64_t vport, const struct rss *rss);
/* rss_get reads what the query of RSSv1 says; flags has DISABLE_RSS when it is off. */
struct rss rss_get(struct trial *t, int64_t vport);
vmmq_status rss_disable(struct trial *t, int64_t vport);

/* table_limit returns how many entries a nondefault VPort's table may have. */
unsigned table_limit(struct trial *t);

/* RSSv2. */
struct rss2 {
	uint32_t flags;
	uint32_t information;
	uint32_t queues;
	uint32_t entries;
	uint32_t key_len;
	uint8_t key[64];
};
struct rss2 rss2_params(uint32_t flags);
struct request *rss2_request(struct trial *t, int64_t vport, const struct rss2 *rss);
vmmq_status rss2_set(struct trial *t, int64_t vport, const struct rss2 *rss);
struct rss2 rss2_get(struct trial *t, int64_t vport);
#define RSS2_ENABLE  0x01u
#define RSS2_INFO    0x02u
#define RSS2_KEY     0x04u
#define RSS2_QUEUES  0x08u
#define RSS2_ENTRIES 0x10u

/* Receive hash. */
struct request *receive_hash_request(struct trial *t, int64_t vport, uint32_t flags, uint32_t information);
vmmq_status receive_hash_set(struct trial *t, int64_t vport, uint32_t flags, uint32_t information);

/* Moves.  Each command's status comes back in it; move_send fails the case when one is left PENDING. */
#define MOVE_PRIMARY 0x1u
#define MOVE_DEFAULT 0x2u
struct command {
	uint32_t vport;
	uint32_t flags;
	uint16_t index;
	uint16_t target;
	uint32_t switch_id;
	vmmq_status status;
};
struct request *move_request(struct trial *t, uint16_t actor, const struct command command[], unsigned count);
vmmq_status move_send(struct trial *t, uint16_t actor, struct command command[], unsigned count);
/* move demands that the request is taken, and one status for all its commands, and returns that. */
vmmq_status move(struct trial *t, uint16_t actor, struct command command[], unsigned count);
vmmq_status move_entry(struct trial *t, uint16_t actor, uint32_t vport, uint16_t index, uint16_t target);
vmmq_status move_primary(struct trial *t, uint16_t actor, uint32_t vport, uint16_t target);
vmmq_status move_default(struct trial *t, uint16_t actor, uint32_t vport, uint16_t target);

/*
 * The whole state as text: what every enumeration and query says, and where a set of probe frames goes.
 * REFUSE: the request ends with that status and the state is the same byte for byte.
 */
char *state_take(struct trial *t);
void state_same(struct trial *t, const char *before, const char *what);
#define REFUSE(t, want, request)                                                                                     \
	do {                                                                                                         \
		const char *state_before = state_take(t);                                                            \
		trial_expect(t, want, request, #request);                                                            \
		state_same(t, state_before, #request);                                                               \
	} while (0)
/* REFUSE_AS: any of the statuses in a list that 0 ends (the sources leave a choice). */
#define REFUSE_AS(t, request, ...)                                                                                   \
	do {                                                                                                         \
		const char *state_before = state_take(t);                                                            \
		refused_as(t, request, #request, (const vmmq_status[]){ __VA_ARGS__, 0 });                           \
		state_same(t, state_before, #request);                                                               \
	} while (0)
void refused_as(struct trial *t, vmmq_status got, const char *what, const vmmq_status *allowed);

#endif
