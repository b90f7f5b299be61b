/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading the values of one mapping of the file into the configuration.  All return 0, or -1 with the error set. */
#ifndef VMMQ_CONFIG_CONFIG_READER_H
#define VMMQ_CONFIG_CONFIG_READER_H

#include "config/config_schema.h"
#include "config/config_tree.h"
#include "config/config_unique.h"
#include "config/config_value.h"

struct config_reader {
	struct vmmq_config *config;
	const struct config_tree *tree;
	struct config_error *error;
	char at[64]; /* path of the mapping being read, "vports[2].rss" */
	char hint[CONFIG_HINT_MAX];
	struct config_unique unique;
};

#define CONFIG_NO_ENTRY SIZE_MAX

int config_out_of_memory(struct config_reader *r);
/* config_path_of writes the path of a key of the mapping being read, or of one entry of its list. */
void config_path_of(const struct config_reader *r, const char *key, size_t entry, char *path, size_t size);
/* config_refuse_here says what was found there, the hint, and what is needed. */
int config_refuse_here(struct config_reader *r, const char *key, size_t entry, const char *found);

/* These leave *value as it is where the file has nothing (text NULL). */
int config_read_number(struct config_reader *r, const char *key, const char *text, uint32_t *value);
int config_read_boolean(struct config_reader *r, const char *key, const char *text, bool *value);
/* max: characters.  *value is replaced, and freed before. */
int config_read_text(struct config_reader *r, const char *key, const char *text, size_t max, char **value);
/* The processor must be one of the adapter's. */
int config_read_processor(struct config_reader *r, const char *key, size_t entry, const char *text,
			  struct vmmq_processor *value);

/* config_read_rss reads the rss mapping (NULL: not there) of the VPort at r->at over its defaults. */
int config_read_rss(struct config_reader *r, const struct raw_rss *raw, struct vmmq_rss_params *rss);
/* config_check_rss applies the core's rules, whose paths count from the RSS parameters (two stand beside rss). */
int config_check_rss(struct config_reader *r, const struct config_vport *vport);

#endif
