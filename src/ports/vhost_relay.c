/* SPDX-License-Identifier: BSD-2-Clause */
/* The relay's thread: it waits for front ends, and for the library's answers to them. */
#include "ports/vhost_user.h"

#include <errno.h>
#include <pthread.h>
#include <rte_lcore.h>
#include <rte_log.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"

#define TICK_MS             100
#define CONNECTIONS_AT_ONCE 16u
#define CONNECTION_EACH_NS  250000000u
#define SEEK_EACH_NS        200000000u /* a client looks whether its front end is there */
#define TOLD_EACH_NS        (60 * (uint64_t)SECOND_NS)

/* One for the process, and for its life once it is there. */
static struct {
	pthread_mutex_t lock;
	int epoll;
	int wake;
	bool runs;
	uint64_t removals; /* of watches by another thread: an event that was taken before may be about one of them */
	struct vhost_port *ports;
} relay = { .lock = PTHREAD_MUTEX_INITIALIZER, .epoll = -1, .wake = -1 };

void vhost_port_say(struct vhost_port *vhost, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	pthread_mutex_lock(&vhost->reason_lock);
	vsnprintf(vhost->reason, sizeof(vhost->reason), format, arguments);
	pthread_mutex_unlock(&vhost->reason_lock);
	va_end(arguments);
	ethdev_notify(vhost->port);
}

bool vhost_relay_watch(struct vhost_watch *watch, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.ptr = watch };

	return epoll_ctl(relay.epoll, EPOLL_CTL_ADD, watch->fd, &event) == 0;
}

void vhost_relay_change(struct vhost_watch *watch, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.ptr = watch };

	epoll_ctl(relay.epoll, EPOLL_CTL_MOD, watch->fd, &event);
}

void vhost_relay_unwatch(struct vhost_watch *watch)
{
	if (watch->fd < 0)
		return;
	epoll_ctl(relay.epoll, EPOLL_CTL_DEL, watch->fd, NULL);
	close(watch->fd);
	watch->fd = -1;
}

void vhost_relay_wake(void)
{
	const uint64_t one = 1;
	ssize_t written = write(relay.wake, &one, sizeof(one)); /* full: readable already */

	(void)written;
}

/* listener_refuse turns a second front end away, and tells of it now and then. */
static void listener_refuse(struct vhost_port *vhost, int socket)
{
	struct ucred peer = vhost_socket_peer(socket);

	close(socket);
	if (pace_allows(&vhost->refusals, now_ns(), 1, TOLD_EACH_NS))
		vhost_port_say(
		    vhost, "a second front end (process %d, user %u) was refused: the socket is in use by process %d",
		    (int)peer.pid, (unsigned)peer.uid, (int)vhost->link->pid);
}

static void listener_rest(struct vhost_port *vhost, bool rests)
{
	vhost->listener_rests = rests;
	vhost_relay_change(&vhost->listener, rests ? 0 : EPOLLIN);
}

