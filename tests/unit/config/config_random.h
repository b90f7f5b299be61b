/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * For tests: random configurations, all of them legal, out of few ids, names and addresses, so that two have much in
 * common.
 */
#ifndef VMMQ_UNIT_CONFIG_CONFIG_RANDOM_H
#define VMMQ_UNIT_CONFIG_CONFIG_RANDOM_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config_model.h"
#include "schema/field.h"
#include "unit/core/test_random.h"

#define RANDOM_VPORTS     12u
#define RANDOM_ADDRESSES  24u
#define RANDOM_PROCESSORS 4u

/* What random configurations may have that a running adapter cannot change, or that needs devices. */
struct config_random {
	bool devices; /* backends and uplinks, of names that need not exist */
	bool any_adapter;
};

static inline struct vmmq_processor random_processor(const struct vmmq_config *config)
{
	return config->processors[random_below((uint32_t)config->processor_count)];
}

static inline void random_vhost_user(struct port_spec *spec)
{
	static const char *const features[] = { "csum", "mrg_rxbuf", "packed", "in_order" };

	spec->mode = random_below(2) ? PORT_CLIENT : PORT_SERVER;
	for (size_t i = 0; i < 4; i++)
		spec->features_off |= random_below(3) ? 0 : port_feature_bit(features[i]);
	if (spec->mode == PORT_CLIENT)
		return;
	spec->permissions = random_below(2) ? (uint16_t)(1 + random_below(0777)) : 0;
	snprintf(spec->owner, sizeof(spec->owner), "%s", random_below(2) ? "libvirt-qemu" : "");
	snprintf(spec->group, sizeof(spec->group), "%s", random_below(2) ? "a \"b\\ c" : "");
}

/* random_port: a legal port of any kind, which need not be there; an uplink's has no queues. */
static inline void random_port(struct port_spec *spec, unsigned number, bool uplink)
{
	char device[64];

	spec->kind = (enum port_kind)(PORT_NONE + 1 + random_below(PORT_KIND_COUNT - 1));
	switch (port_kind_place(spec->kind)) {
	case PORT_AT_SOCKET:
		snprintf(spec->place, sizeof(spec->place), "/run/v \"%u\\ \xc3\xbc", number);
		break;
	case PORT_AT_INTERFACE:
		snprintf(spec->place, sizeof(spec->place), "eth%u", number);
		break;
	case PORT_AT_ADDRESS:
		snprintf(spec->place, sizeof(spec->place), "%04x:03:1f.%u", number & 0xffff, random_below(8));
		break;
	default:
		snprintf(device, sizeof(device), "net_null%u,no-rx=%u", number, random_below(2));
		spec->device = strdup(device);
		return;
	}
	if (spec->kind == PORT_VHOST_USER)
		random_vhost_user(spec);
	if (spec->kind == PORT_MEMIF) {
		spec->mode = random_below(2) ? PORT_CLIENT : PORT_SERVER;
		spec->id = random_below(INT32_MAX);
	} else if (spec->kind != PORT_PCI && !uplink) {
		spec->queues = (uint16_t)random_below(17);
	}
}

static inline void random_adapter(struct vmmq_config *config, const struct config_random *what)
{
	uint32_t count = random_below(RANDOM_PROCESSORS) + 1;

	config->adapter_name = strdup(what->any_adapter && random_below(2) ? "a \"quoted\\ name" : "vmmq0");
	config_balance_default(&config->balance);
	if (random_below(2))
		config->balance = (struct config_balance){ .tick_ms = 1 + random_below(1000),
							   .target = 10 + random_below(91),
							   .tolerance = 1 + random_below(100),
							   .budget = 1 + random_below(4096),
							   .coalesce = random_below(2) };
	config->moderation = what->any_adapter ? (enum moderation)random_below(3) : MODERATION_INTERRUPT;
	config->mtu = what->any_adapter ? (uint16_t)(FIELD_MTU_MIN + random_below(9000)) : FIELD_MTU_INITIAL;
	config->uplink_rx_queues = 1;
	if (what->devices && random_below(2)) {
		random_port(&config->uplink, 70000, true);
		config->uplink_rx_queues = 1 + random_below(4);
	}
	config->processors = calloc(RANDOM_PROCESSORS, sizeof(*config->processors));
	while (config->processor_count < count) {
		struct vmmq_processor processor = { (uint16_t)random_below(RANDOM_PROCESSORS) };
		bool there = false;

		for (size_t i = 0; i < config->processor_count; i++)
			there = there || config->processors[i].v == processor.v;
		if (!there)
			config->processors[config->processor_count++] = processor;
	}
}

