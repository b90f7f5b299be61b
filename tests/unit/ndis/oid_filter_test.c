/* SPDX-License-Identifier: BSD-2-Clause */
/* Receive filters by binary request: set, clear, move, enumerate, show. */
#include "unit/ndis/oid_test.h"

enum { SET = 0x00010227, CLEAR = 0x00010228, ENUM = 0x00010229, SHOW = 0x0001022a, MOVE = 0x00010230, FIELDS = 48 };

/* put_field writes a field at offset at: 1 a MAC 02:00:00:00:00:<value>, 4 a VLAN id. */
static void put_field(struct request *r, size_t at, uint32_t field, uint32_t flags, uint16_t value)
{
	put(r, at, 0x00380280, 4);
	put(r, at + 4, flags, 4);
	put(r, at + 8, 1, 4);
	put(r, at + 12, 1, 4);
	put(r, at + 16, field, 4);
	if (field == 1) {
		put(r, at + 24, 2, 1);
		put(r, at + 29, value, 1);
	} else {
		put(r, at + 24, value >> 8, 1); /* network order */
		put(r, at + 25, value & 0xff, 1);
	}
	put(r, at + 55, 0, 1);
}

static struct request set_request(uint32_t vport, uint8_t mac, uint32_t mac_flags, int vlan)
{
	struct request r;

	put_header(&r, 0x80, 2, 44);
	put(&r, 8, 1, 4);
	put(&r, 20, FIELDS, 4);
	put(&r, 24, vlan < 0 ? 1 : 2, 4);
	put(&r, 28, 56, 4);
	put(&r, 40, vport, 4);
	put_field(&r, FIELDS, 1, mac_flags, mac);
	if (vlan >= 0)
		put_field(&r, FIELDS + 56, 4, 0, (uint16_t)vlan);
	return r;
}

/* filter_of returns the filter that the last SET_FILTER has made. */
static const struct vmmq_filter *filter_of(const struct request *r)
{
	const struct vmmq_filter *filter = vmmq_filter_get(adapter.sw, (uint32_t)get(r, 16, 4));

	assert_non_null(filter);
	return filter;
}

static void set(void **state)
{
	struct request r = set_request(3, 0x0a, 1, -1);

	(void)state;
	setup(NULL);
	make_vport(3, 2);
	truncated(SET, VMMQ_OID_METHOD, -1, &r);
	bad_headers(SET, VMMQ_OID_METHOD, -1, &r, 2);
	done(SET, VMMQ_OID_METHOD, -1, &r);
	assert_int_equal(bytes, 44);
	assert_int_equal(get(&r, 16, 4), 1);
	assert_int_equal(filter_of(&r)->vlan, VMMQ_VLAN_UNTAGGED_OR_ZERO);
	assert_int_equal(filter_of(&r)->vport.v, 3);
	assert_memory_equal(filter_of(&r)->mac, "\x02\x00\x00\x00\x00\x0a", VMMQ_MAC_LEN);
	r = set_request(3, 0x0a, 0, 0x123);
	truncated(SET, VMMQ_OID_METHOD, -1, &r);
	done(SET, VMMQ_OID_METHOD, -1, &r);
	assert_int_equal(filter_of(&r)->vlan, 0x123);
	r = set_request(0, 0x0a, 0, -1);
	done(SET, VMMQ_OID_METHOD, -1, &r);
	assert_int_equal(filter_of(&r)->vlan, VMMQ_VLAN_ANY);
	assert_int_equal(filter_of(&r)->vport.v, 0);
	r = set_request(0, 0x0a, 0, -1);
	refused(VMMQ_INVALID_PARAMETER, SET, VMMQ_OID_METHOD, -1, &r); /* a duplicate */
	put(&r, 4, 3, 4); /* but not inside tunnels; bit 0 is reserved, and means nothing */
	done(SET, VMMQ_OID_METHOD, -1, &r);
	assert_true(filter_of(&r)->encapsulated);
	assert_int_equal(filter_of(&r)->vni, VMMQ_VNI_ANY);
	teardown();
}

/* Revision 1 names no VPort; fields may be wider than they have to be, and come in any order. */
static void set_shapes(void **state)
{
	struct request r;

	(void)state;
	setup(NULL);
	make_vport(3, 2);
	put_header(&r, 0x80, 1, 36);
	put(&r, 8, 1, 4);
	put(&r, 20, 36, 4);
	put(&r, 24, 2, 4);
	put(&r, 28, 61, 4);
	put_field(&r, 36, 4, 0, 5);
	put_field(&r, 36 + 61, 1, 0, 0x0c);
	r.len = 36 + 2 * 61;
	truncated(SET, VMMQ_OID_METHOD, -1, &r);
	done(SET, VMMQ_OID_METHOD, -1, &r);
	assert_int_equal(bytes, 36);
	assert_int_equal(filter_of(&r)->vport.v, 0);
	assert_int_equal(filter_of(&r)->vlan, 5);
	assert_int_equal(filter_of(&r)->mac[5], 0x0c);
	teardown();
}