static void listener_ready(struct vhost_watch *watch, uint32_t events)
{
	struct vhost_port *vhost = (struct vhost_port *)((char *)watch - offsetof(struct vhost_port, listener));
	int socket;

	(void)events;
	if (!pace_allows(&vhost->connections, now_ns(), CONNECTIONS_AT_ONCE, CONNECTION_EACH_NS)) {
		listener_rest(vhost, true);
		return;
	}
	socket = accept4(watch->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (socket < 0) {
		if (errno == EMFILE || errno == ENFILE) {
			vhost_port_say(vhost, "no file descriptors left: raise the limit (ulimit -n)");
			listener_rest(vhost, true);
		}
		return;
	}
	if (vhost->link && vhost_link_is_over(vhost->link))
		vhost_link_close(vhost->link, "");
	if (vhost->link)
		listener_refuse(vhost, socket);
	else
		vhost_link_open(vhost, socket);
}

/* front_missing_say tells why a client has no front end, when that is not what it said before. */
static void front_missing_say(struct vhost_port *vhost, int reason)
{
	if (reason == vhost->client_reason)
		return;
	vhost->client_reason = reason;
	if (reason == ENOENT)
		vhost_port_say(vhost, "there is no socket yet: start the VMM that is to make it (%s)",
			       vhost->port->interface);
	else if (reason == ECONNREFUSED)
		vhost_port_say(vhost, "nobody listens at %s: start the VMM", vhost->port->interface);
	else
		vhost_port_say(vhost, "%s cannot be connected to: %s", vhost->port->interface, strerror(reason));
}

/* front_seek looks whether the front end is there. */
static void front_seek(struct vhost_port *vhost)
{
	int socket = vhost_socket_connect(vhost);

	if (socket < 0) {
		front_missing_say(vhost, -socket);
		return;
	}
	vhost->client_reason = 0;
	vhost_link_open(vhost, socket);
}

/* port_tick: a client looks whether its front end is there; who rested may go on. */
static void port_tick(struct vhost_port *vhost)
{
	if (vhost->listener_rests)
		listener_rest(vhost, false);
	if (vhost->link) {
		vhost_link_tick(vhost->link);
	} else if (vhost->client && pace_allows(&vhost->connections, now_ns(), CONNECTIONS_AT_ONCE, SEEK_EACH_NS)) {
		front_seek(vhost);
	}
}

/* relay_is_waiting: for something that no descriptor tells of. */
static bool relay_is_waiting(void)
{
	for (const struct vhost_port *vhost = relay.ports; vhost; vhost = vhost->next)
		if (vhost->listener_rests || (vhost->client && !vhost->link) || (vhost->link && vhost->link->rests))
			return true;
	return false;
}

static void relay_tick(void)
{
	for (struct vhost_port *vhost = relay.ports; vhost; vhost = vhost->next)
		port_tick(vhost);
}

static void wake_ready(struct vhost_watch *watch, uint32_t events)
{
	uint64_t count;
	ssize_t n = read(watch->fd, &count, sizeof(count));

	(void)n;
	(void)events;
	relay_tick();
}

static struct vhost_watch wake_watch = { .ready = wake_ready, .fd = -1 };

/* relay_run takes one event at a time: what it does may end what other events are about. */
static void *relay_run(void *unused)
{
	uint64_t ticked = now_ns();
	bool happened = true,
	     waiting = true; /* who waits is looked up, over all ports, only when something happened */

	pthread_mutex_lock(&relay.lock);
	for (;;) {
		int timeout = relay.ports ? TICK_MS : -1, n;
		uint64_t removals = relay.removals;
		struct epoll_event event;

		pthread_mutex_unlock(&relay.lock);
		n = epoll_wait(relay.epoll, &event, 1, timeout);
		pthread_mutex_lock(&relay.lock);
		if (n > 0 && removals == relay.removals) {
			struct vhost_watch *watch = event.data.ptr;

			watch->ready(watch, event.events);
		}
		happened = happened || n > 0;
		if (now_ns() - ticked >= TICK_MS * UINT64_C(1000000)) {
			ticked = now_ns();
			vhost_calls_interrupt(NULL);
			if (happened)
				waiting = relay_is_waiting();
			happened = false;
			if (waiting)
				relay_tick();
		}
	}
	return unused;
}

/* relay_start makes the thread at first use.  0, or -1: memory or descriptors. */
static int relay_start(void)
{
	pthread_t thread;

	if (relay.runs)
		return 0;
	if (relay.epoll < 0)
		relay.epoll = epoll_create1(EPOLL_CLOEXEC);
	if (relay.wake < 0)
		relay.wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (relay.epoll < 0 || relay.wake < 0 || !vhost_memory_init() || !vhost_call_init())
		return -1;
	if (wake_watch.fd < 0) {
		wake_watch.fd = relay.wake;
		if (!vhost_relay_watch(&wake_watch, EPOLLIN)) {
			wake_watch.fd = -1;
			return -1;
		}
	}
	if (rte_ctrl_thread_create(&thread, "vhost-relay", NULL, relay_run, NULL))
		return -1;
	/* What a guest does is told by us, once, not line by line by the processor that it happens to. */
	rte_log_set_level_pattern("lib.vhost.*", RTE_LOG_EMERG);
	relay.runs = true;
	return 0;
}

static void listener_close(struct vhost_port *vhost)
{
	if (vhost->listener.fd >= 0)
		unlink(vhost->port->interface);
	vhost_relay_unwatch(&vhost->listener);
}

static bool listener_open(struct vhost_port *vhost, const struct port_spec *wanted, char *error, size_t error_len)
{
	if (vhost_socket_open(vhost, wanted, error, error_len))
		return false;
	vhost->listener.ready = listener_ready;
	if (vhost_relay_watch(&vhost->listener, EPOLLIN))
		return true;
	snprintf(error, error_len, "no memory left");
	listener_close(vhost);
	return false;
}

int vhost_relay_add(struct vhost_port *vhost, const struct port_spec *wanted, char *error, size_t error_len)
{
	int result = -1;

	pthread_mutex_lock(&relay.lock);
	if (relay_start()) {
		snprintf(error, error_len, "no file descriptors or no memory left");
	} else if (vhost->client || listener_open(vhost, wanted, error, error_len)) {
		vhost->next = relay.ports;
		relay.ports = vhost;
		result = 0;
	}
	pthread_mutex_unlock(&relay.lock);
	if (result == 0)
		vhost_relay_wake();
	return result;
}

void vhost_relay_remove(struct vhost_port *vhost)
{
	struct vhost_port **at = &relay.ports;

	pthread_mutex_lock(&relay.lock);
	relay.removals++;
	while (*at && *at != vhost)
		at = &(*at)->next;
	if (*at)
		*at = vhost->next;
	if (vhost->link)
		vhost_link_close(vhost->link, "");
	listener_close(vhost);
	pthread_mutex_unlock(&relay.lock);
}
