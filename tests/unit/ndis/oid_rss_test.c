/* SPDX-License-Identifier: BSD-2-Clause */
/* RSS parameters by binary request: revisions 1 to 3, and their query. */
#include "unit/ndis/oid_rss_rig.h"

static void v1_revision_3(void **state)
{
	struct request r = v1_request(3);

	(void)state;
	setup(NULL);
	make_vport(1, 4);
	truncated(V1, VMMQ_OID_SET, 1, &r);
	bad_headers(V1, VMMQ_OID_SET, 1, &r, 3);
	refused(VMMQ_INVALID_PORT, V1, VMMQ_OID_SET, 2, &r);
	refused(VMMQ_INVALID_PORT, V1, VMMQ_OID_SET, 0x10001, &r);
	done(V1, VMMQ_OID_SET, 1, &r);
	assert_int_equal(bytes, 0);
	expect_rss(1, 7);
	assert_false(rss_of(0)->enabled);
	done(V1, VMMQ_OID_SET, -1, &r); /* without VPORT_ID_VALID: VPort 0 */
	expect_rss(0, 7);
	teardown();
}

static void v1_revision_2(void **state)
{
	struct request r = v1_request(2);

	(void)state;
	setup(NULL);
	make_vport(1, 4);
	truncated(V1, VMMQ_OID_SET, 1, &r);
	done(V1, VMMQ_OID_SET, 1, &r);
	expect_rss(1, 4); /* the default processor stays */
	teardown();
}

/* Revision 1: 28 bytes, one signed byte per entry, key before the table. */
static void v1_revision_1(void **state)
{
	struct request r;

	(void)state;
	setup(NULL);
	make_vport(1, 4);
	put_header(&r, 0x89, 1, 28);
	put(&r, 8, TYPES, 4);
	put(&r, 12, 4, 2);
	put(&r, 16, 68, 4);
	put(&r, 20, 40, 2);
	put(&r, 24, 28, 4);
	put_key(&r, 28);
	put(&r, 68, 0x04060504, 4);
	truncated(V1, VMMQ_OID_SET, 1, &r);
	done(V1, VMMQ_OID_SET, 1, &r);
	expect_rss(1, 4);
	put(&r, 69, 0x80, 1); /* -128 */
	refused(VMMQ_INVALID_DATA, V1, VMMQ_OID_SET, 1, &r);
	put(&r, 12, 3, 2);
	refused(VMMQ_INVALID_LENGTH, V1, VMMQ_OID_SET, 1, &r);
	teardown();
}

/* A byte is signed: 128 cannot be told, also where there is such a processor. */
static void v1_signed_bytes(void **state)
{
	static const struct vmmq_processor high[] = { { 128 }, { 4 } };
	const struct vmmq_nic_switch_params params = { .processors = high, .processor_count = 2 };
	struct vmmq_nic_switch *sw;
	struct request r;

	(void)state;
	assert_int_equal(vmmq_nic_switch_create(&params, &sw, NULL), VMMQ_SUCCESS);
	vmmq_oid_adapter_init(&adapter, sw, &params);
	put_header(&r, 0x89, 1, 28);
	put(&r, 8, TYPES, 4);
	put(&r, 12, 1, 2);
	put(&r, 16, 68, 4);
	put(&r, 20, 40, 2);
	put(&r, 24, 28, 4);
	put_key(&r, 28);
	put(&r, 68, 128, 1);
	refused(VMMQ_INVALID_DATA, V1, VMMQ_OID_SET, 0, &r);
	put(&r, 68, 4, 1);
	done(V1, VMMQ_OID_SET, 0, &r);
	teardown();
}

