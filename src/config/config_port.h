/* SPDX-License-Identifier: BSD-2-Clause */
/* Ports (ports/port_spec.h) by the schema's rows, from a file's mapping or key by key. */
#ifndef VMMQ_CONFIG_CONFIG_PORT_H
#define VMMQ_CONFIG_CONFIG_PORT_H

#include "config/config_reader.h"
#include "ports/port_spec.h"

/* config_port_field returns the row of a kind that is not NONE: FIELD_VHOST_USER and so on. */
const struct schema_field *config_port_field(enum port_kind kind);

/*
 * config_port_set takes the text of one key of a kind's mapping, of its features, or of device.  false, perhaps with a hint
 * as schema/value.h has them: it does not fit.
 */
bool config_port_set(struct port_spec *spec, const struct schema_field *field, const char *text, char *hint);

/* config_read_port reads the mapping at path, "vports[2].backend", into *spec.  Returns 0, or -1 with the error set. */
int config_read_port(struct config_reader *r, const struct config_node *mapping, const char *path,
		     struct port_spec *spec);

/*
 * config_check_shared refuses two ports of the file that lead to one place; the file's listed VPorts have been read and stand in its
 * order.  Returns 0, or -1 with the error set.
 */
int config_check_shared(struct config_reader *r, size_t listed);

#endif
