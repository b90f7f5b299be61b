/* SPDX-License-Identifier: BSD-2-Clause */
/* What was read of a capture, and which of its packets are not Ethernet and so were passed over. */
#include <stdio.h>

#include "vmmq/figures.h"
#include "vmmq/replay/replay_report.h"

#define LINK_TYPE_MAX 96

void replay_report_skipped(const struct replay_counts *counts)
{
	for (unsigned i = 0; i < counts->skipped_count; i++) {
		const struct capture_skipped *skipped = &counts->skipped[i];
		char type[LINK_TYPE_MAX], packets[FIGURE_SIZE];

		capture_link_type_text(skipped->link_type, type, sizeof(type));
		printf("%s more passed over, not Ethernet: %s; the first is packet %llu\n",
		       figure_exact(skipped->packets, packets), type, (unsigned long long)skipped->first);
	}
}

static json_t *skipped_json(const struct replay_counts *counts)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < counts->skipped_count; i++) {
		const struct capture_skipped *skipped = &counts->skipped[i];
		char type[LINK_TYPE_MAX];

		capture_link_type_text(skipped->link_type, type, sizeof(type));
		json_array_append_new(list,
				      json_pack("{s:s, s:I, s:I}", "link_type", type, "packets",
						(json_int_t)skipped->packets, "first", (json_int_t)skipped->first));
	}
	return list;
}

void replay_report_counts_json(json_t *object, const struct replay_counts *counts)
{
	json_object_set_new(object, "packets", json_integer((json_int_t)counts->packets));
	json_object_set_new(object, "bytes", json_integer((json_int_t)counts->bytes));
	json_object_set_new(object, "headers_cut", json_integer((json_int_t)counts->cut));
	json_object_set_new(object, "not_ethernet", skipped_json(counts));
}
