/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading the values of one mapping of the file, whose shape has been checked, into the configuration.  Unless they say
 * otherwise these return 0, or -1 with the error set.
 */
#ifndef VMMQ_CONFIG_CONFIG_READER_H
#define VMMQ_CONFIG_CONFIG_READER_H

#include "config/config_tree.h"
#include "config/config_unique.h"
#include "schema/value.h"

struct config_reader {
	struct vmmq_config *config;
	const struct config_tree *tree;
	struct config_error *error;
	const struct config_node *mapping; /* being read */
	char at[64];                       /* its path, "vports[2].rss" */
	char hint[VALUE_HINT_MAX];
	struct config_unique unique;
	struct vmmq_encapsulation encapsulation; /* the adapter's: of VPorts that do not say */
};

#define CONFIG_NO_ENTRY SIZE_MAX

int config_out_of_memory(struct config_reader *r);

/* config_enter makes mapping the one being read; a printf-style path. */
__attribute__((format(printf, 3, 4))) void config_enter(struct config_reader *r, const struct config_node *mapping,
							const char *path, ...);
/* config_child returns what the mapping being read has for a field, an alias as what it stands for, or NULL. */
const struct config_node *config_child(const struct config_reader *r, enum schema_id id);
/* config_first and config_next lead through the entries of a list, aliases as what they stand for; NULL behind the last. */
const struct config_node *config_first(const struct config_reader *r, const struct config_node *list,
				       config_ref *ref);
const struct config_node *config_next(const struct config_reader *r, config_ref *ref);

/* config_path_of writes the path of a field of the mapping being read, or of one entry of its list. */
void config_path_of(const struct config_reader *r, enum schema_id id, size_t entry, char *path, size_t size);
/* config_refuse_here says what was found there, the hint, and what is needed. */
int config_refuse_here(struct config_reader *r, enum schema_id id, size_t entry, const char *found);

/* config_read reads a field as its row says; *value is left as it is where the file has nothing.  id is no list. */
int config_read(struct config_reader *r, enum schema_id id, union value *value);
/* These do the same with one member of union value. */
int config_read_number(struct config_reader *r, enum schema_id id, uint32_t *value);
int config_read_boolean(struct config_reader *r, enum schema_id id, bool *value);
/* *value is replaced, and freed before. */
int config_read_text(struct config_reader *r, enum schema_id id, char **value);
/* The processor must be one of the adapter's. */
int config_read_processor(struct config_reader *r, enum schema_id id, struct vmmq_processor *value);
/* config_set_processor does so with the text of a field, or of one entry of its list. */
int config_set_processor(struct config_reader *r, enum schema_id id, size_t entry, const char *text,
			 struct vmmq_processor *value);

/* config_read_adapter reads the adapter, and the set of processors that every other processor must be in. */
int config_read_adapter(struct config_reader *r, const struct config_node *adapter);
/* config_read_fleet reads the fleet mapping into config->fleet. */
int config_read_fleet(struct config_reader *r, const struct config_node *fleet);
/* config_init_vport gives a VPort what it has when the file says nothing about it. */
int config_init_vport(struct config_reader *r, struct config_vport *vport);
/* config_read_vport reads the VPort that is the file's index-th. */
int config_read_vport(struct config_reader *r, const struct config_node *node, size_t index,
		      struct config_vport *vport);
int config_read_filters(struct config_reader *r, const struct config_node *list, size_t index,
			struct config_vport *vport);
/* config_read_encapsulation reads a list of tunnels, if field is there, and VXLAN's port. */
int config_read_encapsulation(struct config_reader *r, enum schema_id list, enum schema_id port,
			      struct vmmq_encapsulation *encapsulation);
/* config_read_rss reads the rss mapping of the file's index-th VPort over its defaults. */
int config_read_rss(struct config_reader *r, const struct config_node *node, size_t index,
		    struct vmmq_rss_params *rss);
/* config_check_rss applies the core's rules, whose paths count from the RSS parameters (two stand beside rss). */
int config_check_rss(struct config_reader *r, const struct config_vport *vport);

#endif
