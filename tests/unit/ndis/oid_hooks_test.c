/* SPDX-License-Identifier: BSD-2-Clause */
/* What an adapter that hands packets over is told around requests (struct vmmq_oid_hooks), and when it is not. */
#include "unit/ndis/oid_test.h"

/* One letter for each call: b(egin), e(nd), a(pply), q(uiesce), m(ove), i(ndicate). */
static char said[32];
static bool quiet;
static struct vmmq_processor mover;

static void say(char letter)
{
	size_t len = strlen(said);

	assert_true(len + 1 < sizeof(said));
	said[len] = letter;
	said[len + 1] = '\0';
}

static void begin(void *context)
{
	assert_ptr_equal(context, said);
	say('b');
}

static void end(void *context)
{
	assert_ptr_equal(context, said);
	say('e');
}

static vmmq_status applied;

static vmmq_status apply(void *context)
{
	assert_ptr_equal(context, said);
	say('a');
	return applied;
}

static bool quiesce(void *context, struct vmmq_vport_id vport)
{
	assert_ptr_equal(context, said);
	assert_int_equal(vport.v, 3);
	say('q');
	return quiet;
}

static vmmq_status move(void *context, struct vmmq_processor actor, struct vmmq_rss_move *commands, size_t count,
			struct vmmq_why *reason)
{
	assert_ptr_equal(context, said);
	say('m');
	mover = actor;
	return vmmq_rss_move(adapter.sw, actor, commands, count, reason);
}

static struct request told; /* an NDIS_OFFLOAD */

static void indicate(void *context, uint32_t status, const void *buffer, size_t length)
{
	assert_ptr_equal(context, said);
	assert_int_equal(status, 0x40020006);
	say('i');
	assert_int_equal(length, 177);
	memcpy(told.byte, buffer, length);
}

static int hooked(void **state)
{
	(void)state;
	setup(NULL);
	make_vport(3, 4);
	adapter.hooks = (struct vmmq_oid_hooks){ said, begin, end, apply, quiesce, move, indicate };
	said[0] = '\0';
	return 0;
}

static int unhooked(void **state)
{
	(void)state;
	teardown();
	return 0;
}

static void expect_said(const char *letters)
{
	assert_string_equal(said, letters);
	said[0] = '\0';
}

static struct request filter_set(void)
{
	struct request r;

	put_header(&r, 0x80, 2, 44);
	put(&r, 8, 1, 4);
	put(&r, 20, 44, 4);
	put(&r, 24, 1, 4);
	put(&r, 28, 56, 4);
	put(&r, 40, 3, 4);
	put(&r, 44, 0x00380180, 4);
	put(&r, 44 + 4, 1, 4);
	put(&r, 44 + 8, 1, 4);
	put(&r, 44 + 12, 1, 4);
	put(&r, 44 + 16, 1, 4);
	put(&r, 44 + 24, 2, 1);
	put(&r, 44 + 52, 0, 4);
	return r;
}

/* Packets are to follow a change, not a query, a refusal or a change that is none. */
static void applied_when_changed(void **state)
{
	struct request r = filter_set(), query;

	(void)state;
	done(VMMQ_OID_RECEIVE_FILTER_SET_FILTER, VMMQ_OID_METHOD, -1, &r);
	expect_said("bae");
	put_header(&query, 0, 0, 0);
	query.len = 68;
	done(VMMQ_OID_GEN_RECEIVE_SCALE_PARAMETERS_V2, VMMQ_OID_QUERY, 3, &query);
	expect_said("be");
	r = filter_set();
	refused(VMMQ_INVALID_PARAMETER, VMMQ_OID_RECEIVE_FILTER_SET_FILTER, VMMQ_OID_METHOD, -1, &r);
	expect_said("be");
	put_header(&r, 0x80, 1, 24);
	put(&r, 4, 1, 4);
	put(&r, 12, 3, 4);
	put(&r, 20, 3, 4);
	done(VMMQ_OID_RECEIVE_FILTER_MOVE_FILTER, VMMQ_OID_SET, -1, &r);
	expect_said("be");
}

