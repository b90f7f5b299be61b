/* SPDX-License-Identifier: BSD-2-Clause */
/* Cases of the second reading (enumerations, queries, switches made statically) by name; the tables are their sections'. */
#ifndef CONFORMANCE_CASES_QUERIES_H
#define CONFORMANCE_CASES_QUERIES_H

#include "packets.h"

void filters_of_every_vport(struct trial *t);
void filter_unknown(struct trial *t);
void enum_vports_both(struct trial *t);
void primary_is_read(struct trial *t);
void switch_is_static(struct trial *t);
void filter_properties(struct trial *t);
void filters_share_interrupts(struct trial *t);
void default_filters_cleared(struct trial *t);
void move_never_pends(struct trial *t);
void tags_by_filter(struct trial *t);

#endif
