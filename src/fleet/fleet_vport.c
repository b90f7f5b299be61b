/* SPDX-License-Identifier: BSD-2-Clause */
#include "fleet/fleet_vport.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/hex.h"
#include "schema/value.h"

#define SAFE_NAME       "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"
#define VLAN_STORED_ANY 4095 /* in the store */

#define X(name, text, key, value) text,
static const char *const column_name[] = { FLEET_VPORT_COLUMNS(X) };
#undef X

/* column_one returns the one element of a column, or NULL: how many a column may have is the server's schema to say. */
static const union ovsdb_atom *column_one(const struct ovsdb_datum *column, enum fleet_vport_column which,
					  struct ovsdb_why *why)
{
	if (column[which].count == 1)
		return &column[which].item[0].key;
	ovsdb_refuse(why, "%s: %zu elements; one is needed", column_name[which], column[which].count);
	return NULL;
}

static bool read_number(const struct ovsdb_datum *column, enum fleet_vport_column which, int64_t min, int64_t max,
			int64_t *number, struct ovsdb_why *why)
{
	const union ovsdb_atom *atom = column_one(column, which, why);

	if (!atom)
		return false;
	*number = atom->integer;
	if (*number >= min && *number <= max)
		return true;
	return ovsdb_refuse(why, "%s: %" PRId64 "; %" PRId64 " to %" PRId64 " is needed", column_name[which], *number,
			    min, max);
}

/* read_word reads one of two or three words. */
static bool read_word(const struct ovsdb_datum *column, enum fleet_vport_column which, const char *const *words,
		      unsigned *word, struct ovsdb_why *why)
{
	const union ovsdb_atom *atom = column_one(column, which, why);

	if (!atom)
		return false;
	for (*word = 0; words[*word]; (*word)++)
		if (strcmp(words[*word], atom->text) == 0)
			return true;
	*word = 0;
	return ovsdb_refuse(why, "%s: \"%s\"; %s, %s%s%s is needed", column_name[which], atom->text, words[0],
			    words[1], words[2] ? ", " : "", words[2] ? words[2] : "");
}

static bool read_name(struct fleet_vport *vport, const struct ovsdb_datum *column, struct ovsdb_why *why)
{
	const union ovsdb_atom *atom = column_one(column, FLEET_VPORT_NAME, why);
	size_t len = atom ? strlen(atom->text) : 0;

	if (!atom)
		return false;
	if (len < 1 || len > FLEET_NAME_MAX)
		return ovsdb_refuse(why, "name: %zu bytes; 1 to %d are needed", len, FLEET_NAME_MAX);
	memcpy(vport->name, atom->text, len + 1);
	return true;
}

/* A socket is called after the VPort. */
static bool name_is_safe(const struct fleet_vport *vport, struct ovsdb_why *why)
{
	if (vport->name[0] != '.' && !vport->name[strspn(vport->name, SAFE_NAME)])
		return true;
	return ovsdb_refuse(why, "name: \"%s\"; letters, digits, '.', '_' and '-' are needed, and no '.' at first",
			    vport->name);
}

static bool read_where(const struct ovsdb_datum *column, enum fleet_vport_column which, struct ovsdb_uuid *host,
		       struct ovsdb_why *why)
{
	if (column[which].count > 1)
		return ovsdb_refuse(why, "%s: %zu elements; one or none is needed", column_name[which],
				    column[which].count);
	if (column[which].count)
		*host = column[which].item[0].key.uuid;
	return true;
}

/* read_identity goes on after a fault, so that a status can say which generation of which VPort it is about. */
static bool read_identity(struct fleet_vport *vport, const struct ovsdb_datum *column, struct ovsdb_why *why)
{
	static const char *const activations[] = { "at_once", "first_frame", NULL };
	struct ovsdb_why later;
	unsigned activation = 0;
	bool good = read_name(vport, column, why);

	if (!read_number(column, FLEET_VPORT_GENERATION, 0, INT64_MAX, &vport->generation, good ? why : &later)) {
		vport->generation = 0;
		good = false;
	}
	good = read_where(column, FLEET_VPORT_HOST, &vport->host, good ? why : &later) && good;
	good = read_where(column, FLEET_VPORT_DESTINATION, &vport->destination, good ? why : &later) && good;
	good = read_word(column, FLEET_VPORT_ACTIVATION, activations, &activation, good ? why : &later) && good;
	vport->activation = (enum fleet_activation)activation;
	return good;
}

