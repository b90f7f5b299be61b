/* SPDX-License-Identifier: BSD-2-Clause */
/* The second half of vmmq_parse(), for what begins with an IP header. */
#ifndef VMMQ_CORE_PARSE_NETWORK_H
#define VMMQ_CORE_PARSE_NETWORK_H

#include <vmmq/parse.h>

/* parse_network goes on at headers->l3_offset with what headers->ethertype says is there; sets l3 as the outcome, which it returns, says. */
enum vmmq_parse_outcome parse_network(const uint8_t *frame, size_t len, struct vmmq_headers *headers);

#endif
