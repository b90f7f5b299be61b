/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Senders and sources are kept for the next port rather than destroyed: destroying one waits until all it has brought is
 * indicated and all it has sent is complete, and the control thread must not wait for a device.
 */
#include <stdlib.h>

#include "host/switch.h"

/* spares_room sees to it that all that were made fit, so that putting one back cannot fail. */
static bool spares_room(struct spares *spares)
{
	void **grown = realloc(spares->item, (spares->made + 1) * sizeof(*grown));

	if (!grown)
		return false;
	spares->item = grown;
	return true;
}

void spares_put(struct spares *spares, void *item)
{
	if (item)
		spares->item[spares->count++] = item;
}

struct vmmq_sender *spares_sender(struct host *host)
{
	struct spares *spares = &host->senders;
	struct vmmq_sender *sender;

	if (spares->count)
		return spares->item[--spares->count];
	if (!spares_room(spares) ||
	    vmmq_sender_create_on(host->processor[0].source, 0, &sender, NULL) != VMMQ_SUCCESS)
		return NULL;
	spares->made++;
	return sender;
}

struct vmmq_source *spares_source(struct host *host)
{
	struct spares *spares = &host->sources;
	struct vmmq_source *source;

	if (spares->count)
		return spares->item[--spares->count];
	if (!spares_room(spares) ||
	    vmmq_source_create(host->adapter, VMMQ_SOURCE_DROP, &source, NULL) != VMMQ_SUCCESS)
		return NULL;
	spares->made++;
	return source;
}

void spares_destroy(struct host *host)
{
	while (host->senders.count)
		vmmq_sender_destroy(host->senders.item[--host->senders.count]);
	while (host->sources.count)
		vmmq_source_destroy(host->sources.item[--host->sources.count]);
	free(host->senders.item);
	free(host->sources.item);
}