static void set_refused(void **state)
{
	const struct request good = set_request(3, 0x0a, 0, 7);
	static const struct {
		size_t at, len;
		uint64_t value;
		vmmq_status status;
	} bad[] = {
		{ 8, 4, 0, 0xc000000d },                     /* filter type */
		{ 8, 4, 2, 0xc000000d },                     /* packet coalescing */
		{ 12, 4, 1, 0xc000000d },                    /* queue id */
		{ 16, 4, 1, 0xc000000d },                    /* the id is in use */
		{ 20, 4, 43, 0xc0010014 },                   /* fields inside the structure */
		{ 20, 4, 49, 0xc0010014 },                   /* fields end behind the buffer */
		{ 20, 4, 0xffffffff, 0xc0010014 },           /* far behind */
		{ 20, 4, 0xfffffff0, 0xc0010014 },           /* the sum wraps in 32 bits */
		{ 24, 4, 0, 0xc000000d },                    /* no field */
		{ 24, 4, 3, 0xc0010014 },                    /* a field more than are there */
		{ 24, 4, 0x49249249, 0xc0010014 },           /* times 56 wraps to 8 */
		{ 28, 4, 55, 0xc0010014 },                   /* fields too narrow */
		{ 28, 4, 0, 0xc0010014 },                    /* no width */
		{ 28, 4, 0x80000000, 0xc0010014 },           /* twice that wraps to 0 */
		{ 32, 4, 1, 0xc000000d },                    /* filter id bits */
		{ 40, 4, 4, 0xc000000d },                    /* no such VPort */
		{ 40, 4, 0x10003, 0xc000000d },              /* nor this one */
		{ FIELDS, 1, 0x81, 0xc000000d },             /* the field's header type */
		{ FIELDS + 1, 1, 3, 0xc000000d },            /* revision */
		{ FIELDS + 2, 2, 55, 0xc0010014 },           /* size */
		{ FIELDS + 4, 4, 1, 0xc000000d },            /* untagged and a VLAN id */
		{ FIELDS + 4, 4, 2, 0xc000000d },            /* encapsulation is the filter's flag, not a field's */
		{ 4, 4, 4, 0xc000000d },                     /* an unknown flag of the filter */
		{ FIELDS + 4, 4, 4, 0xc000000d },            /* an unknown flag */
		{ FIELDS + 8, 4, 3, 0xc000000d },            /* IPv4 header */
		{ FIELDS + 12, 4, 2, 0xc000000d },           /* mask-equal */
		{ FIELDS + 16, 4, 2, 0xc000000d },           /* source address */
		{ FIELDS + 16, 4, 4, 0xc000000d },           /* two VLAN ids, no MAC */
		{ FIELDS + 56 + 4, 4, 1, 0xc000000d },       /* the VLAN field has the flag */
		{ FIELDS + 56 + 16, 4, 1, 0xc000000d },      /* two MACs */
		{ FIELDS + 56 + 24, 2, 0, 0xc000000d },      /* VLAN id 0 */
		{ FIELDS + 56 + 24, 2, 0xff0f, 0xc000000d }, /* 4095 */
		{ FIELDS + 56 + 24, 2, 0x0010, 0xc000000d }, /* 4096 */
	};
	struct request r = set_request(0, 0x0f, 0, -1);

	(void)state;
	setup(NULL);
	make_vport(3, 2);
	done(SET, VMMQ_OID_METHOD, -1, &r);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		r = changed(&good, bad[i].at, bad[i].value, bad[i].len);
		refused(bad[i].status, SET, VMMQ_OID_METHOD, -1, &r);
	}
	r = set_request(3, 0x0a, 0, -1);
	put(&r, FIELDS + 16, 4, 4);
	put(&r, FIELDS + 25, 7, 1);
	put(&r, FIELDS + 24, 0, 1);
	refused(VMMQ_INVALID_PARAMETER, SET, VMMQ_OID_METHOD, -1, &r); /* a VLAN id without a MAC */
	r = good;
	put(&r, 24, 3, 4);
	put_field(&r, FIELDS + 112, 1, 0, 0x0d);
	refused(VMMQ_INVALID_PARAMETER, SET, VMMQ_OID_METHOD, -1, &r); /* three fields */
	teardown();
}

