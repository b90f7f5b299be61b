/* SPDX-License-Identifier: BSD-2-Clause */
/* Questions from telemetry's threads to the control thread. */
#include "metrics/telemetry.h"

#include <errno.h>
#include <pthread.h>
#include <rte_telemetry.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "metrics/telemetry_answer.h"

/* A question, on the stack of the thread that waits for its answer. */
struct question {
	struct question *next;
	telemetry_answer_fn *answer;
	const char *parameter;
	struct rte_tel_data *data;
	int result;
	bool answered;
};

static struct {
	pthread_mutex_t lock;
	pthread_cond_t answered;
	/* all under lock */
	struct live *live; /* NULL: stopped */
	int event;
	bool registered;
	struct question *questions;
} telemetry = { .lock = PTHREAD_MUTEX_INITIALIZER, .event = -1 };

/* question_withdraw takes back a question that was not answered in time.  Under lock. */
static void question_withdraw(const struct question *question)
{
	struct question **at = &telemetry.questions;

	while (*at && *at != question)
		at = &(*at)->next;
	if (*at)
		*at = question->next;
}

/* question_ask waits for the control thread's answer: 0, or -1. */
static int question_ask(telemetry_answer_fn *answer, const char *parameter, struct rte_tel_data *data)
{
	struct question question = { .answer = answer, .parameter = parameter, .data = data, .result = -1 };
	struct timespec until;
	int waited = 0;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += TELEMETRY_WAIT_MS / 1000;
	pthread_mutex_lock(&telemetry.lock);
	if (telemetry.live) {
		question.next = telemetry.questions;
		telemetry.questions = &question;
		eventfd_write(telemetry.event, 1);
	}
	while (telemetry.live && !question.answered && waited != ETIMEDOUT)
		waited = pthread_cond_timedwait(&telemetry.answered, &telemetry.lock, &until);
	question_withdraw(&question);
	pthread_mutex_unlock(&telemetry.lock);
	return question.result;
}

#define ENDPOINT(name)                                                                                               \
	static int ask_##name(const char *command, const char *parameter, struct rte_tel_data *data)                 \
	{                                                                                                            \
		(void)command;                                                                                       \
		return question_ask(telemetry_##name, parameter, data);                                              \
	}
ENDPOINT(adapter)
ENDPOINT(processors)
ENDPOINT(vports)
ENDPOINT(vport)
ENDPOINT(drops)
#undef ENDPOINT

static bool register_endpoints(void)
{
	static const struct {
		const char *command, *help;
		telemetry_cb ask;
	} endpoints[] = {
		{ "/vmmq/adapter", "Returns the adapter: name, uplink, totals, changes. No parameters", ask_adapter },
		{ "/vmmq/processors",
		  "Returns counters of processors, 32 at a time. Parameters: the first number (0)", ask_processors },
		{ "/vmmq/vports", "Returns ids of VPorts, 256 at a time. Parameters: the first id (0)", ask_vports },
		{ "/vmmq/vport", "Returns counters of a VPort. Parameters: its id", ask_vport },
		{ "/vmmq/drops", "Returns drops by reason, all VPorts together. No parameters", ask_drops },
	};

	for (size_t i = 0; i < sizeof(endpoints) / sizeof(endpoints[0]); i++)
		if (rte_telemetry_register_cmd(endpoints[i].command, endpoints[i].ask, endpoints[i].help) != 0)
			return false;
	return true;
}

static void make_condition(void)
{
	pthread_condattr_t monotonic;

	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&telemetry.answered, &monotonic);
	pthread_condattr_destroy(&monotonic);
}

int telemetry_start(struct live *live)
{
	int event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

	if (event < 0)
		return -1;
	if (!telemetry.registered) {
		make_condition();
		if (!register_endpoints()) {
			close(event);
			return -1;
		}
		telemetry.registered = true;
	}
	pthread_mutex_lock(&telemetry.lock);
	telemetry.event = event;
	telemetry.live = live;
	pthread_mutex_unlock(&telemetry.lock);
	return 0;
}

int telemetry_fd(void)
{
	return telemetry.event;
}

void telemetry_run(void)
{
	struct question *question;
	eventfd_t count;

	pthread_mutex_lock(&telemetry.lock);
	if (telemetry.event >= 0)
		eventfd_read(telemetry.event, &count);
	for (question = telemetry.questions; question; question = question->next) {
		question->result = question->answer(telemetry.live, question->parameter, question->data);
		question->answered = true;
	}
	telemetry.questions = NULL;
	if (telemetry.registered)
		pthread_cond_broadcast(&telemetry.answered);
	pthread_mutex_unlock(&telemetry.lock);
}

void telemetry_stop(void)
{
	pthread_mutex_lock(&telemetry.lock);
	telemetry.live = NULL;
	if (telemetry.event >= 0)
		close(telemetry.event);
	telemetry.event = -1;
	if (telemetry.registered)
		pthread_cond_broadcast(&telemetry.answered);
	pthread_mutex_unlock(&telemetry.lock);
}
