/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VMMQ_PORTS_ETHDEV_DEVARGS_H
#define VMMQ_PORTS_ETHDEV_DEVARGS_H

#include "ports/ethdev_port.h"

enum ethdev_place { ETHDEV_PLACE_NONE, ETHDEV_PLACE_INTERFACE, ETHDEV_PLACE_SOCKET, ETHDEV_PLACE_FILE };

/*
 * The virtual drivers that we know: what each must be given, and its arguments.  Others that this DPDK has are accepted
 * with whatever arguments they are given.
 *   required: the argument without which the driver does not start, or NULL.  key: the argument that is its place.
 */
#define ETHDEV_DRIVERS 9
#define ETHDEV_KEYS    14
struct ethdev_driver {
	const char *name;
	const char *required;
	const char *key;
	enum ethdev_place place;
	const char *keys[ETHDEV_KEYS];
};
extern const struct ethdev_driver ethdev_drivers[ETHDEV_DRIVERS];

/*
 * ethdev_split finds the device's name in devargs, without a bus's ("vdev:net_null0"); ethdev_arguments what follows its
 * comma, "" if nothing.  ethdev_driver_find: NULL when it is none that we know.
 */
const char *ethdev_split(const char *devargs, size_t *name_len);
const char *ethdev_arguments(const char *devargs);
const struct ethdev_driver *ethdev_driver_find(const char *devargs);

/*
 * ethdev_devargs_fill writes the devargs with which the device is made: params', and where they leave it open as
 * many queues and as large frames as params ask for.
 */
#define ETHDEV_DEVARGS_MAX 1280 /* a configuration's has 1,024 at most */
void ethdev_devargs_fill(const struct ethdev *port, const struct ethdev_params *params,
			 char devargs[ETHDEV_DEVARGS_MAX]);

#endif
