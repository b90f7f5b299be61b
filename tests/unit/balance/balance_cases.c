/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The policy on cases from standard input, for balance_optimum_test.py.  A case is a line of numbers: processors, lanes, then each lane's
 * load (ppm) and processor.  It gets constant load until nothing has moved for 100 ticks; where its lanes are then is a line of output, with
 * the number of moves in front.
 */
#include <stdio.h>
#include <stdlib.h>

#include "balance/balance.h"

#define LANES_MAX 64u

struct balance_case {
	unsigned processors, lanes;
	uint32_t load[LANES_MAX];
	uint16_t processor[LANES_MAX];
};

static bool case_read(struct balance_case *c)
{
	if (scanf("%u %u", &c->processors, &c->lanes) != 2 || !c->processors || !c->lanes || c->lanes > LANES_MAX ||
	    c->processors > LANES_MAX)
		return false;
	for (unsigned i = 0; i < c->lanes; i++)
		if (scanf("%u %hu", &c->load[i], &c->processor[i]) != 2 || c->processor[i] >= c->processors)
			return false;
	return true;
}

static unsigned case_tick(struct balance_case *c, struct balance *b, struct balance_result *result)
{
	struct balance_seen seen[LANES_MAX] = { { 0 } };

	for (unsigned i = 0; i < c->lanes; i++)
		seen[c->processor[i]].load += c->load[i];
	balance_tick(b, c->load, seen, result);
	for (unsigned i = 0; i < result->move_count; i++)
		c->processor[result->move[i].lane] = result->move[i].to;
	return result->move_count;
}

static int case_run(struct balance_case *c)
{
	struct balance_vport vport = { (uint16_t)c->lanes, (uint16_t)c->processors, 1, true };
	struct balance_move move[LANES_MAX];
	struct balance_result result = { .move = move };
	struct balance_settings settings;
	unsigned moves = 0, quiet = 0;
	char error[256];
	struct balance *b;

	balance_settings_default(&settings);
	settings.coalesce = false;
	settings.budget = LANES_MAX;
	b = balance_create(&settings, c->processors, &vport, 1, c->processor, error, sizeof(error));
	if (!b) {
		fprintf(stderr, "balance_cases: %s\n", error);
		return 1;
	}
	for (unsigned tick = 0; quiet < 100 && tick < 10000; tick++) {
		unsigned now = case_tick(c, b, &result);

		quiet = now ? 0 : quiet + 1;
		moves += now;
	}
	balance_destroy(b);
	printf("%u", quiet < 100 ? UINT32_MAX : moves);
	for (unsigned i = 0; i < c->lanes; i++)
		printf(" %u", c->processor[i]);
	putchar('\n');
	return 0;
}

int main(void)
{
	struct balance_case c;

	while (case_read(&c))
		if (case_run(&c))
			return 1;
	return 0;
}
