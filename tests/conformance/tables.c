/* SPDX-License-Identifier: BSD-2-Clause */
/* All tables, in the order of the specification. */
#include "tables.h"

#include <stdio.h>
#include <string.h>

#include "cases.h"

const struct section sections[] = {
	{ "3.1 VPort states", lines_states },
	{ "3.2 Deletion sequence", lines_deletion },
	{ "3.3 Limits and pool rules", lines_limits },
	{ "3.4 Control operations", lines_operations },
	{ "4.3 VLAN semantics", lines_vlan },
	{ "4.5 Filter rules in time", lines_filter },
	{ "8.1 Out-of-band data on a packet", lines_oob },
	{ "10.2 RSSv1 flags", lines_v1_flags },
	{ "10.3 RSSv1 enable, update, disable", lines_v1_enable },
	{ "10.4 RSSv1 validation and statuses", lines_v1_checks },
	{ "10.5 Changing the number of queues", lines_v1_queues },
	{ "11.2 RSSv2 parameters", lines_v2 },
	{ "11.3 Moving indirection table entries", lines_move },
	{ "13.3 Receive filter capabilities", lines_capabilities },
	{ "19 Contradictions in the sources", lines_choice },
	{ "21 Conformance checklist", lines_checklist },
	{ NULL, NULL },
};

static void number_of(struct numbered *at, unsigned letter)
{
	snprintf(at->number, sizeof(at->number), "%s%c", at->rule->number, 'a' + (int)letter);
}

bool tables_next(struct numbered *at)
{
	unsigned letter = 0;

	if (!at->section) {
		at->section = sections;
		at->line = at->section->line;
	} else {
		letter = (unsigned)(at->number[strlen(at->number) - 1] - 'a') + 1;
		at->line++;
	}
	for (;; at->line++) {
		if (!at->line->text) {
			at->section++;
			if (!at->section->line)
				return false;
			at->line = at->section->line;
		}
		if (at->line->run)
			break;
		at->rule = at->line;
		letter = 0;
	}
	number_of(at, letter);
	return true;
}

static bool is_used_before(const struct line *rule)
{
	for (const struct section *section = sections; section->line; section++)
		for (const struct line *line = section->line; line->text; line++) {
			if (line == rule)
				return false;
			if (line->number && !strcmp(line->number, rule->number))
				return true;
		}
	return false;
}

const char *tables_check(void)
{
	static char text[96];

	for (const struct section *section = sections; section->line; section++)
		for (const struct line *line = section->line; line->text; line++) {
			if (line->number && !line[1].run) {
				snprintf(text, sizeof(text), "rule %s has no case", line->number);
				return text;
			}
			if (line->number && is_used_before(line)) {
				snprintf(text, sizeof(text), "there are two rules %s", line->number);
				return text;
			}
		}
	return NULL;
}
