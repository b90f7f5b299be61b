/* SPDX-License-Identifier: BSD-2-Clause */
/* Ports as values: in words, as devargs and back, their places, their sockets' directories. */
#include "ports/port_spec.h"

#include <grp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "unit/ports/device_spec.h"

/* One port in all its spellings; devargs, where it has some, with number 7 and 3 queue pairs. */
static const struct {
	struct port_spec spec;
	const char *text, *file, *devargs;
} spellings[] = {
	{ { .kind = PORT_VHOST_USER, .place = "/run/vmmq/web.sock", .queues = 4 },
	  "vhost_user /run/vmmq/web.sock, server, 4 queues",
	  "vhost_user: {socket: \"/run/vmmq/web.sock\", queues: 4}",
	  NULL },
	{ { .kind = PORT_VHOST_USER,
	    .place = "/a\"b\\c",
	    .mode = PORT_CLIENT,
	    .owner = "libvirt-qemu",
	    .group = "kvm",
	    .permissions = 0600,
	    .features_off = UINT64_C(1) << 34 | 1u << 22 | 1 },
	  "vhost_user /a\"b\\c, client, owner libvirt-qemu, group kvm, permissions 0600, without csum, mq and packed",
	  "vhost_user: {socket: \"/a\\\"b\\\\c\", mode: client, owner: \"libvirt-qemu\", group: \"kvm\", "
	  "permissions: "
	  "\"0600\", features: {csum: off, mq: off, packed: off}}",
	  NULL },
	{ { .kind = PORT_TAP, .place = "tap0", .queues = 1 },
	  "tap tap0, 1 queue",
	  "tap: {interface: \"tap0\", queues: 1}",
	  "net_tap_7,iface=tap0" },
	{ { .kind = PORT_AF_PACKET, .place = "eth0" },
	  "af_packet eth0",
	  "af_packet: {interface: \"eth0\"}",
	  "net_af_packet_7,iface=eth0,qpairs=3" },
	{ { .kind = PORT_AF_XDP, .place = "eth0" },
	  "af_xdp eth0",
	  "af_xdp: {interface: \"eth0\"}",
	  "net_af_xdp_7,iface=eth0,queue_count=3" },
	{ { .kind = PORT_PCI, .place = "0000:03:00.0" },
	  "pci 0000:03:00.0",
	  "pci: {address: \"0000:03:00.0\"}",
	  "0000:03:00.0" },
	{ { .kind = PORT_MEMIF, .place = "/run/vmmq/m", .id = 5, .mode = PORT_CLIENT },
	  "memif /run/vmmq/m, client, id 5",
	  "memif: {socket: \"/run/vmmq/m\", id: 5, role: client}",
	  "net_memif_7,role=client,id=5,socket=/run/vmmq/m,socket-abstract=no" },
	{ { .kind = PORT_DEVICE, .device = (char *)(uintptr_t) "net_null0,copy=1" },
	  "device net_null0,copy=1",
	  "device: \"net_null0,copy=1\"",
	  "net_null0,copy=1" },
	{ { .kind = PORT_NONE }, "none", NULL, "" },
};
#define SPELLINGS (sizeof(spellings) / sizeof(spellings[0]))

static void ports_are_written(void **state)
{
	char text[PORT_TEXT_MAX], cut[12];

	(void)state;
	for (size_t i = 0; i < SPELLINGS; i++) {
		port_spec_text(&spellings[i].spec, text, sizeof(text));
		assert_string_equal(text, spellings[i].text);
		if (spellings[i].devargs) {
			port_spec_devargs(&spellings[i].spec, 7, 3, text, sizeof(text));
			assert_string_equal(text, spellings[i].devargs);
		}
		if (!spellings[i].file)
			continue;
		port_spec_file_text(&spellings[i].spec, text, sizeof(text));
		assert_string_equal(text, spellings[i].file);
		port_spec_file_text(&spellings[i].spec, cut, sizeof(cut));
		assert_memory_equal(cut, text, sizeof(cut) - 1);
		assert_int_equal(cut[sizeof(cut) - 1], '\0');
	}
}

static void ports_are_compared_and_copied(void **state)
{
	struct port_spec copy, other = { .kind = PORT_VHOST_USER, .place = "a" };

	(void)state;
	for (size_t i = 0; i < SPELLINGS; i++) {
		assert_true(port_spec_copy(&copy, &spellings[i].spec));
		for (size_t j = 0; j < SPELLINGS; j++)
			assert_int_equal(port_spec_equal(&copy, &spellings[j].spec), i == j);
		port_spec_fini(&copy);
		assert_int_equal(copy.kind, PORT_NONE);
		assert_null(copy.device);
	}
	copy = other;
	copy.permissions = PORT_PERMISSIONS; /* said, and what it is anyway */
	assert_true(port_spec_equal(&copy, &other));
	copy.permissions = 0600;
	assert_false(port_spec_equal(&copy, &other));
}

