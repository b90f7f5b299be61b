/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The options in schema/field_table.h as rows of a command's table: SCHEMA_VPORT(SCHEMA_OPTION_ROW) gives those of a VPort's
 * fields, each { letter, name, argument, required, help }, in the table's order.
 *   NO_OPTION  OPTION(name, argument, help)  FLAG_OPTION(name, help)
 *   NUMBER_OPTION(name, argument, help)  RANGE_OPTION(name, argument, help)
 * None of these is a macro: they are read behind a prefix, so that a row's range can be added.
 */
#ifndef VMMQ_SCHEMA_OPTION_H
#define VMMQ_SCHEMA_OPTION_H

/* clang-format off */
#define SCHEMA_OPTION_ROW(id, in, key, kind, min, max, initial, option, ...) SCHEMA_RANGED(min, max, SCHEMA_PARTS_##option)
#define SCHEMA_RANGED(...) SCHEMA_DISPATCH(__VA_ARGS__)
#define SCHEMA_DISPATCH(min, max, type, name, argument, help) SCHEMA_ROW_##type(min, max, name, argument, help)

#define SCHEMA_PARTS_NO_OPTION NONE, , ,
#define SCHEMA_PARTS_OPTION(name, argument, help) PLAIN, name, argument, help
#define SCHEMA_PARTS_FLAG_OPTION(name, help) PLAIN, name, NULL, help
#define SCHEMA_PARTS_NUMBER_OPTION(name, argument, help) NUMBER, name, argument, help
#define SCHEMA_PARTS_RANGE_OPTION(name, argument, help) RANGE, name, argument, help

#define SCHEMA_ROW_NONE(min, max, name, argument, help)
#define SCHEMA_ROW_PLAIN(min, max, name, argument, help) { 0, name, argument, false, help },
#define SCHEMA_ROW_NUMBER(min, max, name, argument, help) { 0, name, argument, false, help ", " #min " to " #max },
#define SCHEMA_ROW_RANGE(min, max, name, argument, help) { 0, name, argument, false, #min " to " #max " " help },

/* SCHEMA_OPTION_NAME is an option's name alone, or NULL. */
#define SCHEMA_OPTION_NAME(option) SCHEMA_NAME_##option
#define SCHEMA_NAME_NO_OPTION NULL
#define SCHEMA_NAME_OPTION(name, argument, help) (name)
#define SCHEMA_NAME_FLAG_OPTION(name, help) (name)
#define SCHEMA_NAME_NUMBER_OPTION(name, argument, help) (name)
#define SCHEMA_NAME_RANGE_OPTION(name, argument, help) (name)
/* clang-format on */

#endif
