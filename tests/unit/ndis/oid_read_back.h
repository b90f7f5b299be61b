/* SPDX-License-Identifier: BSD-2-Clause */
/* The whole state of a switch as binary queries tell it, compared with the model. */
#ifndef VMMQ_UNIT_NDIS_OID_READ_BACK_H
#define VMMQ_UNIT_NDIS_OID_READ_BACK_H

#include "unit/ndis/oid_model.h"

/*
 * ask sends a query whose input is the first in bytes of what is encoded, in room for an answer of exactly out bytes;
 * before, at
 * times, in too little room: INVALID_LENGTH then says how much is needed.
 */
static inline void ask(uint32_t oid, enum vmmq_oid_method method, uint32_t vport, size_t in, size_t out)
{
	struct encoded *e = &encoded;

	e->oid = oid;
	e->method = method;
	e->flags = 0;
	encode_vport(e, vport);
	if (out > in && random_one_in(4)) {
		size_t len = in + random_below((uint32_t)(out - in));

		assert_int_equal(request_send(e, len), VMMQ_INVALID_LENGTH);
		assert_int_equal(answered, out);
	}
	assert_string_equal(vmmq_status_name(request_send(e, in > out ? in : out)), "SUCCESS");
	assert_int_equal(answered, out);
}

static inline void ask_in_vain(uint32_t oid, enum vmmq_oid_method method, uint32_t vport, size_t len,
			       vmmq_status want)
{
	encoded.oid = oid;
	encoded.method = method;
	encoded.flags = VMMQ_NDIS_VPORT_ID_VALID;
	encoded.vport = vport;
	assert_string_equal(vmmq_status_name(request_send(&encoded, len)), vmmq_status_name(want));
}

static inline uint64_t got(size_t at, size_t len)
{
	uint64_t value = 0;

	for (size_t i = len; i > 0; i--)
		value = value << 8 | encoded.byte[at + i - 1];
	return value;
}

static inline uint16_t got_processor(size_t at)
{
	return (uint16_t)(got(at, 2) * 64 + got(at + 2, 1));
}

static inline void ask_header(uint32_t type, uint8_t revision, uint16_t size)
{
	random_bytes(encoded.byte, 64);
	encode_put(&encoded, 0, type, 1);
	encode_put(&encoded, 1, revision, 1);
	encode_put(&encoded, 2, size, 2);
}

/* same_body compares what VPORT_PARAMETERS and VPORT_INFO have at the same offsets. */
static inline void same_body(size_t at, const struct model_vport *v)
{
	struct vmmq_affinity affinity = model_affinity(v);
	struct vmmq_ndis_string name = encode_name(v->name);

	assert_memory_equal(encoded.byte + at + 0x10, &name, 2 + name.length);
	assert_int_equal(got(at + 0x214, 2), 0xffff);
	assert_int_equal(got(at + 0x218, 4), v->pairs);
	assert_int_equal(got(at + 0x21c, 4), v->moderation);
	assert_int_equal(got(at + 0x220, 4), v->activated ? 1 : 2);
	assert_true(got(at + 0x228, 8) == affinity.mask && got(at + 0x230, 2) == affinity.group);
}

static inline void read_back_params(uint32_t id, const struct model_vport *v)
{
	ask_header(0x80, 1, 0x23c);
	encode_put(&encoded, 8, 0, 4);
	encode_put(&encoded, 12, id, 4);
	if (!v) {
		ask_in_vain(VMMQ_OID_NIC_SWITCH_VPORT_PARAMETERS, VMMQ_OID_METHOD, id, 0x23c, VMMQ_INVALID_PARAMETER);
		return;
	}
	ask(VMMQ_OID_NIC_SWITCH_VPORT_PARAMETERS, VMMQ_OID_METHOD, id, 0x23c, 0x23c);
	assert_int_equal(got(4, 4), v->flags);
	assert_int_equal(got(12, 4), id);
	same_body(0, v);
}

static inline void read_back_rss(uint32_t id, const struct model_vport *v)
{
	const uint32_t info = v->types | 1;

	ask(VMMQ_OID_GEN_RECEIVE_SCALE_PARAMETERS, VMMQ_OID_QUERY, id, 0, 84 + 4 * v->entries);
	assert_int_equal(got(0, 4), 0x89 | 3 << 8 | 44 << 16);
	assert_int_equal(got(4, 2), v->rss ? 0 : 0x10);
	assert_int_equal(got(8, 4), v->rss ? info : 0);
	assert_int_equal(got(12, 2), 4 * v->entries);
	assert_int_equal(got_processor(40), v->at[DEFAULT]);
	for (size_t i = 0; i < v->entries; i++)
		assert_int_equal(got_processor(got(16, 4) + 4 * i), v->at[ITE + i]);
	assert_int_equal(got(20, 2), 40);
	assert_memory_equal(encoded.byte + got(24, 4), v->key, 40);

	ask(VMMQ_OID_GEN_RECEIVE_SCALE_PARAMETERS_V2, VMMQ_OID_QUERY, id, 0, 68);
	assert_int_equal(got(4, 4), v->rss);
	assert_int_equal(got(8, 4), v->rss ? info : 0);
	assert_int_equal(got(20, 4), v->pairs);
	assert_int_equal(got(24, 4), v->entries);
	assert_memory_equal(encoded.byte + got(16, 4), v->key, 40);

	ask(VMMQ_OID_GEN_RECEIVE_HASH, VMMQ_OID_QUERY, id, 0, 60);
	assert_int_equal(got(4, 4), v->hash);
	assert_int_equal(got(8, 4), v->hash ? info : 0);
	assert_memory_equal(encoded.byte + got(16, 4), v->key, 40);
}

