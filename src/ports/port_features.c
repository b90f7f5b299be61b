/* SPDX-License-Identifier: BSD-2-Clause */
/* What DPDK's net_vhost cannot be told, and the library below it can. */
#include <rte_vhost.h>
#include <stdio.h>

#include "ports/port_spec.h"

bool port_features_mask(const struct port_spec *spec, char *error, size_t error_len)
{
	if (spec->kind != PORT_VHOST_USER || !spec->features_off ||
	    rte_vhost_driver_disable_features(spec->place, spec->features_off) == 0)
		return true;
	snprintf(error, error_len, "%s: the features that are off cannot be kept from the guest", spec->place);
	return false;
}
