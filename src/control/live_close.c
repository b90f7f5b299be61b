/* SPDX-License-Identifier: BSD-2-Clause */
/* The end of a running switch. */
#include <stdlib.h>

#include "control/live_balance_state.h"

#define STOP_NS 2000000000u

void live_close(struct live *live)
{
	bool settled;

	live->listener = NULL;
	if (live->threads)
		host_stop_ports(live->host, STOP_NS);
	if (live->adapter)
		live_threads_stop(live);
	settled = live_flight_fini(live);
	if (live->host)
		host_destroy(live->host);
	live_balance_fini(live);
	vmmq_adapter_destroy(live->adapter);
	live_known_fini(live);
	if (!settled)
		return; /* what is left is still being written, or lent to who writes it */
	live_extra_fini(live);
	state_db_close(live->db);
	free(live->fallback);
	free(live->name);
	free(live->state);
	free(live->sockets);
	free(live->running);
	free(live->cpu);
	free(live->stalled);
	free(live);
}
