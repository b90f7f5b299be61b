/* SPDX-License-Identifier: BSD-2-Clause */
/* A Unix socket's file outlives the process that listened on it, and is in the way of the next one. */
#ifndef VMMQ_BASE_STALE_SOCKET_H
#define VMMQ_BASE_STALE_SOCKET_H

#include <sys/types.h>

/* What stale_socket_remove() has found at a path. */
enum stale_socket {
	STALE_SOCKET_NONE,   /* nothing, any more: the path is free */
	STALE_SOCKET_OTHER,  /* something else than a socket */
	STALE_SOCKET_ALIVE,  /* somebody listens on it */
	STALE_SOCKET_STUCK,  /* nobody listens on it, but it cannot be removed: errno */
	STALE_SOCKET_FAILED, /* it cannot be told: errno */
};

/*
 * stale_socket_remove knocks at a stream socket, and removes it when nobody is at home.  Does not wait.  *listener:
 * with STALE_SOCKET_ALIVE, the process that listens, 0 where that is not known; else 0.  A path that no socket can have is
 * STALE_SOCKET_FAILED with ENAMETOOLONG.
 */
enum stale_socket stale_socket_remove(const char *path, pid_t *listener);

#endif