/* The longest tables: 128 entries, in each revision's encoding. */
static void v1_longest(void **state)
{
	struct request r = v1_request(3);

	(void)state;
	setup(NULL);
	make_vport(1, 4);
	for (size_t i = 0; i < 128; i++)
		put(&r, 100 + 4 * i, (4 + i % 3) << 16, 4);
	put(&r, 16, 100, 4);
	put(&r, 12, 512, 2);
	truncated(V1, VMMQ_OID_SET, 1, &r);
	done(V1, VMMQ_OID_SET, 1, &r);
	assert_int_equal(rss_of(1)->entry_count, 128);
	assert_int_equal(rss_of(1)->table[127].v, 4 + 127 % 3);
	put(&r, 12, 1024, 2);
	put(&r, 100 + 1023, 0, 1);
	refused(VMMQ_INVALID_LENGTH, V1, VMMQ_OID_SET, 1, &r);
	put_header(&r, 0x89, 1, 28);
	put(&r, 8, TYPES, 4);
	put(&r, 12, 128, 2);
	put(&r, 16, 68, 4);
	put(&r, 20, 40, 2);
	put(&r, 24, 28, 4);
	put_key(&r, 28);
	for (size_t i = 0; i < 128; i++)
		put(&r, 68 + i, 4 + i % 4, 1);
	truncated(V1, VMMQ_OID_SET, 1, &r);
	done(V1, VMMQ_OID_SET, 1, &r);
	assert_int_equal(rss_of(1)->table[127].v, 7);
	put(&r, 12, 256, 2);
	put(&r, 68 + 255, 4, 1);
	refused(VMMQ_INVALID_LENGTH, V1, VMMQ_OID_SET, 1, &r);
	teardown();
}

static void v1_refused(void **state)
{
	const struct request good = v1_request(3);
	static const struct {
		size_t at, len;
		uint64_t value;
		vmmq_status status;
	} bad[] = {
		{ 8, 4, 0xc202, 0xc000000d },      /* hash function */
		{ 8, 4, 0x0001, 0xc000000d },      /* no type */
		{ 8, 4, 0x00080201, 0xc000000d },  /* an unknown type */
		{ 12, 2, 0, 0xc0010014 },          /* table size */
		{ 12, 2, 12, 0xc0010014 },         /* three entries */
		{ 12, 2, 14, 0xc0010014 },         /* half an entry */
		{ 12, 2, 17, 0xc0010014 },         /* four and a quarter */
		{ 12, 2, 60, 0xc0010014 },         /* beyond the buffer */
		{ 16, 4, 0, 0xc0010014 },          /* table inside the structure */
		{ 16, 4, 43, 0xc0010014 },         /* just so */
		{ 16, 4, 85, 0xc0010014 },         /* ends one byte behind the buffer */
		{ 16, 4, 0xfffffff0, 0xc0010014 }, /* the sum wraps in 32 bits */
		{ 20, 2, 39, 0xc0010014 },         /* key size */
		{ 20, 2, 41, 0xc0010014 },         /* key size, and beyond the buffer */
		{ 20, 2, 0, 0xc0010014 },          /* no key */
		{ 24, 4, 43, 0xc0010014 },         /* key inside the structure */
		{ 24, 4, 61, 0xc0010014 },         /* ends one byte behind the buffer */
		{ 24, 4, 0xffffffd8, 0xc0010014 }, /* the sum is 2^32 */
		{ 40, 2, 1, 0xc0010015 },          /* default processor outside the set */
		{ 40, 2, 0xffff, 0xc0010015 },     /* no such group can be */
		{ 42, 1, 64, 0xc0010015 },         /* no such number */
		{ 46, 1, 8, 0xc0010015 },          /* an entry outside the set */
		{ 46, 1, 0xff, 0xc0010015 },       /* no such number */
		{ 32, 4, 1, 0xc0010014 },          /* a mask inside the structure, of no size */
	};
	struct request r;

	(void)state;
	setup(NULL);
	make_vport(1, 4);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		r = changed(&good, bad[i].at, bad[i].value, bad[i].len);
		refused(bad[i].status, V1, VMMQ_OID_SET, 1, &r);
	}
	make_vport(2, 3);
	refused(VMMQ_NO_QUEUES, V1, VMMQ_OID_SET, 2, &good);
	teardown();
}

