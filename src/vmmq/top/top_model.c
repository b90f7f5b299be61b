/* SPDX-License-Identifier: BSD-2-Clause */
#include "vmmq/top/top_model.h"

#include <stdlib.h>
#include <string.h>

static void count_rate(struct top_count *count, const struct top_count *before, double interval)
{
	count->rate = count->total > before->total ? (double)(count->total - before->total) / interval : 0;
}

static void count_rates(struct top_count *count, const struct top_count *before, size_t n, double interval)
{
	for (size_t i = 0; i < n; i++)
		count_rate(&count[i], &before[i], interval);
}

/* began_again: the counters are not those of the sample before, but of a VPort that got the same id later. */
static bool began_again(const struct top_vport *vport, const struct top_vport *before)
{
	return vport->count[TOP_VPORT_PACKETS].total < before->count[TOP_VPORT_PACKETS].total ||
	       vport->count[TOP_VPORT_FROM_GUEST_PACKETS].total < before->count[TOP_VPORT_FROM_GUEST_PACKETS].total;
}

static void rate_drops(struct top_drop drop[], size_t count, const struct top_drop before[], size_t before_count,
		       double interval)
{
	static const struct top_count nothing;
	size_t b = 0;

	for (size_t i = 0; i < count; i++) {
		while (b < before_count && strcmp(before[b].reason, drop[i].reason) < 0)
			b++;
		if (b < before_count && strcmp(before[b].reason, drop[i].reason) == 0)
			count_rate(&drop[i].packets, &before[b].packets, interval);
		else
			count_rate(&drop[i].packets, &nothing, interval);
	}
}

static void rate_shares(struct top_vport *vport, const struct top_vport *before, double interval)
{
	static const struct top_count nothing;
	size_t b = 0;

	for (size_t i = 0; i < vport->share_count; i++) {
		struct top_share *share = &vport->share[i];

		while (b < before->share_count && before->share[b].processor < share->processor)
			b++;
		if (b < before->share_count && before->share[b].processor == share->processor)
			count_rate(&share->packets, &before->share[b].packets, interval);
		else
			count_rate(&share->packets, &nothing, interval);
	}
}

/* rate_entries also marks what moved; a table of another size has no entry in common with the old one. */
static void rate_entries(struct top_vport *vport, const struct top_vport *before, double interval, double uptime)
{
	for (size_t i = 0; i < vport->entry_count; i++) {
		struct top_entry *entry = &vport->entry[i];
		const struct top_entry *old;

		if (i >= before->entry_count)
			break;
		old = &before->entry[i];
		count_rate(&entry->packets, &old->packets, interval);
		if (vport->entry_count != before->entry_count)
			continue;
		entry->moved_at = old->moved_at;
		entry->moved_from = old->moved_from;
		if (entry->processor != old->processor) {
			entry->moved_at = uptime;
			entry->moved_from = old->processor;
		}
	}
}

/* vport_imbalance compares the processors that are steered to now: 1 is even, their number is all on one. */
static double vport_imbalance(const struct top_vport *vport)
{
	double sum = 0, most = 0;
	unsigned used = 0;

	for (size_t i = 0; i < vport->share_count; i++) {
		if (!vport->share[i].used)
			continue;
		sum += vport->share[i].packets.rate;
		if (vport->share[i].packets.rate > most)
			most = vport->share[i].packets.rate;
		used++;
	}
	return used > 1 && sum > 0 ? most * used / sum : 0;
}

static void compare_vport(struct top_vport *vport, const struct top_vport *before, double interval, double uptime)
{
	if (began_again(vport, before))
		return;
	vport->has_rates = true;
	count_rates(vport->count, before->count, TOP_VPORT_COUNT, interval);
	count_rates(vport->backend.count, before->backend.count, TOP_PORT_COUNT, interval);
	count_rate(&vport->dropped, &before->dropped, interval);
	rate_drops(vport->drop, vport->drop_count, before->drop, before->drop_count, interval);
	rate_shares(vport, before, interval);
	rate_entries(vport, before, interval, uptime);
	vport->imbalance = vport_imbalance(vport);
}

static void compare_processors(struct top_snapshot *now, const struct top_snapshot *before, double interval)
{
	size_t b = 0;

	for (size_t i = 0; i < now->processor_count; i++) {
		while (b < before->processor_count && before->processor[b].number < now->processor[i].number)
			b++;
		if (b < before->processor_count && before->processor[b].number == now->processor[i].number)
			count_rates(now->processor[i].count, before->processor[b].count, TOP_PROCESSOR_COUNT,
				    interval);
	}
}

static void snapshot_compare(struct top_snapshot *now, const struct top_snapshot *before, double interval)
{
	size_t b = 0;

	count_rates(now->adapter.count, before->adapter.count, TOP_ADAPTER_COUNT, interval);
	count_rates(now->adapter.uplink.count, before->adapter.uplink.count, TOP_PORT_COUNT, interval);
	compare_processors(now, before, interval);
	for (size_t i = 0; i < now->vport_count; i++) {
		while (b < before->vport_count && before->vport[b].id < now->vport[i].id)
			b++;
		if (b < before->vport_count && before->vport[b].id == now->vport[i].id)
			compare_vport(&now->vport[i], &before->vport[b], interval, now->adapter.uptime);
	}
	/* from the VPorts' rates: a VPort that went takes its drops out of the totals, one that is new has brought none */
	for (size_t d = 0; d < now->drop_count; d++) {
		struct top_drop *sum = &now->drop[d];

		sum->packets.rate = 0;
		for (size_t i = 0; i < now->vport_count; i++)
			for (size_t k = 0; k < now->vport[i].drop_count; k++)
				if (strcmp(now->vport[i].drop[k].reason, sum->reason) == 0)
					sum->packets.rate += now->vport[i].drop[k].packets.rate;
	}
}

bool top_model_feed(struct top_model *model, json_t *answer, const char **why)
{
	struct top_snapshot *now = top_snapshot_create(answer, why), *before = model->now;

	if (!now)
		return false;
	model->interval = 0;
	if (before && before->adapter.pid == now->adapter.pid && now->adapter.uptime > before->adapter.uptime) {
		model->interval = now->adapter.uptime - before->adapter.uptime;
		snapshot_compare(now, before, model->interval);
		model->history[model->history_count++ % TOP_HISTORY] = now->adapter.count[TOP_ADAPTER_INDICATED].rate;
	}
	top_snapshot_destroy(before);
	model->now = now;
	return true;
}

void top_model_fini(struct top_model *model)
{
	top_snapshot_destroy(model->now);
	json_decref(model->moves);
	*model = (struct top_model){ 0 };
}

struct top_vport *top_model_vport(const struct top_model *model, uint32_t id)
{
	for (size_t i = 0; model->now && i < model->now->vport_count; i++)
		if (model->now->vport[i].id == id)
			return &model->now->vport[i];
	return NULL;
}

bool top_entry_moved(const struct top_model *model, const struct top_entry *entry)
{
	return entry->moved_at > 0 && model->now->adapter.uptime - entry->moved_at < TOP_MOVED_SECONDS;
}
