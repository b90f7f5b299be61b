/* SPDX-License-Identifier: BSD-2-Clause */
/* Receive filters: the twelve cells of spec 4.3 by hand, then random tables against a linear search. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <vmmq/filter.h>

#include "unit/core/test_random.h"

enum { UNTAGGED = -1 };

static const uint8_t mac_a[VMMQ_MAC_LEN] = { 0x02, 0, 0, 0, 0, 0x0a };
static const uint8_t mac_b[VMMQ_MAC_LEN] = { 0x02, 0, 0, 0, 0, 0x0b };

static struct vmmq_filter filter(uint32_t id, uint16_t vport, const uint8_t *mac, vmmq_vlan_rule vlan)
{
	struct vmmq_filter f = { .id = id, .vport = { vport }, .vlan = vlan };

	memcpy(f.mac, mac, VMMQ_MAC_LEN);
	return f;
}

/* match looks up a packet to mac whose tag has this tag control information, or none. */
static struct vmmq_filter_match match(const struct vmmq_filter_table *table, const uint8_t *mac, int tci)
{
	struct vmmq_headers headers = { .outcome = VMMQ_PARSE_NOT_IP };
	struct vmmq_filter_match m;
	uint8_t *frame = malloc(VMMQ_MAC_LEN);

	if (tci != UNTAGGED) {
		headers.tagged = true;
		headers.tpid = 0x8100;
		headers.tci = (uint16_t)tci;
	}
	memcpy(frame, mac, VMMQ_MAC_LEN);
	m = vmmq_filter_match(table, frame, &headers);
	free(frame);
	return m;
}

static void expect(const struct vmmq_filter_table *table, const uint8_t *mac, int tci, uint32_t id, uint16_t vport,
		   bool strip)
{
	struct vmmq_filter_match m = match(table, mac, tci);

	assert_int_equal(m.filter_id, id);
	assert_int_equal(m.vport.v, vport);
	assert_int_equal(m.strip, strip);
}

/* Columns: no tag, tag of VLAN 0, of VLAN 10, of another VLAN; the priority bits of a tag never matter. */
static void twelve_cells(void **state)
{
	enum { MISS, MATCH, STRIP };
	static const struct {
		vmmq_vlan_rule vlan;
		int cell[4];
	} row[] = {
		{ VMMQ_VLAN_UNTAGGED_OR_ZERO, { MATCH, MATCH, MISS, MISS } },
		{ 10, { MISS, MISS, STRIP, MISS } },
		{ VMMQ_VLAN_ANY, { MATCH, STRIP, STRIP, STRIP } },
	};
	static const int tci[4][3] = { { UNTAGGED, UNTAGGED, UNTAGGED },
				       { 0x0000, 0xe000, 0x1000 },
				       { 0x000a, 0xe00a, 0x100a },
				       { 0x000b, 0xeffe, 0x0fff } };

	(void)state;
	for (unsigned r = 0; r < 3; r++) {
		struct vmmq_filter f = filter(7, 3, mac_a, row[r].vlan);
		struct vmmq_filter_table *table = vmmq_filter_table_create(&f, 1);

		for (unsigned column = 0; column < 4; column++) {
			int cell = row[r].cell[column];

			for (unsigned i = 0; i < 3; i++) {
				expect(table, mac_a, tci[column][i], cell == MISS ? 0 : 7, cell == MISS ? 0 : 3,
				       cell == STRIP);
				expect(table, mac_b, tci[column][i], 0, 0, false);
			}
		}
		vmmq_filter_table_destroy(table);
	}
}

/* All three rules of one MAC, each for another VPort: the narrow ones win. */
static void exact_before_any(void **state)
{
	const struct vmmq_filter filters[] = { filter(1, 11, mac_a, VMMQ_VLAN_ANY), filter(2, 12, mac_a, 10),
					       filter(3, 13, mac_a, VMMQ_VLAN_UNTAGGED_OR_ZERO),
					       filter(4, 0, mac_a, VMMQ_VLAN_ID_MAX) };
	struct vmmq_filter_table *table = vmmq_filter_table_create(filters, 4);

	(void)state;
	expect(table, mac_a, UNTAGGED, 3, 13, false);
	expect(table, mac_a, 0x0000, 3, 13, false);
	expect(table, mac_a, 0x600a, 2, 12, true);
	expect(table, mac_a, 0x000b, 1, 11, true);
	expect(table, mac_a, 0x0fff, 1, 11, true);
	expect(table, mac_a, 0x0ffe, 4, 0, true);
	expect(table, mac_b, 0x000b, 0, 0, false);
	vmmq_filter_table_destroy(table);
}

