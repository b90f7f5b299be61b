/* SPDX-License-Identifier: BSD-2-Clause */
/* VPorts by binary request: create, parameters, delete, enumerate. */
#include "unit/ndis/oid_test.h"

enum { CREATE = 0x00010241, PARAMETERS = 0x00010242, ENUM = 0x00010243, DELETE = 0x00010244 };

static struct request parameters_request(uint32_t vport)
{
	struct request r;

	put_header(&r, 0x80, 1, 0x23c);
	put(&r, 12, vport, 4);
	put_name(&r, "web");
	put(&r, 0x214, 0xffff, 2); /* the PF */
	put(&r, 0x218, 4, 4);      /* queue pairs */
	put(&r, 0x21c, 1, 4);      /* adaptive moderation */
	put(&r, 0x220, 2, 4);
	put(&r, 0x228, 0x60, 8); /* processors 5 and 6 */
	return r;
}

static struct vmmq_vport_info info_of(uint16_t id)
{
	struct vmmq_vport_info info;

	assert_true(vmmq_vport_get(adapter.sw, (struct vmmq_vport_id){ id }, &info));
	return info;
}

static void create(void **state)
{
	struct request r = parameters_request(3);
	struct vmmq_vport_info info;

	(void)state;
	setup(NULL);
	truncated(CREATE, VMMQ_OID_METHOD, -1, &r);
	bad_headers(CREATE, VMMQ_OID_METHOD, -1, &r, 2);
	done(CREATE, VMMQ_OID_METHOD, -1, &r);
	assert_int_equal(bytes, 0x23c);
	assert_int_equal(get(&r, 12, 4), 3);
	info = info_of(3);
	assert_string_equal(info.name, "web");
	assert_int_equal(info.state, VMMQ_VPORT_DEACTIVATED);
	assert_int_equal(info.queue_pairs, 4);
	assert_int_equal(info.rss->primary.v, 5);
	assert_int_equal(info.rss->default_processor.v, 5);
	teardown();
}

/* Revision 2 is longer; what it has more is not looked at. */
static void create_revision_2(void **state)
{
	struct request r = parameters_request(3);

	(void)state;
	setup(NULL);
	put(&r, 1, 2, 1);
	put(&r, 2, 0x260, 2);
	put(&r, 0x23c, 0xffffffff, 4);
	put(&r, 0x25c, 0xffffffff, 4);
	truncated(CREATE, VMMQ_OID_METHOD, -1, &r);
	done(CREATE, VMMQ_OID_METHOD, -1, &r);
	info_of(3);
	teardown();
}

static void create_refused(void **state)
{
	const struct vmmq_nic_switch_params limits = { .max_vports = 8, .max_queue_pairs = 20 };
	const struct request good = parameters_request(3);
	static const struct {
		size_t at, len;
		uint64_t value;
		vmmq_status status;
	} bad[] = {
		{ 8, 4, 1, 0xc000000d },           /* switch id */
		{ 12, 4, 0, 0xc000000d },          /* VPort 0 */
		{ 12, 4, 8, 0xc000000d },          /* beyond the maximum */
		{ 12, 4, 0x10003, 0xc000000d },    /* beyond 16 bits */
		{ 12, 4, 0xffffffff, 0xc000000d }, /* the invalid id */
		{ 0x10, 2, 5, 0xc000000d },        /* odd name length */
		{ 0x10, 2, 514, 0xc000000d },      /* name too long */
		{ 0x214, 2, 0, 0xc00000bb },       /* a virtual function */
		{ 0x218, 4, 0, 0xc000000d },       /* no queue pair */
		{ 0x218, 4, 129, 0xc000000d },     /* too many */
		{ 0x218, 4, 5, 0xc000009a },       /* more than are left */
		{ 0x21c, 4, 3, 0xc000000d },       /* moderation */
		{ 0x220, 4, 1, 0xc000000d },       /* activated at once */
		{ 0x228, 8, 0, 0xc000000d },       /* empty affinity */
		{ 0x228, 8, 1, 0xc0010015 },       /* processor 0 is outside the set */
		{ 0x230, 2, 1, 0xc0010015 },       /* and so is the group */
	};

	(void)state;
	setup(&limits);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct request r = changed(&good, bad[i].at, bad[i].value, bad[i].len);

		refused(bad[i].status, CREATE, VMMQ_OID_METHOD, -1, &r);
	}
	teardown();
}

