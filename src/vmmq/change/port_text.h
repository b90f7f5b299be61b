/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VMMQ_VMMQ_CHANGE_PORT_TEXT_H
#define VMMQ_VMMQ_CHANGE_PORT_TEXT_H

#include <jansson.h>

/*
 * port_value makes {"vhost_user": {"socket": "web.sock", "queues": 4}} of "vhost_user:web.sock,queues=4".  Behind the place, which has
 * no comma, come KEY=VALUE as the file's keys and values are; packed=off means features: {packed: off}.  All behind device: is the
 * device.  NULL: it is none, and hint (schema/value.h) says more, perhaps.
 */
json_t *port_value(const char *text, char *hint);

#endif
