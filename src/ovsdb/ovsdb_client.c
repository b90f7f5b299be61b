/* SPDX-License-Identifier: BSD-2-Clause */
#include "ovsdb/ovsdb_client.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <unistd.h>

#include "ovsdb/ovsdb_link.h"
#include "ovsdb/ovsdb_remote.h"
#include "ovsdb/ovsdb_retry.h"

#define CONNECT_NS   (10 * SECOND_NS)
#define FULL_NS      (SECOND_NS / 10) /* until a server that has many to accept is asked again */
#define FULL_LAST_NS (60 * SECOND_NS) /* it does not accept anybody: as one that is silent */
#define HOME_LOOK_NS (SECOND_NS / 20) /* whether a connection to a server that is preferred has come about */

struct ovsdb_client {
	struct ovsdb_session *session;
	struct ovsdb_remote remote[OVSDB_REMOTES_MAX];
	struct ovsdb_tls_files tls;
	struct ovsdb_tls_identity *identity; /* NULL: no remote has needed one yet */
	struct ovsdb_retry retry;
	struct ovsdb_link link;
	struct ovsdb_link home; /* to a server that is preferred, while another one is followed */
	unsigned home_at;       /* its remote */
	uint64_t home_after_ns, home_ns, home_end_ns; /* how long until, when it is looked for next, and no longer */
	int epoll_fd;
	bool paused;
	bool wants_out;       /* the socket is watched for room */
	uint64_t full_ns;     /* since when the present server had no room for this one; 0: it has not been so */
	uint64_t connect_ns;  /* when the next one is tried, or the present one is given up */
	uint64_t followed_ns; /* since when; 0: not */
	uint64_t since_ns;    /* as told */
	char why[512];
};

/* identity_read: certificates end, and new ones are put in their place; while they are, the old ones are good. */
static bool identity_read(struct ovsdb_client *c, struct ovsdb_why *why)
{
	struct ovsdb_tls_identity *identity = ovsdb_tls_identity_read(&c->tls, why);

	if (!identity)
		return c->identity;
	ovsdb_tls_identity_free(c->identity);
	c->identity = identity;
	return true;
}

static bool remotes_read(struct ovsdb_client *c, const struct ovsdb_client_params *params, struct ovsdb_why *why)
{
	bool tls = false;

	if (params->remote_count < 1 || params->remote_count > OVSDB_REMOTES_MAX)
		return ovsdb_refuse(why, "1 to %u remotes are needed, and not %u", OVSDB_REMOTES_MAX,
				    params->remote_count);
	for (unsigned i = 0; i < params->remote_count; i++) {
		if (!ovsdb_remote_read(&c->remote[i], params->remote[i], why))
			return false;
		tls = tls || c->remote[i].tls;
	}
	if (!tls)
		return true;
	if (!params->tls.key || !params->tls.certificate || !params->tls.ca)
		return ovsdb_refuse(why, "remotes by ssl: need a private key, a certificate and a CA's certificate");
	c->tls = params->tls;
	return identity_read(c, why) || params->tls_later;
}

static bool client_fill(struct ovsdb_client *c, const struct ovsdb_client_params *params, struct ovsdb_why *why)
{
	struct ovsdb_session_params session = params->session;
	uint64_t seed;

	if (!remotes_read(c, params, why))
		return false;
	if (getrandom(&seed, sizeof(seed), 0) != sizeof(seed) ||
	    getrandom(session.seed, sizeof(session.seed), 0) != sizeof(session.seed))
		return ovsdb_refuse(why, "no random numbers: %s", strerror(errno));
	ovsdb_retry_init(&c->retry, params->remote_count, params->near_count,
			 params->retry_ns ? params->retry_ns : OVSDB_RETRY_FIRST_NS, seed);
	c->home_after_ns = params->home_ns ? params->home_ns : OVSDB_HOME_NS;
	c->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (c->epoll_fd < 0)
		return ovsdb_refuse(why, "epoll: %s", strerror(errno));
	c->session = ovsdb_session_create(&session);
	return c->session || ovsdb_refuse(why, OVSDB_NO_MEMORY);
}

struct ovsdb_client *ovsdb_client_create(const struct ovsdb_client_params *params, uint64_t now_ns,
					 struct ovsdb_why *why)
{
	struct ovsdb_client *c = calloc(1, sizeof(*c));

