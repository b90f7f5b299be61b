/* SPDX-License-Identifier: BSD-2-Clause */
/* One front end's connection: its messages to the library, one at a time, and the answers back. */
#include "ports/vhost_user.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "virtio/virtio_header.h"

/* A guest of 128 queue pairs takes 1,600 messages to start.  Each may stop the processors that serve it for a moment. */
#define MESSAGES_AT_ONCE 4000u
#define MESSAGE_EACH_NS  1000000u

#define FLAGS_NEED_REPLY 0x8u

static const struct vhost_message question = { .request = VHOST_MSG_GET_FEATURES, .flags = 1 };

static unsigned link_rings(const struct vhost_link *link)
{
	return 2u * link->of->port->rx_queues;
}

/* link_epoll finds the descriptor that the processor of a ring sleeps on; -1: the ring is none that we poll. */
static int link_epoll(const struct vhost_link *link, unsigned ring)
{
	return ring % 2 ? link->of->port->rx[ring / 2].fd : -1;
}

/* link_kick_set takes over a ring's new kick descriptor, a copy of the front end's; -1: none. */
static void link_kick_set(struct vhost_link *link, unsigned ring, int fd)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLET };
	int epoll = link_epoll(link, ring);

	if (link->kick[ring] >= 0) {
		epoll_ctl(epoll, EPOLL_CTL_DEL, link->kick[ring], NULL);
		close(link->kick[ring]);
	}
	link->kick[ring] = epoll >= 0 && fd >= 0 ? fcntl(fd, F_DUPFD_CLOEXEC, 0) : -1;
	event.data.fd = link->kick[ring];
	if (link->kick[ring] >= 0)
		epoll_ctl(epoll, EPOLL_CTL_ADD, link->kick[ring], &event);
}

static void link_free(struct vhost_link *link)
{
	for (unsigned ring = 0; ring < link_rings(link); ring++)
		link_kick_set(link, ring, -1);
	vhost_message_close_fds(&link->from_front);
	vhost_message_close_fds(&link->from_library);
	free(link);
}

/*
 * link_close_all: processors are shut out first, then the memory is no longer guarded, then the library unmaps it.
 */
static void link_close_all(struct vhost_link *link)
{
	struct vhost_port *vhost = link->of;

	ethdev_queues_stop(vhost->port);
	vhost_rings_give_back(link);
	atomic_store_explicit(&link->running, false, memory_order_release);
	vhost_memory_forget(link);
	vhost_relay_unwatch(&link->front);
	vhost_relay_unwatch(&link->library);
	vhost_library_leave(link);
	atomic_store_explicit(&vhost->vid, -1, memory_order_release);
	vhost->link = NULL;
	vhost->rx_enabled = vhost->tx_enabled = 0;
	vhost->refusals = (struct pace){ 0 };
	link_free(link);
}

void vhost_link_close(struct vhost_link *link, const char *why)
{
	struct vhost_port *vhost = link->of;
	pid_t pid = link->pid;
	bool before_start = link->told_queues;

	link_close_all(link);
	if (*why)
		vhost_port_say(vhost, "the front end (process %d) was disconnected: %s", (int)pid, why);
	else if (before_start)
		vhost_port_say(
		    vhost,
		    "the front end (process %d) left before its guest had started its network driver: its own log "
		    "says why (QEMU with more than %u queue pairs does so)",
		    (int)pid, (unsigned)vhost->port->rx_queues);
	else
		vhost_port_say(vhost, "%s", "");
}

/* link_hung_up: the library has, over what the front end has sent. */
static void link_hung_up(struct vhost_link *link)
{
	char what[80], room[32];

	snprintf(what, sizeof(what), "its %s cannot be carried out",
		 vhost_request_name(link->from_front.request, room, sizeof(room)));
	vhost_link_close(link, what);
}

/* message_changes: everything but questions may change what processors use. */
static bool message_changes(uint32_t request)
{
	return request != VHOST_MSG_GET_FEATURES && request != VHOST_MSG_GET_PROTOCOL_FEATURES &&
	       request != VHOST_MSG_GET_QUEUE_NUM;
}

/*
 * link_own_features are what our rings have and the library does not know of: it would take who sets a feature of its own for a device of another
 * kind, which starts only once all of its rings have.
 */
static uint64_t link_own_features(const struct vhost_link *link)
{
	const uint64_t own = VIRTIO_FEATURE(VIRTIO_NET_F_HASH_REPORT) | VHOST_OFFLOAD_OWN_FEATURES;

	return link->of->by_library ? 0 : own & ~link->of->features_off;
}

