/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bench-cpumap INTERFACE CPU: an XDP program that hands every packet of the interface to the kernel on another CPU, until it is
 * killed: what xdp-bench redirect-cpu does, without looking into packets and without the statistics, whose tracepoints differ
 * between kernels.
 */
#include <errno.h>
#include <linux/bpf.h>
#include <net/if.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define QUEUE_LEN 2048 /* packets, xdp-bench's */

static int bpf(enum bpf_cmd command, union bpf_attr *attributes)
{
	return (int)syscall(SYS_bpf, command, attributes, sizeof(*attributes));
}

/* cpumap_create makes a map with one CPU in it, which begins a kernel thread there. */
static int cpumap_create(uint32_t cpu)
{
	union bpf_attr map = {
		.map_type = BPF_MAP_TYPE_CPUMAP, .key_size = 4, .value_size = 4, .max_entries = cpu + 1
	};
	uint32_t queue_len = QUEUE_LEN;
	union bpf_attr entry = { .key = (uintptr_t)&cpu, .value = (uintptr_t)&queue_len };

	entry.map_fd = (uint32_t)bpf(BPF_MAP_CREATE, &map);
	return (int)entry.map_fd < 0 || bpf(BPF_MAP_UPDATE_ELEM, &entry) ? -1 : (int)entry.map_fd;
}

/* redirect_load: return bpf_redirect_map(map, cpu, XDP_ABORTED) */
static int redirect_load(int map, uint32_t cpu)
{
	const struct bpf_insn program[] = {
		{ .code = BPF_LD | BPF_IMM | BPF_DW, .dst_reg = 1, .src_reg = BPF_PSEUDO_MAP_FD, .imm = map },
		{ 0 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 2, .imm = (int)cpu },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 3, .imm = XDP_ABORTED },
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_redirect_map },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	union bpf_attr load = { .prog_type = BPF_PROG_TYPE_XDP, .expected_attach_type = BPF_XDP };

	load.insns = (uintptr_t)program;
	load.insn_cnt = sizeof(program) / sizeof(program[0]);
	load.license = (uintptr_t) "BSD";
	return bpf(BPF_PROG_LOAD, &load);
}

static int redirect_attach(int program, unsigned interface)
{
	union bpf_attr link = { 0 };

	link.link_create.prog_fd = (uint32_t)program;
	link.link_create.target_ifindex = interface;
	link.link_create.attach_type = BPF_XDP;
	return bpf(BPF_LINK_CREATE, &link);
}

int main(int argc, char **argv)
{
	unsigned interface = argc > 2 ? if_nametoindex(argv[1]) : 0;
	uint32_t cpu = argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 10) : 0;
	int map, program;

	if (interface == 0) {
		fprintf(stderr, "usage: bench-cpumap INTERFACE CPU\n");
		return EXIT_FAILURE;
	}
	map = cpumap_create(cpu);
	program = map < 0 ? -1 : redirect_load(map, cpu);
	if (program < 0 || redirect_attach(program, interface) < 0) {
		fprintf(stderr, "bench-cpumap: %s\n", strerror(errno));
		return EXIT_FAILURE;
	}
	for (;;)
		pause();
}
