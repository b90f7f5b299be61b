/* SPDX-License-Identifier: BSD-2-Clause */
#include "config/config_value.h"
#include "base/hex.h"
#include "base/similar_word.h"
#include "base/utf8.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>

/* digits reads len digits of a base (10, 16); too large for 32 bits is false. */
static bool digits(const char *text, size_t len, unsigned base, uint32_t *value)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < len; i++) {
		int digit = hex_digit(text[i]);

		if (digit < 0 || digit >= (int)base)
			return false;
		sum = sum * base + (unsigned)digit;
		if (sum > UINT32_MAX)
			return false;
	}
	*value = (uint32_t)sum;
	return len > 0;
}

bool config_number(const char *text, uint32_t min, uint32_t max, uint32_t *value, char *hint)
{
	size_t len = strlen(text);

	if (len > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
		return digits(text + 2, len - 2, 16, value) && *value >= min && *value <= max;
	if (!digits(text, len, 10, value))
		return false;
	if (len > 1 && text[0] == '0') {
		snprintf(hint, CONFIG_HINT_MAX, " (leave out the leading zero: some read it as octal)");
		return false;
	}
	return *value >= min && *value <= max;
}

bool config_boolean(const char *text, bool *value, char *hint)
{
	static const char *const words[] = { "true", "yes", "on", "false", "no", "off" };

	(void)hint;
	for (size_t i = 0; i < 6; i++) {
		if (strcasecmp(text, words[i]) == 0) {
			*value = i < 3;
			return true;
		}
	}
	return false;
}

bool config_processor(const char *text, struct vmmq_processor *value, char *hint)
{
	const char *colon = strchr(text, ':');
	uint32_t group = 0, number;
	char part[16];

	if (!colon) {
		if (!config_number(text, 0, 65535, &number, hint))
			return false;
	} else {
		snprintf(part, sizeof(part), "%.*s", (int)(colon - text < 15 ? colon - text : 15), text);
		if (!config_number(part, 0, 65535 / VMMQ_PROCESSORS_PER_GROUP, &group, hint) ||
		    !config_number(colon + 1, 0, VMMQ_PROCESSORS_PER_GROUP - 1, &number, hint))
			return false;
	}
	value->v = (uint16_t)(group * VMMQ_PROCESSORS_PER_GROUP + number);
	return true;
}

bool config_mac(const char *text, uint8_t value[VMMQ_MAC_LEN], char *hint)
{
	char separator = text[0] && text[1] ? text[2] : '\0';

	(void)hint;
	if (strlen(text) != 3 * VMMQ_MAC_LEN - 1 || (separator != ':' && separator != '-'))
		return false;
	for (size_t i = 0; i < VMMQ_MAC_LEN; i++) {
		int byte = hex_byte(text + 3 * i);

		if (byte < 0 || (i && text[3 * i - 1] != separator))
			return false;
		value[i] = (uint8_t)byte;
	}
	return true;
}

bool config_vlan(const char *text, vmmq_vlan_rule *value, char *hint)
{
	uint32_t id;

	if (strcmp(text, "any") == 0) {
		*value = VMMQ_VLAN_ANY;
		return true;
	}
	if (config_number(text, VMMQ_VLAN_ID_MIN, VMMQ_VLAN_ID_MAX, &id, hint)) {
		*value = (vmmq_vlan_rule)id;
		return true;
	}
	if (config_number(text, 0, 0, &id, hint))
		snprintf(hint, CONFIG_HINT_MAX, " (leave vlan out to receive untagged and VLAN 0 frames)");
	return false;
}

static bool random_key(uint8_t value[VMMQ_KEY_LEN], char *hint)
{
	if (getrandom(value, VMMQ_KEY_LEN, 0) == VMMQ_KEY_LEN)
		return true;
	snprintf(hint, CONFIG_HINT_MAX, " (the system gives no random bytes: %s)", strerror(errno));
	return false;
}

bool config_key(const char *text, uint8_t value[VMMQ_KEY_LEN], char *hint)
{
	size_t len = strlen(text), bad = strspn(text, HEX_DIGITS);
	size_t step = bad == 2 && text[2] == ':' ? 3 : 2;

	if (strcmp(text, "random") == 0)
		return random_key(value, hint);
	if (step == 3 ? len != 3 * VMMQ_KEY_LEN - 1 : len != 2 * VMMQ_KEY_LEN) {
		snprintf(hint, CONFIG_HINT_MAX, ", %zu %s", len, bad == len ? "hex digits" : "characters");
		return false;
	}
	for (size_t i = 0; i < VMMQ_KEY_LEN; i++) {
		int byte = hex_byte(text + step * i);

		if (byte < 0 || (step == 3 && i && text[3 * i - 1] != ':')) {
			snprintf(hint, CONFIG_HINT_MAX, ", of which byte %zu (from 1) is not two hex digits", i + 1);
			return false;
		}
		value[i] = (uint8_t)byte;
	}
	return true;
}

/* word_index returns the place of text among words, or -1 with a hint when one of them is similar. */
static int word_index(const char *text, const char *const *words, size_t count, char *hint)
{
	const char *similar;

	for (size_t i = 0; i < count; i++)
		if (strcmp(text, words[i]) == 0)
			return (int)i;
	similar = similar_word(text, words, count);
	if (similar)
		snprintf(hint, CONFIG_HINT_MAX, " (did you mean %s?)", similar);
	return -1;
}

bool config_moderation(const char *text, enum moderation *value, char *hint)
{
	static const char *const words[] = {
		[MODERATION_POLL] = "poll",
		[MODERATION_INTERRUPT] = "interrupt",
		[MODERATION_ADAPTIVE] = "adaptive",
	};
	int index = word_index(text, words, 3, hint);

	if (index < 0)
		return false;
	*value = (enum moderation)index;
	return true;
}

bool config_hash_type(const char *text, uint32_t *value, char *hint)
{
#define X(name, bit, text, bytes) text,
	static const char *const words[] = { VMMQ_HASH_TYPES(X) };
#undef X
	*value = vmmq_hash_type_parse(text);
	return *value || word_index(text, words, VMMQ_HASH_TYPE_COUNT, hint) >= 0;
}

bool config_hash_function(const char *text, uint32_t *value, char *hint)
{
	static const char *const words[] = { "toeplitz" };

	*value = VMMQ_HASH_FUNCTION_TOEPLITZ;
	return word_index(text, words, 1, hint) == 0;
}

bool config_printable(const char *text, size_t max, char *hint)
{
	size_t characters = 0;

	for (; *text; characters++) {
		if (utf8_is_control(utf8_next(&text))) {
			snprintf(hint, CONFIG_HINT_MAX, ", with a control character at place %zu", characters + 1);
			return false;
		}
	}
	if (characters > max)
		snprintf(hint, CONFIG_HINT_MAX, ", %zu characters", characters);
	return characters > 0 && characters <= max;
}
