/* SPDX-License-Identifier: BSD-2-Clause */
/* Params against the schemas of the methods: what fits, and for what does not the member, what was found and what is right. */
#include "rpc/params.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "rpc/method.h"
#include "rpc/rpc_audit.h"

struct trial {
	const char *method;
	const char *params;
	const char *path; /* NULL: it fits */
	const char *text; /* part of what is said */
};

#define KEY "6d5a56da255b0ec24167253d43a38fb0d0ca2bcbae7b30b477cb2da38030f20c6a42b73bbeac01fa"

static const struct trial trials[] = {
	{ "vports.show", "{}", NULL, NULL },
	{ "vports.show", "{\"a\":1}", "a", "no member is expected" },
	{ "vport.add", "{}", NULL, NULL },
	{ "vport.add", "{\"id\":65535,\"name\":\"x\",\"filters\":[],\"backend\":{\"device\":\"net_null0\"}}", NULL,
	  NULL },
	{ "vport.add", "{\"id\":0}", "id", "found 0; a number from 1 to 65535" },
	{ "vport.add", "{\"id\":65536}", "id", "found 65536" },
	{ "vport.add", "{\"id\":1.0}", "id", "found 1" },
	{ "vport.add", "{\"id\":\"1\"}", "id", "a number from 1 to 65535" },
	{ "vport.add", "{\"id\":null}", "id", "found null" },
	{ "vport.add", "{\"nam\":\"x\"}", "nam", "did you mean name?" },
	{ "vport.add", "{\"zzzzzzzz\":1}", "zzzzzzzz", "known here: id, name" },
	{ "vport.add", "{\"name\":\"\"}", "name", "1 to 256 characters" },
	{ "vport.add", "{\"name\":\"a\\u0007\"}", "name", "control characters" },
	{ "vport.add", "{\"filters\":[{\"mac\":\"02:00:00:00:00:01\",\"vlan\":0}]}", "filters[0].vlan", "1 to 4094" },
	{ "vport.add", "{\"filters\":[{\"mac\":\"02:00:00:00:00:01\",\"vlan\":4095}]}", "filters[0].vlan",
	  "found 4095" },
	{ "vport.add", "{\"filters\":[{\"mac\":\"02:00:00:00:00:01\",\"vlan\":\"all\"}]}", "filters[0].vlan", "any" },
	{ "vport.add", "{\"filters\":[{\"mac\":\"02-00-00-00-00-01\",\"vlan\":\"any\"}]}", NULL, NULL },
	{ "vport.add", "{\"filters\":[{\"mac\":\"02:00:00:00:00:01\"},{}]}", "filters[1].mac", "is missing" },
	{ "vport.add", "{\"filters\":{}}", "filters", "found an object; a list of filters" },
	{ "vport.add", "{\"rss\":{\"key\":\"" KEY "\"}}", NULL, NULL },
	{ "vport.add", "{\"rss\":{\"key\":\"random\"}}", NULL, NULL },
	{ "vport.add", "{\"rss\":{\"key\":\"6d5a\"}}", "rss.key", "80 hex digits" },
	{ "vport.add", "{\"rss\":{\"indirection_table\":[0,\"1:16\",65535]}}", NULL, NULL },
	{ "vport.add", "{\"rss\":{\"indirection_table\":[0,70000]}}", "rss.indirection_table[1]", "found 70000" },
	{ "vport.add", "{\"rss\":{\"indirection_table\":[\"3\"]}}", "rss.indirection_table[0]", "group:number" },
	{ "vport.add", "{\"rss\":{\"indirection_table\":[]}}", "rss.indirection_table", "found a list of 0" },
	{ "vport.add", "{\"rss\":{\"hash_types\":[\"ipv4\",\"ipv5\"]}}", "rss.hash_types[1]", "one of ipv4" },
	{ "vport.add", "{\"rss\":{\"hash_types\":[\"ipv4\",\"ipv6\",\"ipv4\"]}}", "rss.hash_types[2]",
	  "ipv4 is in this list twice; once is allowed" },
	{ "vport.add", "{\"rss\":{\"enabled\":1}}", "rss.enabled", "true or false" },
	{ "vport.add", "{\"backend\":null}", "backend", "found null" },
	{ "vport.set", "{\"vport\":\"web\",\"backend\":null}", NULL, NULL },
	{ "vport.set", "{\"backend\":null}", "vport", "is missing: id or name" },
	{ "vport.set", "{\"vport\":-1}", "vport", "id (0 to 65535) or name" },
	{ "vport.set", "{\"vport\":1,\"backend\":{}}", "backend", "exactly one of vhost_user, tap" },
	{ "vport.add",
	  "{\"backend\":{\"vhost_user\":{\"socket\":\"a\",\"mode\":\"client\",\"queues\":4,\"owner\":\"u\","
	  "\"group\":\"g\",\"permissions\":\"0660\",\"features\":{\"packed\":false}}}}",
	  NULL, NULL },
	{ "vport.add", "{\"backend\":{\"vhost_user\":{}}}", "backend.vhost_user.socket", "is missing" },
	{ "vport.add", "{\"backend\":{\"vhost_user\":{\"socket\":\"a\",\"queues\":129}}}",
	  "backend.vhost_user.queues", "found 129; a number from 1 to 128" },
	{ "vport.add", "{\"backend\":{\"vhost_user\":{\"socket\":\"a\",\"permissions\":432}}}",
	  "backend.vhost_user.permissions", "three octal digits" },
	{ "vport.add", "{\"backend\":{\"vhost_user\":{\"socket\":\"a\",\"features\":{\"ufo\":false}}}}",
	  "backend.vhost_user.features.ufo", "known here: csum, guest_csum" },
	{ "vport.add", "{\"backend\":{\"tap\":{\"interface\":\"a\"},\"pci\":{\"address\":\"03:00.0\"}}}", "backend",
	  "exactly one of vhost_user, tap" },
	{ "vport.add", "{\"backend\":{\"pci\":{\"address\":\"eth0\"}}}", "backend.pci.address",
	  "a PCI address like" },
	{ "vport.add", "{\"backend\":{\"tap\":{\"interface\":\"a\"},\"rx_queues\":2}}", "backend.rx_queues",
	  "unknown" },
	{ "uplink.set", "{\"af_xdp\":{\"interface\":\"eth0\"},\"rx_queues\":2}", NULL, NULL },
	{ "uplink.set", "{\"device\":\"net_null0\"}", NULL, NULL },
	{ "uplink.set", "{}", "", "exactly one of vhost_user, tap" },
	{ "uplink.set", "{\"rx_queues\":2}", "", "exactly one of vhost_user, tap" },
	{ "uplink.set", "{\"af_xdp\":{\"interface\":\"eth0\"},\"rx_queues\":129}", "rx_queues", "from 1 to 128" },
	{ "uplink.set", "{\"backend\":null}", "backend", "unknown member" },
	{ "uplink.clear", "{}", NULL, NULL },
	{ "uplink.clear", "{\"a\":1}", "a", "no member is expected" },
	{ "filters.show", "{\"vport\":null}", NULL, NULL },
	{ "rss.move", "{\"vport\":0,\"moves\":[{\"entry\":127,\"processor\":1},{\"default\":true,\"processor\":1}]}",
	  NULL, NULL },
	{ "rss.move", "{\"vport\":0,\"moves\":[{\"processor\":1}]}", "moves[0]",
	  "exactly one of entry, default, primary" },
	{ "rss.move", "{\"vport\":0,\"moves\":[{\"entry\":0,\"primary\":true,\"processor\":1}]}", "moves[0]",
	  "exactly one" },
	{ "rss.move", "{\"vport\":0,\"moves\":[{\"default\":false,\"processor\":1}]}", "moves[0].default", "true" },
	{ "rss.move", "{\"vport\":0,\"moves\":[{\"entry\":128,\"processor\":1}]}", "moves[0].entry", "0 to 127" },
	{ "oid.request", "{\"oid\":1,\"method\":\"query\",\"buffer\":\"0aFF\"}", NULL, NULL },
	{ "oid.request", "{\"oid\":1,\"method\":\"query\",\"buffer\":\"0aF\"}", "buffer", "hex digits" },
	{ "oid.request", "{\"oid\":1,\"method\":\"get\"}", "method", "one of query, set, method" },
};

