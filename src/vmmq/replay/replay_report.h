/* SPDX-License-Identifier: BSD-2-Clause */
/* What the parts of the report share. */
#ifndef VMMQ_VMMQ_REPLAY_REPLAY_REPORT_H
#define VMMQ_VMMQ_REPLAY_REPLAY_REPORT_H

#include <jansson.h>
#include <libsmartcols/libsmartcols.h>

#include "vmmq/replay/replay.h"

#define REPLAY_BAR_MAX 128 /* bytes of a bar, with its NUL */

/* replay_bar draws a share. */
void replay_bar(double share, char text[REPLAY_BAR_MAX]);

/* replay_table_make makes a table of who, count, share and spread; NULL: memory.  replay_table_add adds a line. */
struct libscols_table *replay_table_make(const char *who, const char *count);
struct libscols_line *replay_table_add(struct libscols_table *table, struct libscols_line *parent, const char *who,
				       uint64_t count, double share, const char *spread);

/* replay_report_skipped prints a line for each link type that is not Ethernet.  replay_report_counts_json says in object what was read. */
void replay_report_skipped(const struct replay_counts *counts);
void replay_report_counts_json(json_t *object, const struct replay_counts *counts);

/* What was sent, below the table of what was received, and as the value of "transmit". */
void replay_report_transmit(const struct replay_options *options, const struct vmmq_config *config,
			    const struct vmmq_adapter *adapter, const struct replay_result *result);
json_t *replay_report_transmit_json(const struct replay_options *options, const struct vmmq_config *config,
				    const struct vmmq_adapter *adapter, const struct replay_result *result);

#endif
