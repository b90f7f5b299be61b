/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scalars of the configuration file: text in, value out.  Each returns true; or false with *value unspecified and,
 * where there is more to say than "not allowed", a hint to put behind the text that was found, such as
 * " (did you mean poll?)".  hint is left alone otherwise.
 */
#ifndef VMMQ_CONFIG_CONFIG_VALUE_H
#define VMMQ_CONFIG_CONFIG_VALUE_H

#include "config/config_model.h"

#define CONFIG_HINT_MAX 128 /* size of a hint */

/* Decimal, or hexadecimal with 0x. */
bool config_number(const char *text, uint32_t min, uint32_t max, uint32_t *value, char *hint);
/* true, yes, on; false, no, off; in any case of letters. */
bool config_boolean(const char *text, bool *value, char *hint);
/* A number, or group:number; YAML 1.1 would read the latter as sexagesimal, libyaml hands it over as it stands. */
bool config_processor(const char *text, struct vmmq_processor *value, char *hint);
/* Six bytes of two hex digits, with ':' or '-' between them. */
bool config_mac(const char *text, uint8_t value[VMMQ_MAC_LEN], char *hint);
/* 1 to 4094, or any. */
bool config_vlan(const char *text, vmmq_vlan_rule *value, char *hint);
/* 80 hex digits, also as bytes with ':' between them; or random, which draws a key. */
bool config_key(const char *text, uint8_t value[VMMQ_KEY_LEN], char *hint);
bool config_moderation(const char *text, enum moderation *value, char *hint);
bool config_hash_type(const char *text, uint32_t *value, char *hint);
bool config_hash_function(const char *text, uint32_t *value, char *hint);
/* 1 to max characters, none of them a control character. */
bool config_printable(const char *text, size_t max, char *hint);

#endif