static void test_trials(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(trials) / sizeof(trials[0]); i++) {
		const struct trial *trial = &trials[i];
		const char *similar;
		const struct method *method = method_find(trial->method, &similar);
		json_t *params = json_loads(trial->params, 0, NULL);
		struct vmmq_why why = { 0 };
		vmmq_status status;

		assert_non_null(method);
		assert_non_null(params);
		status = params_check(method->params, params, &why);
		if ((status == VMMQ_SUCCESS) != (trial->path == NULL))
			fail_msg("%s %s: %s: %s", trial->method, trial->params, why.path, why.text);
		if (trial->path) {
			assert_int_equal(status, VMMQ_INVALID_PARAMETER);
			assert_string_equal(why.path, trial->path);
			if (!strstr(why.text, trial->text))
				fail_msg("%s: \"%s\" does not say \"%s\"", trial->params, why.text, trial->text);
		}
		json_decref(params);
	}
}

/* Names of any length and content are members that nobody knows, not a way out of a buffer. */
static void test_long_names(void **state)
{
	const char *similar;
	const struct params *expected = method_find("vport.add", &similar)->params;
	json_t *params = json_object(), *rss = json_object();
	struct vmmq_why why;
	char name[5000];

	(void)state;
	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	json_object_set_new(rss, name, json_true());
	json_object_set_new(params, "rss", rss);
	assert_int_equal(params_check(expected, params, &why), VMMQ_INVALID_PARAMETER);
	assert_memory_equal(why.path, "rss.nnn", 7);
	json_decref(params);
}