	if (!c) {
		ovsdb_refuse(why, OVSDB_NO_MEMORY);
		return NULL;
	}
	c->epoll_fd = c->link.fd = c->home.fd = -1;
	c->since_ns = c->connect_ns = now_ns;
	if (client_fill(c, params, why))
		return c;
	ovsdb_client_destroy(c);
	return NULL;
}

void ovsdb_client_destroy(struct ovsdb_client *c)
{
	if (!c)
		return;
	ovsdb_session_destroy(c->session);
	ovsdb_link_close(&c->link);
	ovsdb_link_close(&c->home);
	ovsdb_tls_identity_free(c->identity);
	if (c->epoll_fd >= 0)
		close(c->epoll_fd);
	free(c);
}

static const struct ovsdb_remote *remote_now(const struct ovsdb_client *c)
{
	return &c->remote[c->retry.at];
}

static void connection_end(struct ovsdb_client *c)
{
	c->followed_ns = c->full_ns = 0;
	c->wants_out = false;
	ovsdb_link_close(&c->link); /* which the epoll set forgets by itself */
	ovsdb_link_close(&c->home);
}

/* client_fail ends the connection, and sets the time of the next. */
static void client_fail(struct ovsdb_client *c, uint64_t now_ns, const char *why)
{
	uint64_t followed = c->followed_ns && now_ns > c->followed_ns ? now_ns - c->followed_ns : 0;
	bool answered = ovsdb_session_answered(c->session) && !followed;

	snprintf(c->why, sizeof(c->why), "%s: %s", remote_now(c)->text, why);
	if (c->followed_ns)
		c->since_ns = now_ns;
	connection_end(c);
	c->connect_ns = now_ns + ovsdb_retry_failed(&c->retry, followed, answered);
	ovsdb_session_end(c->session);
}

/* events_watch: input always, room for output only where there is some to send. */
static bool events_watch(struct ovsdb_client *c, int operation, bool wants_out, struct ovsdb_why *why)
{
	struct epoll_event event = { .events = EPOLLIN | (wants_out ? EPOLLOUT : 0) };

	if (operation == EPOLL_CTL_MOD && wants_out == c->wants_out)
		return true;
	c->wants_out = wants_out;
	return epoll_ctl(c->epoll_fd, operation, c->link.fd, &event) == 0 ||
	       ovsdb_refuse(why, "epoll: %s", strerror(errno));
}

static bool client_begin(struct ovsdb_client *c, uint64_t now_ns, struct ovsdb_why *why)
{
	if (remote_now(c)->tls && !identity_read(c, why))
		return false;
	if (!ovsdb_link_open(&c->link, remote_now(c), c->identity, why))
		return false;
	if (c->link.fd < 0) {
		if (!c->full_ns)
			c->full_ns = now_ns;
		c->connect_ns = now_ns + ovsdb_retry_spread(&c->retry, FULL_NS);
		return now_ns < c->full_ns + FULL_LAST_NS || ovsdb_refuse(why, "it accepts no more connections");
	}
	c->full_ns = 0;
	c->connect_ns = now_ns + CONNECT_NS;
	return events_watch(c, EPOLL_CTL_ADD, true, why);
}

/* home_later sets when a server that is preferred is looked for next. */
static void home_later(struct ovsdb_client *c, uint64_t now_ns)
{
	c->home_ns = now_ns + ovsdb_retry_spread(&c->retry, 2 * c->home_after_ns);
}

/* session_carry: what the session breaks for is its own to say. */
static bool session_carry(struct ovsdb_client *c, uint64_t now_ns, struct ovsdb_why *why)
{
	bool more, good;

	why->text[0] = '\0';
	good = ovsdb_link_carry(&c->link, c->session, now_ns, &more, why) && ovsdb_session_tick(c->session, now_ns);
	if (good && !c->followed_ns && ovsdb_session_state(c->session) == OVSDB_FOLLOWING) {
		c->followed_ns = c->since_ns = now_ns;
		home_later(c, now_ns);
	}
	if (good)
		return events_watch(c, EPOLL_CTL_MOD, more, why);
	return why->text[0] ? false : ovsdb_refuse(why, "%s", ovsdb_session_why(c->session));
}

