/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VMMQ_CONFIG_CONFIG_SYNTAX_H
#define VMMQ_CONFIG_CONFIG_SYNTAX_H

#include "config/config_yaml.h"
#include <yaml.h>

/*
 * config_syntax_error words what libyaml has refused in a file of len bytes: no YAML, no UTF-8, no memory.
 * Returns -1.
 */
int config_syntax_error(const yaml_parser_t *yaml, const char *bytes, size_t len, struct config_error *error);

#endif
