/* SPDX-License-Identifier: BSD-2-Clause */
/* The published vectors first, then every implementation against the definition (spec 6.5, 6.6). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <vmmq/toeplitz.h>

#include "unit/core/toeplitz_check.h"

static bool can_run(enum vmmq_toeplitz_impl impl)
{
	return impl == VMMQ_TOEPLITZ_AUTO || vmmq_toeplitz_resolve(impl) == impl;
}

/* check_all expects one value from every implementation; input has no byte more than len, which the sanitizer sees to. */
static void check_all(const uint8_t key[VMMQ_KEY_LEN], const uint8_t *input, size_t len, uint32_t expected)
{
	struct vmmq_toeplitz_key prepared;
	uint8_t *exact = malloc(len ? len : 1);

	memcpy(exact, input, len);
	vmmq_toeplitz_key_init(&prepared, key);
	assert_int_equal(vmmq_toeplitz_reference(key, exact, len), expected);
	for (unsigned impl = 0; impl < VMMQ_TOEPLITZ_IMPL_COUNT; impl++)
		if (can_run(impl))
			assert_int_equal(vmmq_toeplitz(&prepared, exact, len, impl), expected);
	free(exact);
}

static size_t put_address(uint8_t *input, const char *text)
{
	if (inet_pton(AF_INET, text, input) == 1)
		return 4;
	assert_int_equal(inet_pton(AF_INET6, text, input), 1);
	return 16;
}

static size_t put_port(uint8_t *input, unsigned port)
{
	input[0] = (uint8_t)(port >> 8);
	input[1] = (uint8_t)port;
	return 2;
}

/* A row: hash_type,src_ip,src_port,dst_ip,dst_port,expected_hash_hex; the types without a protocol hash no ports. */
static void check_row(const char *line)
{
	char type[16], src[64], dst[64];
	unsigned src_port, dst_port, expected;
	uint8_t input[VMMQ_HASH_INPUT_MAX];
	size_t len;

	assert_int_equal(
	    sscanf(line, "%15[^,],%63[^,],%u,%63[^,],%u,%x", type, src, &src_port, dst, &dst_port, &expected), 6);
	len = put_address(input, src);
	len += put_address(input + len, dst);
	if (strncmp(type, "IP", 2) != 0) {
		len += put_port(input + len, src_port);
		len += put_port(input + len, dst_port);
	}
	for (char *c = type; *c; c++)
		*c |= *c >= 'A' && *c <= 'Z' ? 0x20 : 0;
	assert_int_equal(vmmq_hash_type_bytes(vmmq_hash_type_parse(type)), len);
	assert_int_equal(definition(vmmq_verification_key, input, len), expected);
	check_all(vmmq_verification_key, input, len, expected);
}

static void published_vectors(void **state)
{
	FILE *in = fopen(GOLDEN_DIR "/toeplitz-vectors.csv", "r");
	char line[256];
	unsigned rows = 0;

	(void)state;
	assert_non_null(in);
	while (fgets(line, sizeof(line), in)) {
		const char *key = strstr(line, "hex): ");

		for (unsigned i = 0; key && i < VMMQ_KEY_LEN; i++) {
			unsigned byte;

			assert_int_equal(sscanf(key + 6 + 2 * i, "%2x", &byte), 1);
			assert_int_equal(vmmq_verification_key[i], byte);
		}
		if (line[0] == '#' || strncmp(line, "hash_type", 9) == 0)
			continue;
		check_row(line);
		rows++;
	}
	fclose(in);
	assert_int_equal(rows, 40);
}

static void every_length(void **state)
{
	uint8_t key[VMMQ_KEY_LEN], input[VMMQ_HASH_INPUT_MAX];

	(void)state;
	random_start();
	for (unsigned round = 0; round < 200; round++) {
		random_bytes(key, sizeof(key));
		random_bytes(input, sizeof(input));
		for (size_t len = 0; len <= VMMQ_HASH_INPUT_MAX; len++)
			check_all(key, input, len, definition(key, input, len));
	}
}

/* Each input bit alone picks its 32-bit window of the key. */
static void every_bit(void **state)
{
	uint8_t key[VMMQ_KEY_LEN];

	(void)state;
	random_start();
	random_bytes(key, sizeof(key));
	for (size_t bit = 0; bit < 8 * VMMQ_HASH_INPUT_MAX; bit++) {
		uint8_t input[VMMQ_HASH_INPUT_MAX] = { 0 };
		uint32_t window = 0;

		input[bit / 8] = (uint8_t)(0x80 >> bit % 8);
		for (size_t k = bit; k < bit + 32; k++)
			window = window << 1 | (key[k / 8] >> (7 - k % 8) & 1);
		check_all(key, input, sizeof(input), window);
	}
}

static void every_alignment(void **state)
{
	_Alignas(64) uint8_t area[64 + VMMQ_HASH_INPUT_MAX], key[VMMQ_KEY_LEN];
	static const size_t lens[] = { 3, 8, 12, 32, 36 };
	struct vmmq_toeplitz_key prepared;

	(void)state;
	random_start();
	random_bytes(area, sizeof(area));
	random_bytes(key, sizeof(key));
	vmmq_toeplitz_key_init(&prepared, key);
	for (size_t at = 0; at < 64; at++)
		for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++)
			for (unsigned impl = 0; impl < VMMQ_TOEPLITZ_IMPL_COUNT; impl++)
				if (can_run(impl))
					assert_int_equal(vmmq_toeplitz(&prepared, area + at, lens[i], impl),
							 definition(key, area + at, lens[i]));
}

