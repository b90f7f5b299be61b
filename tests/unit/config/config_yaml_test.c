/* SPDX-License-Identifier: BSD-2-Clause */
/* The configuration reader: what a file becomes, what is refused where, and bytes that are no file of ours. */
#include "config/config_yaml.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "schema/field.h"

static const char full[] =
    "adapter:\n"
    "  name: uplink0\n"
    "  processors: [2, 0, 1, \"1:16\"]\n"
    "  moderation: poll\n"
    "  uplink: {af_xdp: {interface: eth0}, rx_queues: 2}\n"
    "vports:\n"
    "  - id: 9\n"
    "  - id: 3\n"
    "    name: web\n"
    "    queue_pairs: 4\n"
    "    primary_processor: 1\n"
    "    filters:\n"
    "      - {mac: \"02:00:00:00:00:01\"}\n"
    "      - {mac: \"02:00:00:00:00:01\", vlan: 10}\n"
    "      - {mac: \"02-00-00-00-AB-02\", vlan: any}\n"
    "    rss:\n"
    "      enabled: true\n"
    "      hash_function: toeplitz\n"
    "      hash_types: [ipv4, udp_ipv6_ex]\n"
    "      key: \"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262F\"\n"
    "      indirection_table: [0, 1, 2, 0x50]\n"
    "      default_processor: 2\n"
    "    backend:\n"
    "      vhost_user: {socket: web.sock, mode: server, queues: 4, owner: libvirt-qemu, group: kvm,\n"
    "                   permissions: \"0600\", features: {packed: off, mq: false, csum: on}}\n";

static int parse(const char *yaml, struct vmmq_config *config, struct config_error *error)
{
	return vmmq_config_parse(yaml, strlen(yaml), config, error);
}

/* must_parse reports the refusal before it fails. */
static void must_parse(const char *yaml, struct vmmq_config *config)
{
	struct config_error error;

	if (parse(yaml, config, &error))
		fail_msg("line %u column %u: %s: %s", error.line, error.column, error.path, error.text);
}

static void refused_with(int status, const struct vmmq_config *config, const struct config_error *error,
			 unsigned line, unsigned column, const char *text)
{
	static const struct vmmq_config zeroed;

	assert_int_equal(status, -1);
	assert_memory_equal(config, &zeroed, sizeof(zeroed));
	assert_int_equal(error->line, line);
	assert_int_equal(error->column, column);
	if (!strstr(error->text, text))
		fail_msg("\"%s\" is not in \"%s\"", text, error->text);
}

static void file_becomes_the_configuration(void **state)
{
	struct vmmq_config c;
	const struct config_vport *web;
	char text[PORT_TEXT_MAX];

	(void)state;
	must_parse(full, &c);
	assert_string_equal(c.adapter_name, "uplink0");
	assert_int_equal(c.processor_count, 4);
	assert_int_equal(c.processors[0].v, 2);
	assert_int_equal(c.processors[3].v, 80);
	assert_int_equal(c.moderation, MODERATION_POLL);
	assert_int_equal(c.uplink.kind, PORT_AF_XDP);
	assert_string_equal(c.uplink.place, "eth0");
	assert_int_equal(c.uplink_rx_queues, 2);
	assert_int_equal(c.vport_count, 3);
	assert_int_equal(c.vports[0].id.v, 0);
	assert_int_equal(c.vports[1].id.v, 3);
	assert_int_equal(c.vports[2].id.v, 9);
	web = vmmq_config_vport(&c, (struct vmmq_vport_id){ 3 });
	assert_ptr_equal(web, &c.vports[1]);
	assert_string_equal(web->name, "web");
	assert_int_equal(web->queue_pairs, 4);
	port_spec_text(&web->backend, text, sizeof(text));
	assert_string_equal(text,
			    "vhost_user web.sock, server, 4 queues, owner libvirt-qemu, group kvm, permissions 0600, "
			    "without mq and packed");
	assert_int_equal(web->filter_count, 3);
	assert_memory_equal(web->filters[2].mac, "\x02\x00\x00\x00\xab\x02", VMMQ_MAC_LEN);
	assert_int_equal(web->filters[0].vlan, VMMQ_VLAN_UNTAGGED_OR_ZERO);
	assert_int_equal(web->filters[1].vlan, 10);
	assert_int_equal(web->filters[2].vlan, VMMQ_VLAN_ANY);
	vmmq_config_fini(&c);
	assert_null(vmmq_config_vport(&c, VMMQ_DEFAULT_VPORT));
}

