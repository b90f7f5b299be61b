/* SPDX-License-Identifier: BSD-2-Clause */
#include "vmmqd/start.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config_yaml.h"
#include "control/state_db.h"
#include "engine/eal.h"
#include "ports/ethdev.h"
#include "vmmqd/log.h"
#include "vmmqd/privileges.h"

#define MEMORY_MB     512  /* besides packet buffers: queues of ports, inboxes */
#define BUFFER_BYTES  8192 /* a buffer for each received packet and its copies, with what carries them to the uplink */
#define EAL_ERROR_MAX 512

static void config_refusal(const char *file, const struct config_error *wrong, char error[START_ERROR_MAX])
{
	const char *shown = strcmp(file, "-") ? file : "standard input";

	if (wrong->line)
		snprintf(error, START_ERROR_MAX, "%.400s:%u:%u: %s%s%s", shown, wrong->line, wrong->column,
			 wrong->path, wrong->path[0] ? ": " : "", wrong->text);
	else
		snprintf(error, START_ERROR_MAX, "%.400s: %s%s%s", shown, wrong->path, wrong->path[0] ? ": " : "",
			 wrong->text);
}

bool start_config_again(const char *file, struct vmmq_config *config, char error[START_ERROR_MAX])
{
	struct config_error wrong;

	if (vmmq_config_load_again(file, config, &wrong) == 0)
		return true;
	config_refusal(file, &wrong, error);
	return false;
}

/*
 * start_config reads the configuration before anything runs.  It may come out of a pipe to which nobody has written yet: SIGTERM
 * and SIGINT end the process meanwhile.
 */
static bool start_config(const char *file, struct vmmq_config *config, char error[START_ERROR_MAX])
{
	struct config_error wrong;
	sigset_t stop, before;
	bool good;

	sigemptyset(&stop);
	sigaddset(&stop, SIGTERM);
	sigaddset(&stop, SIGINT);
	sigprocmask(SIG_UNBLOCK, &stop, &before);
	good = vmmq_config_load(file, config, &wrong) == 0;
	sigprocmask(SIG_SETMASK, &before, NULL);
	if (!good)
		config_refusal(file, &wrong, error);
	return good;
}

/* is_pci: of raw devargs "0000:03:00.0" or "03:00.0", with arguments perhaps. */
static bool is_pci(const struct port_spec *spec)
{
	unsigned domain, bus, slot, function;
	const char *device = spec->device;

	if (spec->kind != PORT_DEVICE)
		return spec->kind == PORT_PCI;
	return (sscanf(device, "%4x:%2x:%2x.%1x", &domain, &bus, &slot, &function) == 4 ||
		sscanf(device, "%2x:%2x.%1x", &bus, &slot, &function) == 3 || strncmp(device, "pci:", 4) == 0);
}

static bool needs_pci(const struct vmmq_config *config)
{
	bool needed = is_pci(&config->uplink);

	for (size_t i = 0; i < config->vport_count && !needed; i++)
		needed = is_pci(&config->vports[i].backend);
	return needed;
}

static void log_eal(void *context, int severity, const char *line)
{
	(void)context;
	log_line(severity <= LOG_LEVEL_WARNING ? LOG_LEVEL_WARNING : LOG_LEVEL_DEBUG, "DPDK: %s", line);
}

/* What has to be known before there is a switch: how many processors, whether any device is on PCI, what its ports may have to do. */
struct need {
	size_t processors;
	bool pci;
	uint64_t capabilities;
};

static struct need need_of(size_t processors, const struct vmmq_config *config)
{
	return (struct need){ processors, needs_pci(config), privileges_of(config) };
}

/* state_need looks into the state; false with a sentence in error.  *found: there is one. */
static bool state_need(const char *path, struct need *need, bool *found, char error[START_ERROR_MAX])
{
	struct state_db *db = state_db_open(path, error, START_ERROR_MAX);
	struct state state = { 0 };
	bool good = db != NULL;

	*found = db && !state_db_is_new(db);
	if (*found) {
		good = state_db_load(db, &state);
		if (!good)
			snprintf(error, START_ERROR_MAX, "%s", state_db_error(db));
		else
			*need = need_of(state.running_count, &state.config);
		state_fini(&state);
	}
	if (db)
		state_db_close(db);
	return good;
}

static bool start_look(const struct options *options, const struct paths *paths, const struct vmmq_config *config,
		       struct need *need, char error[START_ERROR_MAX])
{
	bool found;

	if (!state_need(paths->state, need, &found, error))
		return false;
	if (found && !options->reseed)
		return true;
	if (!options->config) {
		snprintf(error, START_ERROR_MAX,
			 "%.400s: there is no state yet; give the configuration that it shall begin with: -c FILE",
			 paths->state);
		return false;
	}
	*need = need_of(config->processor_count, config);
	return true;
}

static bool start_eal(const struct options *options, const struct need *need, char error[START_ERROR_MAX])
{
	struct eal_params params = {
		.threads = need->processors < EAL_THREADS_MAX ? (unsigned)need->processors : EAL_THREADS_MAX,
		.memory_mb = MEMORY_MB + (unsigned)((uint64_t)options->buffers * BUFFER_BYTES >> 20),
		.hugepages = options->hugepages,
		.pci = need->pci,
		.telemetry = options->telemetry,
		.log = log_eal,
	};

	if (!options->keep_capabilities)
		privileges_give_up(need->capabilities);
	if (eal_start_with(&params, error, START_ERROR_MAX))
		return false;
	log_line(LOG_LEVEL_INFO, "packet memory is %s",
		 eal_has_hugepages() ? "hugepages" : "ordinary memory: no hugepages");
	return true;
}

static struct live *open_live(const struct options *options, const struct paths *paths,
			      const struct vmmq_config *config, char error[START_ERROR_MAX])
{
	const struct live_params params = {
		.seed = options->config ? config : NULL,
		.reseed = options->reseed,
		.state = paths->state,
		.sockets = paths->sockets,
		.allow_devargs = options->allow_devargs,
		.host_buffers = options->buffers,
		.pin = options->pin,
	};
	struct live *live;

	ethdev_vhost_by_library(options->copy);
	live = live_open(&params, error, START_ERROR_MAX);
	if (live && live_notice(live)[0])
		log_line(LOG_LEVEL_NOTICE, "%s", live_notice(live));
	if (!live)
		eal_stop();
	return live;
}

struct live *start_live(const struct options *options, const struct paths *paths, char error[START_ERROR_MAX])
{
	struct vmmq_config config = { 0 };
	struct live *live = NULL;
	struct need need;

	if ((!options->config || start_config(options->config, &config, error)) &&
	    start_look(options, paths, &config, &need, error) && start_eal(options, &need, error))
		live = open_live(options, paths, &config, error);
	vmmq_config_fini(&config);
	return live;
}

void start_stop(struct live *live)
{
	live_close(live);
	eal_stop();
}
