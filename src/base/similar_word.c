/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/similar_word.h"

#include <string.h>

#define DISTANCE_MAX 3

static unsigned min3(unsigned a, unsigned b, unsigned c)
{
	unsigned least = a < b ? a : b;

	return least < c ? least : c;
}

/* edit_distance counts the insertions, deletions and replacements that make a of b; both at most SIMILAR_WORD_MAX. */
static unsigned edit_distance(const char *a, const char *b)
{
	unsigned row[SIMILAR_WORD_MAX + 1];
	size_t b_len = strlen(b);

	for (size_t j = 0; j <= b_len; j++)
		row[j] = (unsigned)j;
	for (size_t i = 1; a[i - 1]; i++) {
		unsigned diagonal = row[0];

		row[0] = (unsigned)i;
		for (size_t j = 1; j <= b_len; j++) {
			unsigned above = row[j];

			row[j] = min3(above + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1]));
			diagonal = above;
		}
	}
	return row[b_len];
}

const char *similar_word(const char *word, const char *const *words, size_t count)
{
	const char *best = NULL;
	unsigned best_distance = DISTANCE_MAX + 1;

	if (strlen(word) > SIMILAR_WORD_MAX)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		size_t len = strlen(words[i]);
		unsigned distance = len > SIMILAR_WORD_MAX ? best_distance : edit_distance(word, words[i]);

		if (distance < best_distance && distance * 2 < len) {
			best = words[i];
			best_distance = distance;
		}
	}
	return best;
}