static void file_becomes_rss_parameters(void **state)
{
	struct vmmq_config c;
	const struct vmmq_rss_params *rss;

	(void)state;
	must_parse(full, &c);
	rss = &c.vports[1].rss;
	assert_true(rss->enabled);
	assert_int_equal(rss->hash_types, VMMQ_HASH_IPV4 | VMMQ_HASH_UDP_IPV6_EX);
	for (unsigned i = 0; i < VMMQ_KEY_LEN - 1; i++)
		assert_int_equal(rss->key[i], i);
	assert_int_equal(rss->key[VMMQ_KEY_LEN - 1], 0x2f);
	assert_int_equal(rss->primary.v, 1);
	assert_int_equal(rss->default_processor.v, 2);
	assert_int_equal(rss->entry_count, 4);
	assert_int_equal(rss->table[1].v, 1);
	assert_int_equal(rss->table[3].v, 80);
	vmmq_config_fini(&c);
}

/* Every feature that a file can switch off is one that a port knows, and the other way round. */
static void features_are_known(void **state)
{
	static const char *const names[] = {
#define X(name, bit) #name,
		PORT_FEATURES(X)
#undef X
	};
	const struct schema_field *field = NULL;
	uint64_t seen = 0;

	(void)state;
	while ((field = schema_next(FIELD_FEATURES, field))) {
		assert_true(port_feature_bit(field->key) && !(seen & port_feature_bit(field->key)));
		seen |= port_feature_bit(field->key);
	}
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_true(seen & port_feature_bit(names[i]));
	assert_int_equal(port_feature_bit("ufo"), 0);
}

/* One device has one address, however it is written. */
static void addresses_are_whole(void **state)
{
	struct vmmq_config c;

	(void)state;
	must_parse("adapter: {processors: [0], uplink: {pci: {address: \"0A:1F.7\"}}}\n", &c);
	assert_string_equal(c.uplink.place, "0000:0a:1f.7");
	vmmq_config_fini(&c);
}

static void what_is_absent_has_defaults(void **state)
{
	struct vmmq_config c;
	const struct config_vport *v;

	(void)state;
	must_parse(
	    "adapter: {processors: [7, 3]}\nvports:\n  - {id: 7}\n  - {id: 1, primary_processor: 3, rss: {}}\n", &c);
	assert_string_equal(c.adapter_name, "vmmq0");
	assert_int_equal(c.moderation, MODERATION_ADAPTIVE);
	assert_int_equal(c.uplink.kind, PORT_NONE);
	assert_int_equal(c.uplink_rx_queues, 1);
	assert_int_equal(c.mtu, 1500);
	assert_int_equal(c.vport_count, 3);
	v = &c.vports[0];
	assert_string_equal(v->name, "default");
	assert_int_equal(v->rss.primary.v, 7);
	assert_int_equal(v->filter_count, 0);
	assert_int_equal(v->backend.kind, PORT_NONE);
	assert_false(v->anti_spoofing);
	assert_true(v->control_frames);
	assert_int_equal(v->flood_limit, 1000);
	v = &c.vports[2];
	assert_true(v->anti_spoofing);
	assert_false(v->control_frames);
	assert_int_equal(v->flood_limit, 1000);
	assert_false(v->rss.receive_hash);
	assert_string_equal(v->name, "vport7");
	assert_int_equal(v->queue_pairs, 16);
	assert_false(v->rss.enabled);
	assert_int_equal(v->rss.hash_types, VMMQ_HASH_TYPES_DEFAULT);
	assert_memory_equal(v->rss.key, vmmq_verification_key, VMMQ_KEY_LEN);
	v = &c.vports[1];
	assert_int_equal(v->rss.primary.v, 3);
	assert_int_equal(v->rss.default_processor.v, 3);
	assert_int_equal(v->rss.entry_count, 1);
	assert_int_equal(v->rss.table[0].v, 3);
	vmmq_config_fini(&c);
}

static void random_keys_differ(void **state)
{
	struct vmmq_config c;

	(void)state;
	must_parse("adapter: {processors: [0]}\nvports: [{id: 1, rss: {key: random}}, {id: 2, rss: {key: random}}]\n",
		   &c);
	assert_memory_not_equal(c.vports[1].rss.key, c.vports[2].rss.key, VMMQ_KEY_LEN);
	assert_memory_not_equal(c.vports[1].rss.key, vmmq_verification_key, VMMQ_KEY_LEN);
	vmmq_config_fini(&c);
}

