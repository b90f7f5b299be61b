/* SPDX-License-Identifier: BSD-2-Clause */
/* One target under libFuzzer; -DFUZZ_TARGET=fuzz_NAME. */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	FUZZ_TARGET(data, len);
	return 0;
}
