/* SPDX-License-Identifier: BSD-2-Clause */
/* What the EAL cannot start without, looked at before it ends the process with a panic or a page of usage. */
#ifndef VMMQ_ENGINE_EAL_POSSIBLE_H
#define VMMQ_ENGINE_EAL_POSSIBLE_H

#include <stdbool.h>
#include <stddef.h>

struct eal_params;

/* eal_possible: false with a sentence in error that says what is missing and what would help. */
bool eal_possible(const struct eal_params *params, char *error, size_t error_len);

#endif
