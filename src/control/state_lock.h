/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VMMQ_CONTROL_STATE_LOCK_H
#define VMMQ_CONTROL_STATE_LOCK_H

#include <stdbool.h>
#include <stddef.h>

/*
 * state_lock locks PATH.lock for this process and writes its pid there.  The kernel gives the lock up when the
 * process ends, however it ends; the file stays.  Returns a descriptor for state_unlock(), or -1 with a sentence in
 * error; *taken: because another process has it, which the sentence names.
 */
int state_lock(const char *path, bool *taken, char *error, size_t error_len);
void state_unlock(int lock);

#endif
