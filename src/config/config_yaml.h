/* SPDX-License-Identifier: BSD-2-Clause */
/* The YAML configuration file: docs/configuration.md. */
#ifndef VMMQ_CONFIG_CONFIG_YAML_H
#define VMMQ_CONFIG_CONFIG_YAML_H

#include "config/config_model.h"

/* One thing that is wrong in a file.  line, column: from 1; 0 when the file as a whole is meant. */
struct config_error {
	unsigned line;
	unsigned column;
	char path[128]; /* "vports[2].rss.indirection_table[3]" */
	char text[384]; /* what is wrong and what is allowed, without a final stop */
};

/*
 * vmmq_config_load reads, validates and completes the file at path ("-" is standard input).
 * On success returns 0 and *config is the caller's, for vmmq_config_fini().  On failure returns -1, *config is zeroed
 * and *error says where and why.  Nothing is printed.
 */
int vmmq_config_load(const char *path, struct vmmq_config *config, struct config_error *error);

/* vmmq_config_load_again does the same and never waits: what is no regular file is refused. */
int vmmq_config_load_again(const char *path, struct vmmq_config *config, struct config_error *error);

/* vmmq_config_parse does the same with the len bytes of a file that has been read already; they need no final NUL. */
int vmmq_config_parse(const char *yaml, size_t len, struct vmmq_config *config, struct config_error *error);
/* vmmq_config_parse_within also refuses more than values_max values (each alias counted as what it stands for), before they are made. */
int vmmq_config_parse_within(const char *yaml, size_t len, uint32_t values_max, struct vmmq_config *config,
			     struct config_error *error);

#endif
