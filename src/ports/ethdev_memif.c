/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * memif, whose driver (DPDK 22.11) is safe on one thread only: the EAL's interrupt thread, which tears a connection down when
 * the peer leaves.  Its stop and close take part in that from another thread, without a lock, and free the device
 * meanwhile.  And it frees the listening socket's state without ending its callback, nor those of connections on which
 * nothing has been asked for yet.  So a device is stopped and closed on the interrupt thread, after what listens is gone.
 */
#define ALLOW_EXPERIMENTAL_API /* rte_intr_instance_alloc() and its like: stable in later releases */

#include "ports/ethdev_port.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <rte_interrupts.h>
#include <rte_pause.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define DEFAULT_SOCKET "/run/memif.sock"
#define SOCKET_LEN     108
#define ROUNDS_MAX     1000 /* two or three are enough */

struct turn {
	void (*run)(void *argument); /* NULL: nothing */
	void *argument;
	int fd;
	sem_t done;
};

static void memif_on_turn(void *argument)
{
	struct turn *turn = argument;
	uint64_t one;

	if (read(turn->fd, &one, sizeof(one)) != sizeof(one))
		return;
	if (turn->run)
		turn->run(turn->argument);
	sem_post(&turn->done);
}

/* The interrupt thread lists its descriptors anew for the turn's: events that it had fetched before are dealt with by then. */
static bool memif_take_turn(struct turn *turn, struct rte_intr_handle *handle)
{
	if (rte_intr_fd_set(handle, turn->fd) || rte_intr_type_set(handle, RTE_INTR_HANDLE_EXT) ||
	    rte_intr_callback_register(handle, memif_on_turn, turn))
		return false;
	while (sem_wait(&turn->done))
		;
	while (rte_intr_callback_unregister(handle, memif_on_turn, turn) == -EAGAIN)
		rte_pause();
	return true;
}

/* memif_on_interrupt_thread runs a function there, between two rounds of events, and waits for it; false: no memory. */
static bool memif_on_interrupt_thread(void (*run)(void *argument), void *argument)
{
	struct rte_intr_handle *handle = rte_intr_instance_alloc(RTE_INTR_INSTANCE_F_PRIVATE);
	struct turn turn = { .run = run, .argument = argument, .fd = eventfd(1, EFD_NONBLOCK | EFD_CLOEXEC) };
	bool ran;

	sem_init(&turn.done, 0, 0);
	ran = handle && turn.fd >= 0 && memif_take_turn(&turn, handle);
	sem_destroy(&turn.done);
	if (turn.fd >= 0)
		close(turn.fd);
	rte_intr_instance_free(handle);
	return ran;
}

static void memif_socket(const struct ethdev *port, char path[SOCKET_LEN])
{
	snprintf(path, SOCKET_LEN, "%s", *port->interface ? port->interface : DEFAULT_SOCKET);
}

bool ethdev_memif_same_socket(const struct ethdev *a, const struct ethdev *b)
{
	char path_a[SOCKET_LEN], path_b[SOCKET_LEN];

	memif_socket(a, path_a);
	memif_socket(b, path_b);
	return !strcmp(path_a, path_b);
}

/* memif_is_local tells whether fd is a memif socket at path: one that listens, or one that it has accepted. */
static bool memif_is_local(int fd, const char *path)
{
	struct sockaddr_un address = { 0 };
	socklen_t len = sizeof(address), type_len = sizeof(int);
	const char *name = address.sun_path;
	int type;

	if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &type_len) || type != SOCK_SEQPACKET ||
	    getsockname(fd, (struct sockaddr *)&address, &len) || address.sun_family != AF_UNIX)
		return false;
	if (!*name)
		name++; /* an abstract name */
	return !strncmp(name, path, sizeof(address.sun_path) - 1 - (size_t)(name - address.sun_path));
}

/* memif_nothing_happens makes fd a descriptor on which nothing ever does. */
static void memif_nothing_happens(int fd)
{
	int nothing = eventfd(0, EFD_CLOEXEC);

	if (nothing < 0)
		return;
	dup3(nothing, fd, O_CLOEXEC);
	close(nothing);
}

struct hang_up {
	char path[SOCKET_LEN];
	bool left; /* something was there */
};

/*
 * memif_hang_up ends what is at a path.  The driver sees connections end, and lets go of them.  The socket that listens is
 * replaced, not closed: its callback stays with the interrupt thread for good.  On that thread, since a connection that
 * ends between the driver's accept() and its greeting leaves a closed descriptor in the thread's list, which is a panic.
 */
static void memif_hang_up(void *argument)
{
	struct hang_up *hang_up = argument;
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;

	hang_up->left = false;
	while (dir && (entry = readdir(dir))) {
		int fd = atoi(entry->d_name), listens = 0;
		socklen_t len = sizeof(listens);

		if (entry->d_name[0] == '.' || !memif_is_local(fd, hang_up->path))
			continue;
		hang_up->left = true;
		getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &len);
		if (listens)
			memif_nothing_happens(fd);
		else
			shutdown(fd, SHUT_RDWR);
	}
	if (dir)
		closedir(dir);
}

/* memif_vacate returns when nobody can come to the port's socket any more, and those who had are gone. */
static void memif_vacate(const struct ethdev *port)
{
	struct hang_up hang_up = { .left = true };
	bool ran = true;

	memif_socket(port, hang_up.path);
	for (int round = 0; hang_up.left && ran && round < ROUNDS_MAX; round++)
		ran = memif_on_interrupt_thread(memif_hang_up, &hang_up);
}

static void memif_stop_and_close(void *argument)
{
	const struct ethdev *port = argument;

	rte_eth_dev_stop(port->id);
	rte_eth_dev_close(port->id);
}

bool ethdev_memif_close(struct ethdev *port, bool shared)
{
	if (!shared)
		memif_vacate(port);
	if (!memif_on_interrupt_thread(memif_stop_and_close, port))
		return false;
	/* Events of what was closed may have been fetched before: until they are dealt with, nobody may have its numbers. */
	return memif_on_interrupt_thread(NULL, NULL);
}
