/* SPDX-License-Identifier: BSD-2-Clause */
/* Tags that a device took out of a frame before anybody looked at it, or is to put in later: they count as if they stood there. */
#ifndef VMMQ_CORE_GIVEN_TAG_H
#define VMMQ_CORE_GIVEN_TAG_H

#include <vmmq/classify.h>

#include "core/wire_format.h"

/*
 * headers_put_tag makes headers, as vmmq_parse() left them for a frame of len bytes, those of the frame with the given tags in
 * front of its own; offsets stay those of the frame.
 */
static inline void headers_put_tag(struct vmmq_headers *h, size_t len, const struct vmmq_given_tag *tag)
{
	unsigned tags = h->tag_count + tag->count;

	if (len < ETHERNET_LEN)
		return;
	/* The frame's own first tag, if that is cut off, is not the outermost. */
	if (h->outcome == VMMQ_PARSE_RUNT || tags > VMMQ_VLAN_TAGS_MAX)
		*h = (struct vmmq_headers){ .outcome = VMMQ_PARSE_TAG_STACK, .ethertype = h->ethertype };
	h->tagged = true;
	h->tag_count = (uint8_t)(tags < VMMQ_VLAN_TAGS_MAX ? tags : VMMQ_VLAN_TAGS_MAX);
	h->tpid = ETHERTYPE_DOT1Q;
	h->tci = tag->tci;
}

/* parse_given is vmmq_parse() of a frame with the tag that stands beside it; NULL: none does. */
static inline enum vmmq_parse_outcome parse_given(const uint8_t *frame, size_t len, const struct vmmq_given_tag *tag,
						  struct vmmq_headers *h)
{
	vmmq_parse(frame, len, h);
	if (tag && tag->count)
		headers_put_tag(h, len, tag);
	return (enum vmmq_parse_outcome)h->outcome;
}

#endif
