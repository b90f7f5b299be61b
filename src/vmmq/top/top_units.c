/* SPDX-License-Identifier: BSD-2-Clause */
#include "vmmq/top/top_units.h"

#include <math.h>
#include <stdio.h>

#include "base/number_text.h"

const char *units_count(char text[UNITS_SIZE], double value)
{
	if (!(value > 0)) /* and what is not a number */
		value = 0;
	if (value >= 999.5)
		return number_scaled(value, text, UNITS_SIZE);
	snprintf(text, UNITS_SIZE, "%.0f", value);
	return text;
}

const char *units_rate(char text[UNITS_SIZE], double value)
{
	if (!(value > 0) || value >= 9.95)
		return units_count(text, value);
	if (value < 0.05)
		value = 0.1; /* something is not nothing */
	snprintf(text, UNITS_SIZE, "%.*f", fabs(value - round(value)) < 0.05 ? 0 : 1, value);
	return text;
}

const char *units_share(char text[UNITS_SIZE], double share)
{
	if (!(share > 0))
		share = 0;
	snprintf(text, UNITS_SIZE, "%.0f%%", share > 1 ? 100 : share * 100);
	return text;
}

const char *units_duration(char text[UNITS_DURATION_SIZE], double seconds)
{
	unsigned long long s = seconds > 0 && seconds < 1e15 ? (unsigned long long)seconds : 0;

	if (s < 60)
		snprintf(text, UNITS_DURATION_SIZE, "%llus", s);
	else if (s < 3600)
		snprintf(text, UNITS_DURATION_SIZE, "%llum %02llus", s / 60, s % 60);
	else if (s < 86400)
		snprintf(text, UNITS_DURATION_SIZE, "%lluh %02llum", s / 3600, s / 60 % 60);
	else
		snprintf(text, UNITS_DURATION_SIZE, "%llud %02lluh", s / 86400, s / 3600 % 24);
	return text;
}
