/* SPDX-License-Identifier: BSD-2-Clause */
/* The HTTP side: libmicrohttpd, polled by the control thread's loop. */
#include "metrics/metrics.h"

#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "metrics/metrics_listen.h"
#include "metrics/metrics_pace.h"
#include "metrics/metrics_render.h"

static const char page[] = "<!DOCTYPE html>\n<html lang=\"en\"><head><title>vmmqd</title></head>\n"
			   "<body><h1>vmmqd</h1><p><a href=\"/metrics\">metrics</a> "
			   "(<a href=\"/metrics?entries=0\">without entries</a>)</p></body></html>\n";

/* A connection that has been accepted; fd -1: there is none. */
struct metrics_connection {
	int fd;
	uint64_t since_ns;
};

/* cached: of each kind the last rendering, shared by the connections that send it; renderings: those that there are, theirs among them. */
struct metrics {
	struct live *live;
	const struct agent *agent;
	struct MHD_Daemon *http;
	int epoll, timer;
	unsigned port;
	bool is_public;
	uint64_t start_time;
	struct MHD_Response *cached[METRICS_ENTRIES_KINDS];
	struct metrics_pace pace;
	unsigned renderings;
	struct metrics_connection connection[METRICS_CONNECTIONS_MAX];
	bool ended; /* one of them, in this turn */
};

static void forget_cached(struct metrics *metrics, enum metrics_entries entries)
{
	if (metrics->cached[entries])
		MHD_destroy_response(metrics->cached[entries]);
	metrics->cached[entries] = NULL;
}

/* A rendering's text, and whose it is. */
struct metrics_rendering {
	struct metrics *metrics;
	char *text;
};

/* rendering_free is libmicrohttpd's, when nobody sends it any more. */
static void rendering_free(void *context)
{
	struct metrics_rendering *rendering = context;

	rendering->metrics->renderings--;
	free(rendering->text);
	free(rendering);
}

/* rendering_response makes a response of text, which it owns then; NULL: memory. */
static struct MHD_Response *rendering_response(struct metrics *metrics, char *text, size_t len)
{
	struct metrics_rendering *rendering = malloc(sizeof(*rendering));
	struct MHD_Response *response = NULL;

	if (rendering) {
		*rendering = (struct metrics_rendering){ metrics, text };
		response =
		    MHD_create_response_from_buffer_with_free_callback_cls(len, text, rendering_free, rendering);
	}
	if (!response) {
		free(rendering);
		free(text);
		return NULL;
	}
	metrics->renderings++;
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8");
	return response;
}

/* metrics_rendering returns a response that is the cache's, or NULL: memory is short, or slow readers hold too many. */
static struct MHD_Response *metrics_rendering(struct metrics *metrics, enum metrics_entries entries)
{
	uint64_t begin = now_ns();
	char *text;
	size_t len;

	if (metrics->cached[entries] && metrics_pace_fresh(&metrics->pace, entries, begin))
		return metrics->cached[entries];
	forget_cached(metrics, entries);
	if (metrics->renderings >= METRICS_RENDERINGS_MAX)
		return NULL;
	text = metrics_render(metrics->live, metrics->agent, entries, metrics->start_time, &len);
	if (text)
		metrics->cached[entries] = rendering_response(metrics, text, len);
	metrics_pace_made(&metrics->pace, entries, begin, now_ns());
	return metrics->cached[entries];
}

static enum MHD_Result metrics_answer(struct MHD_Connection *connection, unsigned status, const char *type,
				      const char *text)
{
	/* libmicrohttpd's type has no const; PERSISTENT says that it only reads */
	struct MHD_Response *response =
	    MHD_create_response_from_buffer(strlen(text), (void *)(uintptr_t)text, MHD_RESPMEM_PERSISTENT);
	enum MHD_Result result;

	if (!response)
		return MHD_NO;
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
	if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
		MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
	result = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return result;
}

static enum MHD_Result answer_metrics(struct metrics *metrics, struct MHD_Connection *connection)
{
	const char *wanted = MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, "entries");
	enum metrics_entries entries = METRICS_ENTRIES_ACTIVE;
	struct MHD_Response *response;

	if (wanted && strcmp(wanted, "0") == 0)
		entries = METRICS_ENTRIES_NONE;
	else if (wanted && strcmp(wanted, "1") == 0)
		entries = METRICS_ENTRIES_ALL;
	else if (wanted)
		return metrics_answer(connection, MHD_HTTP_BAD_REQUEST, "text/plain",
				      "entries: 0 (no table entries) or 1 (those of all VPorts with RSS on); "
				      "absent: those of VPorts with traffic\n");
	response = metrics_rendering(metrics, entries);
	if (!response)
		return metrics_answer(connection, MHD_HTTP_SERVICE_UNAVAILABLE, "text/plain",
				      "memory is short, or other readers are slow\n");
	return MHD_queue_response(connection, MHD_HTTP_OK, response);
}

static enum MHD_Result metrics_handle(void *context, struct MHD_Connection *connection, const char *url,
				      const char *method, const char *version, const char *upload, size_t *upload_len,
				      void **state)
{
	(void)version;
	(void)upload;
	(void)upload_len;
	(void)state;
	if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 && strcmp(method, MHD_HTTP_METHOD_HEAD) != 0)
		return metrics_answer(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "text/plain", "GET and HEAD only\n");
	if (strcmp(url, "/metrics") == 0)
		return answer_metrics(context, connection);
	if (strcmp(url, "/") == 0)
		return metrics_answer(connection, MHD_HTTP_OK, "text/html; charset=utf-8", page);
	return metrics_answer(connection, MHD_HTTP_NOT_FOUND, "text/plain", "there is only /metrics here\n");
}

