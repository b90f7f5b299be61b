/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads tests/golden/frames.txt for the tests; its form is described there.  Any mistake in the file fails the test. */
#ifndef VMMQ_UNIT_CORE_GOLDEN_FRAMES_H
#define VMMQ_UNIT_CORE_GOLDEN_FRAMES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <vmmq/classify.h>

#define GOLDEN_FRAMES_MAX    160
#define GOLDEN_FRAME_LEN_MAX 512
#define GOLDEN_HASHES_MAX    8
#define GOLDEN_LETS_MAX      32

struct golden_hash {
	uint32_t types;
	uint32_t type;
	enum vmmq_hash_rule rule;
	uint32_t value;
};

struct golden_frame {
	char name[64];
	uint8_t data[GOLDEN_FRAME_LEN_MAX];
	size_t len;
	struct vmmq_headers headers; /* as expected */
	size_t need;                 /* the shortest cut with the same headers; outcome OK only */
	struct golden_hash hash[GOLDEN_HASHES_MAX];
	size_t hash_count;
};

struct golden_let {
	char name[16];
	uint8_t data[GOLDEN_FRAME_LEN_MAX];
	size_t len;
};

struct golden_file {
	struct golden_frame frame[GOLDEN_FRAMES_MAX];
	size_t count;
	struct golden_let let[GOLDEN_LETS_MAX];
	size_t let_count;
	unsigned line;
};

