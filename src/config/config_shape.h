/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VMMQ_CONFIG_CONFIG_SHAPE_H
#define VMMQ_CONFIG_CONFIG_SHAPE_H

#include "config/config_tree.h"

/*
 * config_shape_check compares a file's tree with config_schema: every key known and there once, no required one
 * missing, lists and mappings where the schema has them, no list too short.  What libcyaml would refuse, this refuses
 * first, with the position and what is allowed.  Returns 0, or -1 with *error set.
 */
int config_shape_check(const struct config_tree *tree, struct config_error *error);

#endif
