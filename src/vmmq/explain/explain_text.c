/* SPDX-License-Identifier: BSD-2-Clause */
/* An explanation for people: the packet's way from top to bottom, 80 columns wide. */
#include <string.h>

#include "base/terminal.h"
#include "vmmq/explain/explain_packet.h"

#define BYTES_PER_ROW 8
#define NAME_COLUMN   34
#define VALUE_COLUMN  55

static const char *text_style(FILE *out, enum terminal_style wanted)
{
	return terminal_style(out, wanted);
}

static void text_spaces(FILE *out, size_t count)
{
	fprintf(out, "%*s", (int)count, "");
}

/* text_heading prints a section's title, and at the right edge the section of the spec that it follows. */
static void text_heading(FILE *out, const char *title, const char *section)
{
	char reference[16];
	int len = snprintf(reference, sizeof(reference), "spec %s", section);

	fprintf(out, "\n%s%s%s", text_style(out, STYLE_BOLD), title, text_style(out, STYLE_NONE));
	text_spaces(out, TERMINAL_COLUMNS - strlen(title) - (size_t)len);
	fprintf(out, "%s%s%s\n", text_style(out, STYLE_DIM), reference, text_style(out, STYLE_NONE));
}

/* text_sentences prints each with the section of the spec that it rests on, where that is not the heading's. */
static void text_sentences(FILE *out, const struct explain_sentences *list, const char *section)
{
	for (unsigned i = 0; i < list->count; i++) {
		const struct explain_sentence *item = &list->item[i];
		bool refer = item->section[0] && strcmp(item->section, section) != 0;
		char text[sizeof(item->text) + 24];

		snprintf(text, sizeof(text), "%s%s%s%s", item->text, refer ? " (spec" TERMINAL_TIE : "",
			 refer ? item->section : "", refer ? ")" : "");
		text_spaces(out, 2);
		terminal_wrap(out, 2, 4, text);
	}
}

static enum terminal_style layer_style(const struct explain_field *field)
{
	static const enum terminal_style of_layer[] = {
		[LAYER_ETHERNET] = STYLE_BLUE,    [LAYER_TAG] = STYLE_MAGENTA,     [LAYER_IP] = STYLE_CYAN,
		[LAYER_EXTENSION] = STYLE_YELLOW, [LAYER_TRANSPORT] = STYLE_GREEN, [LAYER_IGNORED] = STYLE_DIM,
		[LAYER_TUNNEL] = STYLE_YELLOW,    [LAYER_BROKEN] = STYLE_RED,
	};

	return of_layer[field->layer];
}

/* text_row prints the bytes of one row of a field: "   30 # 42 09 95 bb", and returns the column where it ends. */
static size_t text_row(FILE *out, const struct explain_field *field, const uint8_t *frame, uint32_t at)
{
	uint32_t end =
	    at + BYTES_PER_ROW < field->offset + field->len ? at + BYTES_PER_ROW : field->offset + field->len;

	fprintf(out, "%s%5u%s %s%s%s ", text_style(out, STYLE_DIM), at, text_style(out, STYLE_NONE),
		text_style(out, STYLE_BOLD), field->hashed ? terminal_glyph(out, "▌", "#") : " ",
		text_style(out, STYLE_NONE));
	fprintf(out, "%s%s", text_style(out, layer_style(field)), field->hashed ? text_style(out, STYLE_BOLD) : "");
	for (uint32_t i = at; i < end; i++)
		fprintf(out, "%s%02x", i == at ? "" : " ", frame[i]);
	fputs(text_style(out, STYLE_NONE), out);
	return end > at ? 7 + 3 * (end - at) : 8;
}

/* name_and_value puts the value beside the name; one that is too long goes into the next row, and false is returned. */
static bool name_and_value(FILE *out, const struct explain_field *field)
{
	bool beside = VALUE_COLUMN + strlen(field->value) <= TERMINAL_COLUMNS;

	fprintf(out, "%s%s%s", text_style(out, layer_style(field)), field->name, text_style(out, STYLE_NONE));
	if (beside) {
		text_spaces(out, VALUE_COLUMN - NAME_COLUMN - strlen(field->name));
		fprintf(out, "%s%s%s", field->layer == LAYER_IGNORED ? text_style(out, STYLE_DIM) : "", field->value,
			text_style(out, STYLE_NONE));
	}
	fputc('\n', out);
	return beside;
}

static void field_rows(FILE *out, const struct explain_field *field, const uint8_t *frame)
{
	uint32_t at = field->offset, end = field->offset + field->len;
	uint32_t shown = end - at <= 2 * BYTES_PER_ROW ? end : at + BYTES_PER_ROW;
	bool value_shown;

	text_spaces(out, NAME_COLUMN - text_row(out, field, frame, at));
	value_shown = name_and_value(out, field);
	for (at += BYTES_PER_ROW; at < shown || !value_shown; at += BYTES_PER_ROW) {
		size_t column = at < shown ? text_row(out, field, frame, at) : 0;

		if (!value_shown) {
			text_spaces(out, NAME_COLUMN + 2 - column);
			fputs(field->value, out);
		}
		fputc('\n', out);
		value_shown = true;
	}
	if (shown < end)
		fprintf(out, "        %s%s %u more byte%s%s\n", text_style(out, STYLE_DIM),
			terminal_glyph(out, "…", "..."), end - shown, end - shown == 1 ? "" : "s",
			text_style(out, STYLE_NONE));
}

/* text_inside parts the outer headers from those inside the tunnel. */
static void text_inside(FILE *out, const struct explanation *e)
{
	fprintf(out, "        %sinside %s:%s\n", text_style(out, STYLE_BOLD), vmmq_tunnel_title(e->tunnel.type),
		text_style(out, STYLE_NONE));
}

