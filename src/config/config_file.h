/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VMMQ_CONFIG_CONFIG_FILE_H
#define VMMQ_CONFIG_CONFIG_FILE_H

#include "config/config_yaml.h"

#define CONFIG_FILE_LEN_MAX (64u << 20) /* bytes */

/*
 * config_file_read reads a whole file, or standard input for "-", of at most CONFIG_FILE_LEN_MAX bytes.
 * On success *bytes (never NULL) is the caller's, for free().  Returns 0, or -1 with *error set.
 */
int config_file_read(const char *path, char **bytes, size_t *len, struct config_error *error);
/* config_file_read_again does so for one who must not wait: only a regular file can be read again. */
int config_file_read_again(const char *path, char **bytes, size_t *len, struct config_error *error);

#endif
