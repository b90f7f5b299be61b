/* SPDX-License-Identifier: BSD-2-Clause */
/* For tests: raw devargs as a port, which lives as long as the block that it stands in. */
#ifndef UNIT_PORTS_DEVICE_SPEC_H
#define UNIT_PORTS_DEVICE_SPEC_H

#include "ports/port_spec.h"

#define DEVICE(devargs) (&(struct port_spec){ .kind = PORT_DEVICE, .device = (char *)(uintptr_t)(devargs) })

#endif