static bool client_go_on(struct ovsdb_client *c, uint64_t now_ns, struct ovsdb_why *why)
{
	bool connected;

	if (c->paused)
		return true;
	if (c->link.fd < 0)
		return now_ns < c->connect_ns || client_begin(c, now_ns, why);
	if (!ovsdb_link_connected(&c->link, &connected, why))
		return false;
	if (!connected)
		return now_ns < c->connect_ns ||
		       ovsdb_refuse(why, "no connection in %u s", (unsigned)(CONNECT_NS / SECOND_NS));
	if (ovsdb_session_state(c->session) == OVSDB_DOWN && !ovsdb_session_begin(c->session, now_ns))
		return ovsdb_refuse(why, "%s", ovsdb_session_why(c->session));
	return session_carry(c, now_ns, why);
}

static bool is_away(const struct ovsdb_client *c)
{
	return c->followed_ns && c->retry.at >= c->retry.near;
}

/* home_go: what was followed before ends, and goes on there. */
static void home_go(struct ovsdb_client *c, uint64_t now_ns)
{
	struct ovsdb_link home = c->home;
	struct ovsdb_why why;

	c->home.fd = -1;
	snprintf(c->why, sizeof(c->why), "%s: a server that is preferred is there again", remote_now(c)->text);
	connection_end(c);
	ovsdb_session_end(c->session);
	ovsdb_retry_homed(&c->retry);
	c->link = home;
	c->since_ns = now_ns;
	c->connect_ns = now_ns + CONNECT_NS;
	if (!events_watch(c, EPOLL_CTL_ADD, true, &why))
		client_fail(c, now_ns, why.text);
}

/* home_look: where that does not go well, what is followed is followed on. */
static void home_look(struct ovsdb_client *c, uint64_t now_ns)
{
	bool connected = false, good;
	struct ovsdb_why why;

	if (!is_away(c) || now_ns < c->home_ns)
		return;
	c->home_ns = now_ns + HOME_LOOK_NS;
	if (c->home.fd < 0) {
		c->home_at = ovsdb_retry_home(&c->retry);
		c->home_end_ns = now_ns + CONNECT_NS;
		good = (!c->remote[c->home_at].tls || identity_read(c, &why)) &&
		       ovsdb_link_open(&c->home, &c->remote[c->home_at], c->identity, &why) && c->home.fd >= 0;
	} else {
		good = ovsdb_link_connected(&c->home, &connected, &why) && (connected || now_ns < c->home_end_ns);
	}
	if (connected && good) {
		home_go(c, now_ns);
	} else if (!good) {
		ovsdb_link_close(&c->home);
		home_later(c, now_ns);
	}
}

void ovsdb_client_run(struct ovsdb_client *c, uint64_t now_ns)
{
	struct ovsdb_why why;

	home_look(c, now_ns);
	if (!client_go_on(c, now_ns, &why))
		client_fail(c, now_ns, why.text);
}

void ovsdb_client_pause(struct ovsdb_client *c)
{
	c->paused = true;
	if (c->followed_ns) /* it was good, whatever was tried before it */
		c->retry.failures = 0;
	connection_end(c);
	ovsdb_session_end(c->session);
}

void ovsdb_client_resume(struct ovsdb_client *c, uint64_t now_ns)
{
	if (c->paused)
		c->connect_ns = now_ns;
	c->paused = false;
}

int ovsdb_client_fd(const struct ovsdb_client *c)
{
	return c->epoll_fd;
}

uint64_t ovsdb_client_wake_ns(const struct ovsdb_client *c)
{
	if (c->paused)
		return UINT64_MAX;
	if (ovsdb_session_state(c->session) == OVSDB_DOWN)
		return c->connect_ns;
	if (is_away(c) && c->home_ns < ovsdb_session_wake_ns(c->session))
		return c->home_ns;
	return ovsdb_session_wake_ns(c->session);
}

struct ovsdb_session *ovsdb_client_session(struct ovsdb_client *c)
{
	return c->session;
}

void ovsdb_client_status(const struct ovsdb_client *c, struct ovsdb_client_status *status)
{
	*status = (struct ovsdb_client_status){
		.state = ovsdb_session_state(c->session),
		.remote = remote_now(c)->text,
		.since_ns = c->since_ns,
		.failures = c->retry.failures,
	};
	snprintf(status->why, sizeof(status->why), "%s", c->why);
}
