/* SPDX-License-Identifier: BSD-2-Clause */
/* NIC_SWITCH create, parameters, delete, enumerate. */
#include "unit/ndis/oid_test.h"

enum { CREATE = 0x00010237, PARAMETERS = 0x00010238, DELETE = 0x00010239, ENUM = 0x00010240 };

static struct request create_request(uint8_t revision)
{
	struct request r;

	put_header(&r, 0x80, revision, revision == 1 ? 0x224 : 0x228);
	put(&r, 8, 1, 4);
	put_name(&r, "ext");
	if (revision == 2)
		put(&r, 0x224, 8, 4);
	return r;
}

static struct request delete_request(void)
{
	struct request r;

	put_header(&r, 0x80, 1, 12);
	return r;
}

static void no_switch_yet(void)
{
	const struct vmmq_nic_switch_params params = { .processors = processors,
						       .processor_count = 4,
						       .max_vports = 32 };

	vmmq_oid_adapter_init(&adapter, NULL, &params);
}

static void create(void **state)
{
	struct request r = create_request(2);
	struct vmmq_vport_info info;

	(void)state;
	no_switch_yet();
	truncated(CREATE, VMMQ_OID_METHOD, -1, &r);
	bad_headers(CREATE, VMMQ_OID_METHOD, -1, &r, 2);
	done(CREATE, VMMQ_OID_METHOD, -1, &r);
	assert_int_equal(bytes, 0x228);
	assert_true(vmmq_vport_get(adapter.sw, VMMQ_DEFAULT_VPORT, &info));
	assert_int_equal(info.queue_pairs, 8);
	r = create_request(2);
	refused(VMMQ_FAILURE, CREATE, VMMQ_OID_METHOD, -1, &r);
	teardown();
}

static void create_revision_1(void **state)
{
	struct request r = create_request(1);
	struct vmmq_vport_info info;

	(void)state;
	no_switch_yet();
	truncated(CREATE, VMMQ_OID_METHOD, -1, &r);
	put(&r, 0x224, 8, 4); /* not a member of this revision */
	done(CREATE, VMMQ_OID_METHOD, -1, &r);
	assert_int_equal(bytes, 0x224);
	assert_true(vmmq_vport_get(adapter.sw, VMMQ_DEFAULT_VPORT, &info));
	assert_int_equal(info.queue_pairs, 16);
	teardown();
}

static void create_refused(void **state)
{
	const struct request good = create_request(2);
	struct request r;

	(void)state;
	no_switch_yet();
	r = changed(&good, 8, 0, 4); /* switch type */
	refused(VMMQ_INVALID_PARAMETER, CREATE, VMMQ_OID_METHOD, -1, &r);
	r = changed(&good, 12, 1, 4); /* switch id */
	refused(VMMQ_INVALID_PARAMETER, CREATE, VMMQ_OID_METHOD, -1, &r);
	r = changed(&good, 0x10, 515, 2); /* name length */
	refused(VMMQ_INVALID_PARAMETER, CREATE, VMMQ_OID_METHOD, -1, &r);
	r = changed(&good, 0x214, 1, 4); /* virtual functions */
	refused(VMMQ_INVALID_PARAMETER, CREATE, VMMQ_OID_METHOD, -1, &r);
	r = changed(&good, 0x224, 129, 4); /* queue pairs of the default VPort */
	refused(VMMQ_INVALID_PARAMETER, CREATE, VMMQ_OID_METHOD, -1, &r);
	assert_null(adapter.sw);
}

/* The switch came with the adapter: what the request states has to be what the switch has. */
static void create_static(void **state)
{
	const struct vmmq_nic_switch *made;
	struct request r = create_request(2), other;

	(void)state;
	setup(NULL);
	made = adapter.sw;
	refused(VMMQ_INVALID_PARAMETER, CREATE, VMMQ_OID_METHOD, -1, &r); /* 8 queue pairs; it has 16 */
	put(&r, 0x224, 16, 4);
	other = changed(&r, 8, 0, 4); /* switch type */
	refused(VMMQ_INVALID_PARAMETER, CREATE, VMMQ_OID_METHOD, -1, &other);
	other = changed(&r, 0x214, 1, 4); /* virtual functions */
	refused(VMMQ_INVALID_PARAMETER, CREATE, VMMQ_OID_METHOD, -1, &other);
	done(CREATE, VMMQ_OID_METHOD, -1, &r);
	assert_int_equal(bytes, 0x228);
	assert_ptr_equal(adapter.sw, made);
	assert_int_equal(adapter.name.length, 6);
	done(CREATE, VMMQ_OID_METHOD, -1, &r);
	r = delete_request();
	done(DELETE, VMMQ_OID_SET, -1, &r);
	r = create_request(2); /* made by the request this time */
	done(CREATE, VMMQ_OID_METHOD, -1, &r);
	refused(VMMQ_FAILURE, CREATE, VMMQ_OID_METHOD, -1, &r);
	teardown();
}

