/* SPDX-License-Identifier: BSD-2-Clause */
#include "ovsdb/ovsdb_stream.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"

#define KEPT_MAX 65536 /* bytes: room beyond that is given back after each message */

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* byte_scan takes one byte into account.  Texts and words (numbers, true) count where they begin, objects and arrays likewise. */
static void byte_scan(struct ovsdb_stream *s, char c)
{
	if (s->in_string) {
		if (s->escaped)
			s->escaped = false;
		else if (c == '\\')
			s->escaped = true;
		else if (c == '"')
			s->in_string = false;
		return;
	}
	switch (c) {
	case '"':
		s->in_string = true;
		s->in_word = false;
		s->count++;
		break;
	case '{':
	case '[':
		s->depth++;
		s->count++;
		s->in_word = false;
		break;
	case '}':
	case ']':
		s->depth--;
		s->in_word = false;
		break;
	case ',':
	case ':':
		s->in_word = false;
		break;
	default:
		s->count += !s->in_word && !is_space(c);
		s->in_word = !is_space(c);
	}
}

/* message_scan returns how many bytes there are up to the end of the message, len when it does not end in them, or 0 when it breaks a limit. */
static size_t message_scan(struct ovsdb_stream *s, const char *bytes, size_t len, struct ovsdb_why *why)
{
	for (size_t at = 0; at < len; at++) {
		if (s->len + at >= s->max_len) {
			ovsdb_refuse(why, "it sent a message of more than %zu bytes", s->max_len);
			return 0;
		}
		byte_scan(s, bytes[at]);
		if (s->depth == 0)
			return at + 1;
		if (s->depth > OVSDB_DEPTH_MAX) {
			ovsdb_refuse(why, "it sent a message of more than %u levels", OVSDB_DEPTH_MAX);
			return 0;
		}
		if (s->count > s->max_count) {
			ovsdb_refuse(why, "it sent a message of more than %zu values", s->max_count);
			return 0;
		}
	}
	return len;
}

static bool text_append(struct ovsdb_stream *s, const char *bytes, size_t len, struct ovsdb_why *why)
{
	char *larger = array_room(s->text, &s->capacity, s->len + len, 4096, 1);

	if (!larger)
		return ovsdb_refuse(why, OVSDB_NO_MEMORY);
	s->text = larger;
	memcpy(s->text + s->len, bytes, len);
	s->len += len;
	return true;
}

/* message_values makes values of a whole message, and begins the next one. */
static bool message_values(struct ovsdb_stream *s, json_t **message, struct ovsdb_why *why)
{
	json_error_t wrong;

	*message = json_loadb(s->text, s->len, JSON_REJECT_DUPLICATES, &wrong);
	s->len = s->count = 0;
	s->in_word = false;
	if (s->capacity > KEPT_MAX)
		ovsdb_stream_reset(s);
	return *message || ovsdb_refuse(why, "it sent what is no JSON: %s", wrong.text);
}

bool ovsdb_stream_take(struct ovsdb_stream *s, const char *bytes, size_t len, size_t *used, json_t **message,
		       struct ovsdb_why *why)
{
	size_t skipped = 0, more;

	*message = NULL;
	*used = len;
	if (len == 0)
		return true;
	if (s->depth == 0) {
		while (skipped < len && is_space(bytes[skipped]))
			skipped++;
		if (skipped == len)
			return true;
		if (bytes[skipped] != '{')
			return ovsdb_refuse(why, "it does not speak OVSDB: each of its messages has to begin with {");
	}
	more = message_scan(s, bytes + skipped, len - skipped, why);
	if (!more || !text_append(s, bytes + skipped, more, why))
		return false;
	*used = skipped + more;
	return s->depth != 0 || message_values(s, message, why);
}

void ovsdb_stream_reset(struct ovsdb_stream *s)
{
	free(s->text);
	*s = (struct ovsdb_stream){ .max_len = s->max_len, .max_count = s->max_count };
}
