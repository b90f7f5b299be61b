/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What an operation answers: an NDIS status, and for people a sentence with the place it is about.
 * Values: spec section 12.
 */
#ifndef VMMQ_STATUS_H
#define VMMQ_STATUS_H

#include <vmmq/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* X(name, NDIS value) */
/* clang-format off */
#define VMMQ_STATUSES(X) \
	X(SUCCESS,           0x00000000u) \
	X(PENDING,           0x00000103u) \
	X(NOT_ACCEPTED,      0x00010003u) \
	X(BUFFER_OVERFLOW,   0x80000005u) \
	X(FAILURE,           0xc0000001u) \
	X(INVALID_PARAMETER, 0xc000000du) \
	X(RESOURCES,         0xc000009au) \
	X(NOT_SUPPORTED,     0xc00000bbu) \
	X(ADAPTER_NOT_FOUND, 0xc0010006u) \
	X(ADAPTER_NOT_READY, 0xc0010011u) \
	X(INVALID_LENGTH,    0xc0010014u) \
	X(INVALID_DATA,      0xc0010015u) \
	X(BUFFER_TOO_SHORT,  0xc0010016u) \
	X(INVALID_OID,       0xc0010017u) \
	X(ADAPTER_REMOVED,   0xc0010018u) \
	X(FILE_NOT_FOUND,    0xc001001bu) \
	X(PAUSED,            0xc023002au) \
	X(INVALID_PORT,      0xc023002du) \
	X(INVALID_PORT_STATE, 0xc023002eu) \
	X(NO_QUEUES,         0xc0230031u)
/* clang-format on */

/*
 * enum vmmq_status: usable in case labels and static initialisers.  NDIS's values need 32 bits without a sign: C11 alone
 * would not have them in an enum, GNU C and C++ do.
 */
/* clang-format off */
#if defined(__GNUC__)
__extension__
#endif
typedef enum vmmq_status {
#define X(name, value) VMMQ_##name = value,
	VMMQ_STATUSES(X)
#undef X
} vmmq_status;
/* clang-format on */

/* vmmq_status_name returns "SUCCESS", "NO_QUEUES", …, or "UNKNOWN". */
VMMQ_API const char *vmmq_status_name(vmmq_status status);

/*
 * struct vmmq_why says what a refusal is about.  The callee fills it, the caller owns it and may print it anywhere.
 * path: the field, "rss.indirection_table[3]" or "" when the whole request is meant.
 * text: a sentence without a final stop that says what is wrong and what would be right.
 * Both are cut, never overrun, and always end in a NUL.
 */
struct vmmq_why {
	char path[96];
	char text[256];
};

/*
 * vmmq_why_set fills why (NULL is legal: nothing happens) with path and a printf-style text, and returns status, so that
 * a check reads `return vmmq_why_set(why, VMMQ_NO_QUEUES, "queue_pairs", "…");`.
 */
#if defined(__GNUC__)
__attribute__((format(printf, 4, 5)))
#endif
VMMQ_API vmmq_status
vmmq_why_set(struct vmmq_why *why, vmmq_status status, const char *path, const char *text, ...);

#ifdef __cplusplus
}
#endif
#endif
