/* SPDX-License-Identifier: BSD-2-Clause */
/* The typed requests against the model, by themselves and in groups. */
#include "unit/core/request_run.h"

static struct vmmq_nic_switch *typed_start(void)
{
	struct vmmq_nic_switch *made;

	assert_int_equal(vmmq_nic_switch_create(&limits, &made, NULL), VMMQ_SUCCESS);
	return made;
}

static void typed_stop(void)
{
	vmmq_nic_switch_destroy(nic);
}

static vmmq_status typed_create(const struct vmmq_vport_params *params)
{
	return vmmq_vport_create_params(nic, params, NULL);
}

static vmmq_status typed_set(const struct vmmq_vport_params *params)
{
	return vmmq_vport_set_params(nic, params, NULL);
}

static vmmq_status typed_remove(uint32_t vport)
{
	return vmmq_vport_delete(nic, (struct vmmq_vport_id){ (uint16_t)vport }, NULL);
}

static vmmq_status typed_v1(uint32_t vport, const struct vmmq_rss_v1 *request)
{
	return vmmq_rss_v1_set(nic, vport, request, NULL);
}

static vmmq_status typed_v2(uint32_t vport, const struct vmmq_rss_v2 *request)
{
	return vmmq_rss_v2_set(nic, vport, request, NULL);
}

static vmmq_status typed_hash(uint32_t vport, const struct vmmq_receive_hash *request)
{
	return vmmq_receive_hash_set(nic, vport, request, NULL);
}

static void typed_move(uint16_t actor, struct vmmq_rss_move *move, size_t count)
{
	assert_int_equal(vmmq_rss_move(nic, (struct vmmq_processor){ actor }, move, count, NULL), VMMQ_SUCCESS);
}

static vmmq_status typed_filter_set(struct vmmq_filter *f)
{
	return vmmq_filter_add(nic, f, NULL);
}

static vmmq_status typed_filter_clear(uint32_t id)
{
	return vmmq_filter_clear(nic, id, NULL);
}

static vmmq_status typed_filter_move(uint32_t id, uint32_t from, uint32_t to)
{
	return vmmq_filter_move(nic, id, (struct vmmq_vport_id){ (uint16_t)from },
				(struct vmmq_vport_id){ (uint16_t)to }, NULL);
}

static vmmq_status typed_processors(const struct vmmq_processor some[], size_t count)
{
	return vmmq_nic_switch_set_processors(nic, some, count, NULL);
}

static void typed_between(void)
{
	if (random_one_in(8))
		vmmq_nic_switch_retire(nic, vmmq_nic_switch_view(nic));
}

static const struct request_target typed = {
	.groups = true,
	.requests = 1000000,
	.switches = 2000,
	.start = typed_start,
	.stop = typed_stop,
	.create = typed_create,
	.set = typed_set,
	.remove = typed_remove,
	.v1 = typed_v1,
	.v2 = typed_v2,
	.hash = typed_hash,
	.move = typed_move,
	.filter_set = typed_filter_set,
	.filter_clear = typed_filter_clear,
	.filter_move = typed_filter_move,
	.processors = typed_processors,
	.between = typed_between,
};

static void random_requests(void **state)
{
	(void)state;
	request_run(&typed, 200000);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(random_requests) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
