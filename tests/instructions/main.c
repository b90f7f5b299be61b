/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vmmq-instructions STAGE IMPLEMENTATION: one stage, twice: once for what happens only the first time, and once
 * inside stage_counted(), whose instructions callgrind counts.  Prints the packets of that.  Exit status 77: not here.
 */
#include <stdio.h>
#include <string.h>

#include "engine/eal.h"
#include "stages.h"

#define MEMORY_MB 64
#define NOT_HERE  77

uint64_t stage_counted(const struct stage *stage);

/* stage_counted is found by its name. */
__attribute__((noinline, noclone)) uint64_t stage_counted(const struct stage *stage)
{
	uint64_t packets = stage->run();

	__asm__ volatile("" ::: "memory"); /* not a tail call: the function ends when the stage has */
	return packets;
}

static const struct stage *stage_named(const char *name)
{
	static const struct stage *const stages[] = { &stage_hash_ipv4, &stage_hash_ipv6, &stage_classify,
						      &stage_looking,   &stage_tunnel,    &stage_inside,
						      &stage_receive,   &stage_send,      &stage_transfer };

	for (unsigned i = 0; i < sizeof(stages) / sizeof(stages[0]); i++)
		if (!strcmp(stages[i]->name, name))
			return stages[i];
	return NULL;
}

/* runs_here: this CPU, or what valgrind makes of it, has the implementation, and the stage takes it. */
static bool runs_here(const struct stage *stage, enum vmmq_toeplitz_impl impl)
{
	return vmmq_toeplitz_resolve(stage->own ? impl : VMMQ_TOEPLITZ_AUTO) == impl;
}

int main(int argc, char *argv[])
{
	const struct stage *stage = argc == 3 ? stage_named(argv[1]) : NULL;
	enum vmmq_toeplitz_impl impl = argc == 3 ? vmmq_toeplitz_impl_parse(argv[2]) : VMMQ_TOEPLITZ_IMPL_COUNT;
	uint64_t packets;
	char error[256];

	if (!stage || impl == VMMQ_TOEPLITZ_IMPL_COUNT || impl == VMMQ_TOEPLITZ_AUTO) {
		fprintf(stderr, "usage: vmmq-instructions STAGE IMPLEMENTATION\n");
		return 2;
	}
	if (!runs_here(stage, impl))
		return NOT_HERE;
	if (!stage->own && eal_start(1, MEMORY_MB, error, sizeof(error))) {
		fprintf(stderr, "vmmq-instructions: %s\n", error);
		return 1;
	}
	if (!stage->make(impl) || stage->run() != STAGE_PACKETS) {
		fprintf(stderr, "vmmq-instructions: %s: cannot be prepared\n", stage->name);
		return 1;
	}
	packets = stage_counted(stage);
	printf("%llu\n", (unsigned long long)packets);
	return packets == STAGE_PACKETS ? 0 : 1;
}