/* Every byte of a MAC counts; zero and group addresses are plain values (spec 4.4). */
static void whole_mac_is_compared(void **state)
{
	static const uint8_t zero[VMMQ_MAC_LEN] = { 0 };
	static const uint8_t broadcast[VMMQ_MAC_LEN] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
	struct vmmq_filter f = filter(1, 1, mac_a, VMMQ_VLAN_UNTAGGED_OR_ZERO);
	struct vmmq_filter_table *table = vmmq_filter_table_create(&f, 1);

	(void)state;
	expect(table, mac_a, UNTAGGED, 1, 1, false);
	for (unsigned bit = 0; bit < 48; bit++) {
		uint8_t mac[VMMQ_MAC_LEN];

		memcpy(mac, mac_a, sizeof(mac));
		mac[bit / 8] ^= (uint8_t)(1u << bit % 8);
		expect(table, mac, UNTAGGED, 0, 0, false);
	}
	expect(table, zero, UNTAGGED, 0, 0, false);
	expect(table, broadcast, UNTAGGED, 0, 0, false);
	vmmq_filter_table_destroy(table);

	f = filter(1, 1, zero, VMMQ_VLAN_UNTAGGED_OR_ZERO);
	table = vmmq_filter_table_create(&f, 1);
	expect(table, zero, UNTAGGED, 1, 1, false);
	expect(table, zero, 5, 0, 0, false);
	expect(table, broadcast, UNTAGGED, 0, 0, false);
	vmmq_filter_table_destroy(table);

	/* The untagged rule of MAC 0 has the key 0, as a free place in the table has. */
	f = filter(1, 1, zero, VMMQ_VLAN_ANY);
	table = vmmq_filter_table_create(&f, 1);
	expect(table, zero, UNTAGGED, 1, 1, false);
	expect(table, zero, 0x0005, 1, 1, true);
	vmmq_filter_table_destroy(table);

	f = filter(1, 1, broadcast, VMMQ_VLAN_ANY);
	table = vmmq_filter_table_create(&f, 1);
	expect(table, broadcast, 4095, 1, 1, true);
	expect(table, mac_a, UNTAGGED, 0, 0, false);
	vmmq_filter_table_destroy(table);
}

static void duplicates(void **state)
{
	struct vmmq_filter filters[] = { filter(1, 1, mac_a, 10), filter(2, 1, mac_b, 10), filter(3, 2, mac_a, 10) };

	(void)state;
	errno = 0;
	assert_null(vmmq_filter_table_create(filters, 3));
	assert_int_equal(errno, EEXIST);
	filters[2].vlan = VMMQ_VLAN_ANY;
	filters[0].vlan = VMMQ_VLAN_ANY;
	errno = 0;
	assert_null(vmmq_filter_table_create(filters, 3));
	assert_int_equal(errno, EEXIST);
	filters[2].vlan = VMMQ_VLAN_UNTAGGED_OR_ZERO;
	vmmq_filter_table_destroy(vmmq_filter_table_create(filters, 3));
	vmmq_filter_table_destroy(NULL);
}

static void no_filters(void **state)
{
	static const uint8_t zero[VMMQ_MAC_LEN] = { 0 };
	struct vmmq_filter_table *table = vmmq_filter_table_create(NULL, 0);

	(void)state;
	assert_non_null(table);
	expect(table, mac_a, UNTAGGED, 0, 0, false);
	expect(table, zero, UNTAGGED, 0, 0, false);
	expect(table, zero, 0x0fff, 0, 0, false);
	vmmq_filter_table_destroy(table);
}

/* --- against a linear search ---------------------------------------------------------------------------------------- */

static bool fits(const struct vmmq_filter *f, const uint8_t *mac, vmmq_vlan_rule rule)
{
	return f->vlan == rule && memcmp(f->mac, mac, VMMQ_MAC_LEN) == 0;
}

static const struct vmmq_filter *linear_search(const struct vmmq_filter *f, size_t count, const uint8_t *mac, int tci)
{
	vmmq_vlan_rule rule = tci == UNTAGGED ? 0 : (vmmq_vlan_rule)(tci % 4096);

	for (size_t i = 0; i < count; i++)
		if (fits(&f[i], mac, rule))
			return &f[i];
	for (size_t i = 0; i < count; i++)
		if (fits(&f[i], mac, VMMQ_VLAN_ANY))
			return &f[i];
	return NULL;
}

