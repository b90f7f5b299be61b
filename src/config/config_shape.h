/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VMMQ_CONFIG_CONFIG_SHAPE_H
#define VMMQ_CONFIG_CONFIG_SHAPE_H

#include "config/config_tree.h"

/*
 * config_shape_check compares a file's tree with the schema (schema/field_table.h): every key known and there once, no required
 * one missing, lists and mappings where the schema has them, no list too short, text where it has a value.
 * Returns 0, or -1 with *error set.
 */
int config_shape_check(const struct config_tree *tree, struct config_error *error);

#endif
