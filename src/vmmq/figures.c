/* SPDX-License-Identifier: BSD-2-Clause */
#include "vmmq/figures.h"

#include <math.h>
#include <stdio.h>
#include <time.h>

const char *figure_exact(uint64_t n, char text[FIGURE_SIZE])
{
	char digits[FIGURE_SIZE];
	int len = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)n);
	char *out = text;

	for (int i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0)
			*out++ = ',';
		*out++ = digits[i];
	}
	*out = '\0';
	return text;
}

const char *figure_short(uint64_t n, char text[FIGURE_SIZE])
{
	return n < 100000 ? figure_exact(n, text) : figure_count((double)n, text);
}

/* figure_scaled writes a value of 1000 or more; rounding may carry it into the next unit ("999.7k" is "1.00M"). */
static const char *figure_scaled(double value, char text[FIGURE_SIZE])
{
	const char *unit = "kMGTPE";

	value /= 1000;
	while (value >= 999.5 && unit[1]) {
		value /= 1000;
		unit++;
	}
	if (value >= 999.5)
		value = 999;
	snprintf(text, FIGURE_SIZE, "%.*f%c", value < 9.995 ? 2 : value < 99.95 ? 1 : 0, value, *unit);
	return text;
}

const char *figure_count(double value, char text[FIGURE_SIZE])
{
	if (!(value > 0)) /* and what is not a number */
		value = 0;
	if (value >= 999.5)
		return figure_scaled(value, text);
	snprintf(text, FIGURE_SIZE, "%.0f", value);
	return text;
}

const char *figure_rate(double value, char text[FIGURE_SIZE])
{
	if (!(value > 0) || value >= 9.95)
		return figure_count(value, text);
	if (value < 0.05)
		value = 0.1; /* something is not nothing */
	snprintf(text, FIGURE_SIZE, "%.*f", fabs(value - round(value)) < 0.05 ? 0 : 1, value);
	return text;
}

const char *figure_share(double share, char text[FIGURE_SIZE])
{
	if (!(share > 0))
		share = 0;
	snprintf(text, FIGURE_SIZE, "%.0f%%", share > 1 ? 100 : share * 100);
	return text;
}

const char *figure_percent(double share, char text[FIGURE_SIZE])
{
	snprintf(text, FIGURE_SIZE, "%.1f %%", 100 * share);
	return text;
}

const char *figure_microseconds(uint64_t us, char text[FIGURE_SIZE])
{
	if (us < 1000)
		snprintf(text, FIGURE_SIZE, "%u us", (unsigned)us);
	else if (us < 1000000)
		snprintf(text, FIGURE_SIZE, "%.1f ms", (double)us / 1e3);
	else
		snprintf(text, FIGURE_SIZE, "%.1f s", (double)us / 1e6);
	return text;
}

/* figure_time writes the two largest units of a time, the smaller one in digits columns. */
static const char *figure_time(double seconds, const char *const unit[4], int digits, char text[FIGURE_SIZE])
{
	static const unsigned each[] = { 1, 60, 3600, 86400 };
	unsigned long long s = seconds > 0 && seconds < 1e15 ? (unsigned long long)seconds : 0;
	unsigned i = s < 3600 ? 1 : s < 86400 ? 2 : 3;

	if (s < 60)
		snprintf(text, FIGURE_SIZE, "%llu%s", s, unit[0]);
	else
		snprintf(text, FIGURE_SIZE, "%llu%s %0*llu%s", s / each[i], unit[i], digits,
			 s % each[i] / each[i - 1], unit[i - 1]);
	return text;
}

const char *figure_duration(double seconds, char text[FIGURE_SIZE])
{
	static const char *const unit[] = { " s", " min", " h", " d" };

	return figure_time(seconds, unit, 1, text);
}

const char *figure_uptime(double seconds, char text[FIGURE_SIZE])
{
	static const char *const unit[] = { "s", "m", "h", "d" };

	return figure_time(seconds, unit, 2, text);
}

const char *figure_clock(double time, char text[FIGURE_SIZE])
{
	time_t seconds = (time_t)floor(time);
	struct tm tm;

	if (!localtime_r(&seconds, &tm) || !strftime(text, FIGURE_SIZE, "%H:%M:%S", &tm))
		snprintf(text, FIGURE_SIZE, "--:--:--");
	return text;
}
