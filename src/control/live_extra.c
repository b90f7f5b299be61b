/* SPDX-License-Identifier: BSD-2-Clause */
/* What VPorts and the uplink have beside the NIC switch, with a log to take changes back. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "control/live_state.h"
#include "schema/needed.h"
#include "schema/value.h"

static const struct live_extra of_new_vport = { .anti_spoofing = FIELD_ANTI_SPOOFING_INITIAL,
						.control_frames = FIELD_CONTROL_FRAMES_INITIAL,
						.flood_limit = FIELD_FLOOD_LIMIT_INITIAL };
static const struct live_extra of_vport_zero = { .control_frames = true, .flood_limit = FIELD_FLOOD_LIMIT_INITIAL };
static const struct live_extra of_uplink = { .rx_queues = FIELD_RX_QUEUES_INITIAL };

const struct live_extra *live_extra_at(const struct live *live, uint32_t place)
{
	if (live->extras.of[place])
		return live->extras.of[place];
	return place == LIVE_UPLINK ? &of_uplink : place ? &of_new_vport : &of_vport_zero;
}

static void extra_free(struct live_extra *extra)
{
	if (extra)
		free(extra->device);
	free(extra);
}

static bool extra_undo_reserve(struct live_extra_table *extras)
{
	struct live_extra_undo *undo =
	    array_room(extras->undo, &extras->undo_capacity, extras->undo_count + 1, 16, sizeof(*undo));

	if (!undo)
		return false;
	extras->undo = undo;
	return true;
}

static void extra_replace(struct live_extra_table *extras, uint32_t place, struct live_extra *extra)
{
	extras->undo[extras->undo_count++] = (struct live_extra_undo){ place, extras->of[place] };
	extras->of[place] = extra;
	if (place != LIVE_UPLINK && place >= extras->end)
		extras->end = place + 1;
}

bool live_extra_put(struct live *live, uint32_t place, const struct live_extra *wanted)
{
	struct live_extra *copy;

	if (!extra_undo_reserve(&live->extras))
		return false;
	copy = malloc(sizeof(*copy));
	if (!copy)
		return false;
	*copy = *wanted;
	if (wanted->device) {
		copy->device = strdup(wanted->device);
		if (!copy->device) {
			free(copy);
			return false;
		}
	}
	extra_replace(&live->extras, place, copy);
	return true;
}

bool live_extra_forget(struct live *live, uint32_t place)
{
	if (!live->extras.of[place])
		return true;
	if (!extra_undo_reserve(&live->extras))
		return false;
	extra_replace(&live->extras, place, NULL);
	return true;
}

void live_extra_set_device(struct live_extra *extra, const char *devargs)
{
	static const char *const keys[] = { "iface", "path", "socket" };

	/* A copy in a caller's hands borrows its text. */
	extra->device = (char *)(uintptr_t)devargs;
	extra->name[0] = extra->path[0] = '\0';
	if (!devargs)
		return;
	ethdev_devargs_name(devargs, extra->name, sizeof(extra->name));
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]) && !extra->path[0]; i++)
		if (!ethdev_devargs_value(devargs, keys[i], extra->path, sizeof(extra->path)))
			extra->path[0] = '\0';
}

/* refuse_shared says who has it already. */
static vmmq_status refuse_shared(uint32_t other, const char *what, const char *value, const char *field,
				 struct vmmq_why *why)
{
	char owner[32] = "the uplink";

	if (other != LIVE_UPLINK)
		snprintf(owner, sizeof(owner), "VPort %u", (unsigned)other);
	return vmmq_why_set(why, VMMQ_INVALID_PARAMETER, field,
			    "%s %.100s is used by %s already; each port needs its own", what, value, owner);
}

vmmq_status live_extra_check(const struct live *live, uint32_t place, struct vmmq_why *why)
{
	const struct live_extra *extra = live_extra_at(live, place);
	const char *field = place == LIVE_UPLINK ? "adapter.uplink.device" : "backend.device";
	char error[256], hint[VALUE_HINT_MAX] = "", needed[NEEDED_MAX];

	if (!extra->device)
		return VMMQ_SUCCESS;
	if (!value_text(extra->device, FIELD_BACKEND_DEVICE_MIN, FIELD_BACKEND_DEVICE_MAX, hint)) {
		needed_text(schema_field(FIELD_BACKEND_DEVICE), NEEDED_IN_REQUEST, needed, sizeof(needed));
		return vmmq_why_set(why, VMMQ_INVALID_PARAMETER, field, "%s is needed%s", needed, hint);
	}
	if (!ethdev_devargs_check(extra->device, error, sizeof(error)))
		return vmmq_why_set(why, VMMQ_INVALID_PARAMETER, field, "%s", error);
	for (uint32_t i = 0; i <= live->extras.end; i++) {
		uint32_t at = i < live->extras.end ? i : LIVE_UPLINK;
		const struct live_extra *other = live->extras.of[at];

		if (!other || !other->device || at == place)
			continue;
		if (strcmp(other->name, extra->name) == 0)
			return refuse_shared(at, "the device name", extra->name, field, why);
		if (extra->path[0] && strcmp(other->path, extra->path) == 0)
			return refuse_shared(at, "the path", extra->path, field, why);
	}
	return VMMQ_SUCCESS;
}

size_t live_extra_mark(const struct live *live)
{
	return live->extras.undo_count;
}

void live_extra_rollback(struct live *live, size_t mark)
{
	struct live_extra_table *extras = &live->extras;

	while (extras->undo_count > mark) {
		const struct live_extra_undo *undo = &extras->undo[--extras->undo_count];

		extra_free(extras->of[undo->place]);
		extras->of[undo->place] = undo->before;
	}
}

void live_extra_commit(struct live *live)
{
	while (live->extras.undo_count)
		extra_free(live->extras.undo[--live->extras.undo_count].before);
}

void live_extra_fini(struct live *live)
{
	live_extra_commit(live);
	for (uint32_t i = 0; i <= LIVE_UPLINK; i++)
		extra_free(live->extras.of[i]);
	free(live->extras.undo);
}
