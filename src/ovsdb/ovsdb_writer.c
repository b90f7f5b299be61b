/* SPDX-License-Identifier: BSD-2-Clause */
#include "ovsdb/ovsdb_writer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

struct ovsdb_writer {
	struct ovsdb_client *client; /* not its own */
	struct ovsdb_client *second;
	struct ovsdb_wanted nothing; /* that the second one follows */
	unsigned remote_count;
	int epoll_fd;
	bool open;
	uint64_t used_ns;
	uint64_t search_ns; /* since when a leader is sought; 0: the last that was sought has been found */
};

static bool writer_watch(struct ovsdb_writer *w, const struct ovsdb_client *client)
{
	struct epoll_event event = { .events = EPOLLIN };

	return epoll_ctl(w->epoll_fd, EPOLL_CTL_ADD, ovsdb_client_fd(client), &event) == 0;
}

static bool writer_fill(struct ovsdb_writer *w, const struct ovsdb_client_params *params, uint64_t now_ns,
			struct ovsdb_why *why)
{
	struct ovsdb_client_params second = *params;

	w->nothing = (struct ovsdb_wanted){ .database = params->session.wanted->database };
	second.session = (struct ovsdb_session_params){ .wanted = &w->nothing, .leader_only = true };
	if (params->near_count < params->remote_count) { /* relays do not lead */
		second.remote += params->near_count;
		second.remote_count -= params->near_count;
	}
	second.near_count = 0;
	w->remote_count = second.remote_count;
	w->second = ovsdb_client_create(&second, now_ns, why);
	if (!w->second)
		return false;
	ovsdb_client_pause(w->second);
	w->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	return (w->epoll_fd >= 0 && writer_watch(w, w->client) && writer_watch(w, w->second)) ||
	       ovsdb_refuse(why, "epoll: %s", strerror(errno));
}

struct ovsdb_writer *ovsdb_writer_create(const struct ovsdb_client_params *params, struct ovsdb_client *client,
					 uint64_t now_ns, struct ovsdb_why *why)
{
	struct ovsdb_writer *w = calloc(1, sizeof(*w));

	if (!w) {
		ovsdb_refuse(why, OVSDB_NO_MEMORY);
		return NULL;
	}
	w->client = client;
	w->epoll_fd = -1;
	if (writer_fill(w, params, now_ns, why))
		return w;
	ovsdb_writer_destroy(w);
	return NULL;
}

void ovsdb_writer_destroy(struct ovsdb_writer *w)
{
	if (!w)
		return;
	if (w->epoll_fd >= 0)
		close(w->epoll_fd);
	ovsdb_client_destroy(w->second);
	free(w);
}

int ovsdb_writer_fd(const struct ovsdb_writer *w)
{
	return w->epoll_fd;
}

uint64_t ovsdb_writer_wake_ns(const struct ovsdb_writer *w)
{
	uint64_t client = ovsdb_client_wake_ns(w->client), second = ovsdb_client_wake_ns(w->second);
	uint64_t wake = client < second ? client : second, closes = w->used_ns + OVSDB_WRITER_OPEN_NS;

	return w->open && closes < wake ? closes : wake;
}

void ovsdb_writer_run(struct ovsdb_writer *w, uint64_t now_ns)
{
	ovsdb_client_run(w->client, now_ns);
	ovsdb_client_run(w->second, now_ns);
	if (ovsdb_session_writes(ovsdb_client_session(w->second)))
		w->used_ns = now_ns;
	if (!w->open || now_ns < w->used_ns + OVSDB_WRITER_OPEN_NS)
		return;
	ovsdb_client_pause(w->second);
	w->open = false;
}

const char *ovsdb_writer_remote(const struct ovsdb_writer *w)
{
	struct ovsdb_client_status status;

	ovsdb_client_status(w->second, &status);
	return status.state == OVSDB_FOLLOWING ? status.remote : NULL;
}

/* leader_is_not_named: all servers have been asked, for long, and none leads. */
static bool leader_is_not_named(const struct ovsdb_writer *w, uint64_t now_ns)
{
	struct ovsdb_client_status status;

	ovsdb_client_status(w->second, &status);
	return status.failures >= w->remote_count && now_ns >= w->search_ns + OVSDB_WRITER_SEARCH_NS;
}

struct ovsdb_session *ovsdb_writer_session(struct ovsdb_writer *w, uint64_t now_ns)
{
	struct ovsdb_session *reads = ovsdb_client_session(w->client), *leads = ovsdb_client_session(w->second);

	if (ovsdb_session_leads(reads)) {
		w->search_ns = 0;
		return reads;
	}
	w->used_ns = now_ns;
	w->open = true;
	ovsdb_client_resume(w->second, now_ns);
	if (ovsdb_session_state(leads) == OVSDB_FOLLOWING) {
		w->search_ns = 0;
		return leads;
	}
	if (!w->search_ns)
		w->search_ns = now_ns;
	if (leader_is_not_named(w, now_ns) && ovsdb_session_state(reads) == OVSDB_FOLLOWING &&
	    !ovsdb_session_relays(reads))
		return reads;
	return NULL;
}
