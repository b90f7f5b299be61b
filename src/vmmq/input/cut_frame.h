/* SPDX-License-Identifier: BSD-2-Clause */
/* Frames that a capture has cut: what the NIC saw of them. */
#ifndef VMMQ_VMMQ_INPUT_CUT_FRAME_H
#define VMMQ_VMMQ_INPUT_CUT_FRAME_H

#include <stddef.h>
#include <stdint.h>

#define CUT_FRAME_MAX 512 /* bytes; no header that steering depends on reaches further */

/*
 * cut_frame_len returns how long a frame, of which a capture kept len of wire_len bytes, has to be for the parser to find what the NIC
 * found: len, unless the cut is inside a header behind all of it that is hashed, and the whole frame has that header: then the
 * header's end, at most CUT_FRAME_MAX.  What the missing bytes are does not matter; cut_frame_fill() makes them zeros.
 */
size_t cut_frame_len(const uint8_t *frame, size_t len, size_t wire_len);

/* cut_frame_fill writes the first len bytes of frame into whole, and zeros up to whole_len. */
void cut_frame_fill(uint8_t whole[CUT_FRAME_MAX], const uint8_t *frame, size_t len, size_t whole_len);

#endif