static void test_json_schema(void **state)
{
	(void)state;
	for (size_t i = 0; methods[i].name; i++) {
		json_t *json = params_json(methods[i].params);

		assert_non_null(json);
		assert_string_equal(json_string_value(json_object_get(json, "type")), "object");
		assert_true(json_is_false(json_object_get(json, "additionalProperties")));
		json_decref(json);
	}
}

/* Each method has its role; one that changes the switch is not for who may only look. */
static void test_roles(void **state)
{
	(void)state;
	for (size_t i = 0; methods[i].name; i++) {
		if (methods[i].role != RPC_ROLE_CHANGE && (methods[i].role != RPC_ROLE_READ || methods[i].changes))
			fail_msg("%s: role %s", methods[i].name, rpc_role_name(methods[i].role));
	}
}

/* By user, by any of the groups, and by the higher of two roles; a group without a name has no members. */
static void test_role_of(void **state)
{
	const struct rpc_groups both = { { "c", 10 }, { "r", 20 } }, none = { { "", 10 }, { "", 20 } };
	const gid_t change[] = { 5, 10 }, read[] = { 20, 5 }, two[] = { 20, 10 }, other[] = { 5, 6 };
	char text[RPC_ALLOWED_MAX];

	(void)state;
	assert_int_equal(rpc_role_of(&both, 100001, change, 2), RPC_ROLE_CHANGE);
	assert_int_equal(rpc_role_of(&both, 100001, change, 1), RPC_ROLE_NONE);
	assert_int_equal(rpc_role_of(&both, 100001, read, 2), RPC_ROLE_READ);
	assert_int_equal(rpc_role_of(&both, 100001, two, 2), RPC_ROLE_CHANGE);
	assert_int_equal(rpc_role_of(&both, 100001, other, 2), RPC_ROLE_NONE);
	assert_int_equal(rpc_role_of(&both, 100001, NULL, 0), RPC_ROLE_NONE);
	assert_int_equal(rpc_role_of(&none, 100001, two, 2), RPC_ROLE_NONE);
	assert_int_equal(rpc_role_of(&none, 0, NULL, 0), RPC_ROLE_CHANGE);
	assert_int_equal(rpc_role_of(&none, geteuid(), NULL, 0), RPC_ROLE_CHANGE);
	rpc_role_allowed(&both, RPC_ROLE_READ, text);
	assert_non_null(strstr(text, "members of group c or r"));
	rpc_role_allowed(&none, RPC_ROLE_CHANGE, text);
	assert_null(strstr(text, "group"));
}

/* Params in the log: as JSON, without what is secret, and in whatever room there is. */
static void test_audit(void **state)
{
	static const char shown[] =
	    "{\"id\":7,\"name\":\"a\\u001Bb\\u00FC\",\"filters\":[{\"mac\":\"02:00:00:00:00:01\",\"vlan\":null}],"
	    "\"rss\":{\"key\":\"(not "
	    "shown)\",\"indirection_table\":[0,1]},\"backend\":{\"tap\":{\"interface\":\"t0\"}}}";
	json_t *params =
	    json_loads("{\"backend\":{\"tap\":{\"interface\":\"t0\"}},\"rss\":{\"indirection_table\":[0,1],"
		       "\"key\":\"" KEY "\"},\"filters\":[{\"mac\":\"02:00:00:00:00:01\",\"vlan\":null}],"
		       "\"name\":\"a\\u001bb\\u00fc\",\"id\":7}",
		       0, NULL);
	const char *similar;
	const struct method *method = method_find("vport.add", &similar);

	(void)state;
	assert_non_null(params);
	for (size_t size = 16; size < sizeof(shown) + 16; size++) {
		char *text = malloc(size);

		assert_non_null(text);
		rpc_audit_params(method->params, params, text, size);
		assert_true(strlen(text) < size);
		if (size >= sizeof(shown) + 4)
			assert_string_equal(text, shown);
		else
			assert_string_equal(text + strlen(text) - 3, "...");
		assert_null(strstr(text, "6d5a"));
		free(text);
	}
	json_decref(params);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_trials), cmocka_unit_test(test_long_names), cmocka_unit_test(test_json_schema),
		cmocka_unit_test(test_roles),  cmocka_unit_test(test_role_of),    cmocka_unit_test(test_audit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
