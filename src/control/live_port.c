/* SPDX-License-Identifier: BSD-2-Clause */
/* The ports of the running switch: where their sockets are, and whether one may be what it is wanted to be. */
#include <fnmatch.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "control/live_state.h"

static void live_port_resolve(const struct live *live, struct port_spec *spec)
{
	if (live->sockets)
		port_spec_resolve(spec, live->sockets);
}

void live_extra_set_port(const struct live *live, struct live_extra *extra, const struct port_spec *spec)
{
	extra->port = *spec;
	live_port_resolve(live, &extra->port);
}

struct vmmq_config *live_resolved(const struct live *live, const struct vmmq_config *config)
{
	struct vmmq_config *resolved = malloc(sizeof(*resolved));

	if (!resolved)
		return NULL;
	*resolved = *config;
	resolved->vports = malloc(config->vport_count * sizeof(*config->vports));
	if (!resolved->vports) {
		free(resolved);
		return NULL;
	}
	memcpy(resolved->vports, config->vports, config->vport_count * sizeof(*config->vports));
	live_port_resolve(live, &resolved->uplink);
	for (size_t i = 0; i < config->vport_count; i++)
		live_port_resolve(live, &resolved->vports[i].backend);
	return resolved;
}

void live_resolved_free(struct vmmq_config *resolved)
{
	if (resolved)
		free(resolved->vports);
	free(resolved);
}

/* check_device: raw devargs reach every driver with every argument, so the one who starts vmmqd decides about them. */
static bool check_device(const struct live *live, uint32_t place, const struct port_spec *spec, char *error,
			 size_t error_len)
{
	struct port_spec typed;
	char text[160];

	if (spec->kind != PORT_DEVICE || live->allow_devargs)
		return true;
	if (port_spec_from_devargs(&typed, spec->device)) {
		if (place == LIVE_UPLINK)
			typed.queues = 0; /* rx_queues says how many */
		port_spec_file_text(&typed, text, sizeof(text));
		snprintf(error, error_len, "only a vmmqd started with --allow-devargs takes this; write %s instead",
			 text);
	} else {
		snprintf(
		    error, error_len,
		    "only a vmmqd started with --allow-devargs takes this; vhost_user, tap, af_packet, af_xdp, pci "
		    "and memif need no such thing");
	}
	port_spec_fini(&typed);
	return false;
}

/* check_patterns: place is to fit one of patterns, which the option gave. */
static bool check_patterns(const char *patterns, const char *option, const char *place, char *error, size_t error_len)
{
	char one[64];

	for (const char *at = patterns; at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL) {
		snprintf(one, sizeof(one), "%.*s", (int)strcspn(at, ","), at);
		if (fnmatch(one, place, 0) == 0)
			return true;
	}
	snprintf(error, error_len, "%s is none of those that this vmmqd may use: %.64s (%s)", place, patterns,
		 option);
	return false;
}

static bool check_place(const struct live *live, const struct port_spec *spec, char *error, size_t error_len)
{
	switch (port_kind_place(spec->kind)) {
	case PORT_AT_SOCKET:
		return !live->sockets || port_socket_below(spec, live->sockets, error, error_len);
	case PORT_AT_INTERFACE:
		return !live->interfaces ||
		       check_patterns(live->interfaces, "--interfaces", spec->place, error, error_len);
	case PORT_AT_ADDRESS:
		return !live->addresses ||
		       check_patterns(live->addresses, "--pci-devices", spec->place, error, error_len);
	default:
		return true;
	}
}

/* same_file tells whether two paths lead to the same name in the same directory, links to that directory followed. */
static bool same_file(const char *a, const char *b)
{
	const char *path[2] = { a, b }, *name[2];
	struct stat folder[2];

	for (int i = 0; i < 2; i++) {
		const char *slash = strrchr(path[i], '/');
		char directory[PATH_MAX];

		name[i] = slash ? slash + 1 : path[i];
		snprintf(directory, sizeof(directory), "%.*s", slash ? (int)(slash - path[i]) + 1 : 1,
			 slash ? path[i] : ".");
		if (stat(directory, &folder[i]))
			return false;
	}
	return strcmp(name[0], name[1]) == 0 && folder[0].st_dev == folder[1].st_dev &&
	       folder[0].st_ino == folder[1].st_ino;
}

