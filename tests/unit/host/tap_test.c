/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The host on real devices: two guests and the uplink are TAP interfaces in a network namespace of the test's own, and frames are
 * sent and caught at their kernel side.  Needs root.
 */
#include "unit/host/host_rig.h"

#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static void bring_up(const char *interface)
{
	struct ifreq request = { 0 };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", interface);
	assert_int_equal(ioctl(fd, SIOCGIFFLAGS, &request), 0);
	request.ifr_flags |= IFF_UP;
	assert_int_equal(ioctl(fd, SIOCSIFFLAGS, &request), 0);
	close(fd);
}

/* tap_open brings the interface up and returns a socket for its frames. */
static int tap_open(const char *interface)
{
	struct sockaddr_ll address = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(0x0800),
	};
	int fd = socket(AF_PACKET, SOCK_RAW, 0);

	bring_up(interface);
	address.sll_ifindex = (int)if_nametoindex(interface);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

static void tap_send(int fd, uint8_t to, uint8_t from, uint32_t number)
{
	struct rte_mbuf *packet = rig_packet(to, from, UNTAGGED, FRAME_LEN, 0, number);

	assert_int_equal(send(fd, rte_pktmbuf_mtod(packet, void *), FRAME_LEN, 0), FRAME_LEN);
	rte_pktmbuf_free(packet);
}

/* tap_catch returns the number of the next of our frames that arrives, turning the processors meanwhile; UINT32_MAX: none. */
static uint32_t tap_catch(int fd)
{
	uint64_t start = now_ns();
	uint32_t number;
	char frame[2000];

	while (!hangs(start)) {
		ssize_t len;

		rig_run();
		len = recv(fd, frame, sizeof(frame), MSG_DONTWAIT);
		if (len != FRAME_LEN)
			continue; /* nothing, or the kernel's own */
		memcpy(&number, frame + len - sizeof(number), sizeof(number));
		return number;
	}
	return UINT32_MAX;
}

static void make(void)
{
	const struct host_params host_params = { .name = "tap", .buffers = 16384 };
	struct vmmq_adapter_params params = {
		.name = "tap",
		.nic_switch = { .processors = processors, .processor_count = PROCESSORS, .max_vports = 64 },
	};

	assert_int_equal(host_create(&host_params, &host, NULL), VMMQ_SUCCESS);
	host_fill_adapter_params(host, &params);
	assert_int_equal(vmmq_adapter_create(&params, &adapter, NULL), VMMQ_SUCCESS);
	assert_int_equal(host_bind(host, adapter, NULL), VMMQ_SUCCESS);
	host_set_uplink(host, &(struct port_spec){ .kind = PORT_TAP, .place = "up0" }, 1);
	for (uint16_t v = 1; v <= 2; v++) {
		struct vmmq_nic_switch *sw = vmmq_adapter_switch(adapter);
		struct port_spec tap = { .kind = PORT_TAP };

		snprintf(tap.place, sizeof(tap.place), "vm%u", v);
		assert_int_equal(vmmq_vport_create(sw, id(v), tap.place, 2, processors[v], NULL), VMMQ_SUCCESS);
		assert_int_equal(vmmq_vport_activate(sw, id(v), NULL), VMMQ_SUCCESS);
		rig_filter(v, (uint8_t)v, VMMQ_VLAN_UNTAGGED_OR_ZERO);
		host_set_backend(host, id(v), &tap);
	}
	rig_apply();
}

static bool is_open(struct port *port)
{
	if (!port->dev)
		print_message("%s: %s: %s\n", port->spec.place, port->state, port->reason);
	return port->dev;
}

static void guests_and_uplink(int one, int two, int up)
{
	tap_send(one, 2, 1, 1);
	assert_int_equal(tap_catch(two), 1);
	tap_send(one, STRANGER, 1, 2);
	assert_int_equal(tap_catch(up), 2);
	tap_send(up, 2, STRANGER, 3);
	assert_int_equal(tap_catch(two), 3);
	tap_send(two, BROADCAST, 2, 4);
	assert_int_equal(tap_catch(one), 4);
	assert_int_equal(tap_catch(up), 4);
	tap_send(up, BROADCAST, STRANGER, 5);
	assert_int_equal(tap_catch(one), 5);
	assert_int_equal(tap_catch(two), 5);
}

static void on_taps(void **state)
{
	struct guest *guest;
	uint64_t start;
	int one, two, up;

	(void)state;
	make();
	assert_true(is_open(&host->uplink.port));
	for (guest = host->guests; guest; guest = guest->next)
		assert_true(is_open(&guest->port));
	one = tap_open("vm1");
	two = tap_open("vm2");
	up = tap_open("up0");
	host_tick(host);
	guests_and_uplink(one, two, up);

	/* The interface behind the uplink is removed, and later comes back: guests go on. */
	close(up);
	assert_int_equal(system("ip link delete up0"), 0);
	for (start = now_ns(); host->uplink.port.dev && !hangs(start);)
		host_tick(host);
	assert_null(host->uplink.port.dev);
	tap_send(one, 2, 1, 6);
	assert_int_equal(tap_catch(two), 6);
	for (start = now_ns(); !host->uplink.port.dev && !hangs(start);)
		host_tick(host);
	assert_true(is_open(&host->uplink.port));
	up = tap_open("up0");
	host_tick(host);
	guests_and_uplink(one, two, up);

	vmmq_adapter_stop(adapter);
	host_destroy(host);
	vmmq_adapter_destroy(adapter);
}

static int run(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(on_taps) };

	return cmocka_run_group_tests_name("tap", tests, NULL, NULL);
}

int main(void)
{
	if (unshare(CLONE_NEWNET)) {
		printf("needs root, for a network namespace and TAP interfaces\n");
		return 77;
	}
	return rig_main(run);
}
