/* SPDX-License-Identifier: BSD-2-Clause */
/* What vmmq is, with the table of its commands. */
#ifndef VMMQ_VMMQ_PROGRAM_H
#define VMMQ_VMMQ_PROGRAM_H

#include "base/command.h"

extern const struct program vmmq_program;

#endif
