/* SPDX-License-Identifier: BSD-2-Clause */
/* Whether the hash that a device gave stands for the one that would be computed. */
#ifndef VMMQ_CORE_DEVICE_HASH_H
#define VMMQ_CORE_DEVICE_HASH_H

#include <vmmq/classify.h>

/* A burst's hashes as its device gave them.  Where a function takes NULL for it, all are computed. */
struct given {
	const struct vmmq_device_hash *device;
	const struct vmmq_given_hash *hash;
	const struct vmmq_steering
	    *asked; /* the last one compared with the device: packets of a VPort come in trains */
	bool same;
};

/* device_hash_is_same: every other window of a prepared key has all bits of the key. */
static inline bool device_hash_is_same(const struct vmmq_steering *rss, const struct vmmq_device_hash *device)
{
	uint64_t differ = rss->hash_types ^ device->hash_types;

	for (unsigned i = 0; i < VMMQ_HASH_WORDS; i += 2)
		differ |= rss->key.window[i] ^ device->key.window[i];
	return !differ;
}

/* headers_are_usual: every device selects the type for such headers as 6.3 does. */
static inline bool headers_are_usual(const struct vmmq_headers *headers)
{
	return !headers->fragment && !headers->ext_count;
}

/* hash_is_given tells whether the hash of packet i, which has a type and headers_are_usual() headers, need not be computed. */
static inline bool hash_is_given(struct given *given, unsigned i, const struct vmmq_steering *rss)
{
	if (!given || !given->hash[i].given)
		return false;
	if (given->asked != rss) {
		given->asked = rss;
		given->same = device_hash_is_same(rss, given->device);
	}
	return given->same;
}

/* classify_one is vmmq_classify() for packet i of a burst. */
void classify_one(const struct vmmq_view *view, struct given *given, unsigned i, const uint8_t *frame, size_t len,
		  struct vmmq_verdict *verdict, struct vmmq_headers *headers);

#endif
