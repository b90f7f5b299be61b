/* SPDX-License-Identifier: BSD-2-Clause */
#include "config/config_unique.h"
#include <search.h>
#include <string.h>

static bool take_place(uint32_t *taken, size_t place, size_t *first)
{
	if (*taken) {
		*first = *taken - 1;
		return false;
	}
	*taken = (uint32_t)place + 1;
	return true;
}

bool config_unique_processor(struct config_unique *unique, struct vmmq_processor processor, size_t place,
			     size_t *first)
{
	return take_place(&unique->processor[processor.v], place, first);
}

bool config_unique_vport(struct config_unique *unique, struct vmmq_vport_id id, size_t place, size_t *first)
{
	return take_place(&unique->vport[id.v], place, first);
}

bool config_unique_has_processor(const struct config_unique *unique, struct vmmq_processor processor)
{
	return unique->processor[processor.v] != 0;
}

static int unique_name_compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

static int unique_filter_compare(const void *a, const void *b)
{
	return config_filter_compare(a, b);
}

/* A tree's node begins with the pointer to what it holds. */
bool config_unique_name(struct config_unique *unique, const char *name, const char **first)
{
	const char *const *node = tsearch(name, &unique->names, unique_name_compare);

	if (node)
		*first = *node;
	return node != NULL;
}

bool config_unique_filter(struct config_unique *unique, const struct config_filter *filter,
			  const struct config_filter **first)
{
	const struct config_filter *const *node = tsearch(filter, &unique->filters, unique_filter_compare);

	if (node)
		*first = *node;
	return node != NULL;
}

static void unique_keep(void *element)
{
	(void)element;
}

void config_unique_fini(struct config_unique *unique)
{
	tdestroy(unique->names, unique_keep);
	tdestroy(unique->filters, unique_keep);
	memset(unique, 0, sizeof(*unique));
}