static void queues_of_a_port(void **state)
{
	static const struct {
		enum port_kind kind;
		uint16_t queues;
		uint32_t queue_pairs;
		uint16_t wanted;
	} cases[] = {
		{ PORT_VHOST_USER, 0, 16, 16 }, { PORT_VHOST_USER, 4, 16, 4 }, { PORT_TAP, 0, 2, 2 },
		{ PORT_AF_PACKET, 0, 16, 1 },   { PORT_AF_PACKET, 4, 16, 4 },  { PORT_AF_XDP, 0, 16, 1 },
		{ PORT_PCI, 0, 8, 8 },          { PORT_MEMIF, 0, 0, 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct port_spec spec = { .kind = cases[i].kind, .queues = cases[i].queues };

		assert_int_equal(port_spec_queues(&spec, cases[i].queue_pairs), cases[i].wanted);
	}
}

/* What devargs of earlier versions become, as a file has it; NULL: nothing, as something would be lost. */
static void devargs_are_converted(void **state)
{
	static const struct {
		const char *devargs, *file;
	} cases[] = {
		{ "net_vhost1,iface=/run/a", "vhost_user: {socket: \"/run/a\"}" },
		{ "vdev:net_vhost1,iface=/run/a,queues=4,client=1",
		  "vhost_user: {socket: \"/run/a\", mode: client, queues: 4}" },
		{ "net_vhost1,queues=4,iface=/run/a,client=0,tso=0,postcopy-support=1,linear-buffer=1",
		  "vhost_user: {socket: \"/run/a\", queues: 4}" },
		{ "net_vhost1,iface=/run/a,tso=1", NULL },
		{ "net_vhost1,iface=/run/a,iommu-support=1", NULL },
		{ "net_vhost1,iface=/run/a,queues=0", NULL },
		{ "net_vhost1,iface=/run/a,queues=4x", NULL },
		{ "net_vhost1,iface=/run/a,client=2", NULL },
		{ "net_vhost1,iface=", NULL },
		{ "net_vhost1,iface", NULL },
		{ "net_vhost1", NULL },
		{ "net_tap0,iface=tap0", "tap: {interface: \"tap0\"}" },
		{ "net_tap0", NULL },
		{ "net_tap0,iface=tap0,remote=eth0", NULL },
		{ "net_tap0,iface=a_name_too_long_for_it", NULL },
		{ "net_af_packet0,iface=eth0,qpairs=2", "af_packet: {interface: \"eth0\", queues: 2}" },
		{ "net_af_packet0,iface=eth0,qpairs=17", NULL }, /* more than a file may say */
		{ "net_af_packet0,iface=eth0,blocksz=4096", NULL },
		{ "net_af_xdp0,iface=eth0,start_queue=0,queue_count=2", "af_xdp: {interface: \"eth0\", queues: 2}" },
		{ "net_af_xdp0,iface=eth0,start_queue=1", NULL },
		{ "net_af_xdp0,iface=eth0,force_copy=1", NULL },
		{ "net_memif0,socket=/run/m,socket-abstract=no,id=3,role=server",
		  "memif: {socket: \"/run/m\", id: 3}" },
		{ "net_memif0,socket=/run/m,socket-abstract=no", "memif: {socket: \"/run/m\", id: 0, role: client}" },
		{ "net_memif0,socket=/run/m,role=server", NULL }, /* an abstract socket */
		{ "net_memif0,socket=/run/m,socket-abstract=no,secret=x", NULL },
		{ "0000:03:00.0", "pci: {address: \"0000:03:00.0\"}" },
		{ "pci:03:00.1", "pci: {address: \"0000:03:00.1\"}" },
		{ "0000:03:00.0,mprq_en=1", NULL },
		{ "net_null0", NULL },
		{ "net_tapestry", NULL },
		{ "", NULL },
		{ ",", NULL },
	};
	char text[PORT_TEXT_MAX];
	struct port_spec spec;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		bool converted = port_spec_from_devargs(&spec, cases[i].devargs);

		if (converted != (cases[i].file != NULL))
			fail_msg("%s", cases[i].devargs);
		port_spec_file_text(&spec, text, sizeof(text));
		if (converted)
			assert_string_equal(text, cases[i].file);
		assert_int_equal(spec.kind != PORT_NONE, converted);
	}
}

