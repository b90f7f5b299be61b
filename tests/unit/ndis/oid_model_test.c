/* SPDX-License-Identifier: BSD-2-Clause */
/* Binary requests against the model. */
#include "unit/ndis/oid_model_target.h"

static void random_binary_requests(void **state)
{
	(void)state;
	request_run(&binary_target, 100000);
	print_message("malformed %lu, truncated %lu\n", malformed, truncated);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(random_binary_requests) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
