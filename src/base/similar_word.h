/* SPDX-License-Identifier: BSD-2-Clause */
/* "did you mean poll?" */
#ifndef VMMQ_BASE_SIMILAR_WORD_H
#define VMMQ_BASE_SIMILAR_WORD_H

#include <stddef.h>

#define SIMILAR_WORD_MAX 31 /* bytes; a longer one is like no other */

/*
 * similar_word returns the one of words that is most like the given one, the first of several, or NULL when none is near
 * enough to be a slip: at most three insertions, deletions and replacements, and fewer than half of its bytes.
 */
const char *similar_word(const char *word, const char *const *words, size_t count);

#endif