/* A relative path was one below the directory that the process was in. */
static void relative_sockets_become_absolute(void **state)
{
	char folder[64], expected[PORT_PLACE_MAX];
	struct port_spec spec;

	(void)state;
	assert_int_equal(chdir("/tmp"), 0);
	assert_non_null(getcwd(folder, sizeof(folder)));
	snprintf(expected, sizeof(expected), "%s/web.sock", folder);
	assert_true(port_spec_from_devargs(&spec, "net_vhost0,iface=web.sock"));
	assert_string_equal(spec.place, expected);
}

static void places_have_their_form(void **state)
{
	static const struct {
		struct port_spec spec;
		const char *error; /* NULL: good */
	} cases[] = {
		{ { .kind = PORT_TAP, .place = "tap0" }, NULL },
		{ { .kind = PORT_TAP, .place = "fifteen_letters" }, NULL },
		{ { .kind = PORT_TAP, .place = "sixteen_letters_" }, "1 to 15 letters" },
		{ { .kind = PORT_TAP, .place = "" }, "no name of a kernel interface" },
		{ { .kind = PORT_AF_PACKET, .place = "a/b" }, "no name of a kernel interface" },
		{ { .kind = PORT_AF_PACKET, .place = "eth0,qpairs=8" }, "no name of a kernel interface" },
		{ { .kind = PORT_AF_XDP, .place = ".." }, "no name of a kernel interface" },
		{ { .kind = PORT_AF_XDP, .place = "eth0:1" }, "no name of a kernel interface" },
		{ { .kind = PORT_PCI, .place = "0000:03:1f.7" }, NULL },
		{ { .kind = PORT_PCI, .place = "03:00.0" }, NULL },
		{ { .kind = PORT_PCI, .place = "03:20.0" }, "no PCI address" },
		{ { .kind = PORT_PCI, .place = "03:00.8" }, "no PCI address" },
		{ { .kind = PORT_PCI, .place = "0000:03:00.0,x=1" }, "no PCI address" },
		{ { .kind = PORT_PCI, .place = "" }, "no PCI address" },
		{ { .kind = PORT_PCI, .place = "net_null0" }, "no PCI address" },
		{ { .kind = PORT_VHOST_USER, .place = "web.sock" }, NULL },
		{ { .kind = PORT_VHOST_USER, .place = "" }, "no path of a socket" },
		{ { .kind = PORT_VHOST_USER, .place = "/run/vmmq/" }, "no path of a socket" },
		{ { .kind = PORT_VHOST_USER, .place = "/run/vmmq/.." }, "no path of a socket" },
		{ { .kind = PORT_VHOST_USER, .place = "a,client=1" }, "none of them \",\"" },
		{ { .kind = PORT_VHOST_USER, .place = "a", .mode = PORT_CLIENT, .permissions = 0600 },
		  "leave them out" },
		{ { .kind = PORT_VHOST_USER, .place = "a", .mode = PORT_CLIENT, .group = "kvm" }, "leave them out" },
		{ { .kind = PORT_MEMIF, .place = "/run/[x]" }, "none of them \",\"" },
		{ { .kind = PORT_DEVICE, .device = (char *)(uintptr_t) "net_null0" }, NULL },
		{ { .kind = PORT_DEVICE, .device = (char *)(uintptr_t) "net_vhost0,iface=/run/a,queues=2" }, NULL },
		{ { .kind = PORT_DEVICE, .device = (char *)(uintptr_t) "vdev:net_vhost0" },
		  "write vhost_user: {socket: PATH}" },
		{ { .kind = PORT_NONE }, NULL },
	};
	char error[256];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		error[0] = '\0';
		assert_int_equal(port_spec_form(&cases[i].spec, error, sizeof(error)), !cases[i].error);
		if (cases[i].error && !strstr(error, cases[i].error))
			fail_msg("\"%s\" is not in \"%s\"", cases[i].error, error);
	}
}