/* What is answered is what is so: made, but not followed by all packets yet. */
static void pending_when_not_all_follow(void **state)
{
	struct request r = filter_set();

	(void)state;
	applied = VMMQ_PENDING;
	assert_int_equal(vmmq_oid_request(&adapter, VMMQ_OID_RECEIVE_FILTER_SET_FILTER, VMMQ_OID_METHOD, 0, 0, r.byte,
					  r.len, &bytes, NULL),
			 VMMQ_PENDING);
	applied = VMMQ_SUCCESS;
	expect_said("bae");
	assert_int_not_equal(bytes, 0);
	assert_non_null(vmmq_filter_next(adapter.sw, 0));
}

/* Deletion waits, unless it is refused anyway; one that would wait too long changes nothing. */
static void quiesced_before_deletion(void **state)
{
	struct request r, f = filter_set();

	(void)state;
	put_header(&r, 0x80, 1, 12);
	put(&r, 8, 3, 4);
	quiet = false;
	refused(VMMQ_FAILURE, VMMQ_OID_NIC_SWITCH_DELETE_VPORT, VMMQ_OID_SET, -1, &r);
	expect_said("bqe");
	done(VMMQ_OID_RECEIVE_FILTER_SET_FILTER, VMMQ_OID_METHOD, -1, &f);
	expect_said("bae");
	refused(VMMQ_FAILURE, VMMQ_OID_NIC_SWITCH_DELETE_VPORT, VMMQ_OID_SET, -1, &r);
	expect_said("be");
	assert_int_equal(vmmq_filter_clear(adapter.sw, 1, NULL), VMMQ_SUCCESS);
	quiet = true;
	done(VMMQ_OID_NIC_SWITCH_DELETE_VPORT, VMMQ_OID_SET, -1, &r);
	expect_said("bqae");
	refused(VMMQ_INVALID_PARAMETER, VMMQ_OID_NIC_SWITCH_DELETE_VPORT, VMMQ_OID_SET, -1, &r);
	expect_said("be");
}

/* Moves are carried out by the adapter, on the actor and with the switch free for it. */
static void moved_by_the_adapter(void **state)
{
	struct request r;

	(void)state;
	put_header(&r, 0xc9, 1, 20);
	put(&r, 8, 24, 4);
	put(&r, 12, 20, 4);
	put(&r, 16, 1, 4);
	put(&r, 20 + 4, 3, 4);
	put(&r, 20 + 8, 1, 4);
	put(&r, 20 + 16, 6, 1);
	put(&r, 20 + 20, VMMQ_PENDING, 4);
	adapter.actor = processors[0];
	done(VMMQ_OID_GEN_RSS_SET_INDIRECTION_TABLE_ENTRIES, VMMQ_OID_METHOD, -1, &r);
	expect_said("bem");
	assert_int_equal(mover.v, processors[0].v);
	assert_int_equal(get(&r, 20 + 20, 4), VMMQ_SUCCESS);
}

/* A switch that lives as long as its adapter is neither made, but compared, nor destroyed by requests. */
static void switch_of_the_adapter(void **state)
{
	struct vmmq_nic_switch *made = adapter.sw;
	struct request r;

	(void)state;
	adapter.maker = (struct vmmq_oid_switch_maker){ .create = NULL };
	put_header(&r, 0x80, 1, 0x224);
	put(&r, 8, 1, 4);
	done(VMMQ_OID_NIC_SWITCH_CREATE_SWITCH, VMMQ_OID_METHOD, -1, &r);
	expect_said("be");
	assert_ptr_equal(adapter.sw, made);
	adapter.sw = NULL;
	refused(VMMQ_NOT_SUPPORTED, VMMQ_OID_NIC_SWITCH_CREATE_SWITCH, VMMQ_OID_METHOD, -1, &r);
	adapter.sw = made;
	assert_int_equal(vmmq_vport_delete(adapter.sw, (struct vmmq_vport_id){ 3 }, NULL), VMMQ_SUCCESS);
	put_header(&r, 0x80, 1, 12);
	refused(VMMQ_NOT_SUPPORTED, VMMQ_OID_NIC_SWITCH_DELETE_SWITCH, VMMQ_OID_SET, -1, &r);
}

