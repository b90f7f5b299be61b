/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One thread waits for: the control socket, signals, a tick every 100 ms, the balance of load, ports that changed, metrics requests, and changes that have
 * become durable.  What each of them does is bounded, so that none keeps another waiting; the disk is waited for elsewhere.
 */
#include "vmmqd/daemon.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <systemd/sd-daemon.h>
#include <time.h>
#include <unistd.h>

#include "agent/agent.h"
#include "base/clock.h"
#include "base/command.h"
#include "control/live_balance.h"
#include "ports/ethdev.h"
#include "rpc/rpc.h"
#include "vmmqd/event_log.h"
#include "vmmqd/exports.h"
#include "vmmqd/log.h"
#include "vmmqd/reload.h"
#include "vmmqd/start.h"

#define TICK_NS      100000000
#define STATUS_EVERY 10              /* ticks */
#define STOP_DISK_NS (5 * SECOND_NS) /* how long a stop waits for a change that is on its way to the disk */

struct daemon {
	const struct options *options;
	struct live *live;
	struct rpc *rpc;
	struct agent *agent; /* NULL: there is no fleet */
	bool agents_turn;    /* it goes first, before clients */
	struct exports exports;
	int epoll, signals, timer;
	int ports; /* ethdev_event_fd(), or -1 */
	struct reload reload;
	bool reload_wanted; /* SIGHUP has come: when the switch is not busy */
	bool stopping;
	uint64_t stopping_ns; /* since */
	unsigned ticks;
	unsigned stalled; /* processors */
	uint64_t watchdog_ns, fed_ns;
};

static sigset_t handled_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGUSR1);
	return set;
}

void daemon_block_signals(void)
{
	sigset_t set = handled_signals();

	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); /* a file at its limit is an error like a full disk */
}

/* unblock_stop: from now on another SIGTERM or SIGINT ends the process at once. */
static void unblock_stop(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}

static bool daemon_watch(struct daemon *daemon, int fd)
{
	struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

	return fd >= 0 && epoll_ctl(daemon->epoll, EPOLL_CTL_ADD, fd, &event) == 0;
}

static bool watch_exports(struct daemon *daemon)
{
	int fd[EXPORTS_FDS_MAX];
	unsigned count = exports_fds(&daemon->exports, fd);

	for (unsigned i = 0; i < count; i++)
		if (!daemon_watch(daemon, fd[i]))
			return false;
	return true;
}

static bool daemon_open_loop(struct daemon *daemon)
{
	const struct itimerspec every = { .it_interval.tv_nsec = TICK_NS, .it_value.tv_nsec = TICK_NS };
	const sigset_t set = handled_signals();

	daemon->epoll = epoll_create1(EPOLL_CLOEXEC);
	daemon->signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	daemon->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	if (daemon->epoll >= 0 && daemon->timer >= 0 && timerfd_settime(daemon->timer, 0, &every, NULL) == 0 &&
	    daemon_watch(daemon, daemon->signals) && daemon_watch(daemon, daemon->timer) &&
	    daemon_watch(daemon, live_balance_fd(daemon->live)) && daemon_watch(daemon, rpc_fd(daemon->rpc)) &&
	    (!daemon->agent || daemon_watch(daemon, agent_fd(daemon->agent))) && watch_exports(daemon) &&
	    (live_fd(daemon->live) < 0 || daemon_watch(daemon, live_fd(daemon->live))))
		return true;
	log_line(LOG_LEVEL_ERROR, "the control loop cannot be made: %s", strerror(errno));
	return false;
}

static void daemon_close_loop(struct daemon *daemon)
{
	const int fds[] = { daemon->epoll, daemon->signals, daemon->timer };

	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
		if (fds[i] >= 0)
			close(fds[i]);
}

/* listen is the live_listener: every event is logged, and told to those who have subscribed. */
static void listen_event(void *context, json_t *event)
{
	struct daemon *daemon = context;
	const char *name = json_string_value(json_object_get(event, "event"));

	if (strcmp(name, "processor.stalled") == 0)
		daemon->stalled++;
	else if (strcmp(name, "processor.running") == 0 && daemon->stalled)
		daemon->stalled--;
	event_log(event);
	if (daemon->agent)
		agent_heard(daemon->agent, event);
	if (daemon->rpc)
		rpc_event(daemon->rpc, event);
}

/* audit_signal: a signal that changes something has a sender, too. */
static void audit_signal(const struct signalfd_siginfo *info, const char *what)
{
	char program[RPC_PROGRAM_MAX];

	rpc_program_of((pid_t)info->ssi_pid, program);
	log_line(LOG_LEVEL_NOTICE, "audit: user %u, process %u \"%s\": %s", info->ssi_uid, info->ssi_pid, program,
		 what);
}

