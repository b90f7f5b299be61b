/* SPDX-License-Identifier: BSD-2-Clause */
/* From a YAML file to a validated configuration: bytes, tree, shape, values and rules. */
#include "config/config_yaml.h"
#include "config/config_build.h"
#include "config/config_file.h"
#include "config/config_shape.h"
#include "config/config_tree.h"
#include <stdlib.h>
#include <string.h>

int vmmq_config_parse_within(const char *yaml, size_t len, uint32_t values_max, struct vmmq_config *config,
			     struct config_error *error)
{
	struct config_tree tree;
	int status;

	memset(config, 0, sizeof(*config));
	memset(error, 0, sizeof(*error));
	status = config_tree_parse(&tree, yaml, len, values_max, error);
	if (status == 0)
		status = config_shape_check(&tree, error);
	if (status == 0)
		status = config_build(config, &tree, error);
	if (status)
		vmmq_config_fini(config);
	config_tree_fini(&tree);
	return status;
}

int vmmq_config_parse(const char *yaml, size_t len, struct vmmq_config *config, struct config_error *error)
{
	return vmmq_config_parse_within(yaml, len, CONFIG_VALUES_MAX, config, error);
}

static int load_by(int (*read)(const char *path, char **bytes, size_t *len, struct config_error *error),
		   const char *path, struct vmmq_config *config, struct config_error *error)
{
	char *yaml = NULL;
	size_t len = 0;
	int status;

	memset(config, 0, sizeof(*config));
	memset(error, 0, sizeof(*error));
	if (read(path, &yaml, &len, error))
		return -1;
	status = vmmq_config_parse(yaml, len, config, error);
	free(yaml);
	return status;
}

int vmmq_config_load(const char *path, struct vmmq_config *config, struct config_error *error)
{
	return load_by(config_file_read, path, config, error);
}

int vmmq_config_load_again(const char *path, struct vmmq_config *config, struct config_error *error)
{
	return load_by(config_file_read_again, path, config, error);
}
