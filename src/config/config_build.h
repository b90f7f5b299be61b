/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VMMQ_CONFIG_CONFIG_BUILD_H
#define VMMQ_CONFIG_CONFIG_BUILD_H

#include "config/config_tree.h"

/*
 * config_build makes the configuration from the tree of a file whose shape has been checked: values from texts, defaults
 * filled in, and every rule that concerns more than one value.
 * Returns 0, or -1 with *error set and *config partly filled; the caller's for vmmq_config_fini() in both cases.
 */
int config_build(struct vmmq_config *config, const struct config_tree *tree, struct config_error *error);

#endif
