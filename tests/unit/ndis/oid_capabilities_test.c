/* SPDX-License-Identifier: BSD-2-Clause */
/* Capability queries (spec 13), which OIDs there are, and what needs a switch. */
#include "unit/ndis/oid_test.h"

/* query asks with room for len bytes, and with every smaller buffer. */
static struct request query(uint32_t oid, size_t len)
{
	struct request r = { .len = len };

	truncated(oid, VMMQ_OID_QUERY, -1, &r);
	memset(r.byte, 0xaa, sizeof(r.byte));
	r.len = len + 8;
	done(oid, VMMQ_OID_QUERY, -1, &r);
	assert_int_equal(bytes, len);
	assert_int_equal(get(&r, 2, 2), len);
	assert_int_equal(r.byte[len], 0xaa);
	return r;
}

static void rss(void **state)
{
	struct request r;

	(void)state;
	setup(NULL);
	r = query(0x00010203, 18);
	assert_int_equal(r.byte[0], 0x88);
	assert_int_equal(r.byte[1], 3);
	assert_int_equal(get(&r, 4, 4), 0x40000000 | 0x20000000 | 0x08000000 | 0x02000000 | 0x01000000 | 0x3f00 | 1);
	assert_int_equal(get(&r, 8, 4), 4);
	assert_int_equal(get(&r, 12, 4), 4);
	assert_int_equal(get(&r, 16, 2), 128);
	teardown();
}

static void nic_switch(void **state)
{
	const struct vmmq_nic_switch_params limits = { .max_vports = 64,
						       .max_queue_pairs = 128,
						       .max_queue_pairs_per_vport = 20,
						       .max_filters = 100,
						       .symmetric = true };

	(void)state;
	setup(&limits);
	for (uint32_t oid = 0x0001022e; oid <= 0x0001022f; oid++) {
		struct request r = query(oid, 0x84);

		assert_int_equal(r.byte[0], 0x80);
		assert_int_equal(r.byte[1], 3);
		assert_int_equal(get(&r, 0x20, 4), 0x40 | 0x80 | 0x100 | 0x200 | 0x400 | 0x800 | 0x10 | 0x1);
		assert_int_equal(get(&r, 0x24, 4), 1);
		assert_int_equal(get(&r, 0x28, 4), 64);
		assert_int_equal(get(&r, 0x30, 4), 0);
		assert_int_equal(get(&r, 0x34, 4), 128);
		assert_int_equal(get(&r, 0x44, 4), 16); /* a power of two */
		assert_int_equal(get(&r, 0x5c, 4), 100);
		assert_int_equal(get(&r, 0x74, 4), 63);
		assert_int_equal(get(&r, 0x78, 4), 128);
		assert_int_equal(get(&r, 0x7c, 4), 128);
		assert_int_equal(get(&r, 0x80, 4), 16);
	}
	teardown();
}

/* Spec 3.3: neither queue pairs nor MAC addresses are fewer than VPorts. */
static void vports_have_pairs_and_filters(void **state)
{
	struct vmmq_nic_switch_params limits = { .max_vports = 64, .max_queue_pairs = 32, .max_filters = 50 };
	struct request r;

	(void)state;
	setup(&limits);
	r = query(0x0001022f, 0x84);
	assert_int_equal(get(&r, 0x28, 4), 32);
	assert_int_equal(get(&r, 0x74, 4), 31);
	teardown();
	limits.max_filters = 20;
	setup(&limits);
	r = query(0x0001022f, 0x84);
	assert_int_equal(get(&r, 0x28, 4), 20);
	teardown();
}

static void nic_switch_unlimited(void **state)
{
	struct request r;

	(void)state;
	setup(NULL);
	r = query(0x0001022e, 0x84);
	assert_int_equal(get(&r, 0x20, 4), 0x40 | 0x80 | 0x100 | 0x200 | 0x400 | 0x800 | 0x10 | 0x4 | 0x1);
	assert_int_equal(get(&r, 0x28, 4), 65536);
	assert_int_equal(get(&r, 0x34, 4), 65536 * 128);
	assert_int_equal(get(&r, 0x44, 4), 128);
	assert_int_equal(get(&r, 0x5c, 4), UINT32_MAX);
	teardown();
}