static void show_frame(FILE *out, const struct explanation *e)
{
	char text[sizeof(e->source->origin) + 32];

	snprintf(text, sizeof(text), "%zu byte%s, %s", e->source->len, e->source->len == 1 ? "" : "s",
		 e->source->origin);
	fprintf(out, "%sFrame%s: ", text_style(out, STYLE_BOLD), text_style(out, STYLE_NONE));
	terminal_wrap(out, 7, 4, text);
	for (unsigned i = 0; i < e->field_count; i++) {
		if (e->field[i].inner && !e->field[i - 1].inner)
			text_inside(out, e);
		field_rows(out, &e->field[i], e->source->frame);
	}
	if (e->choice.type)
		fprintf(out, "      %s%s%s %smarks the bytes that are hashed%s\n", text_style(out, STYLE_BOLD),
			terminal_glyph(out, "▌", "#"), text_style(out, STYLE_NONE), text_style(out, STYLE_DIM),
			text_style(out, STYLE_NONE));
}

/* text_hash_types writes "ipv4, tcp_ipv4", or "none". */
static void text_hash_types(uint32_t types, char *text, size_t size)
{
	size_t len = 0;

	snprintf(text, size, "none");
	for (uint32_t type = VMMQ_HASH_IPV4; type <= VMMQ_HASH_UDP_IPV6_EX; type <<= 1)
		if (types & type)
			len += (size_t)snprintf(text + len, size - len, "%s%s", len ? ", " : "",
						vmmq_hash_type_name(type));
}

static void show_hash_type(FILE *out, const struct explanation *e)
{
	const char *section = e->rule.item[0].section;
	char vport[EXPLAIN_VPORT_MAX], types[160], text[640];

	text_heading(out, "Hash type", section);
	text_hash_types(e->rss->hash_types, types, sizeof(types));
	explain_vport(e, e->verdict.vport, vport);
	snprintf(text, sizeof(text), "RSS is %s for %s; hash types: %s.", e->rss->enabled ? "on" : "off", vport,
		 types);
	text_spaces(out, 2);
	terminal_wrap(out, 2, 4, text);
	text_sentences(out, &e->rule, section);
}

static void show_input(FILE *out, const struct explanation *e)
{
	const struct explain_field *field;

	for (unsigned i = 0; (field = explain_input_field(e, i)); i++)
		field_rows(out, field, e->source->frame);
}

static void show_key(FILE *out, const struct explanation *e)
{
	bool well_known = memcmp(e->rss->key, vmmq_verification_key, VMMQ_KEY_LEN) == 0;

	fprintf(out, "  key, %s:", well_known ? "the well-known verification key" : "this VPort's");
	for (unsigned i = 0; i < VMMQ_KEY_LEN; i++) {
		if (i % 20 == 0)
			fputs("\n       ", out);
		fprintf(out, " %02x", e->rss->key[i]);
	}
	fputc('\n', out);
}

static void show_hash(FILE *out, const struct explanation *e)
{
	if (!e->choice.type)
		return;
	text_heading(out, "Hash", "6.5");
	fprintf(out, "  input, %zu bytes in this order:\n", e->input_len);
	show_input(out, e);
	show_key(out, e);
	fprintf(out, "  Toeplitz hash: %s0x%08x%s\n", text_style(out, STYLE_BOLD), e->verdict.hash,
		text_style(out, STYLE_NONE));
}

static void show_processor(FILE *out, const struct explanation *e)
{
	const struct vmmq_verdict *v = &e->verdict;
	unsigned processor = v->processor.v;

	text_heading(out, "Processor", "5.1");
	switch ((enum vmmq_via)v->via) {
	case VMMQ_VIA_TABLE:
		fprintf(out, "  entry: 0x%08x & 0x%02x = %u, of %u %s\n", v->hash, e->rss->entry_count - 1u,
			(unsigned)v->entry, (unsigned)e->rss->entry_count,
			e->rss->entry_count == 1 ? "entry" : "entries");
		fprintf(out, "  indirection table[%u] = processor %s%u%s\n", (unsigned)v->entry,
			text_style(out, STYLE_BOLD), processor, text_style(out, STYLE_NONE));
		break;
	case VMMQ_VIA_DEFAULT:
		fprintf(out, "  no hash, so the VPort's default processor: %s%u%s\n", text_style(out, STYLE_BOLD),
			processor, text_style(out, STYLE_NONE));
		break;
	default:
		fprintf(out, "  RSS is off, so the VPort's primary processor: %s%u%s\n", text_style(out, STYLE_BOLD),
			processor, text_style(out, STYLE_NONE));
		break;
	}
}

static void show_steps(FILE *out, const struct explanation *e)
{
	text_heading(out, "Filter", e->filter.item[0].section);
	text_sentences(out, &e->filter, e->filter.item[0].section);
	text_heading(out, "Headers", vmmq_parse_outcome_section((enum vmmq_parse_outcome)e->headers.outcome));
	text_spaces(out, 2);
	terminal_wrap(out, 2, 4, e->summary);
	show_hash_type(out, e);
	show_hash(out, e);
	show_processor(out, e);
}

void explain_text(FILE *out, const struct explanation *e)
{
	show_frame(out, e);
	if (!e->verdict.drop)
		show_steps(out, e);
	if (e->notes.count) {
		fprintf(out, "\n%sNotes%s\n", text_style(out, STYLE_BOLD), text_style(out, STYLE_NONE));
		text_sentences(out, &e->notes, "");
	}
	fprintf(out, "\n%s%s ", text_style(out, STYLE_BOLD), terminal_glyph(out, "→", "->"));
	terminal_wrap(out, 3, 3, e->verdict_text);
	fputs(text_style(out, STYLE_NONE), out);
}