static bool check_where(const struct fleet_vport *vport, struct ovsdb_why *why)
{
	static const struct ovsdb_uuid none;

	if (memcmp(&vport->destination, &none, sizeof(none)) == 0 ||
	    memcmp(&vport->destination, &vport->host, sizeof(none)) != 0)
		return true;
	return ovsdb_refuse(why, "destination: the host that it is on; another host is needed, or none");
}

static bool read_macs(struct fleet_vport *vport, const struct ovsdb_datum *macs, struct ovsdb_why *why)
{
	if (macs->count < 1 || macs->count > FLEET_MACS_MAX)
		return ovsdb_refuse(why, "macs: %zu elements; 1 to %d are needed", macs->count, FLEET_MACS_MAX);
	for (; vport->mac_count < macs->count; vport->mac_count++) {
		const char *text = macs->item[vport->mac_count].key.text;
		uint8_t *mac = vport->mac[vport->mac_count];

		if (!value_mac(text, mac, NULL))
			return ovsdb_refuse(why,
					    "macs: \"%s\"; six bytes of two hex digits are needed: "
					    "02:00:5e:10:00:01",
					    text);
		for (size_t i = 0; i < vport->mac_count; i++)
			if (memcmp(vport->mac[i], mac, VMMQ_MAC_LEN) == 0)
				return ovsdb_refuse(why,
						    "macs: \"%s\" is there twice, spelled in two ways; "
						    "once is needed",
						    text);
	}
	return true;
}

/* vlan_has also tells that 0 stands for what no VLAN stands for. */
static bool vlan_has(const struct fleet_vport *vport, vmmq_vlan_rule vlan)
{
	for (size_t i = 0; i < vport->vlan_count; i++)
		if (vport->vlan[i] == vlan)
			return true;
	return false;
}

static bool read_vlans(struct fleet_vport *vport, const struct ovsdb_datum *vlans, struct ovsdb_why *why)
{
	if (vlans->count > FLEET_VLANS_MAX)
		return ovsdb_refuse(why, "vlans: %zu elements; at most %d are allowed", vlans->count,
				    FLEET_VLANS_MAX);
	for (size_t i = 0; i < vlans->count; i++) {
		int64_t vlan = vlans->item[i].key.integer;

		if (vlan < 0 || vlan > VLAN_STORED_ANY)
			return ovsdb_refuse(why, "vlans: %" PRId64 "; 0 to %d is needed", vlan, VLAN_STORED_ANY);
		vport->vlan[vport->vlan_count++] = vlan == VLAN_STORED_ANY ? VMMQ_VLAN_ANY : (vmmq_vlan_rule)vlan;
	}
	if (!vport->vlan_count)
		vport->vlan[vport->vlan_count++] = VMMQ_VLAN_UNTAGGED_OR_ZERO;
	return true;
}

static bool read_hash(struct fleet_vport *vport, const struct ovsdb_datum *column, struct ovsdb_why *why)
{
	const struct ovsdb_datum *types = &column[FLEET_VPORT_HASH_TYPES], *key = &column[FLEET_VPORT_HASH_KEY];

	for (size_t i = 0; i < types->count; i++) {
		uint32_t type = vmmq_hash_type_parse(types->item[i].key.text);

		if (!type)
			return ovsdb_refuse(why, "hash_types: \"%s\"; a hash type is needed, such as tcp_ipv4",
					    types->item[i].key.text);
		vport->hash_types |= type;
	}
	if (!vport->hash_types)
		vport->hash_types = VMMQ_HASH_TYPES_DEFAULT;
	if (!key->count)
		return true;
	vport->has_key = true;
	if (key->count == 1 && strlen(key->item[0].key.text) == 2 * VMMQ_KEY_LEN &&
	    hex_read(key->item[0].key.text, vport->key, VMMQ_KEY_LEN))
		return true;
	return ovsdb_refuse(why, "hash_key: not %d hex digits; these are needed, or none for a key of the host's",
			    2 * VMMQ_KEY_LEN); /* not said what there is: it may be much of a key */
}

static bool check_queue(const struct fleet_vport *vport, const char *what, int64_t queue, struct ovsdb_why *why)
{
	if (queue >= 0 && queue < vport->queue_pairs)
		return true;
	return ovsdb_refuse(why, "%s: queue %" PRId64 "; queue_pairs is %u, so 0 to %u is needed", what, queue,
			    vport->queue_pairs, vport->queue_pairs - 1);
}