static void parameters(void **state)
{
	struct request r = create_request(2);

	(void)state;
	no_switch_yet();
	done(CREATE, VMMQ_OID_METHOD, -1, &r);
	put_header(&r, 0x80, 2, 0x228);
	truncated(PARAMETERS, VMMQ_OID_METHOD, -1, &r);
	bad_headers(PARAMETERS, VMMQ_OID_METHOD, -1, &r, 2);
	done(PARAMETERS, VMMQ_OID_METHOD, -1, &r);
	assert_int_equal(bytes, 0x228);
	assert_int_equal(get(&r, 0, 4), 0x02280280);
	assert_int_equal(get(&r, 8, 4), 1);
	expect_name(&r, 0x10, "ext");
	assert_int_equal(get(&r, 0x224, 4), 8);
	put_header(&r, 0x80, 1, 0x224);
	done(PARAMETERS, VMMQ_OID_METHOD, -1, &r);
	assert_int_equal(bytes, 0x224);
	assert_int_equal(get(&r, 0, 4), 0x02240180);
	put_header(&r, 0x80, 1, 0x224);
	put(&r, 12, 1, 4);
	refused(VMMQ_INVALID_PARAMETER, PARAMETERS, VMMQ_OID_METHOD, -1, &r);
	teardown();
}

static void rename_switch(void **state)
{
	struct request r = create_request(2);

	(void)state;
	no_switch_yet();
	done(CREATE, VMMQ_OID_METHOD, -1, &r);
	put_header(&r, 0x80, 2, 0x228);
	put_name(&r, "other");
	truncated(PARAMETERS, VMMQ_OID_SET, -1, &r);
	done(PARAMETERS, VMMQ_OID_SET, -1, &r); /* nothing is flagged */
	assert_int_equal(bytes, 0);
	assert_int_equal(adapter.name.length, 6);
	put(&r, 4, 0x00010000, 4);
	done(PARAMETERS, VMMQ_OID_SET, -1, &r);
	assert_int_equal(adapter.name.length, 10);
	put(&r, 4, 0x00020000, 4);
	refused(VMMQ_INVALID_PARAMETER, PARAMETERS, VMMQ_OID_SET, -1, &r);
	put(&r, 4, 0x00010000, 4);
	put(&r, 0x10, 3, 2);
	refused(VMMQ_INVALID_PARAMETER, PARAMETERS, VMMQ_OID_SET, -1, &r);
	put(&r, 12, 7, 4);
	refused(VMMQ_INVALID_PARAMETER, PARAMETERS, VMMQ_OID_SET, -1, &r);
	assert_int_equal(adapter.name.length, 10);
	teardown();
}

static void delete (void **state)
{
	struct request r = create_request(2);

	(void)state;
	no_switch_yet();
	done(CREATE, VMMQ_OID_METHOD, -1, &r);
	make_vport(3, 2);
	r = delete_request();
	truncated(DELETE, VMMQ_OID_SET, -1, &r);
	bad_headers(DELETE, VMMQ_OID_SET, -1, &r, 1);
	refused(VMMQ_FAILURE, DELETE, VMMQ_OID_SET, -1, &r);
	put(&r, 8, 1, 4);
	refused(VMMQ_INVALID_PARAMETER, DELETE, VMMQ_OID_SET, -1, &r);
	assert_int_equal(vmmq_vport_delete(adapter.sw, (struct vmmq_vport_id){ 3 }, NULL), VMMQ_SUCCESS);
	put(&r, 8, 0, 4);
	done(DELETE, VMMQ_OID_SET, -1, &r);
	assert_null(adapter.sw);
	assert_int_equal(adapter.name.length, 0);
	refused(VMMQ_NOT_SUPPORTED, DELETE, VMMQ_OID_SET, -1, &r);
	r = create_request(2);
	done(CREATE, VMMQ_OID_METHOD, -1, &r);
	assert_non_null(adapter.sw);
	teardown();
}

