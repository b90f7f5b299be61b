/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The implementation for GFNI and AVX-512 on CPUs without them: its own source, with each instruction carried out in C.  On CPUs
 * that have them toeplitz_test.c runs the compiled one too.
 */
#include "unit/core/gfni_emulation.h"

#define toeplitz_gfni toeplitz_gfni_emulated
#include "core/toeplitz_gfni.c"

#include "unit/core/toeplitz_check.h"

/* Constants of the manuals and of common use: the identity, and the order of a byte's bits turned round. */
static void affine_is_the_instructions(void **state)
{
	__m512i bytes, same, reflected;

	(void)state;
	random_start();
	random_bytes(bytes.byte, sizeof(bytes.byte));
	same = _mm512_gf2p8affine_epi64_epi8(bytes, _mm512_set1_epi64(0x0102040810204080), 0xff);
	reflected = _mm512_gf2p8affine_epi64_epi8(bytes, _mm512_set1_epi64((long long)0x8040201008040201u), 0);
	for (unsigned i = 0; i < sizeof(bytes.byte); i++) {
		assert_int_equal(same.byte[i], bytes.byte[i] ^ 0xff);
		for (unsigned b = 0; b < 8; b++)
			assert_int_equal(reflected.byte[i] >> b & 1, bytes.byte[i] >> (7 - b) & 1);
	}
}

static void every_length(void **state)
{
	(void)state;
	check_every_length(&toeplitz_gfni_emulated, 20);
}

static void every_bit(void **state)
{
	(void)state;
	check_every_bit(&toeplitz_gfni_emulated);
}

static void bulk(void **state)
{
	(void)state;
	check_bulk(&toeplitz_gfni_emulated);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(affine_is_the_instructions),
		cmocka_unit_test(every_length),
		cmocka_unit_test(every_bit),
		cmocka_unit_test(bulk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
