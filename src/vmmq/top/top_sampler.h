/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Asks vmmqd for samples on a thread of its own, so that a daemon that is slow or gone never holds up the keyboard;
 * connects again by itself.
 */
#ifndef VMMQ_VMMQ_TOP_TOP_SAMPLER_H
#define VMMQ_VMMQ_TOP_TOP_SAMPLER_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct sampler;

/*
 * What came since the last look.  answer: of top.show, NULL: none; balance: of balance.show right after it, of the VPort asked for or of all, or
 * NULL: there is no answer to that.  rss: of rss.show for the VPort asked for, or NULL: none.  lost: why there is no connection, or "".
 */
struct sampler_news {
	json_t *answer;
	json_t *rss;
	json_t *balance;
	char lost[256];
};

/*
 * sampler_start begins; path as in client_open().  NULL: no thread or memory.
 * sampler_fd is readable when there is news; sampler_take takes it, and the references in it are the caller's.
 * sampler_watch: also ask for the RSS parameters of that VPort with each sample, and for its moves alone; -1: of none.
 * sampler_stop ends it, also in the middle of a call.
 */
struct sampler *sampler_start(const char *path, double interval);
int sampler_fd(const struct sampler *sampler);
void sampler_take(struct sampler *sampler, struct sampler_news *news);
void sampler_watch(struct sampler *sampler, int64_t vport);
void sampler_stop(struct sampler *sampler);

#endif
