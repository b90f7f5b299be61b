/* SPDX-License-Identifier: BSD-2-Clause */
#include "vmmq/top/top_sampler.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "vmmq/client/client.h"

#define RETRY_NS          500000000ull
#define ANSWER_TIMEOUT_MS 3000 /* a daemon that says nothing for so long is as good as gone */

struct sampler {
	const char *path;
	uint64_t interval_ns;
	int event;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	/* both threads, under lock */
	bool stopping;
	struct client *client;
	int64_t watched;
	struct sampler_news news;
};

/* sampler_tell steals the references; under lock */
static void sampler_tell(struct sampler *sampler, json_t *answer, json_t *balance, json_t *rss, const char *lost)
{
	struct sampler_news *news = &sampler->news;

	if (answer) {
		json_decref(news->answer);
		json_decref(news->balance);
		news->answer = answer;
		news->balance = balance;
	}
	if (rss) {
		json_decref(news->rss);
		news->rss = rss;
	}
	snprintf(news->lost, sizeof(news->lost), "%s", lost);
	eventfd_write(sampler->event, 1);
}

/* sampler_let_go closes the connection; sampler_stop() may be about to cut it. */
static void sampler_let_go(struct sampler *sampler)
{
	struct client *client;

	pthread_mutex_lock(&sampler->lock);
	client = sampler->client;
	sampler->client = NULL;
	pthread_mutex_unlock(&sampler->lock);
	client_close(client);
}

static void sampler_take_client(struct sampler *sampler, struct client *client)
{
	pthread_mutex_lock(&sampler->lock);
	sampler->client = client;
	if (client)
		client_timeout(client, ANSWER_TIMEOUT_MS);
	if (client && sampler->stopping)
		shutdown(client_fd(client), SHUT_RDWR);
	pthread_mutex_unlock(&sampler->lock);
}

/* sampler_ask asks of a VPort, or of all where there is none; NULL: it may have been deleted, or nothing is known of that. */
static json_t *sampler_ask(const struct sampler *sampler, const char *method, int64_t vport)
{
	struct client_error unimportant;

	return client_call(sampler->client, method,
			   vport >= 0 ? json_pack("{s:I}", "vport", (json_int_t)vport) : NULL, &unimportant);
}

/* sampler_sample asks once; the connection is let go when it is of no use any more. */
static void sampler_sample(struct sampler *sampler)
{
	struct client_error error = { 0 };
	json_t *answer = NULL, *balance = NULL, *rss = NULL;
	char lost[sizeof(sampler->news.lost)] = "";
	int64_t watched;

	if (!sampler->client)
		sampler_take_client(sampler, client_open(sampler->path, &error));
	pthread_mutex_lock(&sampler->lock);
	watched = sampler->watched;
	pthread_mutex_unlock(&sampler->lock);
	if (sampler->client)
		answer = client_call(sampler->client, "top.show", NULL, &error);
	if (answer)
		balance = sampler_ask(sampler, "balance.show", watched);
	if (answer && watched >= 0)
		rss = sampler_ask(sampler, "rss.show", watched);
	if (!answer) {
		if (error.code)
			snprintf(lost, sizeof(lost), "vmmqd does not answer top.show: %.200s", error.text);
		else
			snprintf(lost, sizeof(lost), "vmmqd is gone, trying again (%.200s)", error.text);
		sampler_let_go(sampler);
	}
	pthread_mutex_lock(&sampler->lock);
	sampler_tell(sampler, answer, balance, rss, lost);
	pthread_mutex_unlock(&sampler->lock);
}

static void *sampler_run(void *argument)
{
	struct sampler *sampler = argument;
	uint64_t next = now_ns();

	while (true) {
		bool connected, stopping;
		struct timespec until;

		sampler_sample(sampler);
		connected = sampler->client != NULL;
		next += connected ? sampler->interval_ns : RETRY_NS;
		if (next < now_ns()) /* slower than that: no burst to make up for it */
			next = now_ns() + (connected ? sampler->interval_ns : RETRY_NS);
		until = (struct timespec){ .tv_sec = (time_t)(next / 1000000000u),
					   .tv_nsec = (long)(next % 1000000000u) };
		pthread_mutex_lock(&sampler->lock);
		while (!sampler->stopping &&
		       pthread_cond_timedwait(&sampler->changed, &sampler->lock, &until) != ETIMEDOUT)
			if (sampler->watched >= 0 && !sampler->news.rss)
				break; /* a page was opened: its RSS parameters are wanted now */
		stopping = sampler->stopping;
		pthread_mutex_unlock(&sampler->lock);
		if (stopping)
			break;
	}
	sampler_let_go(sampler);
	return NULL;
}

static bool sampler_start_thread(struct sampler *sampler)
{
	sigset_t all, before;
	int failed;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before); /* signals are for the keyboard's thread */
	failed = pthread_create(&sampler->thread, NULL, sampler_run, sampler);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return !failed;
}

static void sampler_free(struct sampler *sampler)
{
	json_decref(sampler->news.answer);
	json_decref(sampler->news.balance);
	json_decref(sampler->news.rss);
	pthread_cond_destroy(&sampler->changed);
	pthread_mutex_destroy(&sampler->lock);
	if (sampler->event >= 0)
		close(sampler->event);
	free(sampler);
}

struct sampler *sampler_start(const char *path, double interval)
{
	struct sampler *sampler = calloc(1, sizeof(*sampler));
	pthread_condattr_t monotonic;

	if (!sampler)
		return NULL;
	sampler->path = path;
	sampler->interval_ns = (uint64_t)(interval * 1e9);
	sampler->watched = -1;
	sampler->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	pthread_mutex_init(&sampler->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&sampler->changed, &monotonic);
	pthread_condattr_destroy(&monotonic);
	if (sampler->event >= 0 && sampler_start_thread(sampler))
		return sampler;
	sampler_free(sampler);
	return NULL;
}

int sampler_fd(const struct sampler *sampler)
{
	return sampler->event;
}

void sampler_take(struct sampler *sampler, struct sampler_news *news)
{
	eventfd_t count;

	pthread_mutex_lock(&sampler->lock);
	eventfd_read(sampler->event, &count);
	*news = sampler->news;
	sampler->news.answer = NULL;
	sampler->news.balance = NULL;
	sampler->news.rss = NULL;
	pthread_mutex_unlock(&sampler->lock);
}

void sampler_watch(struct sampler *sampler, int64_t vport)
{
	pthread_mutex_lock(&sampler->lock);
	sampler->watched = vport;
	pthread_cond_signal(&sampler->changed);
	pthread_mutex_unlock(&sampler->lock);
}

void sampler_stop(struct sampler *sampler)
{
	pthread_mutex_lock(&sampler->lock);
	sampler->stopping = true;
	if (sampler->client)
		shutdown(client_fd(sampler->client), SHUT_RDWR);
	pthread_cond_signal(&sampler->changed);
	pthread_mutex_unlock(&sampler->lock);
	pthread_join(sampler->thread, NULL);
	sampler_free(sampler);
}
