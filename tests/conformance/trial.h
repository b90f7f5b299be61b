/* SPDX-License-Identifier: BSD-2-Clause */
/* One case being tried on one NIC: what it checks, what the NIC has indicated, how it ends. */
#ifndef CONFORMANCE_TRIAL_H
#define CONFORMANCE_TRIAL_H

#include <setjmp.h>
#include <vmmq/status.h>

#include "vmmq_conformance.h"

#define FRAME_MAX 512
#define SEEN_MAX  1024

struct frame {
	size_t len;
	uint8_t byte[FRAME_MAX];
};

/* A packet that was indicated, with its bytes. */
struct seen {
	struct vmmq_conformance_packet packet;
	struct frame frame;
};

enum outcome { PASSED, FAILED, NOT_APPLICABLE, OUTCOME_COUNT };

struct trial {
	const struct vmmq_conformance_subject *subject;
	struct vmmq_conformance_setup setup;
	void *nic;
	struct seen *seen;
	unsigned seen_count;
	struct vmmq_conformance_completion *completion;
	unsigned completion_count;
	void (*inside)(struct trial *t, const struct vmmq_conformance_packet *packet); /* an indication */
	void *memory;                                                                  /* a list, freed at the end */
	enum outcome outcome;
	char text[512];
	jmp_buf end;
};

/*
 * A line of a table of cases: a rule (no function) or, below it, a case of that rule.
 * number: a rule's, section/row.  text: a rule in our words, or what the case does.  choice: where the sources
 * contradict each other, what we follow.
 */
struct line {
	const char *number;
	const char *text;
	const char *choice;
	void (*run)(struct trial *t);
};
/* clang-format off */
#define RULE(n, words)         { .number = (n), .text = (words) }
#define CHOICE(n, words, ours) { .number = (n), .text = (words), .choice = (ours) }
#define CASE(function, words)  { .text = (words), .run = (function) }
#define END_OF_LINES           { .text = NULL }
/* clang-format on */

/* All tables, in the order of the specification; NULL ends them. */
struct section {
	const char *title;
	const struct line *line;
};
extern const struct section sections[];

/* trial_run runs one case from NIC to NIC's end. */
void trial_run(struct trial *t, const struct vmmq_conformance_subject *subject, const struct line *line);

/* trial_fail and trial_skip end the case. */
__attribute__((noreturn, format(printf, 2, 3))) void trial_fail(struct trial *t, const char *format, ...);
__attribute__((noreturn, format(printf, 2, 3))) void trial_skip(struct trial *t, const char *format, ...);
/* trial_alloc returns zeroed memory that lasts until the case ends. */
void *trial_alloc(struct trial *t, size_t len);
/* trial_release frees what was allocated since t->memory was mark. */
void trial_release(struct trial *t, void *mark);

/* trial_open makes the NIC: setup NULL is the usual one.  Once more: another NIC in place of it. */
extern const struct vmmq_conformance_setup usual;
void trial_open(struct trial *t, const struct vmmq_conformance_setup *setup);

/* Checks that end the case. */
#define CHECK(t, condition, ...)                                                                                     \
	do {                                                                                                         \
		if (!(condition))                                                                                    \
			trial_fail(t, __VA_ARGS__);                                                                  \
	} while (0)
const char *status_name(vmmq_status status);
void trial_expect(struct trial *t, vmmq_status want, vmmq_status got, const char *what);
#define DONE(t, request)          trial_expect(t, VMMQ_SUCCESS, request, #request)
#define ANSWERS(t, want, request) trial_expect(t, want, request, #request)

/* trial_poll_all runs all processors until none has anything to do. */
void trial_poll_all(struct trial *t);

#endif