/* metrics_notice is libmicrohttpd's: a connection has come, or ended. */
static void metrics_notice(void *context, struct MHD_Connection *connection, void **state,
			   enum MHD_ConnectionNotificationCode code)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	struct metrics *metrics = context;
	struct metrics_connection *mine = *state;

	if (code == MHD_CONNECTION_NOTIFY_CLOSED && mine) {
		mine->fd = -1;
		metrics->ended = true;
	}
	for (unsigned i = 0; code == MHD_CONNECTION_NOTIFY_STARTED && info && i < METRICS_CONNECTIONS_MAX; i++) {
		if (metrics->connection[i].fd >= 0)
			continue;
		metrics->connection[i] = (struct metrics_connection){ info->connect_fd, now_ns() };
		*state = &metrics->connection[i];
		return;
	}
}

void metrics_expire(struct metrics *metrics, uint64_t now)
{
	for (unsigned i = 0; i < METRICS_CONNECTIONS_MAX; i++) {
		struct metrics_connection *mine = &metrics->connection[i];

		if (mine->fd >= 0 && now - mine->since_ns >= METRICS_LIFE_S * SECOND_NS)
			shutdown(mine->fd, SHUT_RDWR); /* libmicrohttpd's to close */
	}
	for (unsigned i = 0; i < METRICS_ENTRIES_KINDS; i++)
		if (!metrics_pace_fresh(&metrics->pace, i, now))
			forget_cached(metrics, i);
}

/*
 * metrics_set_timer sees to it that the epoll becomes readable when libmicrohttpd wants to be called without being
 * asked.
 */
static void metrics_set_timer(struct metrics *metrics)
{
	struct itimerspec when = { 0 };
	MHD_UNSIGNED_LONG_LONG ms;

	if (MHD_get_timeout(metrics->http, &ms) == MHD_YES) {
		when.it_value.tv_sec = (time_t)(ms / 1000);
		when.it_value.tv_nsec = (long)(ms % 1000 * 1000000 + 1); /* 0 would disarm it */
	}
	timerfd_settime(metrics->timer, 0, &when, NULL);
}

void metrics_run(struct metrics *metrics)
{
	uint64_t expirations;

	if (read(metrics->timer, &expirations, sizeof(expirations)) < 0)
		expirations = 0; /* it was a socket */
	metrics_expire(metrics, now_ns());
	MHD_run(metrics->http);
	if (metrics
		->ended) /* where there was no room for another, it listens again only when it is called once more */
		MHD_run(metrics->http);
	metrics->ended = false;
	metrics_set_timer(metrics);
}

static bool metrics_watch(int epoll, int fd)
{
	struct epoll_event event = { .events = EPOLLIN };

	return fd >= 0 && epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0;
}

/*
 * metrics_start_http gives the listening socket to libmicrohttpd, which closes it from then on, and makes what the
 * loop waits for.
 */
static bool metrics_start_http(struct metrics *metrics, int listener)
{
	const union MHD_DaemonInfo *info;

	metrics->http = MHD_start_daemon(
	    MHD_USE_EPOLL, 0, NULL, NULL, metrics_handle, metrics, MHD_OPTION_LISTEN_SOCKET, listener,
	    MHD_OPTION_CONNECTION_LIMIT, (unsigned)METRICS_CONNECTIONS_MAX, MHD_OPTION_CONNECTION_TIMEOUT,
	    (unsigned)METRICS_IDLE_S, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)METRICS_REQUEST_MAX,
	    MHD_OPTION_NOTIFY_CONNECTION, metrics_notice, metrics, MHD_OPTION_END);
	if (!metrics->http) {
		close(listener);
		return false;
	}
	info = MHD_get_daemon_info(metrics->http, MHD_DAEMON_INFO_EPOLL_FD);
	metrics->epoll = epoll_create1(EPOLL_CLOEXEC);
	metrics->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	return info && metrics_watch(metrics->epoll, info->epoll_fd) && metrics_watch(metrics->epoll, metrics->timer);
}

struct metrics *metrics_open(const char *address, struct live *live, char *error, size_t error_len)
{
	struct metrics *metrics;
	unsigned port;
	int listener = metrics_listen(address, &port, error, error_len);

	if (listener < 0)
		return NULL;
	metrics = calloc(1, sizeof(*metrics));
	if (!metrics) {
		close(listener);
		snprintf(error, error_len, "metrics: memory is short");
		return NULL;
	}
	*metrics = (struct metrics){
		.live = live, .epoll = -1, .timer = -1, .port = port, .start_time = (uint64_t)time(NULL)
	};
	metrics->is_public = !metrics_listens_on_loopback(listener);
	for (unsigned i = 0; i < METRICS_CONNECTIONS_MAX; i++)
		metrics->connection[i].fd = -1;
	if (metrics_start_http(metrics, listener))
		return metrics;
	snprintf(error, error_len, "metrics at %s: the HTTP server cannot be started: %s", address, strerror(errno));
	metrics_close(metrics);
	return NULL;
}

void metrics_fleet(struct metrics *metrics, const struct agent *agent)
{
	metrics->agent = agent;
}

int metrics_fd(const struct metrics *metrics)
{
	return metrics->epoll;
}

unsigned metrics_port(const struct metrics *metrics)
{
	return metrics->port;
}

bool metrics_is_public(const struct metrics *metrics)
{
	return metrics->is_public;
}

void metrics_close(struct metrics *metrics)
{
	if (!metrics)
		return;
	if (metrics->http)
		MHD_stop_daemon(metrics->http);
	for (unsigned i = 0; i < METRICS_ENTRIES_KINDS; i++)
		forget_cached(metrics, i);
	if (metrics->epoll >= 0)
		close(metrics->epoll);
	if (metrics->timer >= 0)
		close(metrics->timer);
	free(metrics);
}
