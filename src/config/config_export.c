/* SPDX-License-Identifier: BSD-2-Clause */
#include "config/config_export.h"

#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "config/config_text.h"
#include "schema/value.h"

struct writer {
	const struct vmmq_config *config;
	bool keys; /* are written */
	FILE *out;
	bool *in_set; /* by processor */
	void *names;  /* tsearch() tree of those that have been written */
};

/* write_text writes a double-quoted scalar; the text has no control characters. */
static void write_text(struct writer *w, const char *text)
{
	fputc('"', w->out);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			fputc('\\', w->out);
		fputc(*text, w->out);
	}
	fputc('"', w->out);
}

static void write_processors(struct writer *w, const struct vmmq_processor *processors, size_t count)
{
	for (size_t i = 0; i < count; i++)
		fprintf(w->out, "%s%u", i ? ", " : "[", (unsigned)processors[i].v);
	fputc(']', w->out);
}

static void write_port(struct writer *w, const char *before, const struct port_spec *spec)
{
	char text[PORT_TEXT_MAX];

	fputs(before, w->out);
	if (spec->kind == PORT_DEVICE) { /* of any length */
		fputs("device: ", w->out);
		write_text(w, spec->device);
	} else {
		port_spec_file_text(spec, text, sizeof(text));
		fputs(text, w->out);
	}
	fputc('\n', w->out);
}

/* write_balance leaves out settings that are as they are unless they are stated. */
static void write_balance(struct writer *w, const struct config_balance *balance)
{
	struct config_balance standard;

	config_balance_default(&standard);
	if (config_balance_equal(balance, &standard))
		return;
	fprintf(w->out,
		"  balance:\n    tick: %u\n    target: %u\n    tolerance: %u\n    budget: %u\n    coalesce: %s\n",
		balance->tick_ms, balance->target, balance->tolerance, balance->budget,
		balance->coalesce ? "true" : "false");
}

static void write_adapter(struct writer *w)
{
	const struct vmmq_config *config = w->config;

	fputs("adapter:\n  name: ", w->out);
	write_text(w, config->adapter_name);
	fputs("\n  processors: ", w->out);
	write_processors(w, config->processors, config->processor_count);
	fprintf(w->out, "\n  moderation: %s\n  mtu: %u\n", config_moderation_text(config->moderation),
		(unsigned)config->mtu);
	write_balance(w, &config->balance);
	if (config->uplink.kind == PORT_NONE)
		return;
	write_port(w, "  uplink:\n    ", &config->uplink);
	fprintf(w->out, "    rx_queues: %u\n", config->uplink_rx_queues);
}

static int written_compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* is_writable tells whether YAML has a place for the name: NDIS requests may give any characters. */
static bool is_writable(const char *name)
{
	while (*name) {
		uint32_t point = utf8_next(&name);

		if (point == UTF8_INVALID || point == 0xfffe || point == 0xffff)
			return false;
	}
	return true;
}

/* write_name leaves out what a file cannot have: no name, control characters, a name twice. */
static void write_name(struct writer *w, const struct config_vport *vport)
{
	char hint[VALUE_HINT_MAX];
	const char *const *node;

	if (!is_writable(vport->name) || !value_text(vport->name, FIELD_VPORT_NAME_MIN, FIELD_VPORT_NAME_MAX, hint))
		return;
	node = tsearch(vport->name, &w->names, written_compare);
	if (node && *node != vport->name)
		return;
	fputs("    name: ", w->out);
	write_text(w, vport->name);
	fputc('\n', w->out);
}

static void write_filters(struct writer *w, const struct config_vport *vport)
{
	if (vport->filter_count)
		fputs("    filters:\n", w->out);
	for (size_t i = 0; i < vport->filter_count; i++) {
		const struct config_filter *filter = &vport->filters[i];
		char mac[18], vlan[12];

		config_mac_text(filter->mac, mac);
		config_vlan_text(filter->vlan, vlan);
		fprintf(w->out, "      - {mac: \"%s\"", mac);
		if (filter->vlan != VMMQ_VLAN_UNTAGGED_OR_ZERO)
			fprintf(w->out, ", vlan: %s", vlan);
		if (filter->encapsulated)
			fputs(", encapsulated: true", w->out);
		if (filter->vni)
			fprintf(w->out, ", vni: %u", filter->vni);
		fputs("}\n", w->out);
	}
}

static bool all_in_set(const struct writer *w, const struct vmmq_processor *processors, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!w->in_set[processors[i].v])
			return false;
	return true;
}

static void write_encapsulation(struct writer *w, const struct vmmq_encapsulation *encapsulation)
{
	char tunnels[160];

	config_tunnels_text(encapsulation->types, tunnels, sizeof(tunnels));
	if (encapsulation->types)
		fprintf(w->out, "      encapsulation: %s\n", tunnels);
	if (encapsulation->vxlan_port != FIELD_VXLAN_PORT_INITIAL)
		fprintf(w->out, "      vxlan_port: %u\n", (unsigned)encapsulation->vxlan_port);
}