static void set(void **state)
{
	struct request r = parameters_request(3);

	(void)state;
	setup(NULL);
	done(CREATE, VMMQ_OID_METHOD, -1, &r);
	memset(r.byte + 0x10, 0xff, 0x23c - 0x10); /* nonsense that no flag names */
	put(&r, 0x218, 2, 4);
	put(&r, 4, 0x00800000, 4);
	truncated(PARAMETERS, VMMQ_OID_SET, -1, &r);
	bad_headers(PARAMETERS, VMMQ_OID_SET, -1, &r, 2);
	done(PARAMETERS, VMMQ_OID_SET, -1, &r);
	assert_int_equal(bytes, 0);
	assert_int_equal(info_of(3).queue_pairs, 2);
	assert_string_equal(info_of(3).name, "web");
	put(&r, 4, 0x00080000, 4);
	put(&r, 0x220, 1, 4);
	done(PARAMETERS, VMMQ_OID_SET, -1, &r);
	assert_int_equal(info_of(3).state, VMMQ_VPORT_ACTIVATED);
	put(&r, 4, 0x00100000, 4);
	put(&r, 0x228, 0x80, 8);
	put(&r, 0x230, 0, 2);
	done(PARAMETERS, VMMQ_OID_SET, -1, &r);
	assert_int_equal(info_of(3).rss->primary.v, 7);
	put(&r, 4, 0x00020000, 4);
	refused(VMMQ_INVALID_PARAMETER, PARAMETERS, VMMQ_OID_SET, -1, &r); /* the name's length is 0xffff */
	put_name(&r, "db");
	done(PARAMETERS, VMMQ_OID_SET, -1, &r);
	assert_string_equal(info_of(3).name, "db");
	put(&r, 12, 4, 4);
	refused(VMMQ_INVALID_PARAMETER, PARAMETERS, VMMQ_OID_SET, -1, &r);
	put(&r, 12, 0x10003, 4);
	refused(VMMQ_INVALID_PARAMETER, PARAMETERS, VMMQ_OID_SET, -1, &r);
	teardown();
}

static void query(void **state)
{
	struct request r = parameters_request(3);

	(void)state;
	setup(NULL);
	done(CREATE, VMMQ_OID_METHOD, -1, &r);
	memset(r.byte + 0x10, 0xff, 0x23c - 0x10);
	truncated(PARAMETERS, VMMQ_OID_METHOD, -1, &r);
	bad_headers(PARAMETERS, VMMQ_OID_METHOD, -1, &r, 2);
	done(PARAMETERS, VMMQ_OID_METHOD, -1, &r);
	assert_int_equal(bytes, 0x23c);
	assert_int_equal(get(&r, 0, 4), 0x023c0180);
	expect_name(&r, 0x10, "web");
	assert_int_equal(get(&r, 0x214, 2), 0xffff);
	assert_int_equal(get(&r, 0x218, 4), 4);
	assert_int_equal(get(&r, 0x21c, 4), 1);
	assert_int_equal(get(&r, 0x220, 4), 2);
	assert_int_equal(get(&r, 0x228, 8), 0x60);
	assert_int_equal(get(&r, 0x230, 2), 0);
	put(&r, 12, 9, 4);
	refused(VMMQ_INVALID_PARAMETER, PARAMETERS, VMMQ_OID_METHOD, -1, &r);
	put(&r, 12, 3, 4);
	put(&r, 8, 1, 4);
	refused(VMMQ_INVALID_PARAMETER, PARAMETERS, VMMQ_OID_METHOD, -1, &r);
	teardown();
}

