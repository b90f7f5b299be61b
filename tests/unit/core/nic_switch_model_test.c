/* SPDX-License-Identifier: BSD-2-Clause */
/* The switch against its model, in random sequences. */
#include "unit/core/nic_switch_model_run.h"

static void random_sequences(void **state)
{
	(void)state;
	random_start();
	for (unsigned run = 0; run < 60; run++)
		model_run(100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_sequences),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