/* Few different MACs and VLANs, so that rules overlap and packets hit as often as they miss. */
static void random_mac(uint8_t mac[VMMQ_MAC_LEN], uint32_t macs)
{
	uint32_t n = random_below(macs);

	memcpy(mac, (const uint8_t[]){ 0x02, (uint8_t)(n >> 16), 0, (uint8_t)(n >> 8), 0, (uint8_t)n }, VMMQ_MAC_LEN);
}

static vmmq_vlan_rule random_rule(void)
{
	switch (random_below(4)) {
	case 0:
		return VMMQ_VLAN_UNTAGGED_OR_ZERO;
	case 1:
		return VMMQ_VLAN_ANY;
	default:
		return (vmmq_vlan_rule)(random_one_in(2) ? 1 + random_below(4) : 4094 - random_below(2));
	}
}

static size_t random_filters(struct vmmq_filter *filters, size_t wanted, uint32_t macs)
{
	size_t count = 0;

	for (size_t i = 0; i < wanted; i++) {
		struct vmmq_filter *f = &filters[count];
		size_t at = 0;

		*f = (struct vmmq_filter){ .id = (uint32_t)i + 1,
					   .vport = { (uint16_t)random_u64() },
					   .vlan = random_rule() };
		random_mac(f->mac, macs);
		while (at < count && !fits(&filters[at], f->mac, f->vlan))
			at++;
		count += at == count;
	}
	return count;
}

static void random_tables(void **state)
{
	static struct vmmq_filter filters[2000 + 1];
	unsigned hits = 0, misses = 0;

	(void)state;
	random_start();
	for (unsigned round = 0; round < 150; round++) {
		size_t wanted = round % 10 ? random_below(40) : random_below(2000);
		uint32_t macs = 1 + random_below((uint32_t)wanted + 2);
		size_t count = random_filters(filters, wanted, macs);
		struct vmmq_filter_table *table = vmmq_filter_table_create(filters, count);

		assert_non_null(table);
		for (unsigned i = 0; i < 1000; i++) {
			uint8_t mac[VMMQ_MAC_LEN];
			int tci = random_one_in(3) ? UNTAGGED : (int)(random_below(8) << 13 | random_rule() % 4096u);
			const struct vmmq_filter *want;

			random_mac(mac, macs + macs / 4 + 1);
			want = linear_search(filters, count, mac, tci);
			if (want)
				expect(table, mac, tci, want->id, want->vport.v, want->vlan && tci != UNTAGGED);
			else
				expect(table, mac, tci, 0, 0, false);
			want ? hits++ : misses++;
		}
		vmmq_filter_table_destroy(table);
		if (!count)
			continue;
		filters[count] = filters[random_below((uint32_t)count)];
		errno = 0;
		assert_null(vmmq_filter_table_create(filters, count + 1));
		assert_int_equal(errno, EEXIST);
	}
	assert_true(hits > 10000 && misses > 10000);
}

/* As many filters as there are VPorts, all in one table; each is found, none of the neighbours. */
static void filters_65536(void **state)
{
	enum { COUNT = 65536 };
	struct vmmq_filter *filters = calloc(COUNT, sizeof(*filters));
	struct vmmq_filter_table *table;

	(void)state;
	for (uint32_t i = 0; i < COUNT; i++) {
		const uint8_t mac[] = { 0x02, 0x15, 0x5d, 0, (uint8_t)(i >> 8), (uint8_t)i };

		filters[i] = filter(i + 1, (uint16_t)i, mac, i % 3 ? (vmmq_vlan_rule)(i % 4095) : VMMQ_VLAN_ANY);
	}
	table = vmmq_filter_table_create(filters, COUNT);
	assert_non_null(table);
	for (uint32_t i = 0; i < COUNT; i++) {
		uint8_t mac[VMMQ_MAC_LEN];

		memcpy(mac, filters[i].mac, sizeof(mac));
		expect(table, mac, filters[i].vlan == VMMQ_VLAN_ANY ? 77 : filters[i].vlan, i + 1, (uint16_t)i,
		       filters[i].vlan != 0);
		mac[3] = 1;
		expect(table, mac, filters[i].vlan == VMMQ_VLAN_ANY ? 77 : filters[i].vlan, 0, 0, false);
	}
	vmmq_filter_table_destroy(table);
	free(filters);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(twelve_cells),
		cmocka_unit_test(exact_before_any),
		cmocka_unit_test(whole_mac_is_compared),
		cmocka_unit_test(duplicates),
		cmocka_unit_test(no_filters),
		cmocka_unit_test(random_tables),
		cmocka_unit_test(filters_65536),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
