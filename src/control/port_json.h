/* SPDX-License-Identifier: BSD-2-Clause */
/* Ports as JSON objects: {"vhost_user": {"socket": "/run/vmmq/web.sock", "mode": "server"}}, as requests and the state have them. */
#ifndef VMMQ_CONTROL_PORT_JSON_H
#define VMMQ_CONTROL_PORT_JSON_H

#include <jansson.h>

#include "ports/port_spec.h"

/* port_json returns a new object, empty for PORT_NONE, or NULL: memory. */
json_t *port_json(const struct port_spec *spec);

/*
 * port_from_json makes *spec, the caller's to free, of an object's one kind, whatever other members it has; NULL and null make
 * PORT_NONE.  false: it is no port, and *spec is PORT_NONE.
 */
bool port_from_json(const json_t *object, struct port_spec *spec);

#endif
