/* SPDX-License-Identifier: BSD-2-Clause */
#include "ovsdb/ovsdb_why.h"

#include <stdarg.h>
#include <stdio.h>

bool ovsdb_refuse(struct ovsdb_why *why, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(why->text, sizeof(why->text), format, arguments);
	va_end(arguments);
	for (char *c = why->text; *c; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';
	return false;
}