static bool read_entries(struct fleet_vport *vport, const struct ovsdb_datum *table, struct ovsdb_why *why)
{
	if (table->count < 1 || table->count > VMMQ_TABLE_ENTRIES_MAX || (table->count & (table->count - 1)))
		return ovsdb_refuse(why, "indirection_table: %zu entries; a power of two of them is needed, 1 to %d",
				    table->count, VMMQ_TABLE_ENTRIES_MAX);
	for (size_t i = 0; i < table->count; i++) {
		const struct ovsdb_item *entry = &table->item[i];
		char what[48];

		if (entry->key.integer != (int64_t)i)
			return ovsdb_refuse(why,
					    "indirection_table: entry %zu is not there, of %zu; all from 0 on "
					    "are needed",
					    i, table->count);
		snprintf(what, sizeof(what), "indirection_table: entry %zu", i);
		if (!check_queue(vport, what, entry->value.integer, why))
			return false;
		vport->queue[i] = (uint8_t)entry->value.integer;
	}
	vport->entry_count = (uint16_t)table->count;
	return true;
}

static bool read_queues(struct fleet_vport *vport, const struct ovsdb_datum *column, struct ovsdb_why *why)
{
	int64_t pairs, default_queue, primary_queue;

	if (!read_number(column, FLEET_VPORT_QUEUE_PAIRS, 1, VMMQ_TABLE_ENTRIES_MAX, &pairs, why))
		return false;
	vport->queue_pairs = (uint16_t)pairs;
	if (!read_entries(vport, &column[FLEET_VPORT_INDIRECTION_TABLE], why) ||
	    !read_number(column, FLEET_VPORT_DEFAULT_QUEUE, 0, VMMQ_TABLE_ENTRIES_MAX - 1, &default_queue, why) ||
	    !read_number(column, FLEET_VPORT_PRIMARY_QUEUE, 0, VMMQ_TABLE_ENTRIES_MAX - 1, &primary_queue, why) ||
	    !check_queue(vport, "default_queue", default_queue, why) ||
	    !check_queue(vport, "primary_queue", primary_queue, why))
		return false;
	vport->default_queue = (uint8_t)default_queue;
	vport->primary_queue = (uint8_t)primary_queue;
	return true;
}

bool fleet_vport_read(struct fleet_vport *vport, const struct ovsdb_datum *column, struct ovsdb_why *why)
{
	static const char *const rss_words[] = { "off", "on", "hash_only", NULL };
	static const char *const scalings[] = { "static", "dynamic", NULL };
	unsigned rss, scaling;

	*vport = (struct fleet_vport){ 0 };
	if (!read_identity(vport, column, why) || !name_is_safe(vport, why) || !check_where(vport, why) ||
	    !read_macs(vport, &column[FLEET_VPORT_MACS], why) ||
	    !read_vlans(vport, &column[FLEET_VPORT_VLANS], why) || !read_queues(vport, column, why) ||
	    !read_word(column, FLEET_VPORT_RSS, rss_words, &rss, why) || !read_hash(vport, column, why) ||
	    !read_word(column, FLEET_VPORT_SCALING, scalings, &scaling, why))
		return false;
	vport->rss = (enum fleet_rss)rss;
	vport->dynamic = scaling;
	return true;
}

bool fleet_vport_read_filters(struct fleet_vport *vport, const struct ovsdb_datum *column, struct ovsdb_why *why)
{
	*vport = (struct fleet_vport){ 0 };
	return read_name(vport, column, why) && read_macs(vport, &column[FLEET_VPORT_MACS], why) &&
	       read_vlans(vport, &column[FLEET_VPORT_VLANS], why);
}

bool fleet_vports_share(const struct fleet_vport *a, const struct fleet_vport *b, struct ovsdb_why *why)
{
	char mac[3 * VMMQ_MAC_LEN], vlan[16];

	for (size_t i = 0; i < a->mac_count; i++)
		for (size_t j = 0; j < b->mac_count; j++)
			for (size_t k = 0; memcmp(a->mac[i], b->mac[j], VMMQ_MAC_LEN) == 0 && k < a->vlan_count;
			     k++) {
				if (!vlan_has(b, a->vlan[k]))
					continue;
				hex_write_colons(mac, a->mac[i], VMMQ_MAC_LEN);
				snprintf(vlan, sizeof(vlan), "%u", a->vlan[k]);
				ovsdb_refuse(why, "macs: %s with VLAN %s is the VPort %s's on this host", mac,
					     a->vlan[k] == VMMQ_VLAN_ANY ? "any" : vlan, b->name);
				return true;
			}
	return false;
}
