/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The model's requests sent as binary ones, in buffers of exactly their size at any alignment.  After each refusal
 * the switch's dump and the buffer are byte for byte what they were.
 */
#ifndef VMMQ_UNIT_NDIS_OID_MODEL_H
#define VMMQ_UNIT_NDIS_OID_MODEL_H

#include "unit/core/request_run.h"
#include "unit/ndis/oid_encode_rss.h"
#include "unit/ndis/oid_encode_vport.h"

static struct vmmq_oid_adapter oids; /* under test */
static struct encoded encoded;
static char *dumped; /* the switch as it was after the last request; NULL: not known */
static size_t answered;

static inline void dump_forget(void)
{
	free(dumped);
	dumped = NULL;
}

static inline void dump_know(void)
{
	if (!dumped)
		dumped = nic_switch_dump(nic);
}

static inline void dump_unchanged(void)
{
	char *now = nic_switch_dump(nic);

	assert_string_equal(dumped, now);
	free(now);
}

static inline vmmq_status carry_out(const struct encoded *e, void *buffer, size_t len, struct vmmq_why *why)
{
	return vmmq_oid_request(&oids, e->oid, e->method, e->flags, e->vport, buffer, len, &answered, why);
}

/* How a request gets to the adapter. */
static vmmq_status (*carry)(const struct encoded *e, void *buffer, size_t len, struct vmmq_why *why) = carry_out;

/* request_send sends the first len bytes of what is encoded; what came back is there then. */
static inline vmmq_status request_send(struct encoded *e, size_t len)
{
	size_t shift = random_below(8);
	uint8_t *block = malloc(shift + len);
	struct vmmq_why why = { "", "" };
	vmmq_status status;

	assert_non_null(block);
	memcpy(block + shift, e->byte, len);
	answered = 12345;
	status = carry(e, block + shift, len, &why);
	if (status == VMMQ_SUCCESS)
		assert_in_range(answered, 0, e->method == VMMQ_OID_SET ? 0 : len);
	else if (status != VMMQ_INVALID_LENGTH)
		assert_int_equal(answered, 0);
	if (status != VMMQ_SUCCESS && e->oid != VMMQ_OID_GEN_RSS_SET_INDIRECTION_TABLE_ENTRIES)
		assert_memory_equal(block + shift, e->byte, len);
	if (status != VMMQ_SUCCESS)
		assert_true(why.text[0] && why.path[0]);
	memcpy(e->byte, block + shift, len);
	free(block);
	return status;
}

static inline vmmq_status binary_request(void)
{
	vmmq_status status;

	dump_know();
	status = request_send(&encoded, encoded.len);
	if (status == VMMQ_SUCCESS)
		dump_forget();
	else
		dump_unchanged();
	return status;
}

static inline vmmq_status binary_create(const struct vmmq_vport_params *params)
{
	encode_params(&encoded, VMMQ_OID_NIC_SWITCH_CREATE_VPORT, VMMQ_OID_METHOD, params);
	return binary_request();
}

static inline vmmq_status binary_set(const struct vmmq_vport_params *params)
{
	encode_params(&encoded, VMMQ_OID_NIC_SWITCH_VPORT_PARAMETERS, VMMQ_OID_SET, params);
	return binary_request();
}

static inline vmmq_status binary_remove(uint32_t vport)
{
	encode_delete(&encoded, vport);
	return binary_request();
}

static inline vmmq_status binary_v1(uint32_t vport, const struct vmmq_rss_v1 *request)
{
	(void)vport;
	(void)request;
	return binary_request(); /* binary_v1_prepare() has encoded it */
}

static inline void binary_v1_prepare(uint32_t vport, struct vmmq_rss_v1 *request)
{
	encode_v1(&encoded, vport, request);
}

static inline vmmq_status binary_v2(uint32_t vport, const struct vmmq_rss_v2 *request)
{
	encode_v2(&encoded, vport, request);
	return binary_request();
}

static inline vmmq_status binary_hash(uint32_t vport, const struct vmmq_receive_hash *request)
{
	encode_hash(&encoded, vport, request);
	return binary_request();
}

/* moves_take takes the statuses out of the answer, in which nothing else has changed. */
static inline void moves_take(const uint8_t *was, size_t stride, struct vmmq_rss_move *move, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		uint8_t *status = encoded.byte + encoded.part[0].at + i * stride + 20;

		memcpy(&move[i].status, status, 4);
		memcpy(status, was + (status - encoded.byte), 4);
	}
	assert_memory_equal(encoded.byte, was, encoded.len);
}

static inline void binary_move(uint16_t actor, struct vmmq_rss_move *move, size_t count)
{
	static uint8_t was[ENCODED_MAX];
	size_t stride = encode_moves(&encoded, move, count);

	oids.actor.v = actor;
	memcpy(was, encoded.byte, encoded.len);
	assert_int_equal(request_send(&encoded, encoded.len), VMMQ_SUCCESS);
	moves_take(was, stride, move, count);
	dump_forget();
}

static inline vmmq_status binary_filter_set(struct vmmq_filter *f)
{
	vmmq_status status;

	encode_filter_set(&encoded, f);
	status = binary_request();
	if (status == VMMQ_SUCCESS)
		memcpy(&f->id, encoded.byte + 16, 4);
	return status;
}

static inline vmmq_status binary_filter_clear(uint32_t id)
{
	encode_filter_clear(&encoded, id);
	return binary_request();
}

static inline vmmq_status binary_filter_move(uint32_t id, uint32_t from, uint32_t to)
{
	encode_filter_move(&encoded, id, from, to);
	return binary_request();
}

#endif
