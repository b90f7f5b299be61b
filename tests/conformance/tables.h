/* SPDX-License-Identifier: BSD-2-Clause */
/* Rules and cases, numbered; and what is told about them. */
#ifndef CONFORMANCE_TABLES_H
#define CONFORMANCE_TABLES_H

#include "trial.h"

/* A case with its number, "10.4/7a": the rule's, and a letter that counts the rule's cases. */
struct numbered {
	char number[24];
	const struct line *rule;
	const struct line *line;
	const struct section *section;
};

/* tables_next goes to the next case and returns false after the last; begin with one that is zeroed. */
bool tables_next(struct numbered *at);

/* tables_check returns NULL, or what is wrong with the tables: a rule without a case, a number that is used twice. */
const char *tables_check(void);

/* markdown_write writes docs/conformance.md. */
void markdown_write(void);

#endif
