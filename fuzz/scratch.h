/* SPDX-License-Identifier: BSD-2-Clause */
/* A file of a process's own in memory, for what can only be read by a name. */
#ifndef VMMQ_FUZZ_SCRATCH_H
#define VMMQ_FUZZ_SCRATCH_H

#include <stddef.h>
#include <stdint.h>

/* scratch_folder returns a folder that is gone when the process ends. */
const char *scratch_folder(void);

/* scratch_write makes the file PATH of these bytes. */
void scratch_write(const char *path, const uint8_t *data, size_t len);

#endif
