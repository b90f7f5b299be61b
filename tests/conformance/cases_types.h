/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CONFORMANCE_CASES_TYPES_H
#define CONFORMANCE_CASES_TYPES_H

#include "packets.h"

/* types_all is the case of statement 2 (spec 21). */
void types_all(struct trial *t);

#endif
