/* SPDX-License-Identifier: BSD-2-Clause */
/* What a host may keep to itself while the store has much to do, and for how long. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/clock.h"
#include "fleet/fleet_write.h"

/* Every step from every state: only of what is active, that it still is. */
static void what_others_wait_for_does_not_rest(void **state)
{
	static const enum fleet_action actions[] = { FLEET_WRITE, FLEET_CLAIM, FLEET_DELETE };

	(void)state;
	for (unsigned a = 0; a < 3; a++)
		for (unsigned from = 0; from < FLEET_STATES; from++)
			for (unsigned to = 0; to < FLEET_STATES; to++) {
				const struct fleet_status mine = { (enum fleet_state)from, 1 };
				const struct fleet_status status = { (enum fleet_state)to, 2 };

				assert_int_equal(fleet_rests(actions[a], status, mine), actions[a] == FLEET_WRITE &&
											    from == FLEET_ACTIVE &&
											    to == FLEET_ACTIVE);
			}
}

static void hosts_rest_for_times_of_their_own(void **state)
{
	static const uint64_t took[] = { 0, 1000000, 150000000, 10 * SECOND_NS, UINT64_MAX };
	static const uint64_t most[] = { 0, 10000000, 1500000000, 1500000000, 1500000000 };
	uint64_t least = UINT64_MAX, last = 0;

	(void)state;
	for (unsigned i = 0; i < 500; i++) {
		char host[16];

		snprintf(host, sizeof(host), "h%u", i);
		for (unsigned k = 0; k < 5; k++)
			assert_in_range(fleet_rest_ns(took[k], host), most[k] / 2, most[k]);
		last = fleet_rest_ns(SECOND_NS, host) > last ? fleet_rest_ns(SECOND_NS, host) : last;
		least = fleet_rest_ns(SECOND_NS, host) < least ? fleet_rest_ns(SECOND_NS, host) : least;
	}
	assert_true(last - least > 700000000); /* of 750 ms that they may be apart */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_others_wait_for_does_not_rest),
		cmocka_unit_test(hosts_rest_for_times_of_their_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
