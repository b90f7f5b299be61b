/* SPDX-License-Identifier: BSD-2-Clause */
/* The fleet mapping of a file. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config_explain.h"
#include "config/config_reader.h"
#include "ovsdb/ovsdb_remote.h"

static int read_remote(struct config_reader *r, size_t place, const char *text, bool *tls)
{
	struct config_fleet *fleet = r->config->fleet;
	struct ovsdb_remote remote;
	struct ovsdb_why why;
	char path[128];

	config_path_of(r, FIELD_REMOTES, place, path, sizeof(path));
	if (!ovsdb_remote_read(&remote, text, &why))
		return config_refuse_at(r->tree, r->error, path, "%s", why.text);
	for (size_t i = 0; i < fleet->remote_count; i++)
		if (strcmp(fleet->remotes[i], text) == 0)
			return config_refuse_at(r->tree, r->error, path,
						"%.100s is in this list twice; once is allowed", text);
	*tls |= remote.tls;
	fleet->remotes[fleet->remote_count] = strdup(text);
	if (!fleet->remotes[fleet->remote_count])
		return config_out_of_memory(r);
	fleet->remote_count++;
	return 0;
}

static int read_remotes(struct config_reader *r, bool *tls)
{
	const struct config_node *list = config_child(r, FIELD_REMOTES), *entry;
	const struct schema_field *field = schema_field(FIELD_REMOTES);
	struct config_fleet *fleet = r->config->fleet;
	char path[128];
	size_t place = 0;
	config_ref ref;

	if (list->count < field->min || list->count > field->max) {
		config_path_of(r, FIELD_REMOTES, CONFIG_NO_ENTRY, path, sizeof(path));
		return config_refuse_at(r->tree, r->error, path, "%u servers; %u to %u are needed", list->count,
					field->min, field->max);
	}
	fleet->remotes = calloc(list->count, sizeof(*fleet->remotes));
	if (!fleet->remotes)
		return config_out_of_memory(r);
	for (entry = config_first(r, list, &ref); entry; entry = config_next(r, &ref))
		if (read_remote(r, place++, config_tree_text(r->tree, entry), tls))
			return -1;
	return 0;
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
	if (read_remotes(r, &tls) || config_read_text(r, FIELD_FLEET_HOST, &fleet->host) ||
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
