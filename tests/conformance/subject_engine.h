/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CONFORMANCE_SUBJECT_ENGINE_H
#define CONFORMANCE_SUBJECT_ENGINE_H

#include <vmmq/adapter.h>

#include "vmmq_conformance.h"

/*
 * engine_move carries out a request for indirection table entries; false: it is not in order, and is left as it is.
 */
bool engine_move(struct vmmq_adapter *adapter, struct vmmq_conformance_request *r, uint32_t *status);

#endif
