/* SPDX-License-Identifier: BSD-2-Clause */
/* The shapes of RSS requests (spec 17.2). */
#ifndef VMMQ_NDIS_OID_RSS_H
#define VMMQ_NDIS_OID_RSS_H

#include "ndis/oid_call.h"

/* One signed byte per entry in revision 1, a PROCESSOR_NUMBER from revision 2; the default processor from revision 3. */
extern const struct oid_shape rss_v1_shape, rss_v2_shape, receive_hash_shape;

#endif
