/* SPDX-License-Identifier: BSD-2-Clause */
#include "ports/ethdev_features.h"

#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ports/ethdev_link.h"

static const char *const merging[] = { "rx-gro", "rx-gro-hw", "rx-lro", "rx-gro-list", "rx-udp-gro-forwarding" };
static const char *const untagging[] = { "rx-vlan-hw-parse", "rx-vlan-stag-hw-parse" };

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Bits of features, of this kernel. */
static struct {
	bool known;
	uint32_t blocks;
	uint32_t merging[FEATURE_BLOCKS], untagging[FEATURE_BLOCKS];
} feature;

static bool ethtool_do(unsigned ifindex, void *command)
{
	struct ifreq request = { .ifr_data = command };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool done;

	if (fd < 0)
		return false;
	done = if_indextoname(ifindex, request.ifr_name) && ioctl(fd, SIOCETHTOOL, &request) >= 0;
	close(fd);
	return done;
}

void ethdev_interface_driver(unsigned ifindex, char driver[32], char bus[32])
{
	struct ethtool_drvinfo info = { .cmd = ETHTOOL_GDRVINFO };

	if (!ethtool_do(ifindex, &info))
		info.driver[0] = info.bus_info[0] = '\0';
	info.driver[sizeof(info.driver) - 1] = info.bus_info[sizeof(info.bus_info) - 1] = '\0';
	memcpy(driver, info.driver, sizeof(info.driver)); /* 32 bytes each */
	memcpy(bus, info.bus_info, sizeof(info.bus_info));
}

static uint32_t feature_names_count(unsigned ifindex)
{
	struct {
		struct ethtool_sset_info info;
		uint32_t count;
	} asked = { .info = { .cmd = ETHTOOL_GSSET_INFO, .sset_mask = 1u << ETH_SS_FEATURES } };

	return ethtool_do(ifindex, &asked) ? asked.count : 0;
}

static void feature_mark(uint32_t mask[], uint32_t bit, const char *name, const char *const list[], size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!strncmp(name, list[i], ETH_GSTRING_LEN))
			mask[bit / 32] |= 1u << bit % 32;
}

static bool features_learn(unsigned ifindex)
{
	uint32_t count = feature.known ? 0 : feature_names_count(ifindex);
	struct ethtool_gstrings *names;

	if (!count || count > FEATURE_BLOCKS * 32)
		return feature.known;
	names = calloc(1, sizeof(*names) + (size_t)count * ETH_GSTRING_LEN);
	if (!names)
		return false;
	*names = (struct ethtool_gstrings){ .cmd = ETHTOOL_GSTRINGS, .string_set = ETH_SS_FEATURES, .len = count };
	feature.known = ethtool_do(ifindex, names);
	feature.blocks = (count + 31) / 32;
	for (uint32_t bit = 0; feature.known && bit < count; bit++) {
		const char *name = (const char *)names->data + (size_t)bit * ETH_GSTRING_LEN;

		feature_mark(feature.merging, bit, name, merging, COUNT(merging));
		feature_mark(feature.untagging, bit, name, untagging, COUNT(untagging));
	}
	free(names);
	return feature.known;
}

/* features_active writes those of the mask that are on; false: the interface does not tell. */
static bool features_active(unsigned ifindex, const uint32_t mask[], uint32_t active[])
{
	union {
		struct ethtool_gfeatures get;
		uint8_t room[sizeof(struct ethtool_gfeatures) +
			     FEATURE_BLOCKS * sizeof(struct ethtool_get_features_block)];
	} asked = { .get = { .cmd = ETHTOOL_GFEATURES, .size = feature.blocks } };

	if (!ethtool_do(ifindex, &asked))
		return false;
	for (uint32_t i = 0; i < feature.blocks; i++)
		active[i] = asked.get.features[i].active & mask[i];
	return true;
}

static void features_set(unsigned ifindex, const uint32_t mask[], bool on)
{
	union {
		struct ethtool_sfeatures set;
		uint8_t room[sizeof(struct ethtool_sfeatures) +
			     FEATURE_BLOCKS * sizeof(struct ethtool_set_features_block)];
	} asked = { .set = { .cmd = ETHTOOL_SFEATURES, .size = feature.blocks } };

	for (uint32_t i = 0; i < feature.blocks; i++) {
		asked.set.features[i].valid = mask[i];
		asked.set.features[i].requested = on ? mask[i] : 0;
	}
	ethtool_do(ifindex, &asked);
}

static bool mask_is_empty(const uint32_t mask[])
{
	for (uint32_t i = 0; i < feature.blocks; i++)
		if (mask[i])
			return false;
	return true;
}

static bool features_off_one(uint32_t off[], unsigned ifindex, const uint32_t mask[])
{
	uint32_t active[FEATURE_BLOCKS] = { 0 };

	if (!features_active(ifindex, mask, active) || mask_is_empty(active))
		return true;
	features_set(ifindex, active, false);
	for (uint32_t i = 0; i < feature.blocks; i++)
		off[i] |= active[i];
	features_active(ifindex, mask, active);
	return mask_is_empty(active);
}

static uint32_t *features_held(struct ethdev_features *held, unsigned ifindex)
{
	for (unsigned i = 0; i < held->count; i++)
		if (held->of[i].ifindex == ifindex)
			return held->of[i].off;
	if (held->count == FEATURE_INTERFACES)
		return NULL;
	memset(&held->of[held->count], 0, sizeof(held->of[0]));
	held->of[held->count].ifindex = ifindex;
	return held->of[held->count++].off;
}

bool ethdev_features_off(struct ethdev_features *held, unsigned ifindex, bool tags)
{
	unsigned interface[FEATURE_INTERFACES], count;
	uint32_t mask[FEATURE_BLOCKS];
	bool all = true;

	if (!features_learn(ifindex))
		return true;
	for (uint32_t i = 0; i < FEATURE_BLOCKS; i++)
		mask[i] = feature.merging[i] | (tags ? feature.untagging[i] : 0);
	count = ethdev_interfaces_below(ifindex, interface, FEATURE_INTERFACES);
	for (unsigned i = 0; i < count; i++) {
		uint32_t *off = features_held(held, interface[i]);

		all &= off && features_off_one(off, interface[i], mask);
	}
	return all;
}

void ethdev_features_back(struct ethdev_features *held)
{
	for (unsigned i = 0; i < held->count; i++)
		if (!mask_is_empty(held->of[i].off))
			features_set(held->of[i].ifindex, held->of[i].off, true);
	held->count = 0;
}

bool ethdev_features_concern(const struct ethdev_features *held, unsigned ifindex)
{
	for (unsigned i = 0; i < held->count; i++)
		if (held->of[i].ifindex == ifindex)
			return true;
	return false;
}