static inline void read_back_filter(const struct vmmq_filter *f)
{
	bool tagged = f->vlan && f->vlan != VMMQ_VLAN_ANY;

	ask_header(0x80, 2, 44);
	encode_put(&encoded, 16, f->id, 4);
	ask(VMMQ_OID_RECEIVE_FILTER_PARAMETERS, VMMQ_OID_METHOD, 0, 44, 48 + (tagged ? 112 : 56));
	assert_int_equal(got(16, 4), f->id);
	assert_int_equal(got(24, 4), tagged ? 2 : 1);
	assert_int_equal(got(40, 4), f->vport.v);
	assert_int_equal(got(4, 4), f->encapsulated ? 2 : 0);
	assert_int_equal(got(48 + 4, 4), f->vlan == 0);
	assert_int_equal(got(48 + 16, 4), 1);
	assert_memory_equal(encoded.byte + 48 + 24, f->mac, VMMQ_MAC_LEN);
	if (tagged) {
		assert_int_equal(got(104 + 16, 4), 4);
		assert_int_equal(encoded.byte[104 + 24] << 8 | encoded.byte[104 + 25], f->vlan);
	}
}

/* The enumeration is in the order of ids, as the model's search for the next one is.  every: of all VPorts, whatever id. */
static inline void read_back_filters(uint32_t id, bool every)
{
	uint32_t count = every ? model_filter_count() : model_filters_of(id), last = 0;

	ask_header(0x80, 2, 28);
	encode_put(&encoded, 4, 0, 4);
	encode_put(&encoded, 20, !every, 4);
	encode_put(&encoded, 24, id, 4);
	ask(VMMQ_OID_RECEIVE_FILTER_ENUM_FILTERS, VMMQ_OID_METHOD, 0, 28, 28 + 16 * count);
	assert_int_equal(got(12, 4), count);
	assert_int_equal(got(16, 4), 16);
	for (uint32_t i = 0; i < count; i++) {
		uint32_t filter = (uint32_t)got(got(8, 4) + 16 * i + 12, 4);

		assert_true(filter > last && model_filter(filter));
		assert_true(every || model_filter(filter)->vport.v == id);
		last = filter;
	}
}

static inline void read_back_vports(void)
{
	size_t count = 0, at = 32;

	for (unsigned i = 0; i < IDS; i++)
		count += model.vport[i].exists;
	ask_header(0x80, 1, 28);
	encode_put(&encoded, 4, random_below(3), 4); /* both flags exclude each other */
	encode_put(&encoded, 8, 0, 4);
	encode_put(&encoded, 12, 0xffff, 2);
	ask(VMMQ_OID_NIC_SWITCH_ENUM_VPORTS, VMMQ_OID_METHOD, 0, 28, 32 + count * 0x240);
	assert_int_equal(got(16, 4), 32);
	assert_int_equal(got(20, 4), count);
	assert_int_equal(got(24, 4), 0x240);
	for (unsigned i = 0; i < IDS; i++) {
		const struct model_vport *v = &model.vport[i];

		if (!v->exists)
			continue;
		assert_int_equal(got(at + 4, 4), ids[i]);
		assert_int_equal(got(at + 8, 4), v->flags);
		assert_int_equal(got(at + 0x23c, 4), model_filters_of(ids[i]));
		same_body(at, v);
		at += 0x240;
	}
}

static inline void read_back_switch(void)
{
	uint32_t vports = 0, pairs = 0, macs_default = model_filters_of(0);

	ask(VMMQ_OID_NIC_SWITCH_ENUM_SWITCHES, VMMQ_OID_METHOD, 0, 0, 16 + 0x23c);
	for (unsigned i = 0; i < IDS; i++) {
		vports += model.vport[i].exists && model.vport[i].activated;
		pairs += i && model.vport[i].exists ? model.vport[i].pairs : 0;
	}
	assert_int_equal(got(8, 4), 1);
	assert_int_equal(got(16 + 0x21c, 4), MAX_VPORTS);
	assert_int_equal(got(16 + 0x220, 4), vports);
	assert_int_equal(got(16 + 0x224, 4), model.vport[0].pairs);
	assert_int_equal(got(16 + 0x228, 4), pairs);
	assert_int_equal(got(16 + 0x22c, 4), macs_default);
	assert_int_equal(got(16 + 0x230, 4), model_filter_count() - macs_default);
}

static inline void read_back(void)
{
	read_back_switch();
	read_back_vports();
	for (unsigned i = 0; i < IDS; i++) {
		const struct model_vport *v = model.vport[i].exists ? &model.vport[i] : NULL;

		read_back_params(ids[i], v);
		if (!v) {
			ask_in_vain(VMMQ_OID_GEN_RECEIVE_SCALE_PARAMETERS_V2, VMMQ_OID_QUERY, ids[i], 68,
				    VMMQ_INVALID_PORT);
			continue;
		}
		read_back_rss(ids[i], v);
		read_back_filters(ids[i], false);
	}
	read_back_filters((uint32_t)random_u64(), true);
	for (unsigned i = 0; i < FILTERS; i++)
		if (model.filter[i].id)
			read_back_filter(&model.filter[i]);
}

#endif
