/* SPDX-License-Identifier: BSD-2-Clause */
/* Ports of the running switch: where sockets may be, what is taken and refused, the uplink by a request, what survives. */
#include "unit/control/live_requests.h"
#include "unit/control/live_rig.h"

static const char two[] = "adapter: {processors: [0, 1], moderation: interrupt}\n"
			  "vports:\n"
			  "  - {id: 1, backend: {vhost_user: {socket: one.sock}}}\n"
			  "  - {id: 2}\n";

static char sockets[96]; /* the directory */

static int port_fresh(void **state)
{
	char line[512];

	if (rig_fresh(state))
		return -1;
	snprintf(sockets, sizeof(sockets), "%s/sockets", rig_folder);
	snprintf(line, sizeof(line), "rm -rf %s; mkdir -p %s/vm; ln -s .. %s/out", sockets, sockets, sockets);
	return system(line);
}

static int port_end(void **state)
{
	char line[512];

	snprintf(line, sizeof(line), "rm -rf %s", sockets);
	return system(line) | rig_end(state);
}

/* What port_open_live() allows beside devargs. */
static struct {
	const char *control, *interfaces, *addresses;
} rules;

static struct live *port_open_live(const char *yaml, bool allow_devargs)
{
	struct vmmq_config seed = { 0 };
	const struct live_params params = { .seed = yaml ? &seed : NULL,
					    .state = rig_state,
					    .sockets = sockets,
					    .allow_devargs = allow_devargs,
					    .control = rules.control,
					    .interfaces = rules.interfaces,
					    .addresses = rules.addresses,
					    .host_buffers = 2047 };
	char error[512];
	struct live *live;

	if (yaml)
		rig_parse(yaml, &seed);
	live = live_open(&params, error, sizeof(error));
	if (!live)
		fail_msg("%s", error);
	rig_left = live;
	vmmq_config_fini(&seed);
	return live;
}

/* backend_is compares a VPort's backend, as it is wanted and as the host has it, with words. */
static void backend_is(struct live *live, uint16_t vport, const char *words)
{
	char text[PORT_TEXT_MAX], expected[PORT_TEXT_MAX];
	struct live_extras extras;
	struct host_port port;

	snprintf(expected, sizeof(expected), words, sockets);
	assert_true(live_extras(live, (struct vmmq_vport_id){ vport }, &extras));
	port_spec_text(extras.backend, text, sizeof(text));
	assert_string_equal(text, expected);
	host_backend_get(live_host(live), (struct vmmq_vport_id){ vport }, &port);
	port_spec_text(port.spec, text, sizeof(text));
	assert_string_equal(text, expected);
}

static struct set backend_of(uint16_t vport, const struct port_spec *spec)
{
	return (struct set){ .vport = { .id = { vport }, .backend = *spec }, .changed = LIVE_VPORT_BACKEND };
}

static struct port_spec socket_at(const char *place)
{
	struct port_spec spec = { .kind = PORT_VHOST_USER };

	snprintf(spec.place, sizeof(spec.place), "%.*s", (int)sizeof(spec.place) - 1, place);
	return spec;
}

/* refuses sees that a backend is refused, with the words, and that nothing has changed. */
static void refuses(struct live *live, uint16_t vport, const struct port_spec *spec, const char *path,
		    const char *words)
{
	char *before = rig_export(live), *dump = rig_dump(rig_state), *after, *dump_after;
	struct set set = backend_of(vport, spec);
	struct vmmq_why why;

	assert_int_equal(rig_run(live, set_vport, &set, &why), VMMQ_INVALID_PARAMETER);
	assert_string_equal(why.path, path);
	if (!strstr(why.text, words))
		fail_msg("\"%s\" is not in \"%s\"", words, why.text);
	after = rig_export(live);
	dump_after = rig_dump(rig_state);
	assert_string_equal(before, after);
	assert_string_equal(dump, dump_after);
	free(before);
	free(dump);
	free(after);
	free(dump_after);
}

static void sockets_are_in_the_directory(void **state)
{
	struct live *live = port_open_live(two, false);
	struct port_spec spec = socket_at("vm/two.sock");
	struct set set = backend_of(2, &spec);
	char path[160];

	(void)state;
	backend_is(live, 1, "vhost_user %s/one.sock, server");
	snprintf(path, sizeof(path), "%s/one.sock", sockets);
	assert_int_equal(access(path, F_OK), 0);
	rig_must(live, set_vport, &set);
	backend_is(live, 2, "vhost_user %s/vm/two.sock, server");
	rig_close(live);
	live = port_open_live(NULL, false);
	backend_is(live, 2, "vhost_user %s/vm/two.sock, server");
	rig_close(live);
}

