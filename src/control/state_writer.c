/* SPDX-License-Identifier: BSD-2-Clause */
#include "control/state_writer.h"

#include <assert.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"

enum writer_phase { WRITER_IDLE, WRITER_BEGUN, WRITER_ENDED, WRITER_STOP };

struct state_writer {
	pthread_t thread;
	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t turned;
	enum writer_phase phase;
	state_write_fn *write;
	const void *what;
	bool written;
	uint64_t took_ns;

	struct state_db *db; /* whose turn it is: rw */
	int ended;           /* eventfd */
};

static void writer_write(struct state_writer *writer)
{
	uint64_t began = now_ns(), one = 1;
	bool written = writer->write(writer->db, writer->what);

	pthread_mutex_lock(&writer->lock);
	writer->written = written;
	writer->took_ns = now_ns() - began;
	writer->phase = WRITER_ENDED;
	pthread_cond_broadcast(&writer->turned);
	(void)!write(writer->ended, &one, sizeof(one)); /* before anybody can take it */
	pthread_mutex_unlock(&writer->lock);
}

static enum writer_phase writer_next(struct state_writer *writer)
{
	enum writer_phase phase;

	pthread_mutex_lock(&writer->lock);
	while (writer->phase != WRITER_BEGUN && writer->phase != WRITER_STOP)
		pthread_cond_wait(&writer->turned, &writer->lock);
	phase = writer->phase;
	pthread_mutex_unlock(&writer->lock);
	return phase;
}

static void *writer_run(void *context)
{
	struct state_writer *writer = context;

	while (writer_next(writer) == WRITER_BEGUN)
		writer_write(writer);
	return NULL;
}

/* writer_start: signals are for the control thread. */
static bool writer_start(struct state_writer *writer)
{
	sigset_t all, before;
	bool started;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	started = pthread_create(&writer->thread, NULL, writer_run, writer) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (started)
		pthread_setname_np(writer->thread, "vmmq-disk");
	return started;
}

static void writer_free(struct state_writer *writer)
{
	if (writer->ended >= 0)
		close(writer->ended);
	pthread_cond_destroy(&writer->turned);
	pthread_mutex_destroy(&writer->lock);
	free(writer);
}

struct state_writer *state_writer_create(struct state_db *db)
{
	struct state_writer *writer = calloc(1, sizeof(*writer));

	if (!writer)
		return NULL;
	pthread_mutex_init(&writer->lock, NULL);
	pthread_cond_init(&writer->turned, NULL);
	writer->db = db;
	writer->ended = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (writer->ended >= 0 && writer_start(writer))
		return writer;
	writer_free(writer);
	return NULL;
}

int state_writer_fd(const struct state_writer *writer)
{
	return writer->ended;
}

/* writer_turn goes from one phase to the next. */
static void writer_turn(struct state_writer *writer, enum writer_phase from, enum writer_phase to)
{
	pthread_mutex_lock(&writer->lock);
	assert(writer->phase == from);
	writer->phase = to;
	pthread_cond_broadcast(&writer->turned);
	pthread_mutex_unlock(&writer->lock);
}

void state_writer_begin(struct state_writer *writer, state_write_fn *write, const void *what)
{
	writer->write = write;
	writer->what = what;
	writer_turn(writer, WRITER_IDLE, WRITER_BEGUN);
}

bool state_writer_has_ended(struct state_writer *writer)
{
	bool ended;

	pthread_mutex_lock(&writer->lock);
	ended = writer->phase == WRITER_ENDED;
	pthread_mutex_unlock(&writer->lock);
	return ended;
}

void state_writer_await(struct state_writer *writer)
{
	pthread_mutex_lock(&writer->lock);
	while (writer->phase == WRITER_BEGUN)
		pthread_cond_wait(&writer->turned, &writer->lock);
	pthread_mutex_unlock(&writer->lock);
}

bool state_writer_take(struct state_writer *writer, uint64_t *took_ns)
{
	uint64_t count;

	writer_turn(writer, WRITER_ENDED, WRITER_IDLE);
	(void)!read(writer->ended, &count, sizeof(count));
	*took_ns = writer->took_ns;
	return writer->written;
}

bool state_writer_destroy(struct state_writer *writer)
{
	bool under_way;

	if (!writer)
		return true;
	pthread_mutex_lock(&writer->lock);
	under_way = writer->phase == WRITER_BEGUN;
	if (!under_way)
		writer->phase = WRITER_STOP;
	pthread_cond_broadcast(&writer->turned);
	pthread_mutex_unlock(&writer->lock);
	if (under_way)
		return false;
	pthread_join(writer->thread, NULL);
	writer_free(writer);
	return true;
}
