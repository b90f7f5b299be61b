/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/capability.h"

#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#define WORDS _LINUX_CAPABILITY_U32S_3

static bool sets_read(struct __user_cap_data_struct sets[WORDS])
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };

	return syscall(SYS_capget, &header, sets) == 0;
}

uint64_t capability_effective(void)
{
	struct __user_cap_data_struct sets[WORDS];

	return sets_read(sets) ? (uint64_t)sets[1].effective << 32 | sets[0].effective : 0;
}

/* What is neither permitted nor inheritable any more, the kernel takes out of the ambient set, too. */
bool capability_keep(uint64_t mask)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct sets[WORDS];

	if (!sets_read(sets))
		return false;
	for (unsigned i = 0; i < WORDS; i++) {
		uint32_t word = (uint32_t)(mask >> (32 * i));

		sets[i].effective &= word;
		sets[i].permitted &= word;
		sets[i].inheritable &= word;
	}
	return syscall(SYS_capset, &header, sets) == 0;
}

void capability_text(uint64_t mask, char text[CAPABILITY_TEXT_MAX])
{
	static const struct {
		unsigned number;
		const char *name;
	} known[] = {
		{ CAP_CHOWN, "CAP_CHOWN" },         { CAP_DAC_OVERRIDE, "CAP_DAC_OVERRIDE" },
		{ CAP_FOWNER, "CAP_FOWNER" },       { CAP_NET_ADMIN, "CAP_NET_ADMIN" },
		{ CAP_NET_RAW, "CAP_NET_RAW" },     { CAP_IPC_LOCK, "CAP_IPC_LOCK" },
		{ CAP_SYS_RAWIO, "CAP_SYS_RAWIO" }, { CAP_SYS_PTRACE, "CAP_SYS_PTRACE" },
		{ CAP_SYS_ADMIN, "CAP_SYS_ADMIN" }, { CAP_BPF, "CAP_BPF" },
	};
	int at = 0;

	snprintf(text, CAPABILITY_TEXT_MAX, "none");
	for (unsigned i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (mask & CAPABILITY(known[i].number) && at < CAPABILITY_TEXT_MAX)
			at += snprintf(text + at, (size_t)(CAPABILITY_TEXT_MAX - at), "%s%s", at ? ", " : "",
				       known[i].name);
}
