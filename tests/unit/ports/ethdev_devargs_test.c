/* SPDX-License-Identifier: BSD-2-Clause */
/* What a device's description is, before anything is opened; without an EAL first, then with one. */
#include "unit/ports/ethdev_rig.h"

#include <stdlib.h>

static const char long_path[] =
    "net_vhost0,iface=/tmp/"
    "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567"
    "89012345678901234567890123456789";

static void right_ones_are_accepted(void **state)
{
	static const char *const right[] = {
		"net_null0",
		"net_null0,size=64,no-rx=1",
		"vdev:net_ring0",
		"net_vhost0,iface=/tmp/a.sock,queues=2",
		"net_vhost12,iface=a.sock",
		"net_af_packet0,iface=eth0",
		"net_af_xdp0,iface=eth0,queue_count=2",
		"net_tap0",
		"net_tap0,iface=vm1",
		"net_pcap0,rx_pcap=a,tx_pcap=b",
		"net_memif0",
		"net_memif0,role=server,socket=/tmp/m.sock,socket-abstract=no",
		"net_virtio_user0,path=/tmp/v.sock,queues=2",
		"0000:01:00.0",
		"01:00.0,some=thing",
	};
	char error[512];

	(void)state;
	for (size_t i = 0; i < sizeof(right) / sizeof(right[0]); i++) {
		*error = '\0';
		if (!ethdev_devargs_check(right[i], error, sizeof(error)))
			print_message("%s\n", error);
		assert_string_equal(error, "");
	}
}

/* Each is refused with a sentence that has these words. */
static void wrong_ones_are_explained(void **state)
{
	static const struct {
		const char *devargs, *says;
	} wrong[] = {
		{ "", "a name of 1 to" },
		{ ",iface=a", "a name of 1 to" },
		{ "net_vhost0", "net_vhost0 needs iface=PATH" },
		{ "net_vhost0,queues=2", "net_vhost0 needs iface=PATH" },
		{ "net_af_xdp0", "net_af_xdp0 needs iface=INTERFACE" },
		{ "net_vhots0,iface=/tmp/a", "did you mean net_vhost0" },
		{ "af_packet0,iface=eth0", "did you mean net_af_packet0" },
		{ "eth0", "no such driver" },
		{ "net_vhost0,ifce=/tmp/a", "no argument \"ifce\": it has iface, queues" },
		{ "net_vhost0,iface=/no/such/folder/a", "there is no directory /no/such/folder/" },
		{ "net_vhost0,iface=", "1 to 107 bytes, this one 0" },
		{ long_path, "1 to 107 bytes, this one" },
		{ "net_af_packet0,iface=a234567890123456", "1 to 15 letters" },
		{ "net_tap0,iface=a/b", "no name of a kernel interface" },
		{ "net_virtio_user0", "net_virtio_user0 needs path=PATH" },
		{ "net_memif0,role=server", "socket-abstract=no" },
		{ "net_null0,=", "no argument \"\"" },
		{ "0123456789012345678901234567890123456789012345678901234567890123456789", "a name of 1 to 63" },
	};
	char error[512];

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		*error = '\0';
		assert_false(ethdev_devargs_check(wrong[i].devargs, error, sizeof(error)));
		if (!strstr(error, wrong[i].says))
			print_message("%s: %s\n", wrong[i].devargs, error);
		assert_non_null(strstr(error, wrong[i].says));
	}
}

static void parts_are_found(void **state)
{
	char text[128];

	(void)state;
	ethdev_devargs_name("net_vhost1,iface=/a,queues=2", text, sizeof(text));
	assert_string_equal(text, "net_vhost1");
	ethdev_devargs_name("vdev:net_null7", text, sizeof(text));
	assert_string_equal(text, "net_null7");
	assert_true(ethdev_devargs_value("net_vhost1,iface=/a,queues=2", "queues", text, sizeof(text)));
	assert_string_equal(text, "2");
	assert_true(ethdev_devargs_value("net_vhost1,iface=/a,queues=2", "iface", text, sizeof(text)));
	assert_string_equal(text, "/a");
	assert_false(ethdev_devargs_value("net_vhost1,iface=/a", "queues", text, sizeof(text)));
	assert_false(ethdev_devargs_value("net_vhost1", "iface", text, sizeof(text)));
}

static void an_error_fits_its_buffer(void **state)
{
	(void)state;
	for (size_t len = 1; len < 80; len++) {
		char *error = malloc(len);

		assert_false(ethdev_devargs_check("net_vhost0,ifce=/tmp/a", error, len));
		assert_true(strlen(error) < len);
		free(error);
	}
}

static void the_eal_knows_more_drivers(void **state)
{
	char error[512];

	(void)state;
	assert_false(ethdev_devargs_check("net_bonding0", error, sizeof(error)));
	assert_int_equal(rig_start(state), 0);
	assert_true(ethdev_devargs_check("net_bonding0", error, sizeof(error)));
	right_ones_are_accepted(state);
	wrong_ones_are_explained(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(right_ones_are_accepted),
		cmocka_unit_test(wrong_ones_are_explained),
		cmocka_unit_test(parts_are_found),
		cmocka_unit_test(an_error_fits_its_buffer),
		cmocka_unit_test(the_eal_knows_more_drivers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
