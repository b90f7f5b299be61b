/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VMMQ_PORTS_ETHDEV_SEGMENTS_H
#define VMMQ_PORTS_ETHDEV_SEGMENTS_H

/*
 * ethdev_segments_ask has the other end of a veth, in whichever namespace, cut what it sends into frames of the MTU:
 * the kernel takes GSO from an end whose peer has an XDP program.  The program attached here passes everything; it
 * goes when the descriptor that is returned is closed, also by the process's end.  -1, with errno: not permitted, or
 * there is another program, which serves as well (EBUSY).
 */
int ethdev_segments_ask(unsigned ifindex);

#endif
