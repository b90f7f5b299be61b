/* SPDX-License-Identifier: BSD-2-Clause */
/* docs/conformance.md: every rule with its cases. */
#include <stdio.h>
#include <string.h>

#include "tables.h"

static const char introduction[] =
    "# Conformance\n"
    "\n"
    "`build/vmmq-conformance` tries every row of the tables of [spec.md](spec.md) 3.1 to 3.4, 4.3, 4.5, 10.2 to "
    "10.5,\n"
    "11.2 and 11.3, of 8.1 and 13.3 what can be seen from outside, our choices in 19, and the 17 statements of 21, "
    "as\n"
    "numbered cases, against any implementation of VMMQ that answers binary NDIS requests:\n"
    "\n"
    "```\n"
    "$ build/vmmq-conformance                          # libvmmq-core and libvmmq-ndis\n"
    "$ build/vmmq-conformance --subject engine         # the adapter on DPDK\n"
    "$ build/vmmq-conformance --subject ./mine.so      # yours\n"
    "$ build/vmmq-conformance --case 10.4 --case 11.3/8b --json\n"
    "```\n"
    "\n"
    "Yours is a shared object with the functions of `tests/conformance/vmmq_conformance.h`: make a NIC, destroy it,\n"
    "request, receive, poll a processor, and, if it transmits, send. `subject_core.c` beside it is a short example.\n"
    "Nothing else is asked of it: whether a refused request has changed anything is found out by queries, "
    "enumerations\n"
    "and the way that packets take. The suite makes requests, reads answers and hashes packets with code of its own. "
    "A\n"
    "case that needs something which the subject does not have is reported as not applicable, with the reason.\n"
    "Exit status: 0 when no case failed, 1 otherwise, 2 for wrong usage.\n"
    "\n"
    "That the suite can fail is tested: `wrong.c` there breaks one rule at a time of an implementation that is "
    "right,\n"
    "and `mutation_test.py` demands that cases of that rule find it.\n"
    "\n"
    "A case's number is its rule's number (section/row of spec.md; with a letter where a section has several lists: "
    "f flags, m\n"
    "members, s statuses of commands, w of whole requests, o order and counting, d deviations of Microsoft's sample) "
    "and a\n"
    "letter. This file is written by `vmmq-conformance --markdown`.\n";

/* cell writes text as a table cell. */
static void cell(const char *text)
{
	for (; *text; text++) {
		if (*text == '|')
			putchar('\\');
		putchar(*text);
	}
}

static void rule_write(const struct line *rule)
{
	char letter = 'a';

	printf("| %s | ", rule->number);
	cell(rule->text);
	if (rule->choice) {
		printf("<br>**Ours:** ");
		cell(rule->choice);
	}
	printf(" | ");
	for (const struct line *line = rule + 1; line->run; line++, letter++) {
		printf("%s**%s%c** ", letter == 'a' ? "" : "<br>", rule->number, letter);
		cell(line->text);
	}
	printf(" |\n");
}

void markdown_write(void)
{
	fputs(introduction, stdout);
	for (const struct section *section = sections; section->line; section++) {
		printf("\n## %s\n| Rule | What it says | Cases |\n|---|---|---|\n", section->title);
		for (const struct line *line = section->line; line->text; line++)
			if (line->number)
				rule_write(line);
	}
}