/* link_pass gives the front end's message to the library, and the question after it. */
static void link_pass(struct vhost_link *link)
{
	struct vhost_message *message = &link->from_front;
	bool answer = link->front_is_asked;

	if (!answer && message_changes(message->request)) {
		vhost_calls_make(link->of);
		ethdev_queues_stop(link->of->port);
		vhost_rings_give_back(link);
	}
	if (message->request == VHOST_MSG_SET_MEM_TABLE)
		vhost_memory_forget(link);
	if (message->request == VHOST_MSG_SET_FEATURES) {
		link->own_features = message->number & link_own_features(link);
		message->number &= ~link_own_features(link);
	}
	if (message->request == VHOST_MSG_GET_QUEUE_NUM || message->request == VHOST_MSG_SET_MEM_TABLE)
		link->told_queues = message->request == VHOST_MSG_GET_QUEUE_NUM;
	link->asks_features = message->request == VHOST_MSG_GET_FEATURES;
	link->waiting = true;
	link->refused = false;
	link->front_is_asked = false;
	link->question_held = link->listens && !answer && message->request == VHOST_MSG_SET_MEM_TABLE;
	if (vhost_message_send(link->library.fd, message) &&
	    (link->question_held || vhost_message_send(link->library.fd, &question)))
		vhost_relay_change(&link->front, 0);
	else
		link_hung_up(link);
}

/* front_check says whether what the front end has sent may go on to the library, which would take postcopy from everybody. */
static bool front_check(const struct vhost_link *link, char *error, size_t error_len)
{
	const struct vhost_message *message = &link->from_front;
	bool postcopy = message->request >= VHOST_MSG_POSTCOPY_ADVISE && message->request <= VHOST_MSG_POSTCOPY_END;
	char room[32];
	const char *name = vhost_request_name(message->request, room, sizeof(room));

	if (link->front_is_asked) {
		snprintf(error, error_len,
			 "its %s came where a SET_MEM_TABLE of 8 bytes was to say that it knows the addresses of its "
			 "memory",
			 name);
		return message->request == VHOST_MSG_SET_MEM_TABLE && message->size == sizeof(message->number) &&
		       !message->fd_count;
	}
	snprintf(error, error_len, "its %s: migration by postcopy is not offered to it", name);
	return (!postcopy || link->of->postcopy) &&
	       vhost_message_check(message, link_rings(link), link->of->sealed, error, error_len);
}

static void front_ready(struct vhost_watch *watch, uint32_t events)
{
	struct vhost_link *link = (struct vhost_link *)((char *)watch - offsetof(struct vhost_link, front));
	char error[200];

	if (events & (EPOLLHUP | EPOLLERR)) {
		vhost_link_close(link, ""); /* what it may have said last concerns nobody any more */
		return;
	}
	if (link->waiting && !link->front_is_asked)
		return;
	if (!link->front_have && !pace_allows(&link->messages, now_ns(), MESSAGES_AT_ONCE, MESSAGE_EACH_NS)) {
		link->rests = true;
		vhost_relay_change(&link->front, 0);
		return;
	}
	switch (vhost_message_read(link->front.fd, &link->from_front, &link->front_have, error, sizeof(error))) {
	case VHOST_READ_MORE:
		return;
	case VHOST_READ_END:
		vhost_link_close(link, "");
		return;
	case VHOST_READ_BAD:
		vhost_link_close(link, error);
		return;
	default:
		break;
	}
	if (front_check(link, error, sizeof(error)))
		link_pass(link);
	else
		vhost_link_close(link, error);
}

/* link_done: the library has dealt with the front end's message. */
static void link_done(struct vhost_link *link)
{
	struct vhost_message *message = &link->from_front;
	int ring = vhost_message_ring(message);

	if (message->request == VHOST_MSG_SET_MEM_TABLE && !link->refused)
		vhost_memory_guard(link);
	if (message->request == VHOST_MSG_SET_LOG_BASE && !link->refused)
		vhost_memory_guard_log(link);
	if (message->request == VHOST_MSG_POSTCOPY_LISTEN || message->request == VHOST_MSG_POSTCOPY_END)
		link->listens = message->request == VHOST_MSG_POSTCOPY_LISTEN && !link->refused;
	if (message->request == VHOST_MSG_SET_VRING_KICK)
		link_kick_set(link, (unsigned)ring, message->fd_count ? message->fd[0] : -1);
	vhost_message_close_fds(message);
	if (message_changes(message->request)) {
		vhost_rings_hold(link);
		vhost_queues_follow(link);
	}
	link->waiting = false;
	vhost_relay_change(&link->front, EPOLLIN);
}

