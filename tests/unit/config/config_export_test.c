/* SPDX-License-Identifier: BSD-2-Clause */
/* What is written reads back as the same. */
#include "unit/config/config_random.h"

#include "config/config_export.h"
#include "config/config_yaml.h"

#define ROUNDS 400u

static void parse(const char *yaml, struct vmmq_config *config)
{
	struct config_error error;

	if (vmmq_config_parse(yaml, strlen(yaml), config, &error))
		fail_msg("line %u: %s: %s\n%s", error.line, error.path, error.text, yaml);
}

static void random_configurations_survive(void **state)
{
	static const struct config_random what = { .devices = true, .any_adapter = true };

	(void)state;
	for (unsigned i = 0; i < ROUNDS; i++) {
		struct vmmq_config config, again;
		char *yaml, *yaml_again;

		config_random(&config, &what);
		yaml = config_export(&config);
		assert_non_null(yaml);
		parse(yaml, &again);
		config_same(&config, &again);
		yaml_again = config_export(&again);
		assert_string_equal(yaml, yaml_again);
		free(yaml);
		free(yaml_again);
		vmmq_config_fini(&config);
		vmmq_config_fini(&again);
	}
}

/* What NDIS requests may name, and a file may not, becomes the default name. */
static void names_that_no_file_can_have(void **state)
{
	static const char *const names[] = { "",
					     "a\nb",
					     "\x1b[0m",
					     "\xff",
					     "a\xc3",
					     "\xed\xa0\x80",
					     "\xc0\x80",
					     "\xf5\x80\x80\x80",
					     "\xef\xbf\xbf",
					     "default",
					     "\xe0\x80\x80" };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct vmmq_config config, again;
		char *yaml;

		parse("adapter: {processors: [0]}\nvports: [{id: 0, name: default}, {id: 5}]", &config);
		free(config.vports[1].name);
		config.vports[1].name = strdup(names[i]);
		yaml = config_export(&config);
		parse(yaml, &again);
		assert_string_equal(again.vports[1].name, "vport5");
		free(yaml);
		vmmq_config_fini(&config);
		vmmq_config_fini(&again);
	}
}

/* Parameters that are not in force may lie outside the set, and then the file has to do without them. */
static void processors_outside_the_set(void **state)
{
	struct vmmq_config config, again;
	char *yaml;

	(void)state;
	parse("adapter: {processors: [0, 1]}\nvports: [{id: 1, rss: {indirection_table: [0, 1]}}, "
	      "{id: 2, primary_processor: 1, rss: {enabled: true}}]",
	      &config);
	config.vports[1].rss.table[1].v = 7;
	config.vports[1].rss.default_processor.v = 8;
	config.vports[2].rss.primary.v = 9;
	yaml = config_export(&config);
	parse(yaml, &again);
	assert_int_equal(again.vports[1].rss.entry_count, 1);
	assert_int_equal(again.vports[1].rss.default_processor.v, 0);
	assert_int_equal(again.vports[2].rss.primary.v, 0);
	assert_int_equal(again.vports[2].rss.default_processor.v, 1);
	free(yaml);
	vmmq_config_fini(&config);
	vmmq_config_fini(&again);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_configurations_survive),
		cmocka_unit_test(names_that_no_file_can_have),
		cmocka_unit_test(processors_outside_the_set),
	};

	random_start();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