static void places_are_not_shared(void **state)
{
	const struct port_spec socket = { .kind = PORT_VHOST_USER, .place = "/run/a" };
	const struct port_spec memif = { .kind = PORT_MEMIF, .place = "/run/m", .id = 1 };
	const struct port_spec memif_other = { .kind = PORT_MEMIF, .place = "/run/m", .id = 2 };
	const struct port_spec tap = { .kind = PORT_TAP, .place = "eth0" };
	const struct port_spec packet = { .kind = PORT_AF_PACKET, .place = "eth0" }, none = { 0 };
	char what[PORT_SHARED_MAX];

	(void)state;
	assert_true(port_spec_shared(&socket, &socket, what));
	assert_string_equal(what, "the socket /run/a");
	assert_true(port_spec_shared(&tap, &packet, what));
	assert_string_equal(what, "the interface eth0");
	assert_false(port_spec_shared(&memif, &memif_other, what));
	assert_true(port_spec_shared(&memif, &memif, what));
	assert_false(port_spec_shared(&socket, &tap, what));
	assert_false(port_spec_shared(&none, &none, what));
	assert_true(port_spec_shared(&packet, DEVICE("net_pcap0,iface=eth0"), what));
	assert_true(port_spec_shared(DEVICE("net_virtio_user0,mac=x,path=/run/a"), &socket, what));
	assert_string_equal(what, "the socket /run/a");
	assert_true(port_spec_shared(DEVICE("net_pcap0,iface=a"), DEVICE("net_pcap1,iface=a"), what));
	assert_string_equal(what, "the path a");
	assert_true(port_spec_shared(DEVICE("net_null0"), DEVICE("vdev:net_null0,copy=1"), what));
	assert_string_equal(what, "the device name net_null0");
	assert_false(port_spec_shared(DEVICE("net_null0"), DEVICE("net_null1"), what));
}

static void sockets_get_absolute(void **state)
{
	static const char *const cases[][2] = {
		{ "web.sock", "/run/vmmq/web.sock" },
		{ "a/./b//c", "/run/vmmq/a/b/c" },
		{ "../other/x", "/run/other/x" },
		{ "../../../../etc/passwd", "/etc/passwd" },
		{ "/run/vmmq/../x", "/run/x" },
		{ "/run//vmmq/x", "/run/vmmq/x" },
		{ "/", "/" },
		{ "/..", "/" },
	};
	struct port_spec spec = { .kind = PORT_VHOST_USER }, tap = { .kind = PORT_TAP, .place = "tap0" };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(spec.place, sizeof(spec.place), "%s", cases[i][0]);
		port_spec_resolve(&spec, "/run/vmmq");
		assert_string_equal(spec.place, cases[i][1]);
		port_spec_resolve(&spec, "/elsewhere");
		assert_string_equal(spec.place, cases[i][1]);
	}
	port_spec_resolve(&tap, "/run/vmmq");
	assert_string_equal(tap.place, "tap0");
	memset(spec.place, 'x', sizeof(spec.place) - 1);
	spec.place[100] = '\0';
	port_spec_resolve(&spec, "/run/vmmq");
	assert_int_equal(strlen(spec.place), 100); /* left as it was: it does not fit */
}

static char top[] = "/tmp/vmmq-port-spec-XXXXXX";

static struct port_spec below_top(const char *path)
{
	struct port_spec spec = { .kind = PORT_VHOST_USER };

	snprintf(spec.place, sizeof(spec.place), "%s/%s", top, path);
	return spec;
}

static void command(const char *format)
{
	char line[512];

	snprintf(line, sizeof(line), format, top, top, top, top);
	assert_int_equal(system(line), 0);
}

static int make_top(void **state)
{
	(void)state;
	if (!mkdtemp(top))
		return -1;
	command("mkdir %s/sockets %s/sockets/vm %s/secret; ln -s ../secret %s/sockets/link");
	return 0;
}

static int remove_top(void **state)
{
	(void)state;
	command("rm -rf %s");
	return 0;
}

static void sockets_stay_below_their_directory(void **state)
{
	static const struct {
		const char *path, *error;
	} cases[] = {
		{ "sockets/a", NULL },
		{ "sockets/vm/a", NULL },
		{ "sockets/not-yet/a", NULL }, /* port_spec_check() says what is missing */
		{ "sockets", "is not below" },
		{ "a", "is not below" },
		{ "sockets-of-others/a", "is not below" },
		{ "secret/a", "is not below" },
		{ "sockets/link/a", "leads to" },
	};
	struct port_spec inside;
	char directory[64], error[512];

	(void)state;
	snprintf(directory, sizeof(directory), "%s/sockets", top);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct port_spec spec = below_top(cases[i].path);

		assert_int_equal(port_socket_below(&spec, directory, error, sizeof(error)), !cases[i].error);
		if (cases[i].error && (!strstr(error, cases[i].error) || !strstr(error, directory)))
			fail_msg("\"%s\" is not in \"%s\"", cases[i].error, error);
	}
	/* Other names of what is below it are as good. */
	snprintf(directory, sizeof(directory), "%s/alias", top);
	command("ln -s sockets %s/alias");
	inside = below_top("sockets/a");
	assert_true(port_socket_below(&inside, directory, error, sizeof(error)));
	assert_false(port_socket_below(&(struct port_spec){ .kind = PORT_VHOST_USER, .place = "a" }, directory, error,
				       sizeof(error)));
	assert_non_null(strstr(error, "too long"));
}

