/* SPDX-License-Identifier: BSD-2-Clause */
#include "scratch.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "fuzz.h"

static char folder[64];

static void folder_remove(void)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		unlinkat(dirfd(dir), entry->d_name, 0);
	if (dir)
		closedir(dir);
	rmdir(folder);
}

const char *scratch_folder(void)
{
	if (folder[0])
		return folder;
	snprintf(folder, sizeof(folder), "%s/vmmq-fuzz-XXXXXX", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	fuzz_check(mkdtemp(folder));
	atexit(folder_remove);
	return folder;
}

void scratch_write(const char *path, const uint8_t *data, size_t len)
{
	FILE *out = fopen(path, "wb");

	fuzz_check(out && fwrite(data, 1, len, out) == len && fclose(out) == 0);
}
