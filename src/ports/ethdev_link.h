/* SPDX-License-Identifier: BSD-2-Clause */
/* What the kernel tells of its network interfaces.  Control thread only. */
#ifndef VMMQ_PORTS_ETHDEV_LINK_H
#define VMMQ_PORTS_ETHDEV_LINK_H

#include <stdbool.h>
#include <stdint.h>

struct ethdev;

/* ethdev_links_init opens the socket by which the kernel tells of changes.  Returns 0, or -1: no descriptors left. */
int ethdev_links_init(void);

/* ethdev_links_read applies what has been told since the last call to the ports in list. */
void ethdev_links_read(struct ethdev *list);

/*
 * ethdev_link_look asks for the state of a port's interface now: is it there, by its name, and up.
 * ethdev_link_ask asks for what nobody tells of, at each look at the port: how a TAP is, wherever it is, and whether AF_XDP
 * still has its program.
 */
void ethdev_link_look(struct ethdev *port);
void ethdev_link_ask(struct ethdev *port);

/*
 * ethdev_interfaces_below lists an interface and those that it stands on, down to the last: the ports of a bridge or
 * bond, what a VLAN or macvlan is on.  Returns how many, at least 1, at most room.
 */
unsigned ethdev_interfaces_below(unsigned ifindex, unsigned list[], unsigned room);

/*
 * ethdev_xdp_program returns the number of the XDP program on an interface; 0: there is none, or it cannot be told.
 */
uint32_t ethdev_xdp_program(unsigned ifindex);

/* ethdev_interface_promiscuous tells whether the administrator has made an interface promiscuous. */
bool ethdev_interface_promiscuous(unsigned ifindex);

/* ethdev_interface_mtu returns an interface's MTU, 0: unknown.  _mtu_set returns 0 or a negative errno. */
uint32_t ethdev_interface_mtu(unsigned ifindex);
int ethdev_interface_mtu_set(unsigned ifindex, uint32_t mtu);

#endif
