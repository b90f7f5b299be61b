/* SPDX-License-Identifier: BSD-2-Clause */
/* The shape that requests to set and to show a filter share. */
#ifndef VMMQ_NDIS_OID_FILTER_H
#define VMMQ_NDIS_OID_FILTER_H

#include "ndis/oid_call.h"

/* Revision 1 has no VPortId: its filters are the default VPort's. */
extern const struct oid_shape filter_parameters_shape;

#endif
