/* SPDX-License-Identifier: BSD-2-Clause */
/* Requests made byte by byte, with the offsets of spec section 17 as numbers, sent at an odd address and exact size. */
#ifndef VMMQ_UNIT_NDIS_OID_TEST_H
#define VMMQ_UNIT_NDIS_OID_TEST_H

#include <vmmq/oid.h>

#include "unit/core/nic_switch_dump.h"

enum { REQUEST_MAX = 8192 };

struct request {
	uint8_t byte[REQUEST_MAX];
	size_t len;
};

static const struct vmmq_processor processors[] = { { 4 }, { 5 }, { 6 }, { 7 } };

/* The adapter under test, and what the last request answered. */
static struct vmmq_oid_adapter adapter;
static struct vmmq_why why;
static size_t bytes;

static inline void put(struct request *r, size_t at, uint64_t value, size_t len)
{
	for (size_t i = 0; i < len; i++)
		r->byte[at + i] = (uint8_t)(value >> 8 * i);
	if (r->len < at + len)
		r->len = at + len;
}

static inline uint64_t get(const struct request *r, size_t at, size_t len)
{
	uint64_t value = 0;

	for (size_t i = len; i > 0; i--)
		value = value << 8 | r->byte[at + i - 1];
	return value;
}

/* put_header starts a request whose fixed part has size bytes. */
static inline void put_header(struct request *r, uint8_t type, uint8_t revision, uint16_t size)
{
	memset(r, 0, sizeof(*r));
	put(r, 0, type, 1);
	put(r, 1, revision, 1);
	put(r, 2, size, 2);
	r->len = size;
}

/* put_name writes a counted string at offset 0x10. */
static inline void put_name(struct request *r, const char *name)
{
	put(r, 0x10, 2 * strlen(name), 2);
	for (size_t i = 0; name[i]; i++)
		put(r, 0x12 + 2 * i, (uint8_t)name[i], 2);
}

static inline void expect_name(const struct request *r, size_t at, const char *name)
{
	assert_int_equal(get(r, at, 2), 2 * strlen(name));
	for (size_t i = 0; i <= strlen(name); i++)
		assert_int_equal(get(r, at + 2 + 2 * i, 2), (uint8_t)name[i]);
}

/* call sends the request's first len bytes, to VPort vport if that is not negative, and takes what came back. */
static inline vmmq_status call_len(uint32_t oid, enum vmmq_oid_method method, int64_t vport, struct request *r,
				   size_t len)
{
	uint8_t *block = malloc(len + 1);
	uint32_t flags = vport >= 0 ? VMMQ_NDIS_VPORT_ID_VALID : 0;
	vmmq_status status;

	assert_non_null(block);
	memcpy(block + 1, r->byte, len);
	memset(&why, 0, sizeof(why));
	bytes = 12345;
	status = vmmq_oid_request(&adapter, oid, method, flags, vport >= 0 ? (uint32_t)vport : 99, block + 1, len,
				  &bytes, &why);
	if (status != VMMQ_SUCCESS && oid != VMMQ_OID_GEN_RSS_SET_INDIRECTION_TABLE_ENTRIES)
		assert_memory_equal(block + 1, r->byte, len);
	memcpy(r->byte, block + 1, len);
	free(block);
	return status;
}

static inline vmmq_status call(uint32_t oid, enum vmmq_oid_method method, int64_t vport, struct request *r)
{
	return call_len(oid, method, vport, r, r->len);
}

static inline char *dump(void)
{
	return adapter.sw ? nic_switch_dump(adapter.sw) : strdup("no switch\n");
}

/* refused: this status, a reason with a place, and nothing has changed. */
static inline void refused(vmmq_status expected, uint32_t oid, enum vmmq_oid_method method, int64_t vport,
			   const struct request *r)
{
	char *before = dump(), *after;
	struct request copy = *r;

	assert_string_equal(vmmq_status_name(call(oid, method, vport, &copy)), vmmq_status_name(expected));
	after = dump();
	assert_string_equal(before, after);
	assert_true(strlen(why.text) > 5 && strlen(why.path) > 1);
	if (expected != VMMQ_INVALID_LENGTH)
		assert_int_equal(bytes, 0);
	free(before);
	free(after);
}

static inline void done(uint32_t oid, enum vmmq_oid_method method, int64_t vport, struct request *r)
{
	vmmq_status status = call(oid, method, vport, r);

	if (status != VMMQ_SUCCESS)
		fail_msg("%s: %s: %s", vmmq_status_name(status), why.path, why.text);
}

/* changed returns a copy of the request with len bytes at at replaced. */
static inline struct request changed(const struct request *r, size_t at, uint64_t value, size_t len)
{
	struct request copy = *r;

	put(&copy, at, value, len);
	copy.len = r->len;
	return copy;
}

/* truncated sends every beginning of a valid request: INVALID_LENGTH, more bytes needed, nothing changed. */
static inline void truncated(uint32_t oid, enum vmmq_oid_method method, int64_t vport, const struct request *r)
{
	char *before = dump(), *after;

	for (size_t len = 0; len < r->len; len++) {
		struct request copy = *r;

		assert_string_equal(vmmq_status_name(call_len(oid, method, vport, &copy, len)), "INVALID_LENGTH");
		assert_in_range(bytes, len + 1, r->len);
	}
	after = dump();
	assert_string_equal(before, after);
	free(before);
	free(after);
}

/* bad_headers sends the request with every wrong header. */
static inline void bad_headers(uint32_t oid, enum vmmq_oid_method method, int64_t vport, const struct request *r,
			       uint8_t revisions)
{
	struct request copy = changed(r, 0, r->byte[0] + 1u, 1);

	refused(VMMQ_INVALID_PARAMETER, oid, method, vport, &copy);
	copy = changed(r, 1, 0, 1);
	refused(VMMQ_INVALID_PARAMETER, oid, method, vport, &copy);
	copy = changed(r, 1, revisions + 1u, 1);
	refused(VMMQ_INVALID_PARAMETER, oid, method, vport, &copy);
	copy = changed(r, 2, get(r, 2, 2) - 1, 2);
	refused(VMMQ_INVALID_LENGTH, oid, method, vport, &copy);
	assert_int_equal(bytes, get(r, 2, 2));
	copy = changed(r, 2, r->len + 1, 2);
	refused(VMMQ_INVALID_LENGTH, oid, method, vport, &copy);
	assert_int_equal(bytes, r->len + 1);
}

static inline void setup(const struct vmmq_nic_switch_params *wanted)
{
	struct vmmq_nic_switch_params params = wanted ? *wanted : (struct vmmq_nic_switch_params){ 0 };
	struct vmmq_nic_switch *sw;

	params.processors = processors;
	params.processor_count = 4;
	assert_int_equal(vmmq_nic_switch_create(&params, &sw, NULL), VMMQ_SUCCESS);
	vmmq_oid_adapter_init(&adapter, sw, &params);
}

static inline void teardown(void)
{
	vmmq_nic_switch_destroy(adapter.sw);
}

/* make_vport creates and activates a VPort with everything on processor 4. */
static inline void make_vport(uint16_t id, uint32_t queue_pairs)
{
	struct vmmq_vport_id vport = { id };

	assert_int_equal(vmmq_vport_create(adapter.sw, vport, "vm", queue_pairs, processors[0], NULL), VMMQ_SUCCESS);
	assert_int_equal(vmmq_vport_activate(adapter.sw, vport, NULL), VMMQ_SUCCESS);
}

#endif