/* reload_if_wanted begins a reload as soon as nothing else is under way, and tells the service manager when it has ended. */
static void reload_if_wanted(struct daemon *daemon)
{
	if (!daemon->reload_wanted || live_busy(daemon->live) || daemon->stopping)
		return;
	daemon->reload_wanted = false;
	reload_begin(&daemon->reload, daemon->live, daemon->options->config,
		     daemon->agent ? agent_config(daemon->agent) : NULL);
	if (!daemon->reload.under_way)
		sd_notify(0, "READY=1");
}

/* begin_stopping: from now on nothing is changed, and another SIGTERM or SIGINT ends the process at once. */
static void begin_stopping(struct daemon *daemon, int signal)
{
	log_line(LOG_LEVEL_NOTICE, "%s: stopping", signal == SIGTERM ? "SIGTERM" : "SIGINT");
	daemon->stopping = true;
	daemon->stopping_ns = now_ns();
	rpc_hold_changes(daemon->rpc);
	if (daemon->agent)
		agent_hold(daemon->agent);
	sd_notify(0, "STOPPING=1");
	unblock_stop();
}

static void take_signal(struct daemon *daemon)
{
	struct signalfd_siginfo info;

	if (read(daemon->signals, &info, sizeof(info)) != sizeof(info))
		return;
	if (info.ssi_signo == SIGHUP) {
		audit_signal(&info, "SIGHUP: the configuration is read again");
		sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%llu", (unsigned long long)(now_ns() / 1000));
		daemon->reload_wanted = true;
		reload_if_wanted(daemon);
	} else if (info.ssi_signo == SIGTERM || info.ssi_signo == SIGINT) {
		begin_stopping(daemon, (int)info.ssi_signo);
	}
}

/* changes_go_on: clients and the fleet in turn, so that neither keeps the other waiting for more than one change. */
static void changes_go_on(struct daemon *daemon)
{
	daemon->agents_turn = !daemon->agents_turn;
	if (daemon->agent && daemon->agents_turn)
		agent_run(daemon->agent);
	rpc_run(daemon->rpc);
	if (daemon->agent && !daemon->agents_turn)
		agent_run(daemon->agent);
}

/* change_ended: what was under way is durable, or refused; who has waited for that goes on. */
static void change_ended(struct daemon *daemon)
{
	bool reloading = daemon->reload.under_way;

	live_run(daemon->live);
	if (reloading && !daemon->reload.under_way && !daemon->reload_wanted)
		sd_notify(0, "READY=1");
	reload_if_wanted(daemon);
	changes_go_on(daemon);
}

/* feed_watchdog: systemd restarts us when we, or a processor of ours, have stopped turning. */
static void feed_watchdog(struct daemon *daemon)
{
	uint64_t now = now_ns();

	if (!daemon->watchdog_ns || daemon->stalled || now - daemon->fed_ns < daemon->watchdog_ns / 4)
		return;
	sd_notify(0, "WATCHDOG=1");
	daemon->fed_ns = now;
}

static void notify_status(struct daemon *daemon)
{
	struct live_latency latency;
	struct host_port uplink;

	live_latency(daemon->live, &latency);
	host_uplink_get(live_host(daemon->live), &uplink);
	sd_notifyf(0, "STATUS=%suplink %s, %llu requests, %llu refused%s",
		   live_fallback(daemon->live) ? "FALLBACK CONFIGURATION, " : "", uplink.state,
		   (unsigned long long)latency.requests, (unsigned long long)latency.refused,
		   daemon->stalled ? ", a processor is stalled" : "");
}

static void daemon_tick(struct daemon *daemon)
{
	uint64_t expirations;

	(void)!read(daemon->timer, &expirations, sizeof(expirations));
	live_tick(daemon->live);
	if (daemon->agent)
		agent_tick(daemon->agent);
	if (daemon->ports < 0) {
		daemon->ports = ethdev_event_fd();
		daemon_watch(daemon, daemon->ports);
	}
	if (daemon->ticks++ % STATUS_EVERY == 0)
		notify_status(daemon);
}

static void port_event(struct daemon *daemon)
{
	uint64_t count;

	(void)!read(daemon->ports, &count, sizeof(count));
	live_tick(daemon->live);
}

static void daemon_ready(struct daemon *daemon, int fd)
{
	if (fd == rpc_fd(daemon->rpc))
		rpc_run(daemon->rpc);
	else if (daemon->agent && fd == agent_fd(daemon->agent))
		agent_run(daemon->agent);
	else if (fd == daemon->timer)
		daemon_tick(daemon);
	else if (fd == live_balance_fd(daemon->live))
		live_balance_run(daemon->live);
	else if (fd == daemon->signals)
		take_signal(daemon);
	else if (fd == daemon->ports)
		port_event(daemon);
	else if (fd == live_fd(daemon->live))
		change_ended(daemon);
	else
		exports_run(&daemon->exports);
}

