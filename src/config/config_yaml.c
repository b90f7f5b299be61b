/* SPDX-License-Identifier: BSD-2-Clause */
/* From a YAML file to a validated configuration: bytes, positions, shape, libcyaml's structs, values and rules. */
#include "config/config_yaml.h"
#include "config/config_build.h"
#include "config/config_file.h"
#include "config/config_shape.h"
#include <stdlib.h>
#include <string.h>

/* The shape check has passed, so that libcyaml can run out of memory only. */
static int build_from(struct vmmq_config *config, const char *yaml, size_t len, const struct config_tree *tree,
		      struct config_error *error)
{
	const cyaml_config_t cyaml = { .mem_fn = cyaml_mem };
	cyaml_data_t *raw = NULL;
	cyaml_err_t refused;
	int status;

	refused = cyaml_load_data((const uint8_t *)yaml, len, &cyaml, &config_schema, &raw, NULL);
	if (refused != CYAML_OK)
		return config_error_set(error, 0, 0, "",
					"libcyaml cannot load it, for lack of memory most likely: %s",
					cyaml_strerror(refused));
	status = config_build(config, raw, tree, error);
	cyaml_free(&cyaml, &config_schema, raw, 0);
	if (status)
		vmmq_config_fini(config);
	return status;
}

int vmmq_config_parse(const char *yaml, size_t len, struct vmmq_config *config, struct config_error *error)
{
	struct config_tree tree;
	int status;

	memset(config, 0, sizeof(*config));
	memset(error, 0, sizeof(*error));
	status = config_tree_parse(&tree, yaml, len, error);
	if (status == 0)
		status = config_shape_check(&tree, error);
	if (status == 0)
		status = build_from(config, yaml, len, &tree, error);
	config_tree_fini(&tree);
	return status;
}

int vmmq_config_load(const char *path, struct vmmq_config *config, struct config_error *error)
{
	char *yaml = NULL;
	size_t len = 0;
	int status;

	memset(config, 0, sizeof(*config));
	memset(error, 0, sizeof(*error));
	if (config_file_read(path, &yaml, &len, error))
		return -1;
	status = vmmq_config_parse(yaml, len, config, error);
	free(yaml);
	return status;
}