#define golden_check(file, ok)                                                                                       \
	do {                                                                                                         \
		if (!(ok))                                                                                           \
			fail_msg("frames.txt:%u: %s", (file)->line, #ok);                                            \
	} while (0)

/* golden_bytes appends the bytes that text stands for. */
static inline void golden_bytes(const struct golden_file *file, char *text, uint8_t *data, size_t *len)
{
	for (char *at = NULL, *word = strtok_r(text, " \t", &at); word; word = strtok_r(NULL, " \t", &at)) {
		size_t n = strcspn(word, "*") / 2,
		       repeat = word[2 * n] == '*' ? strtoul(word + 2 * n + 1, NULL, 10) : 1;
		uint8_t byte[GOLDEN_FRAME_LEN_MAX];
		const uint8_t *from = byte;

		if (*word == '$') {
			const struct golden_let *let = file->let;

			while (let < file->let + file->let_count && strcmp(let->name, word + 1) != 0)
				let++;
			golden_check(file, let < file->let + file->let_count);
			from = let->data;
			n = let->len;
		} else {
			for (size_t i = 0; i < n; i++)
				golden_check(file, sscanf(word + 2 * i, "%2hhx", &byte[i]) == 1);
			golden_check(file, word[2 * n] == '\0' || word[2 * n] == '*');
		}
		for (size_t i = 0; i < repeat; i++) {
			golden_check(file, *len + n <= GOLDEN_FRAME_LEN_MAX);
			memcpy(data + *len, from, n);
			*len += n;
		}
	}
}

static inline enum vmmq_parse_outcome golden_outcome(const struct golden_file *file, const char *word)
{
	unsigned outcome = 0;

	while (outcome < VMMQ_PARSE_OUTCOME_COUNT && strcmp(vmmq_parse_outcome_name(outcome), word) != 0)
		outcome++;
	golden_check(file, outcome < VMMQ_PARSE_OUTCOME_COUNT);
	return outcome;
}

/* golden_expect takes one word of a parse line. */
static inline void golden_expect(const struct golden_file *file, struct golden_frame *frame, const char *word)
{
	struct vmmq_headers *h = &frame->headers;
	const char *value = word + strcspn(word, "=") + 1;
	size_t key_len = (size_t)(value - word - 1);
	const struct {
		const char *key;
		uint16_t *field;
	} numbers[] = {
		{ "at", &h->l3_offset },     { "src", &h->src_offset }, { "dst", &h->dst_offset },
		{ "home", &h->home_offset }, { "rh2", &h->rh2_offset }, { "ports", &h->l4_offset },
	};

	if (strcmp(word, "fragment") == 0)
		h->fragment = true;
	else if (strncmp(word, "l3=", 3) == 0)
		h->l3 = strcmp(value, "ipv4") == 0 ? VMMQ_L3_IPV4 : VMMQ_L3_IPV6;
	else if (strncmp(word, "l4=", 3) == 0)
		h->l4 = strcmp(value, "tcp") == 0 ? VMMQ_L4_TCP : VMMQ_L4_UDP;
	else if (strncmp(word, "type=", 5) == 0)
		h->ethertype = (uint16_t)strtoul(value, NULL, 16);
	else if (strncmp(word, "tag=", 4) == 0)
		h->tagged = sscanf(value, "%hx:%hx", &h->tpid, &h->tci) == 2;
	else if (strncmp(word, "tags=", 5) == 0)
		h->tag_count = (uint8_t)atoi(value);
	else if (strncmp(word, "ext=", 4) == 0)
		h->ext_count = (uint8_t)atoi(value);
	else if (strncmp(word, "proto=", 6) == 0)
		h->protocol = (uint8_t)atoi(value);
	else if (strncmp(word, "need=", 5) == 0)
		frame->need = strtoul(value, NULL, 10);
	else {
		size_t i = 0;

		while (i < 6 && (strlen(numbers[i].key) != key_len || strncmp(numbers[i].key, word, key_len) != 0))
			i++;
		golden_check(file, i < 6);
		*numbers[i].field = (uint16_t)atoi(value);
	}
}

static inline void golden_parse_line(const struct golden_file *file, struct golden_frame *frame, char *text)
{
	char *at = NULL, *word = strtok_r(text, " \t", &at);

	golden_check(file, word != NULL);
	frame->headers.outcome = golden_outcome(file, word);
	while ((word = strtok_r(NULL, " \t", &at)))
		golden_expect(file, frame, word);
	golden_check(file, !frame->headers.l3 == !frame->need);
}

static inline uint32_t golden_types(const struct golden_file *file, char *text)
{
	uint32_t types = 0;

	if (strcmp(text, "default") == 0)
		return VMMQ_HASH_TYPES_DEFAULT;
	if (strcmp(text, "all") == 0)
		return VMMQ_HASH_TYPE_MASK;
	if (strcmp(text, "none") == 0)
		return 0;
	for (char *at = NULL, *word = strtok_r(text, ",", &at); word; word = strtok_r(NULL, ",", &at)) {
		golden_check(file, vmmq_hash_type_parse(word) != 0);
		types |= vmmq_hash_type_parse(word);
	}
	return types;
}

static inline void golden_hash_line(const struct golden_file *file, struct golden_frame *frame, const char *text)
{
	struct golden_hash *hash = &frame->hash[frame->hash_count++];
	char types[128], type[16], rule[16];
	int words = sscanf(text, "%127s -> %15s %15s %x", types, type, rule, &hash->value);

	golden_check(file, frame->hash_count <= GOLDEN_HASHES_MAX);
	hash->types = golden_types(file, types);
	hash->type = vmmq_hash_type_parse(type);
	golden_check(file, hash->type ? words == 4 : words == 3 && strcmp(type, "none") == 0);
	while (hash->rule < VMMQ_RULE_COUNT && strcmp(vmmq_hash_rule_name(hash->rule), rule) != 0)
		hash->rule++;
	golden_check(file, hash->rule < VMMQ_RULE_COUNT);
}

static inline void golden_line(struct golden_file *file, char *text)
{
	struct golden_frame *frame = file->count ? &file->frame[file->count - 1] : NULL;

	if (strncmp(text, "let ", 4) == 0) {
		struct golden_let *let = &file->let[file->let_count];

		golden_check(file, file->let_count < GOLDEN_LETS_MAX && sscanf(text + 4, "%15s =", let->name) == 1);
		golden_bytes(file, strchr(text, '=') + 1, let->data, &let->len);
		file->let_count++;
	} else if (strncmp(text, "frame ", 6) == 0) {
		golden_check(file, file->count < GOLDEN_FRAMES_MAX);
		frame = &file->frame[file->count++];
		golden_check(file, sscanf(text + 6, "%63s", frame->name) == 1);
		frame->headers.outcome = VMMQ_PARSE_OUTCOME_COUNT;
	} else if (*text) {
		golden_check(file, frame != NULL);
		if (strncmp(text, "parse ", 6) == 0)
			golden_parse_line(file, frame, text + 6);
		else if (strncmp(text, "hash ", 5) == 0)
			golden_hash_line(file, frame, text + 5);
		else
			golden_bytes(file, text, frame->data, &frame->len);
	}
}

/* golden_read returns the whole file, for free(). */
static inline struct golden_file *golden_read(void)
{
	struct golden_file *file = calloc(1, sizeof(*file));
	FILE *in = fopen(GOLDEN_DIR "/frames.txt", "r");
	char line[512];

	assert_non_null(file);
	assert_non_null(in);
	while (fgets(line, sizeof(line), in)) {
		char *text = line;

		file->line++;
		line[strcspn(line, "#\n")] = '\0';
		while (isspace((unsigned char)*text))
			text++;
		golden_line(file, text);
	}
	fclose(in);
	for (size_t i = 0; i < file->count; i++)
		if (file->frame[i].headers.outcome == VMMQ_PARSE_OUTCOME_COUNT)
			fail_msg("frames.txt: %s has no parse line", file->frame[i].name);
	assert_true(file->count > 100);
	return file;
}

#endif
