/* SPDX-License-Identifier: BSD-2-Clause */
/* The tables of rules and cases, one for each table of the specification. */
#ifndef CONFORMANCE_CASES_H
#define CONFORMANCE_CASES_H

#include "packets.h"

extern const struct line lines_states[], lines_deletion[], lines_limits[], lines_operations[];      /* spec 3 */
extern const struct line lines_vlan[], lines_filter[];                                              /* 4 */
extern const struct line lines_oob[];                                                               /* 8 */
extern const struct line lines_v1_flags[], lines_v1_enable[], lines_v1_checks[], lines_v1_queues[]; /* 10 */
extern const struct line lines_v2[], lines_move[];                                                  /* 11 */
extern const struct line lines_capabilities[];                                                      /* 13 */
extern const struct line lines_choice[], lines_checklist[];                                         /* 19, 21 */

#endif
