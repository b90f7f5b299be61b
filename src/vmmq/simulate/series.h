/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A load series: how much of a processor's time each lane asks for, tick by tick.  From a CSV file, a capture, or made.  One thread.
 */
#ifndef VMMQ_VMMQ_SIMULATE_SERIES_H
#define VMMQ_VMMQ_SIMULATE_SERIES_H

#include "balance/balance.h"
#include "config/config_model.h"

#define SERIES_TICK_NS     10000000u
#define SERIES_TICKS_SEC   100u
#define SERIES_SECONDS_MAX 86400u
#define SERIES_EVENTS_MAX  (32u << 20)
#define SERIES_ERROR_MAX   1024

/* Lanes of a VPort: entries of its table from 0 on, then what packets without a hash and a VPort without RSS use. */
#define SERIES_LANE_DEFAULT VMMQ_TABLE_ENTRIES_MAX
#define SERIES_LANE_PRIMARY (VMMQ_TABLE_ENTRIES_MAX + 1)

struct series_lane {
	uint16_t vport; /* index */
	uint16_t lane;
};

/* From that tick on the lane has that load (ppm, see balance/balance.h). */
struct series_event {
	uint32_t tick, lane, load;
};

struct series {
	unsigned processor_count;
	uint16_t *processor; /* their numbers, preferred first */
	unsigned vport_count;
	uint16_t *vport_id;
	struct balance_vport *vport;
	uint32_t lane_count;
	struct series_lane *lane; /* VPort by VPort */
	uint16_t *lane_processor; /* index: where it is at first */
	size_t event_count, event_room;
	struct series_event *event; /* ascending by tick */
	uint32_t ticks;
};

/* series_fini frees what a series owns; a zeroed one is legal. */
void series_fini(struct series *series);

/* What all of them return: false with a sentence in error and nothing of series to free. */

/*
 * series_from_config makes VPorts and lanes of a configuration, with its tables, and no event: a VPort has its entries and its
 * default processor with RSS on, its primary processor with RSS off.
 */
bool series_from_config(struct series *series, const struct vmmq_config *config, char error[SERIES_ERROR_MAX]);

/* series_plain makes VPorts of ids from `ids`, each with the lanes of its `lanes`, on processors 0 to processors - 1, lane l on l % processors. */
bool series_plain(struct series *series, unsigned processors, unsigned vports, const uint16_t ids[],
		  const uint16_t *const lanes[], const uint16_t lane_counts[], char error[SERIES_ERROR_MAX]);

/* series_find returns the lane, or UINT32_MAX.  vport_index: the VPort of that id, or UINT_MAX. */
uint32_t series_find(const struct series *series, unsigned vport, unsigned lane);
unsigned series_vport(const struct series *series, unsigned id);

/* series_add appends an event, which is not before the last one; false: memory, or more than SERIES_EVENTS_MAX. */
bool series_add(struct series *series, uint32_t tick, uint32_t lane, uint32_t load);

/*
 * series_read_csv reads a file ("-" is standard input) of lines "time,vport,lane,load" (docs/balance.md), into a series with VPorts, or, where
 * config is NULL, into an empty one, whose VPorts are then those of the file.  It ends after `seconds`, 0: after the last line.
 */
bool series_read_csv(struct series *series, const char *path, const struct vmmq_config *config, unsigned processors,
		     double seconds, char error[SERIES_ERROR_MAX]);

/*
 * series_read_capture steers a capture by a configuration: each packet takes cost_ns of the processor.  Time runs `speed` times as
 * fast as in the capture.
 */
bool series_read_capture(struct series *series, const char *path, const struct vmmq_config *config, uint64_t cost_ns,
			 uint64_t speed, char error[SERIES_ERROR_MAX]);

/* series_generate makes one of the loads of docs/balance.md; names are SERIES_NAMES.  seconds 0: as long as it is meant to be. */
#define SERIES_NAMES "zipf-step|low|constant|large"
bool series_generate(struct series *series, const char *name, uint64_t seed, double seconds,
		     char error[SERIES_ERROR_MAX]);

#endif
