/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Values as they are written in files and on the command line: text in, value out.  Each returns true; or false with *value
 * unspecified and, where there is more to say than "not allowed", a hint to put behind the text that was found, such as
 * " (did you mean poll?)".  hint, of VALUE_HINT_MAX bytes, is left alone otherwise.
 */
#ifndef VMMQ_SCHEMA_VALUE_H
#define VMMQ_SCHEMA_VALUE_H

#include "schema/field.h"

#define VALUE_HINT_MAX 128

union value {
	uint32_t number;
	bool truth;
	unsigned word; /* its place among the field's */
	struct vmmq_processor processor;
	uint8_t mac[VMMQ_MAC_LEN];
	vmmq_vlan_rule vlan;
	uint8_t key[VMMQ_KEY_LEN];
};

/* value_read reads what the field's row says; of a text only whether it fits.  The field is no list and no mapping. */
bool value_read(const struct schema_field *field, const char *text, union value *value, char *hint);

/* Decimal, or hexadecimal with 0x. */
bool value_number(const char *text, uint32_t min, uint32_t max, uint32_t *value, char *hint);
/* true, yes, on; false, no, off; in any case of letters. */
bool value_boolean(const char *text, bool *value, char *hint);
/* A number, or group:number; YAML 1.1 would read the latter as sexagesimal, libyaml hands it over as it stands. */
bool value_processor(const char *text, struct vmmq_processor *value, char *hint);
/* Six bytes of two hex digits, with ':' or '-' between them. */
bool value_mac(const char *text, uint8_t value[VMMQ_MAC_LEN], char *hint);
/* An id, or any. */
bool value_vlan(const char *text, vmmq_vlan_rule *value, char *hint);
/* 80 hex digits, also as bytes with ':' between them; or random, which draws a key. */
bool value_key(const char *text, uint8_t value[VMMQ_KEY_LEN], char *hint);
/* What stands in the place of a key for who may not see it; value_key() refuses it. */
#define VALUE_KEY_HIDDEN "hidden"
/*
 * value_is_secret tells whether text, which was found where a field is read, may be a hash secret key or much of one, so that no message
 * repeats it: events and the log are read by others than who may see keys.
 */
bool value_is_secret(const struct schema_field *field, const char *text);
/* Three octal digits, a 0 in front of them or not; not 000, which would let nobody in. */
bool value_permissions(const char *text, uint32_t *value, char *hint);
/* One of words, up to a NULL. */
bool value_word(const char *text, const char *const *words, unsigned *index, char *hint);
/* min to max characters, none of them a control character. */
bool value_text(const char *text, size_t min, size_t max, char *hint);

#endif
