/* SPDX-License-Identifier: BSD-2-Clause */
/* What a device's RSS bits mean in types of ours, and that those without a meaning have none. */
#include "ports/ethdev_hash.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <vmmq/types.h>

#define TCP_UDP_4 (RTE_ETH_RSS_NONFRAG_IPV4_TCP | RTE_ETH_RSS_NONFRAG_IPV4_UDP)
#define TCP_UDP_6 (RTE_ETH_RSS_NONFRAG_IPV6_TCP | RTE_ETH_RSS_NONFRAG_IPV6_UDP)

static void bits_have_types(void **state)
{
	static const struct {
		uint64_t bits;
		uint32_t types;
	} row[] = {
		{ 0, 0 },
		{ RTE_ETH_RSS_IPV4, VMMQ_HASH_IPV4 },
		{ RTE_ETH_RSS_IPV4 | RTE_ETH_RSS_FRAG_IPV4, VMMQ_HASH_IPV4 },
		{ RTE_ETH_RSS_FRAG_IPV4, 0 },
		{ RTE_ETH_RSS_NONFRAG_IPV4_TCP, VMMQ_HASH_TCP_IPV4 },
		{ TCP_UDP_4, VMMQ_HASH_TCP_IPV4 | VMMQ_HASH_UDP_IPV4 },
		{ TCP_UDP_4 | RTE_ETH_RSS_NONFRAG_IPV4_OTHER,
		  VMMQ_HASH_TCP_IPV4 | VMMQ_HASH_UDP_IPV4 | VMMQ_HASH_IPV4 },
		{ RTE_ETH_RSS_IPV4 | RTE_ETH_RSS_IPV6 | TCP_UDP_4 | TCP_UDP_6, VMMQ_HASH_TYPES_DEFAULT },
		{ RTE_ETH_RSS_IPV6_EX | RTE_ETH_RSS_IPV6_TCP_EX, VMMQ_HASH_IPV6_EX | VMMQ_HASH_TCP_IPV6_EX },
		{ RTE_ETH_RSS_IPV6_UDP_EX, VMMQ_HASH_UDP_IPV6_EX },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		assert_int_equal(ethdev_hash_types(row[i].bits), row[i].types);
}

static void other_bits_have_none(void **state)
{
	static const uint64_t others[] = {
		RTE_ETH_RSS_NONFRAG_IPV4_SCTP,
		RTE_ETH_RSS_NONFRAG_IPV6_SCTP,
		RTE_ETH_RSS_L2_PAYLOAD,
		RTE_ETH_RSS_ESP,
		RTE_ETH_RSS_NONFRAG_IPV4_OTHER,
		RTE_ETH_RSS_L3_SRC_ONLY,
		RTE_ETH_RSS_VXLAN,
		RTE_ETH_RSS_LEVEL_INNERMOST,
	};

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		assert_int_equal(ethdev_hash_types(others[i]), 0);
		assert_int_equal(ethdev_hash_types(others[i] | RTE_ETH_RSS_NONFRAG_IPV4_TCP), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bits_have_types),
		cmocka_unit_test(other_bits_have_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
