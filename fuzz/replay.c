/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz-replay CORPUS [NAME]: every target on the inputs in CORPUS/NAME, in the order of their names; says which one it is at. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

#define INPUT_MAX (1 << 20)

static const struct target {
	const char *name;
	fuzz_target *run;
} targets[] = {
#define X(name, what) { #name, fuzz_##name },
	FUZZ_TARGETS(X)
#undef X
};

/* input_run copies the input to memory of exactly its size, so that a byte beyond it is found. */
static void input_run(const struct target *target, const char *path)
{
	FILE *in = fopen(path, "rb");
	uint8_t *room = malloc(INPUT_MAX), *exact;
	size_t len = in && room ? fread(room, 1, INPUT_MAX, in) : 0;

	if (!in || !room || ferror(in)) {
		perror(path);
		exit(1);
	}
	fclose(in);
	exact = malloc(len ? len : 1);
	if (!exact)
		exit(1);
	memcpy(exact, room, len);
	free(room);
	printf("%s %s\n", target->name, path);
	fflush(stdout);
	target->run(exact, len);
	free(exact);
}

static int is_input(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* target_run returns how many inputs there were. */
static int target_run(const struct target *target, const char *corpus)
{
	struct dirent **entry;
	char path[1024];
	int count;

	snprintf(path, sizeof(path), "%s/%s", corpus, target->name);
	count = scandir(path, &entry, is_input, alphasort);
	for (int i = 0; i < count; i++) {
		snprintf(path, sizeof(path), "%s/%s/%s", corpus, target->name, entry[i]->d_name);
		input_run(target, path);
		free(entry[i]);
	}
	if (count >= 0)
		free(entry);
	return count;
}

int main(int argc, char **argv)
{
	if (argc < 2)
		return 2;
	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
		if (argc > 2 && strcmp(argv[2], targets[i].name) != 0)
			continue;
		if (target_run(&targets[i], argv[1]) < 1) {
			fprintf(stderr, "%s/%s: no inputs\n", argv[1], targets[i].name);
			return 1;
		}
	}
	return 0;
}
