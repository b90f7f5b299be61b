/* SPDX-License-Identifier: BSD-2-Clause */
#include "vmmqd/start.h"

#include <glob.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/build_switch.h"
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

/* state_makes_sense: its parts fit together, as they must for a switch to be made of them. */
static bool state_makes_sense(const char *path, const struct state *state, char error[START_ERROR_MAX])
{
	struct vmmq_nic_switch_params params = switch_params_from_config(&state->config);
	struct vmmq_nic_switch *sw;
	struct vmmq_why why = { 0 };
	vmmq_status status;

	params.processors = state->running;
	params.processor_count = state->running_count;
	status = vmmq_nic_switch_create(&params, &sw, &why);
	if (status == VMMQ_SUCCESS)
		status = switch_fill_from_config(sw, &state->config, &why);
	vmmq_nic_switch_destroy(sw);
	if (status == VMMQ_SUCCESS || status == VMMQ_RESOURCES)
		return true; /* what is short now is asked for again */
	snprintf(error, START_ERROR_MAX, "%.400s: %s%s%s", path, why.path, why.path[0] ? ": " : "", why.text);
	return false;
}

/* state_need looks into the state; false with a sentence in error: it cannot be used.  *found: there is one. */
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
		good = good && state_makes_sense(path, &state, error);
		if (good)
			*need = need_of(state.running_count, &state.config);
		state_fini(&state);
	}
	if (db)
		state_db_close(db);
	return good;
}

/* A start: what was asked for, and what it comes to. */
struct start {
	const struct options *options;
	const struct paths *paths;
	struct vmmq_config config, fallback_config;
	bool has_fallback; /* fallback_config is good */
	bool falls_back;
	struct live_fallback fallback;
	struct need need;
	char *error;
};

/* start_fall_back: the state cannot be used, which error says; false: the start is refused with that. */
static bool start_fall_back(struct start *start)
{
	struct live_fallback *fallback = &start->fallback;
	char why[START_ERROR_MAX];
	enum state_aside aside;

	if (!start->has_fallback)
		return false;
	aside = state_db_put_aside(start->paths->state, fallback->kept, sizeof(fallback->kept), why, sizeof(why));
	if (aside == STATE_ASIDE_IN_USE)
		return false;
	if (aside == STATE_ASIDE_FAILED)
		fallback->kept[0] = '\0';
	start->falls_back = true;
	snprintf(fallback->config, sizeof(fallback->config), "%s", start->options->fallback_config);
	snprintf(fallback->reason, sizeof(fallback->reason), "%.511s", start->error);
	start->need = need_of(start->fallback_config.processor_count, &start->fallback_config);
	return true;
}

static bool start_look(struct start *start)
{
	const struct options *options = start->options;
	const char *path = start->paths->state;
	bool found;

	if (!state_need(path, &start->need, &found, start->error))
		return start_fall_back(start);
	if (found && !options->reseed)
		return true;
	if (!options->config) {
		snprintf(start->error, START_ERROR_MAX,
			 "%.400s: there is no state yet; give the configuration that it shall begin with: -c FILE",
			 path);
		return false;
	}
	start->need = need_of(start->config.processor_count, &start->config);
	return true;
}

static void log_memory(const struct eal_memory *memory)
{
	if (memory->huge)
		log_line(LOG_LEVEL_INFO, "packet memory is hugepages");
	else
		log_line(memory->unused ? LOG_LEVEL_WARNING : LOG_LEVEL_INFO, "packet memory is ordinary memory: %s",
			 memory->why);
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
	log_memory(eal_memory());
	return true;
}

/* log_fallback says loudly that what runs is not what ran before. */
static void log_fallback(const struct live_fallback *fallback)
{
	if (!fallback)
		return;
	log_line(LOG_LEVEL_ERROR, "the state cannot be used: %s", fallback->reason);
	log_line(LOG_LEVEL_ERROR, "vmmqd runs with the fallback configuration %s instead; the state is %s%s",
		 fallback->config, fallback->kept[0] ? "kept as " : "where it was", fallback->kept);
	if (fallback->unwritable[0])
		log_line(LOG_LEVEL_ERROR, "there is no state now, and every change is refused: %s",
			 fallback->unwritable);
}

/* log_kept_states tells of those that earlier starts have put aside, until somebody takes them away. */
static void log_kept_states(const char *path)
{
	char pattern[PATH_MAX + 64];
	glob_t found;

	snprintf(pattern, sizeof(pattern), "%s" STATE_ASIDE_MARK "*Z", path);
	if (glob(pattern, 0, NULL, &found))
		return;
	for (size_t i = 0; i < found.gl_pathc; i++)
		log_line(LOG_LEVEL_WARNING,
			 "a state that could not be used is kept as %s: the fallback configuration began the one "
			 "in use then; move it away when it is not needed any more",
			 found.gl_pathv[i]);
	globfree(&found);
}

static struct live *open_live(const struct start *start)
{
	const struct options *options = start->options;
	const struct vmmq_config *seed = options->config ? &start->config : NULL;
	const struct live_params params = {
		.seed = start->falls_back ? &start->fallback_config : seed,
		.reseed = options->reseed,
		.fallback = start->falls_back ? &start->fallback : NULL,
		.state = start->paths->state,
		.sockets = start->paths->sockets,
		.allow_devargs = options->allow_devargs,
		.control = start->paths->socket,
		.interfaces = options->interfaces,
		.addresses = options->pci_devices,
		.governed = start->config.fleet != NULL,
		.host_buffers = options->buffers,
		.pin = options->pin,
	};
	struct live *live;

	ethdev_vhost_by_library(options->copy);
	live = live_open(&params, start->error, START_ERROR_MAX);
	if (live && live_notice(live)[0])
		log_line(LOG_LEVEL_NOTICE, "%s", live_notice(live));
	if (live)
		log_fallback(live_fallback(live));
	else
		eal_stop();
	return live;
}

/* start_read_fallback: a bad one must not keep a good state from being used, but somebody should know in time. */
static void start_read_fallback(struct start *start)
{
	char error[START_ERROR_MAX];

	if (!start->options->fallback_config)
		return;
	start->has_fallback = start_config(start->options->fallback_config, &start->fallback_config, error);
	if (!start->has_fallback)
		log_line(LOG_LEVEL_ERROR, "the fallback configuration cannot be used: %s", error);
}

struct live *start_live(const struct options *options, const struct paths *paths, struct config_fleet **fleet,
			char error[START_ERROR_MAX])
{
	struct start *start = calloc(1, sizeof(*start));
	struct live *live = NULL;

	*fleet = NULL;
	if (!start) {
		snprintf(error, START_ERROR_MAX, "out of memory");
		return NULL;
	}
	start->options = options;
	start->paths = paths;
	start->error = error;
	start_read_fallback(start);
	log_kept_states(paths->state);
	if ((!options->config || start_config(options->config, &start->config, error)) && start_look(start) &&
	    start_eal(options, &start->need, error))
		live = open_live(start);
	if (live) {
		*fleet = start->config.fleet;
		start->config.fleet = NULL;
	}
	vmmq_config_fini(&start->config);
	vmmq_config_fini(&start->fallback_config);
	free(start);
	return live;
}

void start_stop(struct live *live)
{
	live_close(live);
	eal_stop();
}
