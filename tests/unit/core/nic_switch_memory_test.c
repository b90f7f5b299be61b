/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory runs out at every possible place: the first, second, … allocation of every operation fails, once alone and once
 * with all that follow.  The operation must then say RESOURCES and have changed nothing, and succeed afterwards.
 */
#include "unit/core/nic_switch_operations.h"

/* run_short runs an operation whose nth allocation fails; returns false when it has no such one. */
static bool run_short(struct vmmq_nic_switch *sw, size_t operation, unsigned n, bool rest)
{
	struct vmmq_why why = { "", "" };
	vmmq_status status;

	injection.on = true;
	injection.rest = rest;
	injection.failed = false;
	injection.left = n;
	status = operations[operation].run(sw, &why);
	injection.on = false;
	if (status != (injection.failed ? VMMQ_RESOURCES : VMMQ_SUCCESS))
		fail_msg("%s, allocation %u: %s", operations[operation].name, n, vmmq_status_name(status));
	assert_true(!injection.failed || strlen(why.text) > 5);
	return injection.failed;
}

/* Every key is still taken: set again, each filter is refused. */
static void keys_are_taken(struct vmmq_nic_switch *sw, const char *name)
{
	for (uint32_t id = 1; id <= 64; id++) {
		if (!vmmq_filter_get(sw, id))
			fail_msg("%s: filter %u is gone", name, id);
		if (set_filter(sw, 51, vmmq_filter_get(sw, id)->mac[5], NULL) != VMMQ_INVALID_PARAMETER)
			fail_msg("%s: the MAC of filter %u is taken no longer", name, id);
	}
}

static void every_allocation_fails(void **state)
{
	unsigned failed = 0;

	(void)state;
	for (size_t operation = 0; operation < OPERATION_COUNT; operation++) {
		for (unsigned n = 0, more = 2; more; n++) {
			more = 0;
			for (unsigned rest = 0; rest < 2; rest++) {
				struct vmmq_nic_switch *sw = base();
				const struct vmmq_view *view = vmmq_nic_switch_view(sw);
				char *before = nic_switch_dump(sw), *after;

				if (run_short(sw, operation, n, rest)) {
					after = nic_switch_dump(sw);
					assert_string_equal(before, after);
					assert_ptr_equal(vmmq_nic_switch_view(sw), view);
					free(after);
					keys_are_taken(sw, operations[operation].name);
					assert_int_equal(operations[operation].run(sw, NULL), VMMQ_SUCCESS);
					more++;
					failed++;
				}
				vmmq_nic_switch_destroy(sw);
				free(before);
			}
		}
	}
	assert_true(failed > 100);
}

/* Inside a group a refused operation changes nothing either, and the group goes on. */
static void group_goes_on(void **state)
{
	(void)state;
	for (size_t operation = 0; operation < OPERATION_COUNT - GROUPS; operation++) {
		bool more = true;

		for (unsigned n = 0; more; n++) {
			struct vmmq_nic_switch *sw = base();
			char *before, *after;

			vmmq_nic_switch_begin(sw);
			assert_int_equal(vmmq_filter_clear(sw, 3, NULL), VMMQ_SUCCESS);
			assert_int_equal(set_filter(sw, 51, 3, NULL), VMMQ_SUCCESS);
			before = nic_switch_dump(sw);
			more = run_short(sw, operation, n, false);
			after = nic_switch_dump(sw);
			if (more)
				assert_string_equal(before, after);
			assert_int_equal(vmmq_nic_switch_commit(sw, NULL), VMMQ_SUCCESS);
			free(after);
			after = nic_switch_dump(sw);
			assert_non_null(strstr(after, "vlan 65535 mac 020000000003"));
			vmmq_nic_switch_destroy(sw);
			free(before);
			free(after);
		}
	}
}

static void switch_create(void **state)
{
	struct vmmq_nic_switch *sw;
	unsigned n = 0;

	(void)state;
	do {
		struct vmmq_why why = { "", "" };

		injection.on = true;
		injection.rest = n % 2;
		injection.failed = false;
		injection.left = n / 2;
		sw = (struct vmmq_nic_switch *)&n;
		if (new_switch(&sw, &why) != VMMQ_SUCCESS)
			assert_null(sw);
		injection.on = false;
		n++;
	} while (!sw);
	assert_true(n > 10);
	assert_false(injection.failed);
	vmmq_nic_switch_destroy(sw);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(switch_create),
		cmocka_unit_test(every_allocation_fails),
		cmocka_unit_test(group_goes_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
