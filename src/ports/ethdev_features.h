/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Kernel interfaces' features that make frames other than they were on the wire: GRO and LRO put several into one
 * that is larger than the MTU; under AF_XDP a tag that the device takes out is lost.  Control thread only.
 */
#ifndef VMMQ_PORTS_ETHDEV_FEATURES_H
#define VMMQ_PORTS_ETHDEV_FEATURES_H

#include <stdbool.h>
#include <stdint.h>

#define FEATURE_BLOCKS     4  /* of 32 features; the kernel has 2 or 3 */
#define FEATURE_INTERFACES 16 /* an interface and those that it stands on: a bond's, a bridge's, a VLAN's */

struct ethdev_features {
	struct {
		unsigned ifindex;
		uint32_t off[FEATURE_BLOCKS]; /* switched off by us */
	} of[FEATURE_INTERFACES];
	unsigned count;
};

/*
 * ethdev_features_off switches them off on an interface and on those below it; where that was done before, only what
 * somebody has switched on since.  tags: those that take tags out, too.  Returns false when some cannot be switched
 * off.
 * ethdev_features_back switches on again what was switched off.
 */
bool ethdev_features_off(struct ethdev_features *held, unsigned ifindex, bool tags);
void ethdev_features_back(struct ethdev_features *held);

/* ethdev_features_concern tells whether features were looked at on that interface. */
bool ethdev_features_concern(const struct ethdev_features *held, unsigned ifindex);

/*
 * ethdev_interface_driver writes the name of the kernel's driver ("veth") and the device's address on its bus, ""
 * when it does not tell.
 */
void ethdev_interface_driver(unsigned ifindex, char driver[32], char bus[32]);

#endif
