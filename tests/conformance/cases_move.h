/* SPDX-License-Identifier: BSD-2-Clause */
/* Cases of moves (spec 11.3) by file; the table is in cases_move.c. */
#ifndef CONFORMANCE_CASES_MOVE_H
#define CONFORMANCE_CASES_MOVE_H

#include "packets.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

void status_success(struct trial *t);
void status_invalid_parameter(struct trial *t);
void status_invalid_port(struct trial *t);
void status_invalid_port_state(struct trial *t);
void status_invalid_data(struct trial *t);
void status_no_queues(struct trial *t);
void adapter_state(struct trial *t);
void resources(struct trial *t);
void whole_lengths(struct trial *t);
void whole_header(struct trial *t);
void stride(struct trial *t);
void order(struct trial *t);
void same_entry_twice(struct trial *t);
void counts_active_only(struct trial *t);
void groups_independent(struct trial *t);
void sample_bad_command(struct trial *t);
void sample_no_queues(struct trial *t);
void sample_id_limit(struct trial *t);
void sample_failed_enable(struct trial *t);
void sample_grow_off(struct trial *t);

#endif
