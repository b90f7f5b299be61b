/* SPDX-License-Identifier: BSD-2-Clause */
/* Whether devargs could name a device, and what is wrong with them, before anything is touched. */
#include "ports/ethdev_devargs.h"

#include <ctype.h>
#include <net/if.h>
#include <rte_bus.h>
#include <rte_devargs.h>
#include <rte_kvargs.h>
#include <rte_lcore.h>
#include <rte_pci.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>

/* distance between two names: letters to insert, to remove, or to replace. */
static unsigned devargs_distance(const char *a, size_t a_len, const char *b)
{
	unsigned row[64];
	size_t b_len = strnlen(b, sizeof(row) / sizeof(row[0]) - 1);

	for (size_t j = 0; j <= b_len; j++)
		row[j] = (unsigned)j;
	for (size_t i = 1; i <= a_len; i++) {
		unsigned diagonal = row[0];

		row[0] = (unsigned)i;
		for (size_t j = 1; j <= b_len; j++) {
			unsigned replaced = diagonal + (a[i - 1] != b[j - 1]), best;

			diagonal = row[j];
			best = row[j] < row[j - 1] ? row[j] + 1 : row[j - 1] + 1;
			row[j] = replaced < best ? replaced : best;
		}
	}
	return row[b_len];
}

static bool devargs_unknown_driver(const char *name, size_t len, char *error, size_t error_len)
{
	const char *nearest = NULL;
	size_t letters = len;
	unsigned best;

	while (letters && isdigit((unsigned char)name[letters - 1]))
		letters--;
	best = letters < 6 ? (unsigned)letters / 2 + 1 : 4; /* farther away it is another name, not a misspelt one */
	for (size_t i = 0; i < ETHDEV_DRIVERS && letters < 64; i++) {
		unsigned whole = devargs_distance(name, letters, ethdev_drivers[i].name);
		unsigned tail = devargs_distance(name, letters, ethdev_drivers[i].name + strlen("net_"));
		unsigned d = whole < tail ? whole : tail;

		if (d < best) {
			best = d;
			nearest = ethdev_drivers[i].name;
		}
	}
	if (nearest)
		snprintf(error, error_len, "%.*s: no such driver: did you mean %s0?", (int)len, name, nearest);
	else
		snprintf(error, error_len,
			 "%.*s: no such driver, nor a PCI address: a driver's name and a number (net_vhost0, "
			 "net_af_xdp0, net_tap0, …) or 0000:00:00.0 is right",
			 (int)len, name);
	return false;
}

/* devargs_driver_exists: without a running EAL, whose start loads the drivers, only those that we know can be told. */
static bool devargs_driver_exists(const char *devargs)
{
	struct rte_devargs parsed;
	char said[8];
	bool exists;

	if (!rte_lcore_count())
		return ethdev_driver_find(devargs);
	ethdev_said_begin();
	exists = rte_devargs_parse(&parsed, devargs) == 0;
	if (exists)
		free(parsed.data);
	ethdev_said_end(said, sizeof(said));
	return exists;
}

static bool devargs_key_is_known(const struct ethdev_driver *driver, const char *key)
{
	for (size_t i = 0; i < sizeof(driver->keys) / sizeof(driver->keys[0]) && driver->keys[i]; i++)
		if (!strcmp(driver->keys[i], key))
			return true;
	return false;
}

static bool devargs_unknown_key(const struct ethdev_driver *driver, const char *name, const char *key, char *error,
				size_t error_len)
{
	int at = snprintf(error, error_len, "%s has no argument \"%s\": it has", name, key);

	for (size_t i = 0; i < sizeof(driver->keys) / sizeof(driver->keys[0]) && driver->keys[i]; i++)
		if (at > 0 && (size_t)at < error_len)
			at += snprintf(error + at, error_len - (size_t)at, "%s %s", i ? "," : "", driver->keys[i]);
	return false;
}

static bool devargs_check_interface(const char *name, const char *key, const char *value, char *error,
				    size_t error_len)
{
	if (*value && strlen(value) < IF_NAMESIZE && !strpbrk(value, "/ "))
		return true;
	snprintf(error, error_len,
		 "%s: %s=%s is no name of a kernel interface: 1 to %d letters, without \"/\" and spaces", name, key,
		 value, IF_NAMESIZE - 1);
	return false;
}

