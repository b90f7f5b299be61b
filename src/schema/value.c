/* SPDX-License-Identifier: BSD-2-Clause */
#include "schema/value.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>

#include "base/hex.h"
#include "base/number.h"
#include "base/pci_address.h"
#include "base/similar_word.h"
#include "base/utf8.h"

#define KEY_WORD_MAX 8 /* letters of a misspelt word, four bytes of a key */

bool value_number(const char *text, uint32_t min, uint32_t max, uint32_t *value, char *hint)
{
	bool leading_zero = text[0] == '0' && text[1] && text[1] != 'x' && text[1] != 'X';
	uint64_t read;

	if (!number_read(text, UINT32_MAX, &read))
		return false;
	if (leading_zero) {
		snprintf(hint, VALUE_HINT_MAX, " (leave out the leading zero: some read it as octal)");
		return false;
	}
	*value = (uint32_t)read;
	return read >= min && read <= max;
}

bool value_boolean(const char *text, bool *value, char *hint)
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

bool value_processor(const char *text, struct vmmq_processor *value, char *hint)
{
	const char *colon = strchr(text, ':');
	uint32_t group = 0, number;
	char part[16];

	if (!colon) {
		if (!value_number(text, FIELD_PROCESSOR_MIN, FIELD_PROCESSOR_MAX, &number, hint))
			return false;
	} else {
		if ((size_t)(colon - text) >= sizeof(part))
			return false;
		snprintf(part, sizeof(part), "%.*s", (int)(colon - text), text);
		if (!value_number(part, 0, FIELD_PROCESSOR_MAX / VMMQ_PROCESSORS_PER_GROUP, &group, hint) ||
		    !value_number(colon + 1, 0, VMMQ_PROCESSORS_PER_GROUP - 1, &number, hint))
			return false;
	}
	value->v = (uint16_t)(group * VMMQ_PROCESSORS_PER_GROUP + number);
	return true;
}

bool value_mac(const char *text, uint8_t value[VMMQ_MAC_LEN], char *hint)
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

bool value_vlan(const char *text, vmmq_vlan_rule *value, char *hint)
{
	uint32_t id;

	if (strcmp(text, "any") == 0) {
		*value = VMMQ_VLAN_ANY;
		return true;
	}
	if (value_number(text, FIELD_VLAN_MIN, FIELD_VLAN_MAX, &id, hint)) {
		*value = (vmmq_vlan_rule)id;
		return true;
	}
	if (value_number(text, 0, 0, &id, hint))
		snprintf(hint, VALUE_HINT_MAX, " (leave vlan out to receive untagged and VLAN 0 frames)");
	return false;
}

static bool random_key(uint8_t value[VMMQ_KEY_LEN], char *hint)
{
	if (getrandom(value, VMMQ_KEY_LEN, 0) == VMMQ_KEY_LEN)
		return true;
	snprintf(hint, VALUE_HINT_MAX, " (the system gives no random bytes: %s)", strerror(errno));
	return false;
}

bool value_key(const char *text, uint8_t value[VMMQ_KEY_LEN], char *hint)
{
	size_t len = strlen(text), bad = strspn(text, HEX_DIGITS);
	size_t step = bad == 2 && text[2] == ':' ? 3 : 2;

	if (strcmp(text, "random") == 0)
		return random_key(value, hint);
	if (strcmp(text, VALUE_KEY_HIDDEN) == 0) {
		snprintf(hint, VALUE_HINT_MAX,
			 ", as it is exported to who may only look: only who may change sees keys");
		return false;
	}
	if (step == 3 ? len != 3 * VMMQ_KEY_LEN - 1 : len != 2 * VMMQ_KEY_LEN) {
		snprintf(hint, VALUE_HINT_MAX, ", %zu %s", len, bad == len ? "hex digits" : "characters");
		return false;
	}
	for (size_t i = 0; i < VMMQ_KEY_LEN; i++) {
		int byte = hex_byte(text + step * i);

		if (byte < 0 || (step == 3 && i && text[3 * i - 1] != ':')) {
			snprintf(hint, VALUE_HINT_MAX, ", of which byte %zu (from 1) is not two hex digits", i + 1);
			return false;
		}
		value[i] = (uint8_t)byte;
	}
	return true;
}

bool value_is_secret(const struct schema_field *field, const char *text)
{
	return field->kind == SCHEMA_KEY && strlen(text) > KEY_WORD_MAX;
}

bool value_permissions(const char *text, uint32_t *value, char *hint)
{
	const size_t digits = strspn(text, "01234567");

	if (text[digits] || (digits != 3 && (digits != 4 || text[0] != '0'))) {
		if (!text[digits] && digits == 4)
			snprintf(hint, VALUE_HINT_MAX, " (set-user-ID and the like mean nothing for a socket)");
		return false;
	}
	*value = (uint32_t)strtoul(text, NULL, 8);
	return *value != 0;
}

bool value_word(const char *text, const char *const *words, unsigned *index, char *hint)
{
	const char *similar;
	size_t count = 0;

	for (; words[count]; count++) {
		if (strcmp(text, words[count]) == 0) {
			*index = (unsigned)count;
			return true;
		}
	}
	similar = similar_word(text, words, count);
	if (similar)
		snprintf(hint, VALUE_HINT_MAX, " (did you mean %s?)", similar);
	return false;
}

bool value_text(const char *text, size_t min, size_t max, char *hint)
{
	size_t characters = 0;

	for (; *text; characters++) {
		if (utf8_is_control(utf8_next(&text))) {
			snprintf(hint, VALUE_HINT_MAX, ", with a control character at place %zu", characters + 1);
			return false;
		}
	}
	if (characters > max)
		snprintf(hint, VALUE_HINT_MAX, ", %zu characters", characters);
	return characters >= min && characters <= max;
}

bool value_read(const struct schema_field *field, const char *text, union value *value, char *hint)
{
	switch (field->kind) {
	case SCHEMA_NUMBER:
		return value_number(text, field->min, field->max, &value->number, hint);
	case SCHEMA_BOOLEAN:
		return value_boolean(text, &value->truth, hint);
	case SCHEMA_TEXT:
		return value_text(text, field->min, field->max, hint);
	case SCHEMA_WORD:
		return value_word(text, field->words, &value->word, hint);
	case SCHEMA_PROCESSOR:
		return value_processor(text, &value->processor, hint);
	case SCHEMA_MAC:
		return value_mac(text, value->mac, hint);
	case SCHEMA_VLAN:
		return value_vlan(text, &value->vlan, hint);
	case SCHEMA_KEY:
		return value_key(text, value->key, hint);
	case SCHEMA_PCI:
		return pci_address_is(text);
	case SCHEMA_PERMISSIONS:
		return value_permissions(text, &value->number, hint);
	default:
		assert(!"a value that is written as one text");
		return false;
	}
}
