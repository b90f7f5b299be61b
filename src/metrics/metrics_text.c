/* SPDX-License-Identifier: BSD-2-Clause */
#include "metrics/metrics_text.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/clock.h"
#include "base/utf8.h"

#define NUMBER_MAX 32

static const struct {
	const char *name, *type, *help;
} metrics[METRIC_COUNT] = {
#define X(id, name, type, labels, help) { name, type, help },
	METRICS(X)
#undef X
};

/* label_escape writes value into at most size bytes and returns how many; 0 with *fits false when it does not fit. */
static size_t label_escape(char *out, size_t size, const char *value, bool *fits)
{
	size_t n = 0;

	*fits = true;
	while (*value) {
		const char *character = value;
		uint32_t point = utf8_next(&value);
		size_t len = (size_t)(value - character);

		if (n + UTF8_LEN_MAX > size) {
			*fits = false;
			return 0;
		}
		if (point == '\\' || point == '"' || point == '\n') {
			out[n++] = '\\';
			out[n++] = point == '\n' ? 'n' : *character;
		} else if (point == UTF8_INVALID) {
			out[n++] = '?';
		} else {
			memcpy(out + n, character, len);
			n += len;
		}
	}
	return n;
}

void labels_add(struct metrics_labels *labels, const char *name, const char *value)
{
	size_t name_len = strlen(name), n = labels->len, len;
	bool fits;

	if (n + name_len + 8 > METRICS_LABELS_MAX)
		return;
	if (n)
		labels->text[n++] = ',';
	memcpy(labels->text + n, name, name_len);
	n += name_len;
	labels->text[n++] = '=';
	labels->text[n++] = '"';
	len = label_escape(labels->text + n, METRICS_LABELS_MAX - n - 1, value, &fits);
	if (!fits)
		return;
	n += len;
	labels->text[n++] = '"';
	labels->len = n;
}

/* number_text writes decimal digits and returns how many: a scrape is mostly numbers, and printf() would be most of its time. */
static size_t number_text(char out[NUMBER_MAX], uint64_t value)
{
	char digits[NUMBER_MAX];
	size_t n = 0;

	do {
		digits[n++] = (char)('0' + value % 10);
		value /= 10;
	} while (value);
	for (size_t i = 0; i < n; i++)
		out[i] = digits[n - 1 - i];
	return n;
}

void labels_add_number(struct metrics_labels *labels, const char *name, uint64_t value)
{
	char text[NUMBER_MAX];

	text[number_text(text, value)] = '\0';
	labels_add(labels, name, text);
}

/* room_for returns where len more bytes go, or NULL: memory, and the whole exposition has failed. */
static char *room_for(struct metrics_text *text, enum metric metric, size_t len)
{
	struct metrics_lines *lines = &text->metric[metric];

	char *more = array_room(lines->text, &lines->size, lines->len + len, 4096, 1);

	if (!more) {
		text->failed = true;
		return NULL;
	}
	lines->text = more;
	return lines->text + lines->len;
}

static void text_add_sample(struct metrics_text *text, enum metric metric, const struct metrics_labels *labels,
			    const char *value, size_t value_len)
{
	size_t name_len = strlen(metrics[metric].name), labels_len = labels ? labels->len : 0;
	char *out = room_for(text, metric, name_len + labels_len + value_len + 4), *begin = out;

	if (!out)
		return;
	memcpy(out, metrics[metric].name, name_len);
	out += name_len;
	if (labels_len) {
		*out++ = '{';
		memcpy(out, labels->text, labels_len);
		out += labels_len;
		*out++ = '}';
	}
	*out++ = ' ';
	memcpy(out, value, value_len);
	out += value_len;
	*out++ = '\n';
	text->metric[metric].len += (size_t)(out - begin);
}

void metrics_add(struct metrics_text *text, enum metric metric, const struct metrics_labels *labels, uint64_t value)
{
	char number[NUMBER_MAX];

	text_add_sample(text, metric, labels, number, number_text(number, value));
}

void metrics_add_ns(struct metrics_text *text, enum metric metric, const struct metrics_labels *labels, uint64_t ns)
{
	char number[NUMBER_MAX + 10];
	size_t len = number_text(number, ns / SECOND_NS);

	number[len++] = '.';
	for (uint64_t unit = 100000000u; unit; unit /= 10)
		number[len++] = (char)('0' + ns / unit % 10);
	text_add_sample(text, metric, labels, number, len);
}

static size_t head_len(enum metric metric)
{
	return strlen("# HELP  \n# TYPE  \n") + 2 * strlen(metrics[metric].name) + strlen(metrics[metric].help) +
	       strlen(metrics[metric].type);
}

char *metrics_text_join(const struct metrics_text *text, size_t *len)
{
	size_t size = 1;
	char *all, *out;

	for (enum metric i = 0; i < METRIC_COUNT; i++)
		size += head_len(i) + text->metric[i].len;
	all = text->failed ? NULL : malloc(size);
	if (!all)
		return NULL;
	out = all;
	for (enum metric i = 0; i < METRIC_COUNT; i++) {
		out = stpcpy(stpcpy(stpcpy(stpcpy(out, "# HELP "), metrics[i].name), " "), metrics[i].help);
		out = stpcpy(stpcpy(stpcpy(stpcpy(out, "\n# TYPE "), metrics[i].name), " "), metrics[i].type);
		out = stpcpy(out, "\n");
		if (text->metric[i].len)
			memcpy(out, text->metric[i].text, text->metric[i].len);
		out += text->metric[i].len;
	}
	*len = (size_t)(out - all);
	return all;
}

void metrics_text_fini(struct metrics_text *text)
{
	for (enum metric i = 0; i < METRIC_COUNT; i++)
		free(text->metric[i].text);
	*text = (struct metrics_text){ 0 };
}