static void delete (void **state)
{
	const uint8_t mac[VMMQ_MAC_LEN] = { 2 };
	struct request r;
	uint32_t id;

	(void)state;
	setup(NULL);
	make_vport(3, 2);
	put_header(&r, 0x80, 1, 12);
	put(&r, 8, 3, 4);
	truncated(DELETE, VMMQ_OID_SET, -1, &r);
	bad_headers(DELETE, VMMQ_OID_SET, -1, &r, 1);
	assert_int_equal(vmmq_filter_set(adapter.sw, (struct vmmq_vport_id){ 3 }, mac, 0, &id, NULL), VMMQ_SUCCESS);
	refused(VMMQ_FAILURE, DELETE, VMMQ_OID_SET, -1, &r);
	assert_int_equal(vmmq_filter_clear(adapter.sw, id, NULL), VMMQ_SUCCESS);
	put(&r, 8, 0, 4);
	refused(VMMQ_INVALID_PARAMETER, DELETE, VMMQ_OID_SET, -1, &r);
	put(&r, 8, 0x10003, 4);
	refused(VMMQ_INVALID_PARAMETER, DELETE, VMMQ_OID_SET, -1, &r);
	put(&r, 8, 3, 4);
	done(DELETE, VMMQ_OID_SET, -1, &r);
	refused(VMMQ_INVALID_PARAMETER, DELETE, VMMQ_OID_SET, -1, &r);
	teardown();
}

static struct request enum_request(uint32_t flags, uint32_t switch_id, uint16_t function)
{
	struct request r;

	put_header(&r, 0x80, 1, 28);
	put(&r, 4, flags, 4);
	put(&r, 8, switch_id, 4);
	put(&r, 12, function, 2);
	r.len = 32 + 2 * 0x240;
	return r;
}

static void enumerate(void **state)
{
	struct request r = parameters_request(300);

	(void)state;
	setup(NULL);
	done(CREATE, VMMQ_OID_METHOD, -1, &r);
	r = enum_request(0, 77, 77);
	truncated(ENUM, VMMQ_OID_METHOD, -1, &r);
	for (uint32_t flags = 0; flags < 3; flags++) {
		r = enum_request(flags, flags & 2 ? 0 : 77, flags & 1 ? 0xffff : 77);
		memset(r.byte + 32, 0xaa, 2 * 0x240);
		done(ENUM, VMMQ_OID_METHOD, -1, &r);
		assert_int_equal(bytes, 32 + 2 * 0x240);
		assert_int_equal(get(&r, 16, 4), 32);
		assert_int_equal(get(&r, 20, 4), 2);
		assert_int_equal(get(&r, 24, 4), 0x240);
		assert_int_equal(get(&r, 32 + 4, 4), 0);
		assert_int_equal(get(&r, 32 + 0x218, 4), 16);
		assert_int_equal(get(&r, 32 + 0x220, 4), 1);
		assert_int_equal(get(&r, 32 + 0x240, 4), 0x02400180);
		assert_int_equal(get(&r, 32 + 0x240 + 4, 4), 300);
		expect_name(&r, 32 + 0x240 + 0x10, "web");
		assert_int_equal(get(&r, 32 + 0x240 + 0x228, 8), 0x60);
		assert_int_equal(get(&r, 32 + 0x240 + 0x23c, 4), 0);
	}
	teardown();
}

static void enumerate_refused(void **state)
{
	struct request r = enum_request(4, 0, 0xffff);

	(void)state;
	setup(NULL);
	refused(VMMQ_INVALID_PARAMETER, ENUM, VMMQ_OID_METHOD, -1, &r);
	r = enum_request(2, 1, 0xffff);
	refused(VMMQ_INVALID_PARAMETER, ENUM, VMMQ_OID_METHOD, -1, &r);
	r = enum_request(1, 0, 0);
	refused(VMMQ_INVALID_PARAMETER, ENUM, VMMQ_OID_METHOD, -1, &r);
	r = enum_request(3, 0, 0xffff); /* by function and by switch: one or the other */
	refused(VMMQ_INVALID_PARAMETER, ENUM, VMMQ_OID_METHOD, -1, &r);
	r = enum_request(0, 0, 0);
	bad_headers(ENUM, VMMQ_OID_METHOD, -1, &r, 1);
	teardown();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(create),         cmocka_unit_test(create_revision_2),
		cmocka_unit_test(create_refused), cmocka_unit_test(set),
		cmocka_unit_test(query),          cmocka_unit_test(delete),
		cmocka_unit_test(enumerate),      cmocka_unit_test(enumerate_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
