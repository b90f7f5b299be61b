/* SPDX-License-Identifier: BSD-2-Clause */
/* The rules of steering once more, byte by byte and without any of the engine's code: spec 4.3, 5.1, 6.3. */
#include "model.h"

#include <string.h>
#include <vmmq/classify.h>

#include "random.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "history_byte() counts bytes from the low end");

void history_write(struct history *history, const struct model *model)
{
	uint64_t version = atomic_load_explicit(&history->published, memory_order_relaxed) + 1;
	uint64_t word[MODEL_WORDS] = { 0 };

	memcpy(word, model, sizeof(*model));
	if (version >= HISTORY)
		atomic_store_explicit(&history->overwritten, version - HISTORY + 1, memory_order_relaxed);
	for (size_t i = 0; i < MODEL_WORDS; i++)
		atomic_store_explicit(&history->word[version % HISTORY][i], word[i], memory_order_release); /* H1 */
	atomic_store_explicit(&history->published, version, memory_order_release);
}

void model_key(unsigned number, uint8_t key[VMMQ_KEY_LEN])
{
	struct random random = random_start(20221122, number);

	if (number == 0) {
		memcpy(key, vmmq_verification_key, VMMQ_KEY_LEN);
		return;
	}
	for (unsigned i = 0; i < VMMQ_KEY_LEN; i++)
		key[i] = (uint8_t)random_u64(&random);
}

static uint8_t owner(const struct history *history, uint64_t version, unsigned mac, unsigned rule)
{
	return history_byte(history, version, offsetof(struct model, owner) + mac * RULES + rule);
}

/* match finds the VPort, and whether the tag is taken out (spec 4.3). */
static void match(const struct history *history, uint64_t version, const struct model_flow *flow,
		  struct model_verdict *verdict)
{
	static const uint8_t exact[TAG_COUNT] = { 0, 0, 1, 2, RULE_ANY };
	unsigned rule = exact[flow->tag];
	uint8_t found = owner(history, version, flow->mac, rule);

	if (found == NOBODY) {
		rule = RULE_ANY;
		found = owner(history, version, flow->mac, rule);
	}
	verdict->vport = found == NOBODY ? 0 : found;
	verdict->strip = found != NOBODY && flow->tag != TAG_NONE && rule != 0;
}

/* choose picks the hash type; *addresses_only: without ports (spec 6.3, packets without extension headers). */
static uint32_t choose(uint32_t types, enum flow_kind kind, bool *addresses_only)
{
	static const uint32_t order[KIND_COUNT][4] = {
		[KIND_TCP4] = { VMMQ_HASH_TCP_IPV4, 0, VMMQ_HASH_IPV4, 0 },
		[KIND_UDP4] = { VMMQ_HASH_UDP_IPV4, 0, VMMQ_HASH_IPV4, 0 },
		[KIND_TCP6] = { VMMQ_HASH_TCP_IPV6_EX, VMMQ_HASH_TCP_IPV6, VMMQ_HASH_IPV6_EX, VMMQ_HASH_IPV6 },
		[KIND_UDP6] = { VMMQ_HASH_UDP_IPV6_EX, VMMQ_HASH_UDP_IPV6, VMMQ_HASH_IPV6_EX, VMMQ_HASH_IPV6 },
		[KIND_ICMP4] = { 0, 0, VMMQ_HASH_IPV4, 0 },
		[KIND_ARP] = { 0 },
	};

	for (unsigned i = 0; i < 4; i++) {
		*addresses_only = i >= 2;
		if (types & order[kind][i])
			return order[kind][i];
	}
	return 0;
}

struct model_verdict model_steer(const struct history *history, uint64_t version, const struct model_flow *flow)
{
	struct model_verdict verdict = { .entry = VMMQ_NO_ENTRY };
	bool addresses_only;
	uint32_t types;
	size_t rss;

#define RSS(field) history_byte(history, version, rss + offsetof(struct model_rss, field))
	match(history, version, flow, &verdict);
	rss = offsetof(struct model, vport) + verdict.vport * sizeof(struct model_rss);
	if (!RSS(enabled)) {
		verdict.via = VMMQ_VIA_PRIMARY;
		verdict.processor = RSS(primary);
		return verdict;
	}
	types = ((uint32_t)RSS(types) |
		 (uint32_t)history_byte(history, version, rss + offsetof(struct model_rss, types) + 1) << 8)
		<< 8;
	verdict.hash_type = choose(types, (enum flow_kind)flow->kind, &addresses_only);
	if (!verdict.hash_type) {
		verdict.via = VMMQ_VIA_DEFAULT;
		verdict.processor = RSS(default_processor);
		return verdict;
	}
	verdict.via = VMMQ_VIA_TABLE;
	verdict.hash = flow->hash[RSS(key) % KEYS][addresses_only];
	verdict.entry = (uint16_t)(verdict.hash & RSS(index_mask));
	verdict.processor = history_byte(history, version, rss + offsetof(struct model_rss, table) + verdict.entry);
#undef RSS
	return verdict;
}
