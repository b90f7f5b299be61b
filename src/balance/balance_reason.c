/* SPDX-License-Identifier: BSD-2-Clause */
/* Reasons as people read them. */
#include <stdio.h>

#include "balance/balance.h"

const char *balance_why_name(enum balance_why why)
{
	static const char *const name[] = {
#define X(id, text) [BALANCE_##id] = text,
		BALANCE_REASONS(X)
#undef X
	};

	return (unsigned)why < BALANCE_REASON_COUNT ? name[why] : "unknown";
}

static double as_percent(uint32_t ppm)
{
	return ppm / 1e4;
}

/* reason_spread: the part that SPREAD, GROW and EXCHANGE have in common. */
static int reason_spread(const struct balance_move *m, const char *from, char *text, size_t len)
{
	return snprintf(text, len, "%s had %.1f %%, %.2f times the mean of the %u in use, %.1f %%", from,
			as_percent(m->from_load), m->mean ? (double)m->from_load / m->mean : 0, m->in_use,
			as_percent(m->mean));
}

const char *balance_reason_text(const struct balance_move *m, const char *from, const char *to,
				char text[BALANCE_REASON_MAX])
{
	int at = 0;

	switch (m->why) {
	case BALANCE_SPREAD:
	case BALANCE_GROW:
	case BALANCE_EXCHANGE:
		at = reason_spread(m, from, text, BALANCE_REASON_MAX);
		break;
	case BALANCE_COALESCE:
		at = snprintf(text, BALANCE_REASON_MAX,
			      "load is low, %.1f %% on average with %u processor%s in use: %s is to sleep",
			      as_percent(m->mean), m->in_use, m->in_use == 1 ? "" : "s", from);
		break;
	case BALANCE_EVACUATE:
		at = snprintf(text, BALANCE_REASON_MAX, "%s has work and does nothing of it", from);
		break;
	case BALANCE_REASON_COUNT:
		return "unknown";
	}
	at += snprintf(text + at, (size_t)(BALANCE_REASON_MAX - at), "; this takes %.1f %%, and %s had %.1f %%",
		       as_percent(m->lane_load), to, as_percent(m->to_load));
	if (m->why == BALANCE_GROW)
		at += snprintf(text + at, (size_t)(BALANCE_REASON_MAX - at), "; now on %u of at most %u processors",
			       m->used, m->queue_pairs);
	if (m->together > 1)
		snprintf(text + at, (size_t)(BALANCE_REASON_MAX - at),
			 "; all %u lanes there go, since the VPort may use %u processor%s", m->together,
			 m->queue_pairs, m->queue_pairs == 1 ? "" : "s");
	return text;
}