/* In a process that is not root: who is, may write anywhere. */
static void unwritable_directories_are_named(void **state)
{
	struct port_spec spec = below_top("secret/a"), missing = below_top("no/a"), client = spec;
	char error[512];
	pid_t child;
	int status;

	(void)state;
	client.mode = PORT_CLIENT;
	command("chmod 755 %s %s/sockets; chmod 555 %s/secret");
	fflush(NULL);
	child = fork();
	assert_true(child >= 0);
	if (!child) {
		if (!geteuid() && setresuid(65534, 65534, 65534))
			_exit(1);
		if (port_socket_ready(&spec, error, sizeof(error)) || !strstr(error, "permission denied") ||
		    strncmp(error, spec.place, strlen(spec.place)) != 0 ||
		    !strstr(error, "/secret: give it that right"))
			_exit(2);
		_exit(port_socket_ready(&client, error, sizeof(error)) ? 0 : 3);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_false(port_socket_ready(&missing, error, sizeof(error)));
	assert_non_null(strstr(error, "there is no directory"));
	spec = below_top("sockets/a");
	assert_true(port_socket_ready(&spec, error, sizeof(error)));
}

static void make_socket(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	close(fd);
}

/* Whoever may write to the directory could put a link, or a file of somebody's, in the socket's place. */
static void only_sockets_are_given_away(void **state)
{
	struct port_spec link = below_top("sockets/to-secret"), file = below_top("sockets/file");
	struct stat about;
	char error[512];

	(void)state;
	command("touch %s/private %s/sockets/file; chmod 600 %s/private; ln -s ../private %s/sockets/to-secret");
	link.permissions = file.permissions = 0666;
	assert_false(port_socket_adopt(&link, error, sizeof(error)));
	assert_false(port_socket_adopt(&file, error, sizeof(error)));
	assert_int_equal(stat(link.place, &about), 0);
	assert_int_equal(about.st_mode & 07777, 0600);
}

static void sockets_get_their_permissions(void **state)
{
	struct port_spec spec = below_top("sockets/made");
	const struct group *kvm;
	struct stat about;
	char error[512];

	(void)state;
	make_socket(spec.place);
	assert_true(port_socket_adopt(&spec, error, sizeof(error)));
	assert_int_equal(stat(spec.place, &about), 0);
	assert_int_equal(about.st_mode & 07777, 0660);
	spec.permissions = 0606;
	assert_true(port_socket_adopt(&spec, error, sizeof(error)));
	assert_int_equal(stat(spec.place, &about), 0);
	assert_int_equal(about.st_mode & 07777, 0606);
	snprintf(spec.owner, sizeof(spec.owner), "nobody-of-that-name");
	assert_false(port_socket_adopt(&spec, error, sizeof(error)));
	assert_non_null(strstr(error, "no such user"));
	spec.owner[0] = '\0';
	spec.place[strlen(spec.place) - 1] = 'x';
	assert_false(port_socket_adopt(&spec, error, sizeof(error)));
	assert_non_null(strstr(error, "No such file"));
	if (geteuid())
		return;
	spec = below_top("sockets/made");
	assert_true(port_socket_adopt(&spec, error, sizeof(error)));
	assert_int_equal(stat(spec.place, &about), 0);
	kvm = getgrnam("kvm");
	assert_int_equal(about.st_gid, kvm ? kvm->gr_gid : getegid());
	snprintf(spec.owner, sizeof(spec.owner), "daemon");
	snprintf(spec.group, sizeof(spec.group), "daemon");
	assert_true(port_socket_adopt(&spec, error, sizeof(error)));
	assert_int_equal(stat(spec.place, &about), 0);
	assert_true(about.st_uid == 1 && about.st_gid == 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ports_are_written),
		cmocka_unit_test(ports_are_compared_and_copied),
		cmocka_unit_test(queues_of_a_port),
		cmocka_unit_test(devargs_are_converted),
		cmocka_unit_test(relative_sockets_become_absolute),
		cmocka_unit_test(places_have_their_form),
		cmocka_unit_test(places_are_not_shared),
		cmocka_unit_test(sockets_get_absolute),
		cmocka_unit_test(sockets_stay_below_their_directory),
		cmocka_unit_test(unwritable_directories_are_named),
		cmocka_unit_test(sockets_get_their_permissions),
		cmocka_unit_test(only_sockets_are_given_away),
	};

	return cmocka_run_group_tests(tests, make_top, remove_top);
}
