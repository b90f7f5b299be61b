/* SPDX-License-Identifier: BSD-2-Clause */
/* Cases of the checklist (spec 21) that take a file of their own; the table is in cases_checklist.c. */
#ifndef CONFORMANCE_CASES_CHECKLIST_H
#define CONFORMANCE_CASES_CHECKLIST_H

#include "trial.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const uint16_t usual_table[] = { 4, 5, 6, 7 };

/* random_next: the same numbers in every run. */
static inline uint32_t random_next(uint64_t *state)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(*state >> 33);
}

void vectors_all(struct trial *t);
void linear(struct trial *t);
void two_keys(struct trial *t);
void spoiled_v1(struct trial *t);
void spoiled_v2(struct trial *t);
void spoiled_move(struct trial *t);
void spoiled_filter(struct trial *t);
void spoiled_vport(struct trial *t);
void order_kept(struct trial *t);
void order_kept_parameters(struct trial *t);
void encapsulation_off(struct trial *t);
void encapsulation_config(struct trial *t);
void encapsulation_filter(struct trial *t);
void encapsulation_filter_query(struct trial *t);
void encapsulation_filter_vlan(struct trial *t);
void encapsulation_on(struct trial *t);
void encapsulation_port(struct trial *t);

#endif
