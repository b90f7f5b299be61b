/* SPDX-License-Identifier: BSD-2-Clause */
#include "config/config_build.h"

#include <stdlib.h>
#include <string.h>

#include "config/config_port.h"

static int vport_compare(const void *a, const void *b)
{
	return (int)((const struct config_vport *)a)->id.v - (int)((const struct config_vport *)b)->id.v;
}

static bool lists_vport_zero(struct config_reader *r, const struct config_node *list)
{
	const struct config_node *entry;
	config_ref ref;

	for (entry = config_first(r, list, &ref); entry; entry = config_next(r, &ref)) {
		char hint[VALUE_HINT_MAX];
		uint32_t id;

		config_enter(r, entry, "vports[]");
		if (value_number(config_tree_text(r->tree, config_child(r, FIELD_VPORT_ID)), 0, 0, &id, hint))
			return true;
	}
	return false;
}

/* add_vport_zero adds the default VPort behind count listed ones; its name is taken before theirs. */
static int add_vport_zero(struct config_reader *r, size_t count)
{
	struct config_vport *unlisted = &r->config->vports[count];
	const char *first;

	if (config_init_vport(r, unlisted))
		return -1;
	return config_unique_name(&r->unique, unlisted->name, &first) ? 0 : config_out_of_memory(r);
}

/* read_vports: list may be NULL, when the file has none. */
static int read_vports(struct config_reader *r, const struct config_node *list)
{
	static const struct config_node empty = { .kind = CONFIG_SEQUENCE };
	struct vmmq_config *config = r->config;
	const struct config_node *entry;
	config_ref ref;
	bool listed;
	size_t i = 0;

	list = list ? list : &empty;
	listed = lists_vport_zero(r, list);
	config->vports = calloc(list->count + 1, sizeof(*config->vports));
	if (!config->vports)
		return config_out_of_memory(r);
	config->vport_count = list->count + !listed;
	if (!listed && add_vport_zero(r, list->count))
		return -1;
	for (entry = config_first(r, list, &ref); entry; entry = config_next(r, &ref), i++)
		if (config_read_vport(r, entry, i, &config->vports[i]))
			return -1;
	if (config_check_shared(r, list->count))
		return -1;
	qsort(config->vports, config->vport_count, sizeof(config->vports[0]), vport_compare);
	return 0;
}

int config_build(struct vmmq_config *config, const struct config_tree *tree, struct config_error *error)
{
	struct config_reader *r = calloc(1, sizeof(*r));
	const struct config_node *adapter, *vports, *fleet;
	int status;

	if (!r)
		return config_error_set(error, 0, 0, "", "out of memory");
	r->config = config;
	r->tree = tree;
	r->error = error;
	config_enter(r, config_tree_target(tree, 0), "%s", "");
	adapter = config_child(r, FIELD_ADAPTER);
	vports = config_child(r, FIELD_VPORTS);
	fleet = config_child(r, FIELD_FLEET);
	status = config_read_adapter(r, adapter);
	if (status == 0)
		status = read_vports(r, vports);
	if (status == 0 && fleet)
		status = config_read_fleet(r, fleet);
	config_unique_fini(&r->unique);
	free(r);
	return status;
}