static void filters(void **state)
{
	struct request r;

	(void)state;
	setup(NULL);
	for (uint32_t oid = 0x00010221; oid <= 0x0001022d; oid += 0xc) {
		r = query(oid, 84);
		assert_int_equal(get(&r, 0, 2), 0x0280);
		assert_int_equal(get(&r, 8, 4), 1);
		assert_int_equal(get(&r, 16, 4), 0);
		assert_int_equal(get(&r, 20, 4), 0x3b);
		assert_int_equal(get(&r, 24, 4), 1);
		assert_int_equal(get(&r, 28, 4), 1);
		assert_int_equal(get(&r, 32, 4), 9);
	}
	r = query(0x00010222, 16);
	assert_int_equal(get(&r, 0, 2), 0x0180);
	assert_int_equal(get(&r, 8, 4), 1);
	assert_int_equal(get(&r, 12, 4), 0);
	teardown();
}

/* VM queues, virtual functions, unknown OIDs, and methods that an OID does not have. */
static void not_supported(void **state)
{
	static const uint32_t oids[] = { 0x00010223, 0x00010224, 0x00010225, 0x00010226, 0x0001022b, 0x00010245,
					 0x00010246, 0x00010247, 0x00010248, 0,          0xffffffff, 0x00010101 };
	const struct request r = { .len = 64 };

	(void)state;
	setup(NULL);
	for (size_t i = 0; i < sizeof(oids) / sizeof(oids[0]); i++)
		for (int method = -1; method < 5; method++)
			refused(VMMQ_NOT_SUPPORTED, oids[i], (enum vmmq_oid_method)method, -1, &r);
	refused(VMMQ_NOT_SUPPORTED, 0x00010203, VMMQ_OID_SET, -1, &r);
	refused(VMMQ_NOT_SUPPORTED, 0x00010204, VMMQ_OID_METHOD, -1, &r);
	refused(VMMQ_NOT_SUPPORTED, 0x000102c0, VMMQ_OID_SET, -1, &r);
	refused(VMMQ_NOT_SUPPORTED, 0x00010241, VMMQ_OID_SET, -1, &r);
	refused(VMMQ_NOT_SUPPORTED, 0x00010244, (enum vmmq_oid_method)3, -1, &r);
	teardown();
}

static void no_switch(void **state)
{
	const struct vmmq_nic_switch_params params = { .processors = processors, .processor_count = 4 };
	const struct request r = { .len = 64 };

	(void)state;
	vmmq_oid_adapter_init(&adapter, NULL, &params);
	refused(VMMQ_NOT_SUPPORTED, 0x00010204, VMMQ_OID_SET, 0, &r);
	refused(VMMQ_NOT_SUPPORTED, 0x000102c0, VMMQ_OID_METHOD, -1, &r);
	refused(VMMQ_NOT_SUPPORTED, 0x00010227, VMMQ_OID_METHOD, -1, &r);
	refused(VMMQ_NOT_SUPPORTED, 0x00010241, VMMQ_OID_METHOD, -1, &r);
	query(0x00010203, 18);
	query(0x0001022e, 0x84);
	query(0x00010221, 84);
}

/* bytes and why may be NULL, and so may an empty buffer. */
static void without_extras(void **state)
{
	(void)state;
	setup(NULL);
	assert_int_equal(vmmq_oid_request(&adapter, 0x00010203, VMMQ_OID_QUERY, 0, 0, NULL, 0, NULL, NULL),
			 VMMQ_INVALID_LENGTH);
	assert_int_equal(vmmq_oid_request(&adapter, 0x00010204, VMMQ_OID_SET, 0, 0, NULL, 0, NULL, NULL),
			 VMMQ_INVALID_LENGTH);
	teardown();
}

static void names(void **state)
{
	(void)state;
	assert_string_equal(vmmq_oid_name(0x00010241), "NIC_SWITCH_CREATE_VPORT");
	assert_string_equal(vmmq_oid_name(0x000102c0), "GEN_RSS_SET_INDIRECTION_TABLE_ENTRIES");
	assert_null(vmmq_oid_name(1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rss),
		cmocka_unit_test(nic_switch),
		cmocka_unit_test(vports_have_pairs_and_filters),
		cmocka_unit_test(nic_switch_unlimited),
		cmocka_unit_test(filters),
		cmocka_unit_test(not_supported),
		cmocka_unit_test(no_switch),
		cmocka_unit_test(without_extras),
		cmocka_unit_test(names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
