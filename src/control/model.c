/* SPDX-License-Identifier: BSD-2-Clause */
/* The configuration as a value: freeing it, finding a VPort in it. */
#include "control/model.h"
#include <stdlib.h>
#include <string.h>

void vmmq_config_fini(struct vmmq_config *config)
{
	for (size_t i = 0; i < config->vport_count; i++) {
		free(config->vports[i].name);
		free(config->vports[i].filters);
		free(config->vports[i].backend_device);
	}
	free(config->vports);
	free(config->adapter_name);
	free(config->processors);
	free(config->uplink_device);
	memset(config, 0, sizeof(*config));
}

static int vport_id_compare(const void *key, const void *element)
{
	const struct vmmq_vport_id *id = key;
	const struct config_vport *vport = element;

	return (int)id->v - (int)vport->id.v;
}

const struct config_vport *vmmq_config_vport(const struct vmmq_config *config, struct vmmq_vport_id id)
{
	if (config->vport_count == 0)
		return NULL;
	return bsearch(&id, config->vports, config->vport_count, sizeof(config->vports[0]), vport_id_compare);
}
