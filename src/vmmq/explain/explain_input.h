/* SPDX-License-Identifier: BSD-2-Clause */
/* Where the packet to be explained comes from: hex text, a capture, or a flow in words. */
#ifndef VMMQ_VMMQ_EXPLAIN_EXPLAIN_INPUT_H
#define VMMQ_VMMQ_EXPLAIN_EXPLAIN_INPUT_H

#include "base/command.h"
#include "vmmq/explain/explain_packet.h"

#define EXPLAIN_FRAME_MAX 262144 /* the longest packet that is read of a capture */

/*
 * explain_input reads --packet, --read with --number, or --flow with --mac and --vlan.
 * frame: EXPLAIN_FRAME_MAX bytes, to which source->frame then points.  Returns enum command_exit; all but COMMAND_DONE
 * have been told.
 */
int explain_input(const struct command_line *line, uint8_t *frame, struct explain_source *source);

#endif