/* NDIS may name the filter's id, any that is free; those that the adapter gives are above all named ones. */
static void set_id(void **state)
{
	struct request r = set_request(0, 0x0a, 1, -1);

	(void)state;
	setup(NULL);
	put(&r, 16, 1, 4);
	done(SET, VMMQ_OID_METHOD, -1, &r);
	assert_int_equal(get(&r, 16, 4), 1);
	r = set_request(0, 0x0b, 1, -1);
	put(&r, 16, 1, 4);
	refused(VMMQ_INVALID_PARAMETER, SET, VMMQ_OID_METHOD, -1, &r);
	put(&r, 16, 9, 4);
	done(SET, VMMQ_OID_METHOD, -1, &r);
	assert_int_equal(get(&r, 16, 4), 9);
	r = set_request(0, 0x0c, 1, -1);
	put(&r, 16, 5, 4);
	done(SET, VMMQ_OID_METHOD, -1, &r);
	r = set_request(0, 0x0d, 1, -1);
	done(SET, VMMQ_OID_METHOD, -1, &r);
	assert_int_equal(get(&r, 16, 4), 10);
	/* A refused request uses no id up. */
	r = set_request(0, 0x0d, 1, -1);
	put(&r, 16, 77, 4);
	refused(VMMQ_INVALID_PARAMETER, SET, VMMQ_OID_METHOD, -1, &r);
	r = set_request(0, 0x0e, 1, -1);
	done(SET, VMMQ_OID_METHOD, -1, &r);
	assert_int_equal(get(&r, 16, 4), 11);
	teardown();
}

static struct request clear_request(uint32_t filter)
{
	struct request r;

	put_header(&r, 0x80, 1, 16);
	put(&r, 12, filter, 4);
	return r;
}

static void clear(void **state)
{
	struct request r = set_request(0, 0x0a, 1, -1);

	(void)state;
	setup(NULL);
	done(SET, VMMQ_OID_METHOD, -1, &r);
	r = clear_request(1);
	truncated(CLEAR, VMMQ_OID_SET, -1, &r);
	bad_headers(CLEAR, VMMQ_OID_SET, -1, &r, 1);
	put(&r, 8, 1, 4);
	refused(VMMQ_FILE_NOT_FOUND, CLEAR, VMMQ_OID_SET, -1, &r);
	r = clear_request(2);
	refused(VMMQ_FILE_NOT_FOUND, CLEAR, VMMQ_OID_SET, -1, &r);
	r = clear_request(1);
	done(CLEAR, VMMQ_OID_SET, -1, &r);
	assert_int_equal(bytes, 0);
	refused(VMMQ_FILE_NOT_FOUND, CLEAR, VMMQ_OID_SET, -1, &r);
	teardown();
}

static void move(void **state)
{
	struct request r = set_request(0, 0x0a, 1, -1), bad;

	(void)state;
	setup(NULL);
	make_vport(3, 2);
	done(SET, VMMQ_OID_METHOD, -1, &r);
	put_header(&r, 0x80, 1, 24);
	put(&r, 4, 1, 4);
	put(&r, 20, 3, 4);
	truncated(MOVE, VMMQ_OID_SET, -1, &r);
	bad_headers(MOVE, VMMQ_OID_SET, -1, &r, 1);
	for (size_t at = 4; at < 24; at += 4) {
		bad = changed(&r, at, 9, 4);
		refused(VMMQ_INVALID_PARAMETER, MOVE, VMMQ_OID_SET, -1, &bad);
		bad = changed(&r, at, get(&r, at, 4) + 0x10000, 4);
		refused(VMMQ_INVALID_PARAMETER, MOVE, VMMQ_OID_SET, -1, &bad);
	}
	done(MOVE, VMMQ_OID_SET, -1, &r);
	assert_int_equal(vmmq_filter_get(adapter.sw, 1)->vport.v, 3);
	refused(VMMQ_INVALID_PARAMETER, MOVE, VMMQ_OID_SET, -1, &r);
	teardown();
}

static struct request enum_request(uint8_t revision, uint32_t flags, uint32_t vport, size_t filters)
{
	struct request r;

	put_header(&r, 0x80, revision, revision == 1 ? 20 : 28);
	if (revision == 2) {
		put(&r, 20, flags, 4);
		put(&r, 24, vport, 4);
	}
	r.len += 16 * filters;
	return r;
}