/* daemon_goes_on: until it is stopped, and then while a change is on its way to the disk, for a while. */
static bool daemon_goes_on(const struct daemon *daemon)
{
	return !daemon->stopping || (live_busy(daemon->live) && now_ns() - daemon->stopping_ns < STOP_DISK_NS);
}

static void daemon_loop(struct daemon *daemon)
{
	while (daemon_goes_on(daemon)) {
		struct epoll_event event[8];
		int count = epoll_wait(daemon->epoll, event, 8, -1);

		for (int i = 0; i < count; i++)
			daemon_ready(daemon, event[i].data.fd);
		feed_watchdog(daemon);
	}
}

/* daemon_audit is the rpc_audit_fn. */
static void daemon_audit(const char *line)
{
	log_line(LOG_LEVEL_NOTICE, "%s", line);
}

static bool open_front_ends(struct daemon *daemon, const struct paths *paths)
{
	const struct options *options = daemon->options;
	struct rpc_groups groups;
	char error[START_ERROR_MAX];

	if (socket_groups(options, &groups, error, sizeof(error)))
		daemon->rpc = rpc_open(paths->socket, &groups, daemon->live, error, sizeof(error));
	if (daemon->rpc) {
		rpc_audit_to(daemon->rpc, daemon_audit);
		rpc_fleet(daemon->rpc, daemon->agent);
	}
	if (daemon->rpc && exports_open(&daemon->exports, options, daemon->live, daemon->agent, error, sizeof(error)))
		return daemon_open_loop(daemon);
	log_line(LOG_LEVEL_ERROR, "%s", error);
	return false;
}

/* open_agent takes the fleet's configuration; false: it cannot be followed, which was logged. */
static bool open_agent(struct daemon *daemon, const struct paths *paths, struct config_fleet *fleet)
{
	const struct agent_params params = { fleet, daemon->live, paths->state, VMMQ_VERSION };
	char error[START_ERROR_MAX];

	if (!fleet)
		return true;
	daemon->agent = agent_create(&params, error, sizeof(error));
	if (!daemon->agent)
		log_line(LOG_LEVEL_ERROR, "%s", error);
	return daemon->agent;
}

static void tell_fallback(struct daemon *daemon)
{
	const struct live_fallback *fallback = live_fallback(daemon->live);

	if (fallback)
		live_tell(daemon->live, "daemon.fallback",
			  json_pack("{s:s, s:s, s:s*}", "config", fallback->config, "reason", fallback->reason,
				    "kept", fallback->kept[0] ? fallback->kept : NULL));
}

static void daemon_serve(struct daemon *daemon, const struct paths *paths)
{
	uint64_t watchdog_us = 0;

	if (sd_watchdog_enabled(0, &watchdog_us) > 0)
		daemon->watchdog_ns = watchdog_us * 1000;
	live_tell(daemon->live, "daemon.started", json_pack("{s:s}", "version", VMMQ_VERSION));
	tell_fallback(daemon);
	log_line(LOG_LEVEL_INFO, "control socket %s, state %s", paths->socket, paths->state);
	sd_notify(0, "READY=1");
	daemon_loop(daemon);
	if (live_busy(daemon->live))
		log_line(LOG_LEVEL_WARNING,
			 "the disk has not taken the last change in %u s: it is in the state, or it is not, "
			 "and its client has no answer",
			 (unsigned)(STOP_DISK_NS / SECOND_NS));
	live_tell(daemon->live, "daemon.stopping", NULL);
}

int daemon_run(const struct options *options, const struct paths *paths)
{
	struct daemon daemon = { .options = options, .epoll = -1, .signals = -1, .timer = -1, .ports = -1 };
	struct config_fleet *fleet;
	struct agent *agent;
	struct rpc *rpc;
	char error[START_ERROR_MAX];
	bool served;

	daemon.live = start_live(options, paths, &fleet, error);
	if (!daemon.live) {
		log_line(LOG_LEVEL_ERROR, "%s", error);
		return COMMAND_REFUSED;
	}
	live_listen(daemon.live, listen_event, &daemon);
	served = open_agent(&daemon, paths, fleet) && open_front_ends(&daemon, paths);
	if (served)
		daemon_serve(&daemon, paths);
	exports_close(&daemon.exports);
	rpc = daemon.rpc;
	if (rpc)
		rpc_close(rpc);
	daemon.rpc = NULL;
	agent = daemon.agent;
	daemon.agent = NULL;
	agent_destroy(agent);
	daemon_close_loop(&daemon);
	start_stop(daemon.live);
	reload_forget(&daemon.reload);
	if (served)
		log_line(LOG_LEVEL_NOTICE, "stopped");
	return served ? COMMAND_DONE : COMMAND_REFUSED;
}