/* put_offload asks for encapsulation: 1 on, 2 off, of types 1 NVGRE and 2 VXLAN, in revision 4. */
static void put_offload(struct request *r, uint8_t on, uint8_t types, uint16_t port)
{
	put_header(r, 0x80, 4, 32);
	put(r, 24, on, 1);
	put(r, 25, types, 1);
	put(r, 28, port, 2);
}

/* expect_offload: an NDIS_OFFLOAD of revision 4 has those types (NVGRE 1, VXLAN 2), with RSS and VMQ for all four kinds of IP, and nothing else. */
static void expect_offload(const struct request *r, uint8_t types, uint16_t port)
{
	static const uint8_t none[144];

	assert_int_equal(get(r, 0, 4), 0xa7 | 4 << 8 | 177 << 16);
	assert_memory_equal(r->byte + 4, none, sizeof(none));
	assert_int_equal(get(r, 148, 4), types & 1 ? 0xff000 : 0);
	assert_int_equal(get(r, 152, 4), types & 1 ? 384 : 0);
	assert_int_equal(get(r, 156, 4), types & 2 ? 0xff000 : 0);
	assert_int_equal(get(r, 160, 4), types & 2 ? 384 : 0);
	assert_int_equal(get(r, 164, 2), port);
	assert_int_equal(get(r, 166, 2), 1);
	assert_int_equal(get(r, 168, 4), 0);
	assert_int_equal(get(r, 172, 4), 0);
	assert_int_equal(get(r, 176, 1), types);
}

/* expect_config asks for the current configuration, and for the hardware's capabilities, which never change but for the port. */
static void expect_config(uint8_t types, uint16_t port)
{
	enum { CURRENT_CONFIG = 0xfc01020b, HARDWARE_CAPABILITIES = 0xfc01020d };
	struct request r = { .len = 177 };

	done(CURRENT_CONFIG, VMMQ_OID_QUERY, -1, &r);
	assert_int_equal(bytes, 177);
	expect_offload(&r, types, port);
	done(HARDWARE_CAPABILITIES, VMMQ_OID_QUERY, -1, &r);
	assert_int_equal(bytes, 177);
	expect_offload(&r, 3, port);
	r.len = 176;
	refused(VMMQ_INVALID_LENGTH, CURRENT_CONFIG, VMMQ_OID_QUERY, -1, &r);
	assert_int_equal(bytes, 177);
	said[0] = '\0';
}

static void expect_encapsulation(uint32_t types, uint16_t port)
{
	struct vmmq_vport_info info;

	for (int32_t id = vmmq_vport_next(adapter.sw, -1); id >= 0; id = vmmq_vport_next(adapter.sw, id)) {
		assert_true(vmmq_vport_get(adapter.sw, (struct vmmq_vport_id){ (uint16_t)id }, &info));
		assert_int_equal(info.rss->encapsulation.types, types);
		assert_int_equal(info.rss->encapsulation.vxlan_port, port);
	}
}

