/* SPDX-License-Identifier: BSD-2-Clause */
/* A capture as loads: which lane each packet belongs to is what the core's own path says. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <vmmq/classify.h>

#include "config/build_switch.h"
#include "ports/capture_read.h"
#include "vmmq/input/cut_frame.h"
#include "vmmq/simulate/series.h"

/* What has come in the tick that is read, and in the one before. */
struct capture_tick {
	struct series *series;
	const struct vmmq_view *view;
	uint64_t cost_ns;
	uint32_t tick;
	uint64_t start_ns; /* of the capture's first packet */
	uint32_t *packets; /* by lane, in this tick */
	bool *loaded;      /* by lane: its last event is not 0 */
	uint32_t *list;    /* lanes that are loaded, or have packets */
	uint32_t listed;
	uint64_t taken;
};

/* tick_end writes what changed in the tick that is over; a lane without packets has no load from now on. */
static bool tick_end(struct capture_tick *t)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < t->listed; i++) {
		uint32_t lane = t->list[i];
		uint64_t load = t->packets[lane] * t->cost_ns * BALANCE_WHOLE / SERIES_TICK_NS;

		if (!series_add(t->series, t->tick, lane,
				load < BALANCE_LOAD_MAX ? (uint32_t)load : BALANCE_LOAD_MAX))
			return false;
		t->loaded[lane] = t->packets[lane] != 0;
		if (t->loaded[lane])
			t->list[kept++] = lane;
		t->packets[lane] = 0;
	}
	t->listed = kept;
	return true;
}

/* tick_go_to ends ticks up to the one in which a packet is; what comes late counts where we are. */
static bool tick_go_to(struct capture_tick *t, uint32_t tick)
{
	while (t->tick < tick) {
		if (!tick_end(t))
			return false;
		t->tick = t->listed ? t->tick + 1 : tick;
	}
	return true;
}

static bool packet_take(struct capture_tick *t, const struct capture_packet *packet)
{
	size_t len = cut_frame_len(packet->data, packet->len, packet->wire_len);
	const uint8_t *frame = packet->data;
	uint8_t whole[CUT_FRAME_MAX];
	struct vmmq_verdict verdict;
	uint32_t lane;

	if (len > packet->len) {
		cut_frame_fill(whole, frame, packet->len, len);
		frame = whole;
	}
	vmmq_classify(t->view, frame, (uint32_t)len, &verdict, NULL);
	if (verdict.drop)
		return true;
	lane = series_find(t->series, series_vport(t->series, verdict.vport.v),
			   verdict.via == VMMQ_VIA_TABLE     ? verdict.entry
			   : verdict.via == VMMQ_VIA_DEFAULT ? SERIES_LANE_DEFAULT
							     : SERIES_LANE_PRIMARY);
	if (lane == UINT32_MAX)
		return true; /* a VPort that is not activated */
	if (!t->packets[lane] && !t->loaded[lane])
		t->list[t->listed++] = lane;
	t->packets[lane]++;
	t->taken++;
	return true;
}

static bool capture_steer(struct capture_tick *t, struct capture_read *reader, const char *path, uint64_t speed,
			  char error[SERIES_ERROR_MAX])
{
	struct capture_packet packet;
	enum capture_status status;
	bool begun = false; /* the first packet that is Ethernet need not be the file's first */

	while ((status = capture_read_next(reader, &packet)) == CAPTURE_PACKET) {
		uint64_t after, tick;

		if (!begun)
			t->start_ns = packet.time_ns;
		begun = true;
		after = packet.time_ns > t->start_ns ? packet.time_ns - t->start_ns : 0;
		tick = after / speed / SERIES_TICK_NS;
		if (tick >= (uint64_t)SERIES_SECONDS_MAX * SERIES_TICKS_SEC) {
			snprintf(error, SERIES_ERROR_MAX,
				 "%.400s: packet %llu: it comes more than %u s after the first; --speed makes time "
				 "shorter",
				 path, (unsigned long long)packet.number, SERIES_SECONDS_MAX);
			return false;
		}
		if (!tick_go_to(t, (uint32_t)tick) || !packet_take(t, &packet)) {
			snprintf(error, SERIES_ERROR_MAX, "%.400s: packet %llu: no memory for more", path,
				 (unsigned long long)packet.number);
			return false;
		}
	}
	if (status == CAPTURE_ERROR)
		snprintf(error, SERIES_ERROR_MAX, "%s", capture_read_error(reader));
	else if (!t->taken)
		snprintf(error, SERIES_ERROR_MAX, "%.400s: it has no packet that can be steered", path);
	return status == CAPTURE_END && t->taken && tick_end(t);
}

static bool capture_run(struct series *s, struct vmmq_nic_switch *sw, const char *path, uint64_t cost_ns,
			uint64_t speed, char error[SERIES_ERROR_MAX])
{
	struct capture_tick t = { .series = s, .view = vmmq_nic_switch_view(sw), .cost_ns = cost_ns };
	struct capture_read *reader = capture_read_open(path, error, SERIES_ERROR_MAX);
	bool read = false;

	t.packets = calloc(s->lane_count, sizeof(*t.packets));
	t.loaded = calloc(s->lane_count, sizeof(*t.loaded));
	t.list = calloc(s->lane_count, sizeof(*t.list));
	if (reader && t.packets && t.loaded && t.list)
		read = capture_steer(&t, reader, path, speed, error);
	else if (reader)
		snprintf(error, SERIES_ERROR_MAX, "out of memory");
	if (reader)
		capture_read_close(reader);
	free(t.packets);
	free(t.loaded);
	free(t.list);
	s->ticks = t.tick + 1;
	return read;
}

bool series_read_capture(struct series *s, const char *path, const struct vmmq_config *config, uint64_t cost_ns,
			 uint64_t speed, char error[SERIES_ERROR_MAX])
{
	struct vmmq_nic_switch *sw;
	struct vmmq_why why;
	bool read;

	if (!series_from_config(s, config, error))
		return false;
	if (switch_from_config(config, &sw, &why) != VMMQ_SUCCESS) {
		snprintf(error, SERIES_ERROR_MAX, "%s: %s", why.path, why.text);
		series_fini(s);
		return false;
	}
	read = capture_run(s, sw, path, cost_ns, speed, error);
	vmmq_nic_switch_destroy(sw);
	if (!read)
		series_fini(s);
	return read;
}
