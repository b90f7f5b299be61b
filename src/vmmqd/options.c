/* SPDX-License-Identifier: BSD-2-Clause */
#include "vmmqd/options.h"

#include <stdio.h>
#include <string.h>

#include "base/command_help.h"
#include "base/command_manual.h"
#include "vmmqd/log.h"

#define BUFFERS_MIN     1024
#define BUFFERS_MAX     (4u << 20)
#define BUFFERS_DEFAULT 16384

static const struct command_option rows[] = {
	{ 'c', "config", "FILE", false,
	  "configuration (YAML) that a new state begins with; read again at SIGHUP, and then applied" },
	{ 0, "fallback-config", "FILE", false,
	  "configuration that vmmqd runs with when its state cannot be used, rather than not at all; that state is "
	  "kept under another "
	  "name" },
	{ 0, "state", "DB", false,
	  "what survives is kept here [/var/lib/vmmq/state.db; unless root: vmmq/state.db below $XDG_STATE_HOME or "
	  "~/.local/state]" },
	{ 0, "socket", "PATH", false,
	  "control socket [/run/vmmq/vmmq.sock; unless root: vmmq/vmmq.sock below $XDG_RUNTIME_DIR]" },
	{ 0, "socket-directory", "DIR", false,
	  "vhost-user and memif sockets are below it, those of a relative path in it [/run/vmmq; unless root: vmmq "
	  "below "
	  "$XDG_RUNTIME_DIR, or where the control socket is]" },
	{ 0, "allow-devargs", NULL, false,
	  "take ports that are raw DPDK devices (device: DEVARGS), which can name any file and driver" },
	{ 0, "keep-capabilities", NULL, false,
	  "unless root: keep capabilities that no port needs at the start, for TAP, AF_PACKET or AF_XDP ports that "
	  "come later" },
	{ 0, "copy", NULL, false,
	  "move guests' frames by DPDK's vhost library instead of by rings of our own: slower, to compare with" },
	{ 0, "interfaces", "PATTERN,...", false,
	  "kernel interfaces that new ports may be on, as \"eth1,tap*\" [any]; what runs already stays" },
	{ 0, "pci-devices", "PATTERN,...", false,
	  "PCI addresses that new ports may be at, as \"0000:03:00.*\" [any]" },
	{ 0, "change-group", "NAME", false,
	  "whose members may look and change by the control socket, as root and vmmqd's own user always may [as "
	  "root: vmmq, "
	  "where there is such a group]" },
	{ 0, "read-group", "NAME", false,
	  "whose members may only look, and see no hash secret keys [as root: vmmq-monitor, where there is such a "
	  "group]" },
	{ 0, "group", "NAME", false, "--change-group, as it was called before" },
	{ 0, "metrics", "[ADDR:]PORT", false,
	  "serve Prometheus metrics there; without ADDR on loopback, with * on all addresses, where anybody may read "
	  "them" },
	{ 0, "telemetry", NULL, false, "serve DPDK's telemetry socket" },
	{ 0, "reseed", NULL, false, "make the state equal to the configuration first, whatever it was" },
	{ 0, "log-level", "error|warning|notice|info|debug", false, "log this and what is worse [notice]" },
	{ 0, "buffers", "N", false, "packet buffers, 1024 to 4194304 [16384]" },
	{ 0, "no-pin", NULL, false, "let the processors' threads float over all CPUs" },
	{ 0, "no-hugepages", NULL, false, "use ordinary memory even when hugepages are free" },
};

static const char *const signals[][2] = {
	{ "SIGTERM, SIGINT", "stop: complete what is outstanding, at most 2 seconds; a second one stops at once" },
	{ "SIGHUP", "read the configuration again and make the running switch equal to it, all or nothing" },
	{ "SIGUSR1", "ignored" },
};

static const struct command_section signal_section = { "Signals", signals, sizeof(signals) / sizeof(signals[0]) };

static const struct command root = {
	.name = "",
	.summary = "VMMQ switch for virtual machines",
	.operands = "",
	.usual = "-c FILE",
	.options = rows,
	.option_count = sizeof(rows) / sizeof(rows[0]),
	.description =
	    "vmmqd runs a VMMQ switch for virtual machines: one uplink, a VPort per machine, each spread over "
	    "processors by its own indirection table. It stays in the foreground and logs to standard "
	    "error. vmmq shows it and changes it while it runs; every change that was acknowledged is in "
	    "the state and survives the process.",
	.section = &signal_section,
	.last_line = "Exit status: 0 stopped as asked, 1 refused or failed, 2 wrong command line.",
};

static const struct program vmmqd = {
	.name = "vmmqd",
	.version = VMMQ_VERSION,
	.root = &root,
	.package = "vmmq",
	.chapter = 8,
	.chapter_title = "System Administration",
	.exit_status =
	    "0: stopped as asked. 1: refused or failed; the last message on standard error says why. 2: the "
	    "command line is wrong.",
	.see_also = ".BR vmmq (1)",
};

static int options_fill(const struct command_line *line, struct options *options)
{
	const char *level = command_value(line, "log-level");
	uint64_t buffers;

	*options = (struct options){
		.config = command_value(line, "config"),
		.fallback_config = command_value(line, "fallback-config"),
		.state = command_value(line, "state"),
		.socket = command_value(line, "socket"),
		.sockets = command_value(line, "socket-directory"),
		.change_group = command_value(line, command_flag(line, "group") ? "group" : "change-group"),
		.read_group = command_value(line, "read-group"),
		.metrics = command_value(line, "metrics"),
		.telemetry = command_flag(line, "telemetry"),
		.reseed = command_flag(line, "reseed"),
		.allow_devargs = command_flag(line, "allow-devargs"),
		.keep_capabilities = command_flag(line, "keep-capabilities"),
		.interfaces = command_value(line, "interfaces"),
		.pci_devices = command_value(line, "pci-devices"),
		.copy = command_flag(line, "copy"),
		.pin = !command_flag(line, "no-pin"),
		.hugepages = !command_flag(line, "no-hugepages"),
		.log_level = LOG_LEVEL_NOTICE,
	};
	if (level && !log_level_parse(level, &options->log_level))
		return command_usage(
		    line, "--log-level: found \"%s\"; error, warning, notice, info or debug is needed", level);
	if (command_flag(line, "group") && command_flag(line, "change-group"))
		return command_usage(line, "--group is --change-group: one of them is enough");
	if (options->reseed && !options->config)
		return command_usage(line, "--reseed needs a configuration: -c FILE");
	if (!command_number(line, "buffers", BUFFERS_MIN, BUFFERS_MAX, BUFFERS_DEFAULT, &buffers))
		return COMMAND_USAGE;
	options->buffers = (uint32_t)buffers;
	return COMMAND_DONE;
}

bool options_parse(int argc, char **argv, struct options *options, int *status)
{
	struct command_line line;

	*status = COMMAND_DONE;
	if (argc == 2 && strcmp(argv[1], "--generate-man") == 0) {
		command_manual(stdout, &vmmqd, &root);
		return false;
	}
	if (!command_begin(&vmmqd, &root, argc - 1, argv + 1, &line, status))
		return false;
	*status = options_fill(&line, options);
	return *status == COMMAND_DONE;
}