static void enumerate_none(void **state)
{
	struct request r = { .len = 16 };

	(void)state;
	no_switch_yet();
	truncated(ENUM, VMMQ_OID_METHOD, -1, &r);
	done(ENUM, VMMQ_OID_METHOD, -1, &r);
	assert_int_equal(bytes, 16);
	assert_int_equal(get(&r, 8, 4), 0);
}

static void enumerate(void **state)
{
	const uint8_t mac[VMMQ_MAC_LEN] = { 2 };
	struct request r = create_request(2);
	uint32_t id;

	(void)state;
	no_switch_yet();
	done(CREATE, VMMQ_OID_METHOD, -1, &r);
	make_vport(3, 2);
	assert_int_equal(vmmq_vport_create(adapter.sw, (struct vmmq_vport_id){ 4 }, "b", 5, processors[0], NULL),
			 VMMQ_SUCCESS);
	assert_int_equal(vmmq_filter_set(adapter.sw, (struct vmmq_vport_id){ 3 }, mac, 7, &id, NULL), VMMQ_SUCCESS);
	assert_int_equal(vmmq_filter_set(adapter.sw, (struct vmmq_vport_id){ 3 }, mac, 0, &id, NULL), VMMQ_SUCCESS);
	assert_int_equal(vmmq_filter_set(adapter.sw, VMMQ_DEFAULT_VPORT, mac, 8, &id, NULL), VMMQ_SUCCESS);
	memset(&r, 0, sizeof(r));
	r.len = 16 + 0x23c;
	truncated(ENUM, VMMQ_OID_METHOD, -1, &r);
	done(ENUM, VMMQ_OID_METHOD, -1, &r);
	assert_int_equal(bytes, r.len);
	assert_int_equal(get(&r, 4, 4), 16);
	assert_int_equal(get(&r, 8, 4), 1);
	assert_int_equal(get(&r, 12, 4), 0x23c);
	expect_name(&r, 16 + 0x10, "ext");
	assert_int_equal(get(&r, 16 + 0x21c, 4), 32); /* VPorts */
	assert_int_equal(get(&r, 16 + 0x220, 4), 2);  /* active ones */
	assert_int_equal(get(&r, 16 + 0x224, 4), 8);
	assert_int_equal(get(&r, 16 + 0x228, 4), 7);
	assert_int_equal(get(&r, 16 + 0x22c, 4), 1);
	assert_int_equal(get(&r, 16 + 0x230, 4), 2);
	assert_int_equal(get(&r, 16 + 0x234, 4), 1);
	assert_int_equal(get(&r, 16 + 0x238, 4), 1);
	teardown();
}

/* An adapter that makes its switches itself. */
static vmmq_status count_create(void *context, const struct vmmq_nic_switch_params *params,
				struct vmmq_nic_switch **sw, struct vmmq_why *reason)
{
	++*(int *)context;
	return vmmq_nic_switch_create(params, sw, reason);
}

static void count_destroy(void *context, struct vmmq_nic_switch *sw)
{
	*(int *)context += 10;
	vmmq_nic_switch_destroy(sw);
}

static void maker(void **state)
{
	struct request r = create_request(2);
	int count = 0;

	(void)state;
	no_switch_yet();
	adapter.maker = (struct vmmq_oid_switch_maker){ &count, count_create, count_destroy };
	done(CREATE, VMMQ_OID_METHOD, -1, &r);
	r = delete_request();
	done(DELETE, VMMQ_OID_SET, -1, &r);
	assert_int_equal(count, 11);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(create),         cmocka_unit_test(create_revision_1),
		cmocka_unit_test(create_refused), cmocka_unit_test(create_static),
		cmocka_unit_test(parameters),     cmocka_unit_test(rename_switch),
		cmocka_unit_test(delete),         cmocka_unit_test(enumerate_none),
		cmocka_unit_test(enumerate),      cmocka_unit_test(maker),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
