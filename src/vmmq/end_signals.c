/* SPDX-License-Identifier: BSD-2-Clause */
#include "vmmq/end_signals.h"

#include <errno.h>
#include <sys/signalfd.h>
#include <unistd.h>

bool end_signals_open(struct end_signals *signals, bool quit)
{
	sigset_t ending;
	int error;

	sigemptyset(&ending);
	sigaddset(&ending, SIGINT);
	sigaddset(&ending, SIGTERM);
	sigaddset(&ending, SIGHUP);
	if (quit)
		sigaddset(&ending, SIGQUIT);
	sigprocmask(SIG_BLOCK, &ending, &signals->before);
	signals->fd = signalfd(-1, &ending, SFD_CLOEXEC | SFD_NONBLOCK);
	if (signals->fd >= 0)
		return true;
	error = errno;
	sigprocmask(SIG_SETMASK, &signals->before, NULL);
	errno = error;
	return false;
}

void end_signals_close(struct end_signals *signals)
{
	struct signalfd_siginfo info;

	while (read(signals->fd, &info, sizeof(info)) == sizeof(info))
		;
	close(signals->fd);
	sigprocmask(SIG_SETMASK, &signals->before, NULL);
}
