/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any bytes as a configuration file.  What is refused is refused with a place and a sentence; what is taken is exported as a file that is
 * taken as well and exported as the same, and a switch can be asked to be it.
 */
#include <stdlib.h>
#include <string.h>

#include "config/build_switch.h"
#include "config/config_export.h"
#include "config/config_yaml.h"
#include "fuzz.h"

enum { VALUES_MAX = 20000 };

static void refusal_check(const struct config_error *error)
{
	fuzz_check(error->text[0] && memchr(error->text, 0, sizeof(error->text)) &&
		   memchr(error->path, 0, sizeof(error->path)));
	fuzz_check(!error->line == !error->column);
}

/* exported returns the file that the configuration is, for free(). */
static char *exported(const struct vmmq_config *config)
{
	char *text = config_export(config);

	fuzz_check(text);
	return text;
}

void fuzz_yaml(const uint8_t *data, size_t len)
{
	struct vmmq_config config, again;
	struct vmmq_nic_switch *sw = NULL;
	struct config_error error;
	struct vmmq_why why;
	char *first, *second;

	if (vmmq_config_parse_within((const char *)data, len, VALUES_MAX, &config, &error)) {
		refusal_check(&error);
		return;
	}
	first = exported(&config);
	fuzz_check(vmmq_config_parse(first, strlen(first), &again, &error) == 0);
	second = exported(&again);
	fuzz_check(strcmp(first, second) == 0);
	if (switch_from_config(&config, &sw, &why) == VMMQ_SUCCESS)
		vmmq_nic_switch_destroy(sw);
	free(first);
	free(second);
	vmmq_config_fini(&again);
	vmmq_config_fini(&config);
}