static void bytes_that_are_no_text(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		unsigned line, column;
		const char *text;
	} cases[] = {
		{ "", 0, 0, 0, "there is no configuration in it" },
		{ "# only a comment\n", 17, 0, 0, "there is no configuration in it" },
		{ "---\n", 4, 0, 0, "there is no configuration in it" },
		{ "~\n", 2, 0, 0, "there is no configuration in it" },
		{ "\xff\xfe-\0", 4, 1, 1, "it is UTF-16" },
		{ "\xfe\xff\0-", 4, 1, 1, "it is UTF-16" },
		{ "\x7f"
		  "ELF\x02\x01\x01\0",
		  8, 1, 1, "not a text file in UTF-8: control characters are not allowed" },
		{ "a: \xc3\xbc\nb: \xfc", 10, 2, 4, "not a text file in UTF-8: invalid leading UTF-8 octet" },
		{ "a: \xc0\x80", 5, 1, 4, "not a text file in UTF-8" },
		{ "a: \xed\xa0\x80", 6, 1, 4, "not a text file in UTF-8" },
		{ "a: \xc3", 4, 1, 4, "not a text file in UTF-8: incomplete UTF-8 octet sequence" },
		{ "a: b\0c", 6, 1, 5, "not a text file in UTF-8: control characters are not allowed" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct vmmq_config c;
		struct config_error error;
		char *exact = malloc(cases[i].len + 1); /* so that a read behind the end is seen */
		int status;

		memcpy(exact, cases[i].bytes, cases[i].len);
		exact = realloc(exact, cases[i].len ? cases[i].len : 1);
		status = vmmq_config_parse(exact, cases[i].len, &c, &error);
		refused_with(status, &c, &error, cases[i].line, cases[i].column, cases[i].text);
		free(exact);
	}
}

static void a_byte_order_mark_is_skipped(void **state)
{
	struct vmmq_config c;
	struct config_error error;

	(void)state;
	must_parse("\xef\xbb\xbf"
		   "adapter: {processors: [0]}\r\nvports: []\r\n",
		   &c);
	vmmq_config_fini(&c);
	refused_with(parse("adapter: {processors: [0]}\r\nvports: 1\r\n", &c, &error), &c, &error, 2, 9,
		     "found \"1\"");
}

static void files_that_cannot_be_read(void **state)
{
	char path[] = "/tmp/vmmq-config-XXXXXX";
	struct config_error error;
	struct vmmq_config c;
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	refused_with(vmmq_config_load("/nonexistent/file", &c, &error), &c, &error, 0, 0, strerror(ENOENT));
	refused_with(vmmq_config_load("/tmp", &c, &error), &c, &error, 0, 0, strerror(EISDIR));
	refused_with(vmmq_config_load(path, &c, &error), &c, &error, 0, 0, "there is no configuration in it");
	assert_int_equal(ftruncate(fd, 100 << 20), 0);
	refused_with(vmmq_config_load(path, &c, &error), &c, &error, 0, 0, "larger than 64 MiB");
	if (geteuid() != 0) {
		assert_int_equal(fchmod(fd, 0), 0);
		refused_with(vmmq_config_load(path, &c, &error), &c, &error, 0, 0, strerror(EACCES));
	}
	close(fd);
	unlink(path);
}

static void a_dash_is_standard_input(void **state)
{
	struct config_error error;
	struct vmmq_config c;
	int ends[2], saved = dup(STDIN_FILENO);

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], full, sizeof(full) - 1), sizeof(full) - 1);
	close(ends[1]);
	if (ends[0] != STDIN_FILENO) {
		dup2(ends[0], STDIN_FILENO);
		close(ends[0]);
	}
	assert_int_equal(vmmq_config_load("-", &c, &error), 0);
	assert_int_equal(c.vport_count, 3);
	vmmq_config_fini(&c);
	if (saved >= 0) {
		dup2(saved, STDIN_FILENO);
		close(saved);
	}
}

