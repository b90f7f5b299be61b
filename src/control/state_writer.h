/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The thread that waits for the disk, so that the control thread does not.  It has the state database to itself from when it is made, and
 * does one thing at a time: a write is begun, ends some time, and is taken before the next one is begun.
 *
 * All functions: control thread only.
 */
#ifndef VMMQ_CONTROL_STATE_WRITER_H
#define VMMQ_CONTROL_STATE_WRITER_H

#include <stdbool.h>
#include <stdint.h>

#include "control/state_db.h"

struct state_writer;

/* state_writer_create takes db over until state_writer_destroy(); NULL: there is no memory, descriptor or thread for it. */
struct state_writer *state_writer_create(struct state_db *db);

/* state_writer_fd is readable when a write has ended and was not taken. */
int state_writer_fd(const struct state_writer *writer);

/*
 * state_writer_begin has write(db, what) called by the thread; what stays as it is until it has ended.
 * state_writer_has_ended tells whether it has; state_writer_await waits for that.
 * state_writer_take returns what write returned, and how long it took; it has ended.  state_db_error() is good then.
 */
typedef bool state_write_fn(struct state_db *db, const void *what);
void state_writer_begin(struct state_writer *writer, state_write_fn *write, const void *what);
bool state_writer_has_ended(struct state_writer *writer);
void state_writer_await(struct state_writer *writer);
bool state_writer_take(struct state_writer *writer, uint64_t *took_ns);

/*
 * state_writer_destroy gives the database back; NULL is legal.  false: a write has not ended.  The thread, the database and what is being
 * written are left as they are then, for the process to end with.
 */
bool state_writer_destroy(struct state_writer *writer);

#endif