/* library_asks: its answer to SET_MEM_TABLE says at which addresses it has the memory, or only whether it took it. */
static bool library_asks(struct vhost_link *link)
{
	link->question_held = false;
	if (link->from_library.size == sizeof(link->from_library.number))
		return vhost_message_send(link->library.fd, &question);
	link->front_is_asked = true;
	vhost_message_close_fds(&link->from_front);
	vhost_relay_change(&link->front, EPOLLIN);
	return true;
}

/* library_answer passes an answer on to the front end; false: it does not read it. */
static bool library_answer(struct vhost_link *link)
{
	struct vhost_message *message = &link->from_library;
	uint64_t pairs = link_rings(link) / 2;

	if (link->from_front.flags & FLAGS_NEED_REPLY && message->size == sizeof(message->number) && message->number)
		link->refused = message->request == link->from_front.request && message_changes(message->request);
	if (message->request == VHOST_MSG_GET_QUEUE_NUM && message->number > pairs)
		message->number = pairs;
	if (message->request == VHOST_MSG_GET_FEATURES)
		message->number |= link_own_features(link);
	if (!vhost_message_send(link->front.fd, message))
		return false;
	return !link->question_held || library_asks(link);
}

static void library_ready(struct vhost_watch *watch, uint32_t events)
{
	struct vhost_link *link = (struct vhost_link *)((char *)watch - offsetof(struct vhost_link, library));
	struct vhost_message *message = &link->from_library;
	char error[200];
	bool taken;

	(void)events;
	switch (vhost_message_read(watch->fd, message, &link->library_have, error, sizeof(error))) {
	case VHOST_READ_MORE:
		return;
	case VHOST_READ_WHOLE:
		break;
	default:
		link_hung_up(link);
		return;
	}
	if (message->request == VHOST_MSG_GET_FEATURES) {
		if (!link->asks_features) {
			vhost_message_close_fds(message);
			link_done(link);
			return;
		}
		link->asks_features = false;
	}
	taken = library_answer(link);
	vhost_message_close_fds(message);
	if (!taken)
		vhost_link_close(link, "it does not read the answers to its messages");
}

static struct vhost_link *link_create(struct vhost_port *vhost, int socket)
{
	struct vhost_link *link = calloc(1, sizeof(*link));

	if (!link)
		return NULL;
	link->of = vhost;
	link->vid = -1;
	link->front = (struct vhost_watch){ front_ready, socket };
	link->library = (struct vhost_watch){ library_ready, -1 };
	for (unsigned ring = 0; ring < VHOST_RINGS_MAX; ring++)
		link->kick[ring] = -1;
	link->pid = vhost_socket_peer(socket).pid;
	return link;
}

void vhost_link_open(struct vhost_port *vhost, int socket)
{
	struct vhost_link *link = link_create(vhost, socket);
	char error[200] = "out of memory";

	if (link)
		link->library.fd = vhost_library_join(link, error, sizeof(error));
	if (!link || link->library.fd < 0) {
		close(socket);
		free(link);
		vhost_port_say(vhost, "a front end could not be accepted: %s", error);
		return;
	}
	vhost->link = link;
	atomic_store_explicit(&vhost->vid, link->vid, memory_order_release);
	if (!vhost_relay_watch(&link->front, EPOLLIN) || !vhost_relay_watch(&link->library, EPOLLIN)) {
		vhost_link_close(link, "no memory left");
		return;
	}
	vhost_port_say(vhost, "a front end (process %d) is connected; its guest has not started its network driver",
		       (int)link->pid);
}

bool vhost_link_is_over(const struct vhost_link *link)
{
	struct pollfd front = { .fd = link->front.fd };

	return poll(&front, 1, 0) > 0 && front.revents & (POLLHUP | POLLERR);
}

void vhost_link_tick(struct vhost_link *link)
{
	if (atomic_load_explicit(&link->memory_lost, memory_order_acquire)) {
		vhost_link_close(link, "memory that it shares was cut off while it was in use");
		return;
	}
	if (vhost_rings_block(link)) {
		vhost_link_close(link, "its call descriptor makes whoever writes to it wait");
		return;
	}
	vhost_rings_tell(link);
	if (link->rests) {
		link->rests = false;
		vhost_relay_change(&link->front, EPOLLIN);
	}
}