/* Spec 16: on for all VPorts, and those to come; followed by an indication; a port of 0 keeps the one that there is. */
static void encapsulation(void **state)
{
	enum { OFFLOAD = 0xfc01020c };
	struct request r;

	(void)state;
	expect_encapsulation(0, 4789);
	expect_config(0, 4789);
	put_offload(&r, 1, 3, 8472);
	done(OFFLOAD, VMMQ_OID_SET, -1, &r);
	expect_said("biae"); /* filters feel it, RSS on or off */
	expect_offload(&told, 3, 8472);
	expect_config(3, 8472);
	expect_encapsulation(VMMQ_TUNNEL_NVGRE | VMMQ_TUNNEL_VXLAN, 8472);
	make_vport(5, 1);
	said[0] = '\0';
	expect_encapsulation(VMMQ_TUNNEL_NVGRE | VMMQ_TUNNEL_VXLAN, 8472);
	put_offload(&r, 1, 2, 0);
	done(OFFLOAD, VMMQ_OID_SET, -1, &r);
	expect_encapsulation(VMMQ_TUNNEL_VXLAN, 8472);
	expect_offload(&told, 2, 8472);
	expect_config(2, 8472);
	put_offload(&r, 0, 0xff, 1); /* no change: the types do not count */
	said[0] = '\0';
	done(OFFLOAD, VMMQ_OID_SET, -1, &r);
	expect_said("be");
	put_offload(&r, 2, 0, 0);
	done(OFFLOAD, VMMQ_OID_SET, -1, &r);
	expect_encapsulation(0, 8472);
	expect_said("biae");
	expect_offload(&told, 0, 8472);
	expect_config(0, 8472);
	put_header(&r, 0x80, 3, 26); /* no member for the port */
	put(&r, 24, 1, 1);
	put(&r, 25, 1, 1);
	done(OFFLOAD, VMMQ_OID_SET, -1, &r);
	expect_encapsulation(VMMQ_TUNNEL_NVGRE, 8472);
}

static void encapsulation_refused(void **state)
{
	enum { OFFLOAD = 0xfc01020c };
	struct vmmq_vport_info info;
	struct vmmq_rss_params rss;
	struct request r;

	(void)state;
	put_offload(&r, 3, 1, 0);
	refused(VMMQ_INVALID_PARAMETER, OFFLOAD, VMMQ_OID_SET, -1, &r);
	put_offload(&r, 1, 0, 0);
	refused(VMMQ_INVALID_PARAMETER, OFFLOAD, VMMQ_OID_SET, -1, &r);
	put_offload(&r, 1, 4, 0);
	refused(VMMQ_NOT_SUPPORTED, OFFLOAD, VMMQ_OID_SET, -1, &r);
	put_offload(&r, 1, 1, 0);
	put(&r, 5, 4, 1); /* TCP checksums, both ways */
	refused(VMMQ_NOT_SUPPORTED, OFFLOAD, VMMQ_OID_SET, -1, &r);
	put_header(&r, 0x80, 7, 35);
	refused(VMMQ_INVALID_PARAMETER, OFFLOAD, VMMQ_OID_SET, -1, &r);
	put_offload(&r, 1, 2, 6081); /* one VPort's Geneve is known by that port */
	assert_true(vmmq_vport_get(adapter.sw, (struct vmmq_vport_id){ 3 }, &info));
	rss = *info.rss;
	rss.encapsulation.types = VMMQ_TUNNEL_GENEVE;
	assert_int_equal(vmmq_rss_set(adapter.sw, info.id, &rss, NULL), VMMQ_SUCCESS);
	refused(VMMQ_INVALID_PARAMETER, OFFLOAD, VMMQ_OID_SET, -1, &r);
	assert_true(vmmq_vport_get(adapter.sw, VMMQ_DEFAULT_VPORT, &info));
	assert_int_equal(info.rss->encapsulation.types, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(applied_when_changed, hooked, unhooked),
		cmocka_unit_test_setup_teardown(pending_when_not_all_follow, hooked, unhooked),
		cmocka_unit_test_setup_teardown(quiesced_before_deletion, hooked, unhooked),
		cmocka_unit_test_setup_teardown(moved_by_the_adapter, hooked, unhooked),
		cmocka_unit_test_setup_teardown(switch_of_the_adapter, hooked, unhooked),
		cmocka_unit_test_setup_teardown(encapsulation, hooked, unhooked),
		cmocka_unit_test_setup_teardown(encapsulation_refused, hooked, unhooked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
