/* SPDX-License-Identifier: BSD-2-Clause */
/* What an explanation promises for every frame: it covers all bytes once, and marks exactly those that are hashed. */
#include "vmmq/explain/explain_packet.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "config/build_switch.h"
#include "config/config_yaml.h"
#include "vmmq/input/flow_text.h"

#define ROUNDS    40000
#define FRAME_MAX 420

static const char yaml[] =
    "adapter: {processors: [0, 1, 2, 3]}\n"
    "vports:\n"
    "  - {id: 0, rss: {enabled: true, hash_types: [tcp_ipv4, ipv6_ex], indirection_table: [0, 1]}}\n"
    "  - id: 1\n"
    "    filters: [{mac: '02:00:00:00:00:01'}, {mac: '02:00:00:00:00:02', vlan: any}]\n"
    "    rss: {enabled: true, hash_types: [ipv4, udp_ipv4, ipv6, tcp_ipv6_ex, udp_ipv6],\n"
    "          indirection_table: [0, 1, 2, 3]}\n"
    "  - {id: 2, filters: [{mac: '02:00:00:00:00:01', vlan: 10}]}\n";

struct world {
	struct vmmq_config config;
	struct vmmq_nic_switch *sw;
};

static int setup(void **state)
{
	struct world *world = calloc(1, sizeof(*world));
	struct config_error error;
	struct vmmq_why why;

	assert_non_null(world);
	assert_int_equal(vmmq_config_parse(yaml, strlen(yaml), &world->config, &error), 0);
	assert_int_equal(switch_from_config(&world->config, &world->sw, &why), VMMQ_SUCCESS);
	*state = world;
	return 0;
}

static int teardown(void **state)
{
	struct world *world = *state;

	vmmq_nic_switch_destroy(world->sw);
	vmmq_config_fini(&world->config);
	free(world);
	return 0;
}

static void expect_cover(const struct explanation *e)
{
	uint32_t at = 0;

	for (unsigned i = 0; i < e->field_count; i++) {
		assert_int_equal(e->field[i].offset, at);
		assert_true(e->field[i].name[0]);
		at += e->field[i].len;
	}
	assert_int_equal(at, e->source->len);
}

static void expect_hashed(const struct explanation *e)
{
	const struct explain_field *field;
	uint8_t input[VMMQ_HASH_INPUT_MAX];
	uint32_t marked = 0;
	size_t len = 0;

	for (unsigned i = 0; (field = explain_input_field(e, i)); i++) {
		assert_true(field->hashed);
		memcpy(input + len, e->source->frame + field->offset, field->len);
		len += field->len;
	}
	for (unsigned i = 0; i < e->field_count; i++)
		marked += e->field[i].hashed ? e->field[i].len : 0;
	assert_int_equal(len, vmmq_hash_type_bytes(e->verdict.hash_type));
	assert_int_equal(len, marked);
	assert_int_equal(len, e->input_len);
	assert_memory_equal(input, e->input, len);
}

static void expect_sound(const struct world *world, const uint8_t *frame, size_t len)
{
	uint8_t *exact = malloc(len ? len : 1); /* so that a byte too many is seen */
	struct explain_source source = { .frame = exact, .len = len, .wire_len = len, .whole_len = len };
	struct explanation e;

	assert_non_null(exact);
	memcpy(exact, frame, len);
	explain_packet(&e, &world->config, world->sw, &source);
	expect_cover(&e);
	expect_hashed(&e);
	assert_true(e.verdict_text[0]);
	assert_true(e.verdict.drop || (e.filter.count && e.rule.count));
	free(exact);
}

static unsigned draw(unsigned below)
{
	return (unsigned)random() % below;
}

/* put_extension writes an IPv6 extension header, mostly a legal one, before the next protocol. */
static size_t put_extension(uint8_t *at, uint8_t protocol, uint8_t next)
{
	size_t len = protocol == 51 ? 16 : 24;

	memset(at, 0, len);
	at[0] = next;
	at[1] = 2;
	if (protocol == 43) {
		at[2] = draw(8) ? 2 : 0;
		at[3] = draw(8) ? 1 : 0;
	} else if (protocol == 60 && draw(4)) {
		memcpy(at + 2, "\x01\x02\x00\x00\xc9\x10", 6);
	}
	return len;
}

/* make_frame writes a frame of any shape that the parser knows, then spoils some of it. */
static size_t make_frame(uint8_t *frame)
{
	static const uint8_t extensions[] = { 0, 43, 60, 51, 135 };
	static const uint8_t transports[] = { 6, 17, 58, 44, 59 };
	static const char *const words[] = { "tcp 192.0.2.1:1 > 192.0.2.2:2", "udp 192.0.2.1:1 > 192.0.2.2:2",
					     "fragment udp 192.0.2.1:1 > 192.0.2.2:2", "tcp [::1]:1 > [::2]:2" };
	uint8_t mac[6] = { 0x02, 0, 0, 0, 0, (uint8_t)draw(4) };
	char error[FLOW_ERROR_MAX];
	struct flow flow;
	size_t len, at = 54;
	uint8_t next;

	assert_true(flow_parse(words[draw(4)], &flow, error));
	memset(frame, 0, FRAME_MAX);
	len = flow_frame(&flow, mac, flow.source.ipv6 || draw(2) ? -1 : 10 * (int)draw(2), frame);
	if (!flow.source.ipv6)
		return len;
	next = draw(4) ? extensions[draw(5)] : 6;
	frame[20] = next;
	for (unsigned i = draw(10); i && next != 6; i--) {
		uint8_t after = i == 1 ? transports[draw(5)] : extensions[draw(5)];

		at += put_extension(frame + at, next, after);
		next = after;
	}
	return at + 20;
}

static void any_frame_is_explained(void **state)
{
	const char *seed = getenv("VMMQ_SEED");
	unsigned value = seed ? (unsigned)strtoul(seed, NULL, 0) : 1;

	print_message("seed %u (VMMQ_SEED)\n", value);
	srandom(value);
	for (unsigned i = 0; i < ROUNDS; i++) {
		uint8_t frame[FRAME_MAX];
		size_t len = make_frame(frame);

		for (unsigned spoil = draw(3); spoil; spoil--)
			frame[draw((unsigned)len)] = (uint8_t)random();
		expect_sound(*state, frame, draw(3) ? len : draw((unsigned)len + 1));
	}
}

static void any_number_of_tags_is_explained(void **state)
{
	for (unsigned tags = 0; tags <= 10; tags++) {
		uint8_t frame[FRAME_MAX] = { 0x02 };

		for (unsigned i = 0; i < tags; i++)
			memcpy(frame + 12 + 4 * i, "\x81\x00\x00\x0a", 4);
		for (size_t len = 0; len < 80; len++)
			expect_sound(*state, frame, len);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_frame_is_explained),
		cmocka_unit_test(any_number_of_tags_is_explained),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
