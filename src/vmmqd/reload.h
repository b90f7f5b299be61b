/* SPDX-License-Identifier: BSD-2-Clause */
/* SIGHUP: the configuration file is read again, and the switch made equal to it. */
#ifndef VMMQD_RELOAD_H
#define VMMQD_RELOAD_H

#include "control/live.h"

/* struct reload: zeroed at first, and at one place while it lives. */
struct reload {
	struct live *live;
	const char *file;
	struct vmmq_config config;
	json_t *changes;
	struct live_request request;
	struct live_request *requests[1];
	bool under_way;
};

/*
 * reload_begin reads file (NULL: vmmqd was started without one) and applies it; what came of it is logged.  The switch is not busy.
 * reload->under_way, afterwards: it waits for the disk, and live_run() will end it.
 * fleet: the running one, NULL: none; another one in the file is for the next start, which is logged.
 */
void reload_begin(struct reload *reload, struct live *live, const char *file, const struct config_fleet *fleet);
/* reload_forget frees what one that has not come to its end has left. */
void reload_forget(struct reload *reload);

#endif
