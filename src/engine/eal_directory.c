/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/eal_directory.h"

#include <errno.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define VARIABLE "RUNTIME_DIRECTORY" /* DPDK looks at it first, whoever the user is */

static struct {
	char path[64]; /* "": there is none; short enough for a socket in it */
	char *before;  /* what the variable was; NULL: not set */
	bool missing;  /* it was wanted, and could not be made */
} own;

/* make_ours makes a directory unless it is there, and tells whether we may write there and nobody else may. */
static bool make_ours(const char *path)
{
	struct stat st;

	return (mkdir(path, 0700) == 0 || errno == EEXIST) && lstat(path, &st) == 0 && S_ISDIR(st.st_mode) &&
	       st.st_uid == geteuid() && !(st.st_mode & (S_IWGRP | S_IWOTH)) && access(path, W_OK | X_OK) == 0;
}

static bool usual_is_ours(const char *prefix)
{
	const char *base = getenv(VARIABLE);
	char path[PATH_MAX];
	int len;

	if (!base)
		base = getuid() == 0 ? "/var/run" : getenv("XDG_RUNTIME_DIR");
	if (!base || base[0] != '/')
		return false;
	len = snprintf(path, sizeof(path), "%s/dpdk", base);
	if (len < 0 || (size_t)len >= sizeof(path) || !make_ours(path))
		return false;
	len = snprintf(path, sizeof(path), "%s/dpdk/%s", base, prefix);
	return len > 0 && (size_t)len < sizeof(path) && make_ours(path);
}

/* make_private makes a directory in $TMPDIR or, where that is not good for it, in /tmp. */
static bool make_private(void)
{
	const char *base = getenv("TMPDIR");
	int len = base && base[0] == '/' ? snprintf(own.path, sizeof(own.path), "%s/vmmq-XXXXXX", base) : -1;

	if (len > 0 && (size_t)len < sizeof(own.path) && mkdtemp(own.path))
		return true;
	snprintf(own.path, sizeof(own.path), "/tmp/vmmq-XXXXXX");
	if (mkdtemp(own.path))
		return true;
	own.path[0] = '\0';
	return false;
}

const char *eal_directory_enter(const char *prefix, bool telemetry)
{
	const char *before = getenv(VARIABLE);

	own.missing = !(telemetry && usual_is_ours(prefix)) && !make_private();
	if (!own.path[0])
		return NULL;
	own.before = before ? strdup(before) : NULL;
	setenv(VARIABLE, own.path, 1);
	return own.path;
}

void eal_directory_leave(void)
{
	if (!own.path[0])
		return;
	if (own.before)
		setenv(VARIABLE, own.before, 1);
	else
		unsetenv(VARIABLE);
	free(own.before);
	own.before = NULL;
}

bool eal_directory_is_missing(void)
{
	return own.missing;
}

static int remove_entry(const char *path, const struct stat *st, int kind, struct FTW *where)
{
	(void)st;
	(void)kind;
	(void)where;
	return remove(path);
}

void eal_directory_remove(void)
{
	if (own.path[0])
		nftw(own.path, remove_entry, 4, FTW_DEPTH | FTW_PHYS);
	own.path[0] = '\0';
}
