/* SPDX-License-Identifier: BSD-2-Clause */
/* The checklist on hashes: published vectors, linearity, a key for each VPort (spec 21/1 and 21/3). */
#include <arpa/inet.h>
#include <string.h>

#include "cases_checklist.h"
#include "cases_types.h"

struct vector {
	uint32_t type;
	const char *source;
	uint16_t sport;
	const char *destination;
	uint16_t dport;
	uint32_t hash;
};
static const struct vector vectors[] = {
#include "toeplitz_vectors.inc"
};

static enum kind kind_of(uint32_t type)
{
	bool udp = type & (VMMQ_HASH_UDP_IPV4 | VMMQ_HASH_UDP_IPV6 | VMMQ_HASH_UDP_IPV6_EX);
	bool v4 = type & (VMMQ_HASH_IPV4 | VMMQ_HASH_TCP_IPV4 | VMMQ_HASH_UDP_IPV4);

	return v4 ? udp ? UDP4 : TCP4 : udp ? UDP6 : TCP6;
}

static void vector_try(struct trial *t, const struct vector *v)
{
	enum kind kind = kind_of(v->type);
	int family = kind_is_v6(kind) ? AF_INET6 : AF_INET;
	size_t len = kind_is_v6(kind) ? 16 : 4;
	struct shape shape = { .kind = kind };
	uint8_t tuple[36];
	struct frame frame;
	struct rss rss = rss_params();

	CHECK(t, inet_pton(family, v->source, tuple) == 1 && inet_pton(family, v->destination, tuple + len) == 1,
	      "a vector cannot be read");
	memcpy(tuple + 2 * len,
	       (const uint8_t[]){ (uint8_t)(v->sport >> 8), (uint8_t)v->sport, (uint8_t)(v->dport >> 8),
				  (uint8_t)v->dport },
	       4);
	shape.tuple = tuple;
	rss.information = v->type | 1;
	DONE(t, rss_set(t, 1, &rss));
	frame = frame_make(mac_of(1), &shape);
	hashed(t, &frame, 1, usual_table[v->hash % 4], v->type, v->hash);
}

void vectors_all(struct trial *t)
{
	vport_ready(t, 1);
	for (unsigned i = 0; i < COUNT(vectors); i++)
		vector_try(t, &vectors[i]);
}

static uint32_t hash_seen(struct trial *t, enum kind kind, const uint8_t tuple[36])
{
	struct frame frame = frame_make(mac_of(1), &(struct shape){ .kind = kind, .tuple = tuple });

	return receive_one(t, &frame)->packet.hash;
}

void linear(struct trial *t)
{
	uint64_t state = 21;

	vport_ready(t, 1);
	for (unsigned round = 0; round < 60; round++) {
		enum kind kind = round % 2 ? TCP4 : UDP6;
		struct rss rss = rss_params();
		uint8_t a[36], b[36], both[36];
		uint32_t ha, hb, hboth;

		for (unsigned i = 0; i < 40; i++)
			rss.key[i] = (uint8_t)random_next(&state);
		for (unsigned i = 0; i < 36; i++) {
			a[i] = (uint8_t)random_next(&state);
			b[i] = (uint8_t)random_next(&state);
			both[i] = a[i] ^ b[i];
		}
		DONE(t, rss_set(t, 1, &rss));
		ha = hash_seen(t, kind, a);
		hb = hash_seen(t, kind, b);
		hboth = hash_seen(t, kind, both);
		CHECK(t, (ha ^ hb) == hboth, "T(a) ^ T(b) is 0x%08x, T(a ^ b) is 0x%08x", ha ^ hb, hboth);
		CHECK(t, ha == toeplitz(rss.key, a, kind == TCP4 ? 12 : 36), "a hash with a random key is wrong");
	}
}

void two_keys(struct trial *t)
{
	const struct shape shape = { .kind = TCP4, .sport = 2794 };
	struct rss rss = rss_params();
	struct frame one = frame_make(mac_of(1), &shape), two = frame_make(mac_of(2), &shape);
	uint32_t hash;

	rss_ready(t, 1);
	vport_ready(t, 2);
	memset(rss.key, 0xa5, 40);
	rss.key[7] = 1;
	DONE(t, rss_set(t, 2, &rss));
	hash = shape_hash(rss.key, &shape, true);
	CHECK(t, hash != 0x51ccc178, "the two keys are no test");
	for (unsigned i = 0; i < 4; i++) {
		hashed(t, &one, 1, 4, VMMQ_HASH_TCP_IPV4, 0x51ccc178);
		hashed(t, &two, 2, usual_table[hash % 4], VMMQ_HASH_TCP_IPV4, hash);
	}
}