static void growth_is_bounded(void **state)
{
	struct config_error error;
	struct vmmq_config c;
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	(void)state;
	fputs("adapter:\n  processors: [0]\n  name: &a [x,x,x,x,x,x,x,x,x,x]\n", out);
	for (char name = 'b'; name < 'j'; name++) /* ten to the power of nine values, were they expanded */
		fprintf(out, "  %c: &%c [*%c,*%c,*%c,*%c,*%c,*%c,*%c,*%c,*%c,*%c]\n", name, name, name - 1, name - 1,
			name - 1, name - 1, name - 1, name - 1, name - 1, name - 1, name - 1, name - 1);
	fclose(out);
	refused_with(parse(text, &c, &error), &c, &error, 9, 10, "more than 2000000 values");
	assert_string_equal(error.path, "adapter.g[0]");
	free(text);
	text = malloc(1 << 20);
	memset(text, '[', 1 << 20);
	refused_with(vmmq_config_parse(text, 1 << 20, &c, &error), &c, &error, 1, 17,
		     "nested more than 16 levels deep");
	memset(text, 'x', 1 << 20);
	refused_with(vmmq_config_parse(text, 1 << 20, &c, &error), &c, &error, 1, 1, "found \"xxxxxxxx");
	free(text);
}

static void thousands_of_vports(void **state)
{
	struct config_error error;
	struct vmmq_config c;
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	(void)state;
	fputs("adapter: {processors: [0, 1, 2, 3]}\nvports:\n", out);
	for (unsigned i = 4096; i > 0; i--) {
		fprintf(out, "  - id: %u\n    rss: {enabled: true, indirection_table: [0, 1, 2, 3]}\n    filters:\n",
			i);
		for (unsigned j = 0; j < 4; j++)
			fprintf(out, "      - {mac: \"02:00:00:00:%02x:%02x\", vlan: %u}\n", i >> 8, i & 255, j + 1);
	}
	fflush(out);
	must_parse(text, &c);
	assert_int_equal(c.vport_count, 4097);
	for (unsigned i = 0; i < 4097; i++)
		assert_ptr_equal(vmmq_config_vport(&c, (struct vmmq_vport_id){ (uint16_t)i }), &c.vports[i]);
	assert_null(vmmq_config_vport(&c, (struct vmmq_vport_id){ 4097 }));
	assert_int_equal(c.vports[4096].filters[3].mac[4], 0x10);
	vmmq_config_fini(&c);
	fputs("  - id: 5000\n    filters: [{mac: \"02:00:00:00:00:01\", vlan: 4}]\n", out);
	fclose(out);
	refused_with(parse(text, &c, &error), &c, &error, 2 + 4096 * 7 + 2, 15,
		     "vports[4095].filters[3] (line 28674)");
	free(text);
}

/* Whatever bytes come in: an answer, with a place inside the file, and nothing left behind (ASan looks). */
static void any_bytes_get_an_answer(void **state)
{
	static const char replacements[] = "\0\t\n :-,[]{}&*!|>'\"%@#?~x0\xc3\xff";
	size_t len = sizeof(full) - 1;
	char *bytes = malloc(len);

	(void)state;
	for (size_t i = 0; i < len * (sizeof(replacements) + 1); i++) {
		size_t at = i % len, which = i / len;
		size_t kept = which == sizeof(replacements) ? at : len;
		struct config_error error;
		struct vmmq_config c;

		memcpy(bytes, full, len);
		if (which < sizeof(replacements))
			bytes[at] = replacements[which];
		if (vmmq_config_parse(bytes, kept, &c, &error) == 0) {
			assert_true(c.vport_count > 0 && c.processor_count > 0);
			vmmq_config_fini(&c);
			continue;
		}
		assert_true(error.text[0] != '\0');
		assert_true(error.line <= 27 && (error.line > 0 || error.column == 0));
	}
	free(bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(file_becomes_the_configuration),
		cmocka_unit_test(file_becomes_rss_parameters),
		cmocka_unit_test(features_are_known),
		cmocka_unit_test(addresses_are_whole),
		cmocka_unit_test(what_is_absent_has_defaults),
		cmocka_unit_test(random_keys_differ),
		cmocka_unit_test(bytes_that_are_no_text),
		cmocka_unit_test(a_byte_order_mark_is_skipped),
		cmocka_unit_test(files_that_cannot_be_read),
		cmocka_unit_test(a_dash_is_standard_input),
		cmocka_unit_test(growth_is_bounded),
		cmocka_unit_test(thousands_of_vports),
		cmocka_unit_test(any_bytes_get_an_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
