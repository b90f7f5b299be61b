/* SPDX-License-Identifier: BSD-2-Clause */
/* Bytes choose binary NDIS requests, well-formed and not, alone and in groups; a slow model says what each is answered with and leaves. */
#include "unit/ndis/oid_model_target.h"

#include "fuzz.h"

enum { REQUESTS_MAX = 200 };

void fuzz_requests(const uint8_t *data, size_t len)
{
	random_feed(data, len);
	target = &binary_target;
	start();
	for (unsigned i = 0; i < REQUESTS_MAX && !random_is_spent(); i++) {
		if (random_one_in(8))
			group();
		else
			step();
	}
	target->stop();
}
