/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The Prometheus text format.  All samples of a metric must stand together, but VPorts are visited once: so each metric
 * gathers its lines in a buffer of its own.  One thread.
 */
#ifndef VMMQ_METRICS_METRICS_TEXT_H
#define VMMQ_METRICS_METRICS_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "metrics/metrics_table.h"

struct metrics_lines {
	char *text;
	size_t len, size;
};

/* failed: memory was short, and what has been gathered is not complete. */
struct metrics_text {
	struct metrics_lines metric[METRIC_COUNT];
	bool failed;
};

/*
 * Labels of a sample, as they stand between the braces; vmmq's own values need no escapes but names do.
 * labels_add adds name="value", escaped; bytes that are not UTF-8 become '?'.  Too much: the label is left out.
 */
#define METRICS_LABELS_MAX 1024
struct metrics_labels {
	size_t len;
	char text[METRICS_LABELS_MAX];
};
void labels_add(struct metrics_labels *labels, const char *name, const char *value);
void labels_add_number(struct metrics_labels *labels, const char *name, uint64_t value);

/* metrics_add adds a sample; metrics_add_ns one in seconds, exactly; labels NULL: none. */
void metrics_add(struct metrics_text *text, enum metric metric, const struct metrics_labels *labels, uint64_t value);
void metrics_add_ns(struct metrics_text *text, enum metric metric, const struct metrics_labels *labels, uint64_t ns);

/*
 * metrics_text_join returns the whole exposition, malloc'ed, with its length in *len, HELP and TYPE for every metric, also those without a
 * sample; NULL: memory.  metrics_text_fini frees the parts.  A zeroed one is legal.
 */
char *metrics_text_join(const struct metrics_text *text, size_t *len);
void metrics_text_fini(struct metrics_text *text);

#endif