static void sockets_elsewhere_are_refused(void **state)
{
	struct live *live = port_open_live(two, false);
	char inside[160];
	struct port_spec spec;

	(void)state;
	spec = socket_at("/tmp/two.sock");
	refuses(live, 2, &spec, "backend.vhost_user", "/tmp/two.sock is not below");
	refuses(live, 2, &spec, "backend.vhost_user", sockets);
	spec = socket_at("../two.sock");
	refuses(live, 2, &spec, "backend.vhost_user", "is not below");
	spec = socket_at("out/two.sock");
	refuses(live, 2, &spec, "backend.vhost_user", "leads to");
	spec = socket_at("vm/../../two.sock");
	refuses(live, 2, &spec, "backend.vhost_user", "is not below");
	spec = socket_at("missing/two.sock");
	refuses(live, 2, &spec, "backend.vhost_user", "make it first");
	spec = socket_at("");
	refuses(live, 2, &spec, "backend.vhost_user", "no path of a socket");
	snprintf(inside, sizeof(inside), "%s/vm/../one.sock", sockets);
	spec = socket_at(inside);
	refuses(live, 2, &spec, "backend.vhost_user", "is used by VPort 1");
	spec = socket_at("two.sock");
	snprintf(spec.owner, sizeof(spec.owner), "no-such-user-here");
	refuses(live, 2, &spec, "backend.vhost_user", "there is no user \"no-such-user-here\"");
	spec.owner[0] = '\0';
	snprintf(spec.group, sizeof(spec.group), "no-such-group-here");
	refuses(live, 2, &spec, "backend.vhost_user", "there is no group \"no-such-group-here\"");
	rig_close(live);
}

static void raw_devices_need_to_be_allowed(void **state)
{
	struct live *live = port_open_live(two, false);

	(void)state;
	refuses(live, 2, DEVICE("net_null0"), "backend.device", "--allow-devargs");
	refuses(live, 2, DEVICE("net_tap0,iface=t0"), "backend.device", "write tap: {interface: \"t0\"} instead");
	refuses(live, 2, DEVICE("0000:03:00.0"), "backend.device", "write pci: {address: \"0000:03:00.0\"} instead");
	refuses(live, 2, DEVICE("net_vhost0,iface=/run/a"), "backend.device",
		"write vhost_user: {socket: \"/run/a\"} instead");
	rig_close(live);
	live = port_open_live(NULL, true);
	refuses(live, 2, DEVICE("net_vhost0,queues=2"), "backend.device", "write vhost_user: {socket: PATH}");
	refuses(live, 2, DEVICE("nonsense"), "backend.device", "no such driver");
	rig_close(live);
}

/* A port there would keep vmmqd from its next start: its control socket would be taken. */
static void the_control_socket_is_no_port(void **state)
{
	char control[160];
	struct port_spec spec = socket_at("control.sock");
	struct live *live;

	(void)state;
	snprintf(control, sizeof(control), "%s/vm/../control.sock", sockets);
	rules.control = control;
	live = port_open_live(two, true);
	refuses(live, 2, &spec, "backend.vhost_user",
		"control.sock is vmmqd's control socket: give the port another");
	spec.mode = PORT_CLIENT;
	refuses(live, 2, &spec, "backend.vhost_user", "control socket");
	spec = (struct port_spec){ .kind = PORT_MEMIF };
	snprintf(spec.place, sizeof(spec.place), "vm/../control.sock");
	refuses(live, 2, &spec, "backend.memif", "control socket");
	rig_close(live);
	rules.control = NULL;
}

static void interfaces_and_addresses_may_be_listed(void **state)
{
	struct port_spec there = { .kind = PORT_AF_PACKET, .place = "vmmqnone1" };
	struct port_spec other = { .kind = PORT_TAP, .place = "xvmmqnone1" };
	struct port_spec xdp = { .kind = PORT_AF_XDP, .place = "vmmqnone10" };
	struct port_spec device = { .kind = PORT_PCI, .place = "0000:04:00.0" };
	struct set set = backend_of(2, &there);
	struct live *live;

	(void)state;
	rules.interfaces = "lo?,vmmqnone?";
	rules.addresses = "0000:03:00.*";
	live = port_open_live(two, false);
	rig_must(live, set_vport, &set);
	refuses(live, 1, &other, "backend.tap",
		"xvmmqnone1 is none of those that this vmmqd may use: lo?,vmmqnone? (--interfaces)");
	refuses(live, 1, &xdp, "backend.af_xdp", "--interfaces");
	refuses(live, 1, &device, "backend.pci", "0000:03:00.* (--pci-devices)");
	rig_close(live);
	rules.interfaces = "";
	live = port_open_live(NULL, false);
	backend_is(live, 2, "af_packet vmmqnone1");
	refuses(live, 1, &other, "backend.tap", "--interfaces");
	rig_close(live);
	rules.interfaces = rules.addresses = NULL;
}

static vmmq_status apply_config(struct live *live, void *argument, struct vmmq_why *why)
{
	return live_apply(live, argument, why);
}

