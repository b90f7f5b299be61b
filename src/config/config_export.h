/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VMMQ_CONFIG_CONFIG_EXPORT_H
#define VMMQ_CONFIG_CONFIG_EXPORT_H

#include "config/config_model.h"

/*
 * config_export returns a configuration as the text of a file that reads back as an equal one, but for what a file
 * cannot state (docs/configuration.md).  One configuration, one text.  The text is the caller's, for free(); NULL:
 * memory.
 * config_export_without_keys has the word VALUE_KEY_HIDDEN in the place of each hash secret key, which no file is read with: it cannot
 * be applied by mistake, and take other keys' place.
 */
char *config_export(const struct vmmq_config *config);
char *config_export_without_keys(const struct vmmq_config *config);

#endif
