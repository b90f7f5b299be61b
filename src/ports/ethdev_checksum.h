/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VMMQ_PORTS_ETHDEV_CHECKSUM_H
#define VMMQ_PORTS_ETHDEV_CHECKSUM_H

#include <stdbool.h>

struct rte_mbuf;

/*
 * ethdev_checksum_complete makes the checksum of a frame whose sender left it to its device: what Linux hands from
 * one of its stacks to a veth, virtio or bridge (CHECKSUM_PARTIAL), and AF_PACKET's and AF_XDP's drivers pass on
 * without a word.
 * Such a TCP or UDP checksum field has the pseudo-header's sum only, and such an SCTP one is 0.  A true checksum has
 * that value once in 65,536 frames (SCTP: 2^32), and stays: the whole is verified first, and only what is wrong is
 * completed.  So all that it may do wrong is to mend one in 65,536 of the frames that were damaged on their way.
 * IPv4 without fragments and IPv6 without extension headers, below up to two VLAN tags; tunnels are not looked into.
 * The packet is the caller's alone, in one segment.  Returns true when it was completed.
 */
bool ethdev_checksum_complete(struct rte_mbuf *packet);

#endif
