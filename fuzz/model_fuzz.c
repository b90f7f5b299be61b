/* SPDX-License-Identifier: BSD-2-Clause */
/* Bytes choose operations on the NIC switch, their parameters, groups, and the packets in between; a slow model says what is right. */
#include "unit/core/nic_switch_model_run.h"

#include "fuzz.h"

enum { STEPS_MAX = 200 };

void fuzz_model(const uint8_t *data, size_t len)
{
	random_feed(data, len);
	model_run(STEPS_MAX);
}