/* What was taken once stays, whatever this vmmqd takes: as it is, in a request that says the same, in a file that does. */
static void what_was_taken_once_stays(void **state)
{
	struct live *live = port_open_live(two, true);
	struct set set = backend_of(2, DEVICE("net_null0,no-rx=1")), other = backend_of(1, DEVICE("net_null1"));
	struct vmmq_config config;
	json_t *difference;

	(void)state;
	rig_must(live, set_vport, &set);
	rig_close(live);
	live = port_open_live(NULL, false);
	backend_is(live, 2, "device net_null0,no-rx=1");
	rig_must(live, set_vport, &set);
	assert_int_equal(rig_run(live, set_vport, &other, NULL), VMMQ_INVALID_PARAMETER);
	assert_true(live_config(live, &config));
	difference = live_difference(live, &config);
	assert_int_equal(json_array_size(difference), 0);
	json_decref(difference);
	config.vports[2].flood_limit = 7;
	rig_must(live, apply_config, &config);
	backend_is(live, 2, "device net_null0,no-rx=1");
	vmmq_config_fini(&config);
	rig_close(live);
}

/* A file may say a socket's path relative to the directory: that is no difference. */
static void a_relative_path_is_no_difference(void **state)
{
	struct live *live = port_open_live(two, false);
	struct vmmq_config config;
	json_t *difference;

	(void)state;
	rig_parse(two, &config);
	difference = live_difference(live, &config);
	assert_int_equal(json_array_size(difference), 0);
	json_decref(difference);
	rig_must(live, apply_config, &config);
	backend_is(live, 1, "vhost_user %s/one.sock, server");
	vmmq_config_fini(&config);
	rig_close(live);
}

struct uplink_wanted {
	struct port_spec spec;
	uint32_t rx_queues;
};

static vmmq_status set_uplink(struct live *live, void *argument, struct vmmq_why *why)
{
	const struct uplink_wanted *wanted = argument;

	return live_uplink_set(live, &wanted->spec, wanted->rx_queues, why);
}

static void uplink_is(struct live *live, const char *words, uint32_t rx_queues)
{
	char text[PORT_TEXT_MAX], expected[PORT_TEXT_MAX];
	struct live_adapter_info info;
	struct host_port port;

	snprintf(expected, sizeof(expected), words, sockets);
	live_adapter_info(live, &info);
	port_spec_text(info.uplink, text, sizeof(text));
	assert_string_equal(text, expected);
	assert_int_equal(info.uplink_rx_queues, rx_queues);
	host_uplink_get(live_host(live), &port);
	port_spec_text(port.spec, text, sizeof(text));
	assert_string_equal(text, expected);
}

static void the_uplink_is_set_by_a_request(void **state)
{
	struct live *live = port_open_live(two, false);
	struct uplink_wanted up = { socket_at("up.sock"), 2 }, none = { { 0 }, 1 },
			     bad = { socket_at("one.sock"), 3 };
	struct heard heard = { "" };
	struct vmmq_why why;

	(void)state;
	live_listen(live, hear, &heard);
	uplink_is(live, "none", 1);
	rig_must(live, set_uplink, &up);
	uplink_is(live, "vhost_user %s/up.sock, server", 2);
	assert_non_null(strstr(heard.text, "adapter.changed 0 uplink vhost_user"));
	heard.text[0] = '\0';
	rig_must(live, set_uplink, &up);
	assert_string_equal(heard.text, ""); /* nothing has changed */
	assert_int_equal(rig_run(live, set_uplink, &bad, &why), VMMQ_INVALID_PARAMETER);
	assert_string_equal(why.path, "adapter.uplink.vhost_user");
	assert_non_null(strstr(why.text, "is used by VPort 1"));
	bad = (struct uplink_wanted){ *DEVICE("net_af_xdp0,iface=e0,queue_count=2"), 2 };
	assert_int_equal(rig_run(live, set_uplink, &bad, &why), VMMQ_INVALID_PARAMETER);
	assert_non_null(strstr(why.text, "write af_xdp: {interface: \"e0\"} instead"));
	bad = up;
	bad.spec.queues = 2;
	assert_int_equal(rig_run(live, set_uplink, &bad, &why), VMMQ_INVALID_PARAMETER);
	assert_non_null(strstr(why.text, "said once, by rx_queues"));
	uplink_is(live, "vhost_user %s/up.sock, server", 2);
	rig_close(live);
	live = port_open_live(NULL, false);
	uplink_is(live, "vhost_user %s/up.sock, server", 2);
	up.rx_queues = 4;
	rig_must(live, set_uplink, &up);
	uplink_is(live, "vhost_user %s/up.sock, server", 4);
	rig_must(live, set_uplink, &none);
	uplink_is(live, "none", 1);
	rig_close(live);
	live = port_open_live(NULL, false);
	uplink_is(live, "none", 1);
	rig_close(live);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(sockets_are_in_the_directory, port_fresh),
		cmocka_unit_test_setup(sockets_elsewhere_are_refused, port_fresh),
		cmocka_unit_test_setup(raw_devices_need_to_be_allowed, port_fresh),
		cmocka_unit_test_setup(the_control_socket_is_no_port, port_fresh),
		cmocka_unit_test_setup(interfaces_and_addresses_may_be_listed, port_fresh),
		cmocka_unit_test_setup(what_was_taken_once_stays, port_fresh),
		cmocka_unit_test_setup(a_relative_path_is_no_difference, port_fresh),
		cmocka_unit_test_setup(the_uplink_is_set_by_a_request, port_fresh),
	};

	return cmocka_run_group_tests(tests, rig_start, port_end);
}
