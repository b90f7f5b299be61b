/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * No two ports of a file may lead to one place: a kernel interface, an address, a socket, a device's name.  What shares is
 * port_spec_shared()'s to say, of whoever may: what has the same text is brought together by sorting first.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config_explain.h"
#include "config/config_port.h"

#define UPLINK 0u /* else the VPort's place in the file, from 1 */

/* One text that a port leads to.  A memif interface shares its socket with others of another id. */
struct shared_key {
	char text[PORT_SHARED_MAX];
	int64_t id;  /* memif's, or -1 */
	size_t port; /* UPLINK, or the VPort's place */
	const struct port_spec *spec;
};

static const struct port_spec *shared_spec(const struct config_reader *r, size_t port)
{
	return port == UPLINK ? &r->config->uplink : &r->config->vports[port - 1].backend;
}

/* shared_key_compare: what is no memif first, so that it stands beside one when there are both. */
static int shared_key_compare(const void *a, const void *b)
{
	const struct shared_key *x = a, *y = b;
	int text = strcmp(x->text, y->text);

	if (text)
		return text;
	if (x->id != y->id)
		return x->id < y->id ? -1 : 1;
	return x->port < y->port ? -1 : x->port > y->port;
}

static void shared_path(const struct config_reader *r, size_t port, bool place, char *path, size_t size)
{
	const struct schema_field *kind = config_port_field(shared_spec(r, port)->kind);
	const struct schema_field *first =
	    place && kind->kind == SCHEMA_MAPPING ? schema_next(schema_id(kind), NULL) : NULL;
	char of[48] = "adapter.uplink";

	if (port != UPLINK)
		snprintf(of, sizeof(of), "vports[%zu].backend", port - 1);
	snprintf(path, size, "%s.%s%s%s", of, kind->key, first ? "." : "", first ? first->key : "");
}

/* shared_refuse names the port that stands first in the file, at the one behind it. */
static int shared_refuse(struct config_reader *r, size_t first, size_t second, const char *what)
{
	char at[128], other[128];

	shared_path(r, second, true, at, sizeof(at));
	shared_path(r, first, false, other, sizeof(other));
	return config_refuse_at(r->tree, r->error, at, "%s is used by %s already (line %u); each port needs its own",
				what, other, config_tree_find(r->tree, other)->line);
}

/*
 * shared_keys_fill writes the keys of all ports, and returns how many.  Relative paths are below vmmqd's usual directory: where it has
 * another one, it takes no path below the usual one anyway.
 */
static size_t shared_keys_fill(const struct config_reader *r, size_t listed, struct port_spec spec[],
			       struct shared_key key[])
{
	char text[PORT_TEXTS][PORT_SHARED_MAX];
	size_t count = 0;

	for (size_t port = 0; port <= listed; port++) {
		size_t texts;

		if (shared_spec(r, port)->kind == PORT_NONE)
			continue;
		*spec = *shared_spec(r, port);
		port_spec_resolve(spec, PORT_SOCKET_DIRECTORY);
		texts = port_spec_texts(spec, text);
		for (size_t i = 0; i < texts; i++, count++) {
			memcpy(key[count].text, text[i], PORT_SHARED_MAX);
			key[count].id = spec->kind == PORT_MEMIF ? (int64_t)spec->id : -1;
			key[count].port = port;
			key[count].spec = spec;
		}
		spec++;
	}
	return count;
}

static size_t shared_port_count(const struct config_reader *r, size_t listed)
{
	size_t count = 0;

	for (size_t port = 0; port <= listed; port++)
		count += shared_spec(r, port)->kind != PORT_NONE;
	return count;
}

int config_check_shared(struct config_reader *r, size_t listed)
{
	size_t ports = shared_port_count(r, listed), count;
	struct port_spec *spec = calloc(ports + 1, sizeof(*spec));
	struct shared_key *key = calloc(PORT_TEXTS * (ports + 1), sizeof(*key));
	char what[PORT_SHARED_MAX];
	int status = spec && key ? 0 : config_out_of_memory(r);

	count = status ? 0 : shared_keys_fill(r, listed, spec, key);
	if (count)
		qsort(key, count, sizeof(*key), shared_key_compare);
	for (size_t i = 1; i < count && !status; i++) {
		size_t a = key[i - 1].port, b = key[i].port;

		if (a != b && port_spec_shared(key[i - 1].spec, key[i].spec, what))
			status = shared_refuse(r, a < b ? a : b, a < b ? b : a, what);
	}
	free(key);
	free(spec);
	return status;
}