static void write_rss(struct writer *w, const struct vmmq_rss_params *rss)
{
	char types[160], key[2 * VMMQ_KEY_LEN + 1];

	fprintf(w->out, "    rss:\n      enabled: %s\n", rss->enabled ? "true" : "false");
	if (rss->receive_hash)
		fputs("      receive_hash: true\n", w->out);
	config_hash_types_text(rss->hash_types, types, sizeof(types));
	if (rss->hash_types)
		fprintf(w->out, "      hash_types: %s\n", types);
	config_key_text(rss->key, key);
	fprintf(w->out, "      key: \"%s\"\n", w->keys ? key : VALUE_KEY_HIDDEN);
	write_encapsulation(w, &rss->encapsulation);
	if (all_in_set(w, rss->table, rss->entry_count)) {
		fputs("      indirection_table: ", w->out);
		write_processors(w, rss->table, rss->entry_count);
		fputc('\n', w->out);
	}
	if (all_in_set(w, &rss->default_processor, 1))
		fprintf(w->out, "      default_processor: %u\n", (unsigned)rss->default_processor.v);
}

/* write_scaling leaves out what a file has meant before there was a choice. */
static void write_scaling(struct writer *w, const struct config_vport *vport)
{
	if (vport->dynamic)
		fputs("    scaling: dynamic\n", w->out);
	if (vport->min_queue_pairs != FIELD_MIN_QUEUE_PAIRS_INITIAL)
		fprintf(w->out, "    min_queue_pairs: %u\n", vport->min_queue_pairs);
}

static void write_vport(struct writer *w, const struct config_vport *vport)
{
	fprintf(w->out, "  - id: %u\n", (unsigned)vport->id.v);
	write_name(w, vport);
	fprintf(w->out, "    queue_pairs: %u\n", vport->queue_pairs);
	write_scaling(w, vport);
	if (all_in_set(w, &vport->rss.primary, 1))
		fprintf(w->out, "    primary_processor: %u\n", (unsigned)vport->rss.primary.v);
	write_filters(w, vport);
	write_rss(w, &vport->rss);
	if (vport->backend.kind != PORT_NONE)
		write_port(w, "    backend:\n      ", &vport->backend);
	fprintf(w->out, "    anti_spoofing: %s\n    control_frames: %s\n    flood_limit: %u\n",
		vport->anti_spoofing ? "true" : "false", vport->control_frames ? "true" : "false",
		vport->flood_limit);
}

static void write_stated(struct writer *w, const char *key, const char *path)
{
	if (!path)
		return;
	fprintf(w->out, "  %s: ", key);
	write_text(w, path);
	fputc('\n', w->out);
}

static void write_servers(struct writer *w, const char *key, char *const *servers, size_t count)
{
	fprintf(w->out, "  %s: [", key);
	for (size_t i = 0; i < count; i++) {
		fputs(i ? ", " : "", w->out);
		write_text(w, servers[i]);
	}
	fputs("]\n", w->out);
}

static void write_fleet(struct writer *w, const struct config_fleet *fleet)
{
	fputs("fleet:\n", w->out);
	write_servers(w, "remotes", fleet->servers + fleet->relay_count, fleet->server_count - fleet->relay_count);
	if (fleet->relay_count)
		write_servers(w, "relays", fleet->servers, fleet->relay_count);
	write_stated(w, "host", fleet->host);
	write_stated(w, "certificate", fleet->certificate);
	write_stated(w, "private_key", fleet->private_key);
	write_stated(w, "ca_certificate", fleet->ca_certificate);
	write_stated(w, "sockets", fleet->sockets);
	fprintf(w->out, "  mode: %s\n", fleet->mode == PORT_SERVER ? "server" : "client");
}

static void written_keep(void *element)
{
	(void)element;
}

static char *export_text(const struct vmmq_config *config, bool keys)
{
	struct writer w = { .config = config, .keys = keys, .in_set = calloc(65536, sizeof(bool)) };
	char *text = NULL;
	size_t len;
	bool whole;

	if (!w.in_set)
		return NULL;
	w.out = open_memstream(&text, &len);
	if (!w.out) {
		free(w.in_set);
		return NULL;
	}
	for (size_t i = 0; i < config->processor_count; i++)
		w.in_set[config->processors[i].v] = true;
	write_adapter(&w);
	if (config->fleet)
		write_fleet(&w, config->fleet);
	fputs("vports:\n", w.out);
	for (size_t i = 0; i < config->vport_count; i++)
		write_vport(&w, &config->vports[i]);
	whole = !ferror(w.out);
	if (fclose(w.out) || !whole) {
		free(text);
		text = NULL;
	}
	tdestroy(w.names, written_keep);
	free(w.in_set);
	return text;
}

char *config_export(const struct vmmq_config *config)
{
	return export_text(config, true);
}

char *config_export_without_keys(const struct vmmq_config *config)
{
	return export_text(config, false);
}
