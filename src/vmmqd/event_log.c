/* SPDX-License-Identifier: BSD-2-Clause */
#include "vmmqd/event_log.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "vmmqd/log.h"

#define DROPPED_LINES 5 /* a second, of clients that were dropped; the others are for debugging */

/*
 * is_worth_a_line tells whether one more dropped client is worth a line: whoever comes again as often as it is dropped must not fill the
 * log.
 */
static bool is_worth_a_line(void)
{
	static uint64_t second;
	static unsigned told;
	uint64_t now = now_ns() / SECOND_NS;

	if (now != second)
		told = 0;
	second = now;
	return told++ < DROPPED_LINES;
}

static int level_of(const char *event, const json_t *members)
{
	const char *state = json_string_value(json_object_get(members, "state"));

	if (strcmp(event, "processor.stalled") == 0 || strcmp(event, "balance.failed") == 0 ||
	    strcmp(event, "source.hash_mismatch") == 0 || strcmp(event, "daemon.socket_lost") == 0 ||
	    strcmp(event, "daemon.fallback") == 0 || (state && strcmp(state, "failed") == 0))
		return LOG_LEVEL_WARNING;
	if (strcmp(event, "client.disconnected") == 0 && json_object_get(members, "reason") && is_worth_a_line())
		return LOG_LEVEL_WARNING;
	if (strncmp(event, "processor.", 10) == 0 || strcmp(event, "balance.refused") == 0 ||
	    strncmp(event, "daemon.", 7) == 0 || state)
		return LOG_LEVEL_NOTICE;
	return strncmp(event, "client.", 7) == 0 ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO;
}

static size_t event_put_member(char *text, size_t size, const char *name, const json_t *value, bool first)
{
	char *dumped = json_is_string(value) ? NULL : json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
	int len = snprintf(text, size, "%s%s %s", first ? ": " : ", ", name,
			   dumped                  ? dumped
			   : json_is_string(value) ? json_string_value(value)
						   : "?");

	free(dumped);
	return len < 0 ? 0 : (size_t)len;
}

void event_log(const json_t *event)
{
	const char *name = json_string_value(json_object_get(event, "event"));
	char text[1536] = "";
	const char *member;
	json_t *value;
	size_t at = 0;
	int level;

	if (!name)
		return;
	level = level_of(name, event);
	if (!log_wants(level))
		return;
	json_object_foreach((json_t *)(uintptr_t)event, member, value)
	{
		if (strcmp(member, "event") == 0 || strcmp(member, "time") == 0 || json_is_null(value))
			continue;
		if (at < sizeof(text))
			at += event_put_member(text + at, sizeof(text) - at, member, value, at == 0);
	}
	log_line(level, "%s%s", name, text);
}
