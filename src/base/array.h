/* SPDX-License-Identifier: BSD-2-Clause */
/* Arrays that grow by doubling. */
#ifndef VMMQ_BASE_ARRAY_H
#define VMMQ_BASE_ARRAY_H

#include <stddef.h>
#include <stdlib.h>

/*
 * array_room sees to it that needed elements of element_size bytes fit into array, which has room for *capacity: it is at
 * least doubled, and has first elements to begin with.  needed is 1 or more.  Returns where the array is now, or NULL when
 * memory is short; array and *capacity are as they were then.
 */
static inline void *array_room(void *array, size_t *capacity, size_t needed, size_t first, size_t element_size)
{
	size_t wanted = *capacity ? *capacity : first;
	void *larger;

	if (needed <= *capacity)
		return array;
	if (*capacity)
		wanted *= 2;
	if (wanted < needed)
		wanted = needed;
	if (wanted > (size_t)-1 / element_size)
		return NULL;
	larger = realloc(array, wanted * element_size);
	if (larger)
		*capacity = wanted;
	return larger;
}

#endif