/* check_control: a port in the control socket's place would keep vmmqd from its next start. */
static bool check_control(const struct live *live, const struct port_spec *spec, char *error, size_t error_len)
{
	if (!live->control || port_kind_place(spec->kind) != PORT_AT_SOCKET || !same_file(spec->place, live->control))
		return true;
	snprintf(error, error_len, "%s is vmmqd's control socket: give the port another", spec->place);
	return false;
}

/* port_known is what runs at a place since before the open group; NULL: nothing. */
static const struct port_spec *port_known(const struct live *live, uint32_t place)
{
	const struct live_extra_table *extras = &live->extras;

	if (place != LIVE_UPLINK)
		return live->known.vport[place] ? &live->known.vport[place]->backend : NULL;
	for (size_t i = 0; i < extras->undo_count; i++)
		if (extras->undo[i].place == place)
			return extras->undo[i].before ? &extras->undo[i].before->port : NULL;
	return NULL;
}

/*
 * check_allowed applies the rules of this vmmqd.  What runs by them, or came out of a state that an earlier one has left, may stay.
 */
static bool check_allowed(const struct live *live, uint32_t place, const struct port_spec *spec, char *error,
			  size_t error_len)
{
	const struct port_spec *known = port_known(live, place);

	if (known && port_spec_equal(known, spec))
		return true;
	return check_control(live, spec, error, error_len) && check_device(live, place, spec, error, error_len) &&
	       check_place(live, spec, error, error_len);
}

/* port_refuse: path is the uplink's, or that of a backend below its VPort. */
static vmmq_status port_refuse(struct vmmq_why *why, uint32_t place, enum port_kind kind, const char *text)
{
	char path[sizeof(why->path)];

	snprintf(path, sizeof(path), "%s.%s", place == LIVE_UPLINK ? "adapter.uplink" : "backend",
		 port_kind_text(kind));
	return vmmq_why_set(why, VMMQ_INVALID_PARAMETER, path, "%s", text);
}

/* refuse_shared says who has it already. */
static vmmq_status refuse_shared(struct vmmq_why *why, uint32_t place, enum port_kind kind, uint32_t other,
				 const char *what)
{
	char owner[32] = "the uplink", text[PORT_SHARED_MAX + 96];

	if (other != LIVE_UPLINK)
		snprintf(owner, sizeof(owner), "VPort %u", (unsigned)other);
	snprintf(text, sizeof(text), "%s is used by %s already; each port needs its own", what, owner);
	return port_refuse(why, place, kind, text);
}

vmmq_status live_extra_check(const struct live *live, uint32_t place, struct vmmq_why *why)
{
	const struct port_spec *spec = &live_extra_at(live, place)->port;
	char error[256], what[PORT_SHARED_MAX];

	if (spec->kind == PORT_NONE)
		return VMMQ_SUCCESS;
	if (place == LIVE_UPLINK && spec->queues)
		return port_refuse(why, place, spec->kind,
				   "an uplink's queues are said once, by rx_queues: take \"queues\" out");
	if (!port_spec_form(spec, error, sizeof(error)) || !check_allowed(live, place, spec, error, sizeof(error)) ||
	    !port_spec_check(spec, error, sizeof(error)))
		return port_refuse(why, place, spec->kind, error);
	for (uint32_t i = 0; i <= live->extras.end; i++) {
		uint32_t at = i < live->extras.end ? i : LIVE_UPLINK;
		const struct live_extra *other = live->extras.of[at];

		if (other && at != place && port_spec_shared(&other->port, spec, what))
			return refuse_shared(why, place, spec->kind, at, what);
	}
	return VMMQ_SUCCESS;
}
