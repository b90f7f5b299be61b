/* SPDX-License-Identifier: BSD-2-Clause */
/* The choice of a hash type: the procedure of spec 6.3, line by line. */
#ifndef VMMQ_CORE_HASH_TYPE_H
#define VMMQ_CORE_HASH_TYPE_H

#include <vmmq/classify.h>

static inline struct vmmq_hash_choice choice_of(uint32_t type, enum vmmq_hash_rule rule)
{
	return (struct vmmq_hash_choice){ .type = type, .rule = rule };
}

static inline struct vmmq_hash_choice choice_ex(uint32_t type, enum vmmq_hash_rule rule, const struct vmmq_headers *h)
{
	return (struct vmmq_hash_choice){ .type = type, .rule = rule, .home = h->home_offset, .rh2 = h->rh2_offset };
}

/* l3_rule says why only the addresses of an IP packet are hashed. */
static inline enum vmmq_hash_rule l3_rule(const struct vmmq_headers *h)
{
	if (h->fragment)
		return VMMQ_RULE_FRAGMENT_L3;
	return h->l4 == VMMQ_L4_OTHER ? VMMQ_RULE_L3_PROTOCOL : VMMQ_RULE_L3_TYPE_OFF;
}

static inline struct vmmq_hash_choice choose_none(const struct vmmq_headers *h)
{
	return choice_of(0, h->fragment ? VMMQ_RULE_FRAGMENT_NONE : VMMQ_RULE_NO_TYPE);
}

static inline struct vmmq_hash_choice choose_ipv4(const struct vmmq_headers *h, uint32_t types)
{
	if (h->l4 == VMMQ_L4_TCP && types & VMMQ_HASH_TCP_IPV4)
		return choice_of(VMMQ_HASH_TCP_IPV4, VMMQ_RULE_L4);
	if (h->l4 == VMMQ_L4_UDP && types & VMMQ_HASH_UDP_IPV4)
		return choice_of(VMMQ_HASH_UDP_IPV4, VMMQ_RULE_L4);
	if (types & VMMQ_HASH_IPV4)
		return choice_of(VMMQ_HASH_IPV4, l3_rule(h));
	return choose_none(h);
}

static inline struct vmmq_hash_choice choose_ipv6(const struct vmmq_headers *h, uint32_t types)
{
	if (h->l4 == VMMQ_L4_TCP && types & VMMQ_HASH_TCP_IPV6_EX)
		return choice_ex(VMMQ_HASH_TCP_IPV6_EX, VMMQ_RULE_L4, h);
	if (h->l4 == VMMQ_L4_TCP && types & VMMQ_HASH_TCP_IPV6)
		return choice_of(VMMQ_HASH_TCP_IPV6, VMMQ_RULE_L4);
	if (h->l4 == VMMQ_L4_UDP && types & VMMQ_HASH_UDP_IPV6_EX)
		return choice_ex(VMMQ_HASH_UDP_IPV6_EX, VMMQ_RULE_L4, h);
	if (h->l4 == VMMQ_L4_UDP && types & VMMQ_HASH_UDP_IPV6)
		return choice_of(VMMQ_HASH_UDP_IPV6, VMMQ_RULE_L4);
	if (types & VMMQ_HASH_IPV6_EX)
		return choice_ex(VMMQ_HASH_IPV6_EX, l3_rule(h), h);
	if (types & VMMQ_HASH_IPV6)
		return choice_of(VMMQ_HASH_IPV6, l3_rule(h));
	return choose_none(h);
}

static inline struct vmmq_hash_choice hash_choose(const struct vmmq_headers *headers, uint32_t hash_types,
						  bool rss_enabled)
{
	if (!rss_enabled)
		return choice_of(0, VMMQ_RULE_RSS_OFF);
	switch (headers->l3) {
	case VMMQ_L3_IPV4:
		return choose_ipv4(headers, hash_types);
	case VMMQ_L3_IPV6:
		return choose_ipv6(headers, hash_types);
	default:
		return choice_of(0, VMMQ_RULE_UNPARSED);
	}
}

#endif