static void v1_masks(void **state)
{
	struct request r = v1_request(3);

	(void)state;
	setup(NULL);
	make_vport(1, 4);
	put(&r, 28, 100, 4);
	put(&r, 32, 2, 4);
	put(&r, 36, 16, 4);
	put(&r, 100, 0xff, 8);
	put(&r, 131, 0, 1);
	truncated(V1, VMMQ_OID_SET, 1, &r);
	done(V1, VMMQ_OID_SET, 1, &r);
	put(&r, 36, 15, 4);
	refused(VMMQ_INVALID_LENGTH, V1, VMMQ_OID_SET, 1, &r);
	put(&r, 36, 17, 4);
	refused(VMMQ_INVALID_LENGTH, V1, VMMQ_OID_SET, 1, &r);
	put(&r, 36, 16, 4);
	put(&r, 32, 0x10000000, 4); /* times 16 wraps to 0 */
	refused(VMMQ_INVALID_LENGTH, V1, VMMQ_OID_SET, 1, &r);
	put(&r, 28, 0xffffffff, 4);
	put(&r, 36, 0xffffffff, 4);
	put(&r, 32, 0xffffffff, 4);
	refused(VMMQ_INVALID_LENGTH, V1, VMMQ_OID_SET, 1, &r);
	teardown();
}

/* Members that are flagged as unchanged are not read, and a disabling request reads none. */
static void v1_unchanged(void **state)
{
	struct request r = v1_request(3);

	(void)state;
	setup(NULL);
	make_vport(1, 4);
	done(V1, VMMQ_OID_SET, 1, &r);
	memset(r.byte + 4, 0xff, 40);
	put(&r, 4, 0x002f, 2); /* everything is unchanged */
	r.len = 44;
	done(V1, VMMQ_OID_SET, 1, &r);
	expect_rss(1, 7);
	put(&r, 4, 0x000f, 2); /* all but the default processor */
	put(&r, 40, 0x00050000, 4);
	done(V1, VMMQ_OID_SET, 1, &r);
	expect_rss(1, 5);
	put(&r, 4, 0x0010, 2);
	done(V1, VMMQ_OID_SET, 1, &r);
	assert_false(rss_of(1)->enabled);
	put(&r, 4, 0x002f, 2);
	refused(VMMQ_INVALID_PARAMETER, V1, VMMQ_OID_SET, 1, &r); /* everything has to be supplied again */
	r = v1_request(3);
	done(V1, VMMQ_OID_SET, 1, &r);
	put(&r, 8, 0x0200, 4); /* hash function 0 */
	memset(r.byte + 12, 0xff, 32);
	r.len = 44;
	done(V1, VMMQ_OID_SET, 1, &r);
	assert_false(rss_of(1)->enabled);
	teardown();
}

static void v1_query(void **state)
{
	struct request r = v1_request(3);

	(void)state;
	setup(NULL);
	make_vport(1, 4);
	done(V1, VMMQ_OID_SET, 1, &r);
	memset(&r, 0, sizeof(r));
	r.len = 44 + 16 + 40;
	truncated(V1, VMMQ_OID_QUERY, 1, &r);
	done(V1, VMMQ_OID_QUERY, 1, &r);
	assert_int_equal(bytes, 100);
	assert_int_equal(get(&r, 0, 4), 0x002c0389);
	assert_int_equal(get(&r, 4, 2), 0);
	assert_int_equal(get(&r, 8, 4), TYPES);
	assert_int_equal(get(&r, 40, 4), 0x00070000);
	assert_int_equal(get(&r, 48, 4), 0x00050000);
	assert_int_equal(r.byte[60], 0x11);
	done(V1, VMMQ_OID_SET, 0, &r); /* the answer is a request */
	expect_rss(0, 7);
	refused(VMMQ_INVALID_PORT, V1, VMMQ_OID_QUERY, 2, &r);
	refused(VMMQ_INVALID_PORT, V1, VMMQ_OID_QUERY, 0x10001, &r);
	make_vport(2, 4);
	done(V1, VMMQ_OID_QUERY, 2, &r);
	assert_int_equal(bytes, 44 + 4 + 40);
	assert_int_equal(get(&r, 4, 2), 0x10);
	assert_int_equal(get(&r, 8, 4), 0);
	teardown();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(v1_revision_3), cmocka_unit_test(v1_revision_2),   cmocka_unit_test(v1_revision_1),
		cmocka_unit_test(v1_longest),    cmocka_unit_test(v1_signed_bytes), cmocka_unit_test(v1_refused),
		cmocka_unit_test(v1_masks),      cmocka_unit_test(v1_unchanged),    cmocka_unit_test(v1_query),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
