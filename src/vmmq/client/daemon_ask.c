/* SPDX-License-Identifier: BSD-2-Clause */
#include "vmmq/client/daemon_ask.h"

#include <stdio.h>
#include <string.h>

struct client *daemon_connect(const struct command_line *line)
{
	struct client_error error;
	struct client *client = client_open(command_value(line, "connect"), &error);

	if (!client)
		daemon_refused(line, &error);
	return client;
}

int daemon_refused(const struct command_line *line, const struct client_error *error)
{
	const char *between = error->field[0] ? ": " : "";

	if (error->status[0])
		return command_fail(line, "%s%s%s (%s)", error->field, between, error->text, error->status);
	return command_fail(line, "%s%s%s", error->field, between, error->text);
}

json_t *daemon_call(const struct command_line *line, struct client *client, const char *method, json_t *params)
{
	struct client_error error;
	json_t *result = client_call(client, method, params, &error);

	if (!result)
		daemon_refused(line, &error);
	return result;
}

json_t *daemon_ask(const struct command_line *line, const char *method, json_t *params)
{
	struct client *client = daemon_connect(line);
	json_t *result = NULL;

	if (client)
		result = daemon_call(line, client, method, params);
	else
		json_decref(params);
	client_close(client);
	return result;
}

void daemon_json(const json_t *result)
{
	json_dumpf(result, stdout, JSON_ENCODE_ANY | JSON_REAL_PRECISION(16));
	putchar('\n');
}

int daemon_change(const struct command_line *line, const char *method, json_t *params, const char *added,
		  const char *key)
{
	json_t *result = daemon_ask(line, method, params);
	const char *notice = json_string_value(json_object_get(result, "notice"));

	if (!result)
		return COMMAND_REFUSED;
	if (command_flag(line, "json"))
		daemon_json(result);
	else if (added)
		printf("%s %lld added\n", added, (long long)json_integer_value(json_object_get(result, key)));
	if (notice)
		command_fail(line, "note: %s", notice);
	json_decref(result);
	return COMMAND_DONE;
}

#define WORDS_MS 500 /* one does not wait longer for a completion */

int daemon_vport_words(void)
{
	static const char harmless[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
	struct client_error error;
	struct client *client = client_open(NULL, &error);
	json_t *result = NULL, *vport;
	size_t i;

	if (!client)
		return COMMAND_REFUSED;
	client_timeout(client, WORDS_MS);
	result = client_call(client, "vports.show", NULL, &error);
	json_array_foreach(json_object_get(result, "vports"), i, vport)
	{
		const char *name = json_string_value(json_object_get(vport, "name"));

		printf("%lld\n", (long long)json_integer_value(json_object_get(vport, "vport")));
		if (name && !name[strspn(name, harmless)])
			puts(name);
	}
	client_close(client);
	if (!result)
		return COMMAND_REFUSED;
	json_decref(result);
	return COMMAND_DONE;
}