static void linearity(void **state)
{
	uint8_t key[VMMQ_KEY_LEN], a[VMMQ_HASH_INPUT_MAX], b[VMMQ_HASH_INPUT_MAX], both[VMMQ_HASH_INPUT_MAX];
	const uint8_t zero[VMMQ_HASH_INPUT_MAX] = { 0 };

	(void)state;
	random_start();
	for (unsigned round = 0; round < 1000; round++) {
		random_bytes(key, sizeof(key));
		random_bytes(a, sizeof(a));
		random_bytes(b, sizeof(b));
		for (size_t i = 0; i < sizeof(a); i++)
			both[i] = a[i] ^ b[i];
		check_all(key, both, sizeof(both),
			  vmmq_toeplitz_reference(key, a, sizeof(a)) ^ vmmq_toeplitz_reference(key, b, sizeof(b)));
		check_all(key, zero, sizeof(zero), 0);
	}
}

/* One key bit is spare: input bits reach key bits 0 to 318 (spec 6.5). */
static void last_key_bit_is_spare(void **state)
{
	uint8_t key[VMMQ_KEY_LEN], input[VMMQ_HASH_INPUT_MAX];
	uint32_t before;

	(void)state;
	memcpy(key, vmmq_verification_key, sizeof(key));
	memset(input, 0xff, sizeof(input));
	before = definition(key, input, sizeof(input));
	key[VMMQ_KEY_LEN - 1] ^= 1;
	check_all(key, input, sizeof(input), before);
	key[VMMQ_KEY_LEN - 1] ^= 2;
	check_all(key, input, sizeof(input), before ^ 1);
}

/* In bulk, of each implementation that this CPU can run; others are named.  toeplitz_gfni_test.c runs that one anywhere. */
static void bulk(void **state)
{
	(void)state;
	for (enum vmmq_toeplitz_impl impl = VMMQ_TOEPLITZ_BITWISE; impl < VMMQ_TOEPLITZ_IMPL_COUNT; impl++) {
		if (can_run(impl))
			check_bulk(toeplitz_ops(impl));
		else
			print_message("not run, for this CPU cannot: %s\n", vmmq_toeplitz_impl_name(impl));
	}
}

/* has tells by the compiler's list of CPU features whether an implementation can run. */
static bool has(enum vmmq_toeplitz_impl impl)
{
#if defined(__x86_64__)
	bool clmul = __builtin_cpu_supports("pclmul") && __builtin_cpu_supports("sse4.1");

	if (impl == VMMQ_TOEPLITZ_CLMUL)
		return clmul;
	if (impl == VMMQ_TOEPLITZ_VPCLMUL)
		return clmul && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("vpclmulqdq");
	if (impl == VMMQ_TOEPLITZ_GFNI)
		return __builtin_cpu_supports("gfni") && __builtin_cpu_supports("avx512f") &&
		       __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vbmi");
#endif
	return impl == VMMQ_TOEPLITZ_BITWISE || impl == VMMQ_TOEPLITZ_PORTABLE;
}

static void resolve(void **state)
{
	enum vmmq_toeplitz_impl best = vmmq_toeplitz_resolve(VMMQ_TOEPLITZ_AUTO);

	(void)state;
	for (enum vmmq_toeplitz_impl impl = VMMQ_TOEPLITZ_BITWISE; impl < VMMQ_TOEPLITZ_IMPL_COUNT; impl++)
		assert_int_equal(vmmq_toeplitz_resolve(impl), has(impl) ? impl : VMMQ_TOEPLITZ_AUTO);
	assert_int_equal(vmmq_toeplitz_resolve(VMMQ_TOEPLITZ_IMPL_COUNT), VMMQ_TOEPLITZ_AUTO);
	assert_int_equal(vmmq_toeplitz_resolve((enum vmmq_toeplitz_impl)77), VMMQ_TOEPLITZ_AUTO);
	assert_true(has(best));
	assert_int_not_equal(best, VMMQ_TOEPLITZ_BITWISE);
	if (has(VMMQ_TOEPLITZ_CLMUL))
		assert_int_not_equal(best, VMMQ_TOEPLITZ_PORTABLE);
}

static void names(void **state)
{
	static const char *const name[] = { "auto", "bitwise", "portable", "clmul", "vpclmul", "gfni" };

	(void)state;
	for (unsigned impl = 0; impl < VMMQ_TOEPLITZ_IMPL_COUNT; impl++) {
		assert_string_equal(vmmq_toeplitz_impl_name(impl), name[impl]);
		assert_int_equal(vmmq_toeplitz_impl_parse(name[impl]), impl);
	}
	assert_string_equal(vmmq_toeplitz_impl_name(VMMQ_TOEPLITZ_IMPL_COUNT), "unknown");
	assert_int_equal(vmmq_toeplitz_impl_parse("fast"), VMMQ_TOEPLITZ_IMPL_COUNT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published_vectors),
		cmocka_unit_test(every_length),
		cmocka_unit_test(every_bit),
		cmocka_unit_test(every_alignment),
		cmocka_unit_test(linearity),
		cmocka_unit_test(last_key_bit_is_spare),
		cmocka_unit_test(bulk),
		cmocka_unit_test(resolve),
		cmocka_unit_test(names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
