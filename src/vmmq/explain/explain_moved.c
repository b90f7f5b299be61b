/* SPDX-License-Identifier: BSD-2-Clause */
/* What a running vmmqd has moved for the load: its tables as they are now, and what of it concerns the packet. */
#include <stdio.h>
#include <string.h>

#include "vmmq/client/daemon_ask.h"
#include "vmmq/explain/explain_packet.h"
#include "vmmq/figures.h"

static json_int_t moved_number(const json_t *record, const char *key)
{
	return json_integer_value(json_object_get(record, key));
}

/* moved_is_lane tells whether a record is of the packet's lane. */
static bool moved_is_lane(const json_t *record, const struct vmmq_verdict *verdict)
{
	if (verdict->via == VMMQ_VIA_TABLE)
		return json_object_get(record, "entry") && moved_number(record, "entry") == verdict->entry;
	return json_is_true(json_object_get(record, verdict->via == VMMQ_VIA_DEFAULT ? "default" : "primary"));
}

static const json_t *moved_find(const json_t *list, const struct vmmq_verdict *verdict)
{
	const json_t *record;
	size_t i;

	json_array_foreach(list, i, record)
	{
		if (moved_is_lane(record, verdict))
			return record;
	}
	return NULL;
}

static void moved_put_lane(struct vmmq_rss_params *rss, const json_t *lane)
{
	const json_t *entry = json_object_get(lane, "entry");
	struct vmmq_processor processor = { (uint16_t)moved_number(lane, "processor") };

	if (entry && json_integer_value(entry) < rss->entry_count)
		rss->table[json_integer_value(entry)] = processor;
	else if (json_is_true(json_object_get(lane, "default")))
		rss->default_processor = processor;
	else if (json_is_true(json_object_get(lane, "primary")))
		rss->primary = processor;
}

/* moved_apply makes the VPort's table as it is now. */
static void moved_apply(struct vmmq_config *config, struct vmmq_nic_switch *sw, struct vmmq_vport_id id,
			const json_t *lanes)
{
	struct vmmq_vport_info info;
	struct vmmq_rss_params rss;
	const json_t *lane;
	size_t i;

	if (!vmmq_vport_get(sw, id, &info))
		return;
	rss = *info.rss;
	json_array_foreach(lanes, i, lane) moved_put_lane(&rss, lane);
	if (vmmq_rss_set(sw, id, &rss, NULL) != VMMQ_SUCCESS)
		return; /* it has changed in between */
	for (size_t v = 0; v < config->vport_count; v++)
		if (config->vports[v].id.v == id.v)
			config->vports[v].rss = rss;
}

/* moved_name names the packet's lane at the beginning of a sentence. */
static const char *moved_name(const struct vmmq_verdict *verdict, char name[32])
{
	if (verdict->via == VMMQ_VIA_TABLE)
		snprintf(name, 32, "Entry %u", (unsigned)verdict->entry);
	else
		snprintf(name, 32, "%s",
			 verdict->via == VMMQ_VIA_DEFAULT ? "The default processor" : "Its primary processor");
	return name;
}

static void moved_say(const json_t *answer, const struct vmmq_verdict *verdict, char *note, size_t len)
{
	const json_t *lane = moved_find(json_object_get(answer, "lanes"), verdict);
	const json_t *move = moved_find(json_object_get(answer, "moves"), verdict);
	char name[32], ago[FIGURE_SIZE];

	moved_name(verdict, name);
	if (json_is_true(json_object_get(lane, "pinned")))
		snprintf(note, len, "%s was moved by hand, so the load does not move it.", name);
	else if (json_is_true(json_object_get(lane, "moved")) && move)
		snprintf(note, len, "%s was moved from processor %lld to %lld %s ago: %.400s.", name,
			 (long long)moved_number(move, "from"), (long long)moved_number(move, "to"),
			 figure_duration(json_number_value(json_object_get(move, "ago")), ago),
			 json_string_value(json_object_get(move, "text")));
	else if (json_is_true(json_object_get(lane, "moved")))
		snprintf(note, len, "%s was moved with the load, from processor %lld, where it was requested.", name,
			 (long long)moved_number(lane, "requested"));
}

/* moved_say_elephant adds to the note that the packet's lane is one, and whose flows that are can be asked. */
static void moved_say_elephant(const json_t *answer, const struct vmmq_verdict *verdict, char *note, size_t len)
{
	const json_t *elephant;
	size_t i, at = strlen(note);

	json_array_foreach(json_object_get(answer, "elephants"), i, elephant)
	{
		char load[FIGURE_SIZE], name[32];

		if (moved_number(elephant, "vport") != verdict->vport.v || !moved_is_lane(elephant, verdict))
			continue;
		snprintf(note + at, len - at,
			 "%s%s takes %s of processor %lld by itself, too much to be beside others: vmmq show balance "
			 "--flows names its flows.",
			 at ? " " : "", moved_name(verdict, name),
			 figure_percent(json_number_value(json_object_get(elephant, "load")), load),
			 (long long)moved_number(elephant, "processor"));
		return;
	}
}

int explain_moved(const struct command_line *line, struct vmmq_config *config, struct vmmq_nic_switch *sw,
		  const struct vmmq_verdict *verdict, char *note, size_t note_len)
{
	json_t *answer = daemon_ask(line, "balance.show", json_pack("{s:i}", "vport", verdict->vport.v));

	note[0] = '\0';
	if (!answer)
		return COMMAND_REFUSED;
	moved_apply(config, sw, verdict->vport, json_object_get(answer, "lanes"));
	moved_say(answer, verdict, note, note_len);
	moved_say_elephant(answer, verdict, note, note_len);
	json_decref(answer);
	return COMMAND_DONE;
}