static void enumerate(void **state)
{
	struct request r;

	(void)state;
	setup(NULL);
	make_vport(3, 2);
	for (uint8_t i = 0; i < 5; i++) {
		r = set_request(i % 2 ? 3 : 0, i, 1, -1);
		done(SET, VMMQ_OID_METHOD, -1, &r);
	}
	r = enum_request(2, 1, 3, 2);
	truncated(ENUM, VMMQ_OID_METHOD, -1, &r);
	bad_headers(ENUM, VMMQ_OID_METHOD, -1, &r, 2);
	done(ENUM, VMMQ_OID_METHOD, -1, &r);
	assert_int_equal(bytes, 28 + 2 * 16);
	assert_int_equal(get(&r, 8, 4), 28);
	assert_int_equal(get(&r, 12, 4), 2);
	assert_int_equal(get(&r, 16, 4), 16);
	assert_int_equal(get(&r, 28, 4), 0x00100180);
	assert_int_equal(get(&r, 28 + 8, 4), 1);
	assert_int_equal(get(&r, 28 + 12, 4), 2);
	assert_int_equal(get(&r, 28 + 16 + 12, 4), 4);
	r = enum_request(2, 1, 0, 3);
	done(ENUM, VMMQ_OID_METHOD, -1, &r);
	assert_int_equal(get(&r, 12, 4), 3);
	r = enum_request(2, 0, 77, 5); /* without the flag: every VPort's */
	done(ENUM, VMMQ_OID_METHOD, -1, &r);
	assert_int_equal(get(&r, 12, 4), 5);
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(get(&r, 28 + i * 16 + 12, 4), i + 1);
	r = enum_request(1, 0, 0, 5);
	done(ENUM, VMMQ_OID_METHOD, -1, &r);
	assert_int_equal(bytes, 20 + 5 * 16);
	assert_int_equal(get(&r, 20 + 4 * 16 + 12, 4), 5);
	r = enum_request(2, 1, 4, 0);
	refused(VMMQ_INVALID_PARAMETER, ENUM, VMMQ_OID_METHOD, -1, &r);
	r = enum_request(2, 1, 0x10003, 0);
	refused(VMMQ_INVALID_PARAMETER, ENUM, VMMQ_OID_METHOD, -1, &r);
	r = enum_request(2, 2, 3, 0);
	refused(VMMQ_INVALID_PARAMETER, ENUM, VMMQ_OID_METHOD, -1, &r);
	r = enum_request(2, 1, 3, 2);
	put(&r, 4, 1, 4);
	refused(VMMQ_INVALID_PARAMETER, ENUM, VMMQ_OID_METHOD, -1, &r);
	teardown();
}

/* What is shown of a filter, sent again, makes the same filter. */
static void show(void **state)
{
	static const struct {
		uint32_t flags;
		int vlan;
	} filters[] = { { 1, -1 }, { 0, -1 }, { 0, 0x123 } };

	(void)state;
	setup(NULL);
	make_vport(3, 2);
	for (uint32_t i = 0; i < 3; i++) {
		struct request r = set_request(3, 0x0a, filters[i].flags, filters[i].vlan);
		struct vmmq_filter before;

		done(SET, VMMQ_OID_METHOD, -1, &r);
		before = *filter_of(&r);
		put_header(&r, 0x80, 2, 44);
		put(&r, 16, before.id, 4);
		r.len = (size_t)(48 + (filters[i].vlan < 0 ? 1 : 2) * 56);
		truncated(SHOW, VMMQ_OID_METHOD, -1, &r);
		done(SHOW, VMMQ_OID_METHOD, -1, &r);
		assert_int_equal(bytes, r.len);
		assert_int_equal(get(&r, 40, 4), 3);
		assert_int_equal(vmmq_filter_clear(adapter.sw, before.id, NULL), VMMQ_SUCCESS);
		put(&r, 16, 0, 4);
		done(SET, VMMQ_OID_METHOD, -1, &r);
		assert_memory_equal(filter_of(&r)->mac, before.mac, VMMQ_MAC_LEN);
		assert_int_equal(filter_of(&r)->vlan, before.vlan);
		assert_int_equal(vmmq_filter_clear(adapter.sw, filter_of(&r)->id, NULL), VMMQ_SUCCESS);
	}
	teardown();
}

static void show_refused(void **state)
{
	struct request r;

	(void)state;
	setup(NULL);
	put_header(&r, 0x80, 2, 44);
	put(&r, 16, 1, 4);
	refused(VMMQ_INVALID_PARAMETER, SHOW, VMMQ_OID_METHOD, -1, &r);
	put(&r, 16, 0, 4);
	refused(VMMQ_INVALID_PARAMETER, SHOW, VMMQ_OID_METHOD, -1, &r);
	bad_headers(SHOW, VMMQ_OID_METHOD, -1, &r, 2);
	teardown();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(set),       cmocka_unit_test(set_shapes), cmocka_unit_test(set_refused),
		cmocka_unit_test(set_id),    cmocka_unit_test(clear),      cmocka_unit_test(move),
		cmocka_unit_test(enumerate), cmocka_unit_test(show),       cmocka_unit_test(show_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
