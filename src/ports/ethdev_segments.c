/* SPDX-License-Identifier: BSD-2-Clause */
#include "ports/ethdev_segments.h"

#include <errno.h>
#include <linux/bpf.h>
#include <linux/if_link.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

static int bpf_call(enum bpf_cmd command, union bpf_attr *attributes)
{
	return (int)syscall(SYS_bpf, command, attributes, sizeof(*attributes));
}

/*
 * frags: without that flag an interface whose frames are longer than a page takes no program; older kernels do not
 * know it.
 */
static int pass_load(uint32_t flags)
{
	const struct bpf_insn program[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .imm = XDP_PASS },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	union bpf_attr load = { .prog_type = BPF_PROG_TYPE_XDP, .expected_attach_type = BPF_XDP };

	load.prog_flags = flags;
	load.insns = (uintptr_t)program;
	load.insn_cnt = sizeof(program) / sizeof(program[0]);
	load.license = (uintptr_t) "BSD";
	return bpf_call(BPF_PROG_LOAD, &load);
}

int ethdev_segments_ask(unsigned ifindex)
{
	union bpf_attr link = { 0 };
	int program = pass_load(BPF_F_XDP_HAS_FRAGS), fd, error;

	if (program < 0 && errno == EINVAL)
		program = pass_load(0);
	if (program < 0)
		return -1;
	link.link_create.prog_fd = (uint32_t)program;
	link.link_create.target_ifindex = ifindex;
	link.link_create.attach_type = BPF_XDP;
	link.link_create.flags = XDP_FLAGS_DRV_MODE;
	fd = bpf_call(BPF_LINK_CREATE, &link);
	error = errno;
	close(program);
	errno = error;
	return fd;
}