static inline void random_rss(const struct vmmq_config *config, struct config_vport *vport)
{
	struct vmmq_rss_params *rss = &vport->rss;

	vmmq_rss_params_init(rss, random_processor(config));
	rss->enabled = random_below(2);
	rss->receive_hash = !rss->enabled && random_below(4) == 0;
	rss->hash_types = ((uint32_t)random_u64() & VMMQ_HASH_TYPE_MASK) | VMMQ_HASH_IPV4;
	rss->encapsulation.types = random_below(2) ? (uint16_t)random_below(VMMQ_TUNNEL_MASK + 1) : 0;
	rss->encapsulation.vxlan_port = random_below(2) ? (uint16_t)(7000 + random_below(4)) : VMMQ_PORT_VXLAN;
	if (random_below(2))
		for (unsigned i = 0; i < VMMQ_KEY_LEN; i++)
			rss->key[i] = (uint8_t)random_u64();
	rss->default_processor = random_processor(config);
	rss->entry_count = (uint16_t)(1u << random_below(8));
	for (unsigned i = 0; i < rss->entry_count; i++)
		rss->table[i] = random_processor(config);
	vport->queue_pairs = vmmq_rss_queues_used(rss);
	if (random_below(2) || !rss->enabled)
		vport->queue_pairs += random_below(8);
}

static inline void random_vport(struct vmmq_config *config, uint16_t id, const struct config_random *what)
{
	static const char *const names[] = { "web", "mail", "db \"1\"", "caf\xc3\xa9 # : \\", "- x", "null", "~" };
	struct config_vport *vport = &config->vports[config->vport_count++];
	char text[64];

	vport->id.v = id;
	if (random_below(2))
		snprintf(text, sizeof(text), "%s%u", names[random_below(7)], (unsigned)id);
	else
		snprintf(text, sizeof(text), id ? "vport%u" : "default", (unsigned)id);
	vport->name = strdup(text);
	random_rss(config, vport);
	if (what->devices && random_below(2))
		random_port(&vport->backend, id, false);
	vport->dynamic = random_below(2);
	vport->min_queue_pairs = 1 + random_below(vport->queue_pairs);
	vport->anti_spoofing = random_below(2);
	vport->control_frames = random_below(2);
	vport->flood_limit = random_below(3) * 5000000;
	vport->filters = calloc(RANDOM_ADDRESSES * 3, sizeof(*vport->filters));
}

static inline void random_filters(struct vmmq_config *config)
{
	static const vmmq_vlan_rule rules[] = { VMMQ_VLAN_UNTAGGED_OR_ZERO, 10, VMMQ_VLAN_ANY };

	for (uint8_t mac = 0; mac < RANDOM_ADDRESSES; mac++) {
		for (unsigned rule = 0; rule < 3; rule++) {
			struct config_vport *vport = &config->vports[random_below((uint32_t)config->vport_count)];
			struct config_filter *filter = &vport->filters[vport->filter_count];

			if (random_below(3))
				continue;
			memcpy(filter->mac, (const uint8_t[VMMQ_MAC_LEN]){ 2, 0, 0xab, 0, 0, mac }, VMMQ_MAC_LEN);
			filter->vlan = rules[rule];
			filter->encapsulated = random_one_in(3);
			filter->vni = filter->encapsulated && random_one_in(2) ? 1 + random_below(0xffffff) : 0;
			vport->filter_count++;
		}
	}
}

static inline void config_random(struct vmmq_config *config, const struct config_random *what)
{
	memset(config, 0, sizeof(*config));
	random_adapter(config, what);
	config->vports = calloc(RANDOM_VPORTS, sizeof(*config->vports));
	random_vport(config, 0, what);
	for (uint16_t id = 1; id < RANDOM_VPORTS; id++)
		if (random_below(2))
			random_vport(config, id, what);
	random_filters(config);
}

static inline bool same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static inline bool has_filter(const struct config_vport *vport, const struct config_filter *filter)
{
	for (size_t i = 0; i < vport->filter_count; i++)
		if (config_filter_compare(&vport->filters[i], filter) == 0)
			return true;
	return false;
}

/* config_same compares everything but the ids and the order of filters. */
static inline void config_same(const struct vmmq_config *a, const struct vmmq_config *b)
{
	assert_string_equal(a->adapter_name, b->adapter_name);
	assert_int_equal(a->processor_count, b->processor_count);
	assert_memory_equal(a->processors, b->processors, a->processor_count * sizeof(*a->processors));
	assert_int_equal(a->moderation, b->moderation);
	assert_true(config_balance_equal(&a->balance, &b->balance));
	assert_int_equal(a->mtu, b->mtu);
	assert_true(port_spec_equal(&a->uplink, &b->uplink));
	assert_int_equal(a->uplink_rx_queues, b->uplink_rx_queues);
	assert_int_equal(a->vport_count, b->vport_count);
	for (size_t i = 0; i < a->vport_count; i++) {
		const struct config_vport *x = &a->vports[i], *y = &b->vports[i];

		if (!vmmq_config_vport_equal(x, y))
			fail_msg("VPort %u differs from VPort %u", (unsigned)x->id.v, (unsigned)y->id.v);
		assert_int_equal(x->filter_count, y->filter_count);
		for (size_t j = 0; j < x->filter_count; j++)
			assert_true(has_filter(y, &x->filters[j]));
	}
}

#endif