static bool devargs_check_socket(const char *name, const char *key, const char *value, char *error, size_t error_len)
{
	const char *slash = strrchr(value, '/');
	char folder[sizeof(((struct sockaddr_un *)0)->sun_path)];
	struct stat st;

	if (!*value || strlen(value) >= sizeof(folder)) {
		snprintf(error, error_len, "%s: %s: the path of a socket has 1 to %zu bytes, this one %zu", name, key,
			 sizeof(folder) - 1, strlen(value));
		return false;
	}
	snprintf(folder, sizeof(folder), "%.*s", slash ? (int)(slash - value) + 1 : 1, slash ? value : ".");
	if (stat(folder, &st) == 0 && S_ISDIR(st.st_mode))
		return true;
	snprintf(error, error_len, "%s: %s=%s: there is no directory %s: make it first", name, key, value, folder);
	return false;
}

static bool devargs_check_place(const struct ethdev_driver *driver, const char *name, const char *value, char *error,
				size_t error_len)
{
	if (driver->place == ETHDEV_PLACE_INTERFACE)
		return devargs_check_interface(name, driver->key, value, error, error_len);
	if (driver->place == ETHDEV_PLACE_SOCKET)
		return devargs_check_socket(name, driver->key, value, error, error_len);
	if (driver->place == ETHDEV_PLACE_NONE || *value)
		return true;
	snprintf(error, error_len, "%s: %s is empty: a path is right", name, driver->key);
	return false;
}

/* The driver never closes the abstract socket that a server listens on, so such a port could not be opened again. */
static bool devargs_check_memif(const char *name, const struct rte_kvargs *pairs, char *error, size_t error_len)
{
	const char *role = rte_kvargs_get(pairs, "role"), *abstract = rte_kvargs_get(pairs, "socket-abstract");

	if (!role || (strcmp(role, "server") != 0 && strcmp(role, "master") != 0))
		return true;
	if (abstract && !strcmp(abstract, "no") && rte_kvargs_get(pairs, "socket"))
		return true;
	snprintf(error, error_len, "%s: role=%s needs socket=PATH,socket-abstract=no", name, role);
	return false;
}

static bool devargs_check_pairs(const struct ethdev_driver *driver, const char *name, const struct rte_kvargs *pairs,
				char *error, size_t error_len)
{
	const char *value;

	for (unsigned i = 0; i < pairs->count; i++)
		if (!devargs_key_is_known(driver, pairs->pairs[i].key))
			return devargs_unknown_key(driver, name, pairs->pairs[i].key, error, error_len);
	if (driver->required && !rte_kvargs_get(pairs, driver->required)) {
		snprintf(error, error_len, "%s needs %s=%s", name, driver->required,
			 driver->place == ETHDEV_PLACE_INTERFACE ? "INTERFACE" : "PATH");
		return false;
	}
	if (!strcmp(driver->name, "net_memif") && !devargs_check_memif(name, pairs, error, error_len))
		return false;
	value = driver->key ? rte_kvargs_get(pairs, driver->key) : NULL;
	return !value || devargs_check_place(driver, name, value, error, error_len);
}

bool ethdev_devargs_check(const char *devargs, char *error, size_t error_len)
{
	const struct ethdev_driver *driver = ethdev_driver_find(devargs);
	struct rte_pci_addr address;
	struct rte_kvargs *pairs;
	char name[RTE_DEV_NAME_MAX_LEN];
	size_t len;
	const char *start = ethdev_split(devargs, &len);
	bool good;

	if (!len || len >= sizeof(name)) {
		snprintf(error, error_len, "\"%s\": a device has a name of 1 to %zu bytes before the first comma",
			 devargs, sizeof(name) - 1);
		return false;
	}
	ethdev_devargs_name(devargs, name, sizeof(name));
	if (rte_pci_addr_parse(name, &address) && !devargs_driver_exists(devargs))
		return devargs_unknown_driver(start, len, error, error_len);
	pairs = rte_kvargs_parse(ethdev_arguments(devargs), NULL);
	if (!pairs) {
		snprintf(error, error_len, "%s: \"%s\" cannot be parsed: KEY=VALUE,KEY=VALUE is right", name,
			 ethdev_arguments(devargs));
		return false;
	}
	good = !driver || devargs_check_pairs(driver, name, pairs, error, error_len);
	rte_kvargs_free(pairs);
	return good;
}
