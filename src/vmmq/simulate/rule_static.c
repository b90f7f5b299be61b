/* SPDX-License-Identifier: BSD-2-Clause */
/* Static RSS: tables stay as they are. */
#include <stdlib.h>

#include "vmmq/simulate/rule.h"

static void *static_create(const struct series *series, char error[SERIES_ERROR_MAX])
{
	(void)series;
	(void)error;
	return calloc(1, 1);
}

static void static_tick(void *state, struct rule_world *world)
{
	(void)state;
	(void)world;
}

const struct rule rule_static = { "static", "tables stay as they are", static_create, static_tick, free };
