/* SPDX-License-Identifier: BSD-2-Clause */
/* The fleet mapping of a file. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config_explain.h"
#include "config/config_reader.h"
#include "ovsdb/ovsdb_remote.h"

static int server_read(struct config_reader *r, enum schema_id list, size_t place, const char *text, bool *tls)
{
	struct config_fleet *fleet = r->config->fleet;
	struct ovsdb_remote remote;
	struct ovsdb_why why;
	char path[128];

	config_path_of(r, list, place, path, sizeof(path));
	if (!ovsdb_remote_read(&remote, text, &why))
		return config_refuse_at(r->tree, r->error, path, "%s", why.text);
	for (size_t i = 0; i < fleet->server_count; i++)
		if (strcmp(fleet->servers[i], text) == 0)
			return config_refuse_at(r->tree, r->error, path, "%.100s is %s; once is allowed", text,
						i < fleet->relay_count ? "among the relays, too"
								       : "in this list twice");
	*tls |= remote.tls;
	fleet->servers[fleet->server_count] = strdup(text);
	if (!fleet->servers[fleet->server_count])
		return config_out_of_memory(r);
	fleet->server_count++;
	return 0;
}

static int servers_read(struct config_reader *r, enum schema_id id, bool *tls)
{
	const struct config_node *list = config_child(r, id), *entry;
	const struct schema_field *field = schema_field(id);
	struct config_fleet *fleet = r->config->fleet;
	char path[128], **more;
	size_t place = 0;
	config_ref ref;

	if (!list)
		return 0;
	if (list->count < field->min || list->count > field->max) {
		config_path_of(r, id, CONFIG_NO_ENTRY, path, sizeof(path));
		return config_refuse_at(r->tree, r->error, path, "%u servers; %u to %u are needed", list->count,
					field->min, field->max);
	}
	more = realloc(fleet->servers, (fleet->server_count + list->count + 1) * sizeof(*more));
	if (!more)
		return config_out_of_memory(r);
	fleet->servers = more;
	for (entry = config_first(r, list, &ref); entry; entry = config_next(r, &ref))
		if (server_read(r, id, place++, config_tree_text(r->tree, entry), tls))
			return -1;
	return 0;
}

/* read_servers: relays come first, as they are preferred. */
static int read_servers(struct config_reader *r, bool *tls)
{
	struct config_fleet *fleet = r->config->fleet;

	if (servers_read(r, FIELD_RELAYS, tls))
		return -1;
	fleet->relay_count = fleet->server_count;
	return servers_read(r, FIELD_REMOTES, tls);
}

int config_read_fleet(struct config_reader *r, const struct config_node *node)
{
	struct config_fleet *fleet = calloc(1, sizeof(*fleet));
	union value mode = { .word = FIELD_FLEET_MODE_INITIAL };
	bool tls = false;

	r->config->fleet = fleet;
	if (!fleet)
		return config_out_of_memory(r);
	config_enter(r, node, "fleet");
	if (read_servers(r, &tls) || config_read_text(r, FIELD_FLEET_HOST, &fleet->host) ||
	    config_read_text(r, FIELD_CERTIFICATE, &fleet->certificate) ||
	    config_read_text(r, FIELD_PRIVATE_KEY, &fleet->private_key) ||
	    config_read_text(r, FIELD_CA_CERTIFICATE, &fleet->ca_certificate) ||
	    config_read_text(r, FIELD_FLEET_SOCKETS, &fleet->sockets) || config_read(r, FIELD_FLEET_MODE, &mode))
		return -1;
	fleet->mode = (enum port_mode)mode.word;
	if (!tls || (fleet->certificate && fleet->private_key && fleet->ca_certificate))
		return 0;
	return config_refuse_at(r->tree, r->error, "fleet",
				"a server is ssl:, so certificate, private_key and ca_certificate are needed");
}
