/* SPDX-License-Identifier: BSD-2-Clause */
#include "vmmq/simulate/series.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void series_fini(struct series *s)
{
	free(s->processor);
	free(s->vport_id);
	free(s->vport);
	free(s->lane);
	free(s->lane_processor);
	free(s->event);
	memset(s, 0, sizeof(*s));
}

static bool series_allocate(struct series *s, unsigned processors, unsigned vports, uint32_t lanes,
			    char error[SERIES_ERROR_MAX])
{
	memset(s, 0, sizeof(*s));
	s->processor_count = processors;
	s->processor = calloc(processors, sizeof(*s->processor));
	s->vport_id = calloc(vports, sizeof(*s->vport_id));
	s->vport = calloc(vports, sizeof(*s->vport));
	s->lane = calloc(lanes, sizeof(*s->lane));
	s->lane_processor = calloc(lanes, sizeof(*s->lane_processor));
	if (s->processor && s->vport_id && s->vport && s->lane && s->lane_processor)
		return true;
	series_fini(s);
	snprintf(error, SERIES_ERROR_MAX, "out of memory");
	return false;
}

/* series_open_vport adds a VPort, series_open_lane a lane to the last one. */
static void series_open_vport(struct series *s, unsigned id, unsigned queue_pairs)
{
	s->vport_id[s->vport_count] = (uint16_t)id;
	s->vport[s->vport_count++] =
	    (struct balance_vport){ .queue_pairs = (uint16_t)queue_pairs, .min_queue_pairs = 1, .dynamic = true };
}

static void series_open_lane(struct series *s, unsigned lane, unsigned processor)
{
	s->lane[s->lane_count] = (struct series_lane){ (uint16_t)(s->vport_count - 1), (uint16_t)lane };
	s->lane_processor[s->lane_count++] = (uint16_t)processor;
	s->vport[s->vport_count - 1].lanes++;
}

static unsigned processor_index(const struct vmmq_config *config, struct vmmq_processor processor)
{
	for (unsigned i = 0; i < config->processor_count; i++)
		if (config->processors[i].v == processor.v)
			return i;
	return 0; /* a checked configuration names no other */
}

static void series_take_vport(struct series *s, const struct vmmq_config *config, const struct config_vport *vport)
{
	const struct vmmq_rss_params *rss = &vport->rss;

	series_open_vport(s, vport->id.v, vport->queue_pairs);
	if (!rss->enabled) {
		series_open_lane(s, SERIES_LANE_PRIMARY, processor_index(config, rss->primary));
		return;
	}
	for (unsigned e = 0; e < rss->entry_count; e++)
		series_open_lane(s, e, processor_index(config, rss->table[e]));
	series_open_lane(s, SERIES_LANE_DEFAULT, processor_index(config, rss->default_processor));
}

bool series_from_config(struct series *s, const struct vmmq_config *config, char error[SERIES_ERROR_MAX])
{
	uint32_t lanes = 0;

	if (config->processor_count > BALANCE_PROCESSORS_MAX) {
		snprintf(error, SERIES_ERROR_MAX, "%zu processors: at most %u can be simulated",
			 config->processor_count, BALANCE_PROCESSORS_MAX);
		return false;
	}
	for (size_t v = 0; v < config->vport_count; v++)
		lanes += config->vports[v].rss.enabled ? config->vports[v].rss.entry_count + 1u : 1u;
	if (!series_allocate(s, (unsigned)config->processor_count, (unsigned)config->vport_count, lanes, error))
		return false;
	for (unsigned p = 0; p < config->processor_count; p++)
		s->processor[p] = config->processors[p].v;
	for (size_t v = 0; v < config->vport_count; v++)
		series_take_vport(s, config, &config->vports[v]);
	return true;
}

bool series_plain(struct series *s, unsigned processors, unsigned vports, const uint16_t ids[],
		  const uint16_t *const lanes[], const uint16_t lane_counts[], char error[SERIES_ERROR_MAX])
{
	uint32_t all = 0;

	for (unsigned v = 0; v < vports; v++)
		all += lane_counts[v];
	if (!series_allocate(s, processors, vports, all, error))
		return false;
	for (unsigned p = 0; p < processors; p++)
		s->processor[p] = (uint16_t)p;
	for (unsigned v = 0; v < vports; v++) {
		series_open_vport(s, ids[v], processors);
		for (unsigned l = 0; l < lane_counts[v]; l++)
			series_open_lane(s, lanes[v][l], lanes[v][l] % processors);
	}
	return true;
}

unsigned series_vport(const struct series *s, unsigned id)
{
	unsigned low = 0, high = s->vport_count;

	while (low < high) {
		unsigned middle = (low + high) / 2;

		if (s->vport_id[middle] == id)
			return middle;
		if (s->vport_id[middle] < id)
			low = middle + 1;
		else
			high = middle;
	}
	return UINT_MAX;
}

uint32_t series_find(const struct series *s, unsigned vport, unsigned lane)
{
	uint32_t low = 0, high = s->lane_count, wanted = vport << 16 | lane;

	while (low < high) {
		uint32_t middle = (low + high) / 2,
			 there = (uint32_t)s->lane[middle].vport << 16 | s->lane[middle].lane;

		if (there == wanted)
			return middle;
		if (there < wanted)
			low = middle + 1;
		else
			high = middle;
	}
	return UINT32_MAX;
}

bool series_add(struct series *s, uint32_t tick, uint32_t lane, uint32_t load)
{
	if (s->event_count == s->event_room) {
		size_t room = s->event_room ? 2 * s->event_room : 1024;
		struct series_event *more;

		if (s->event_room >= SERIES_EVENTS_MAX)
			return false;
		more = realloc(s->event, room * sizeof(*more));
		if (!more)
			return false;
		s->event = more;
		s->event_room = room;
	}
	s->event[s->event_count++] = (struct series_event){ tick, lane, load };
	return true;
}
