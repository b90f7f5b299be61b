/* SPDX-License-Identifier: BSD-2-Clause */
#include "config/config_file.h"
#include "base/file_read.h"
#include "config/config_tree.h"
#include <errno.h>
#include <string.h>

static int config_file_result(const char *bytes, struct config_error *error)
{
	if (bytes)
		return 0;
	if (errno == EFBIG)
		return config_error_set(error, 0, 0, "", "larger than %u MiB", CONFIG_FILE_LEN_MAX >> 20);
	return config_error_set(error, 0, 0, "", "cannot be read: %s", strerror(errno));
}

int config_file_read(const char *path, char **bytes, size_t *len, struct config_error *error)
{
	*bytes = file_read(path, CONFIG_FILE_LEN_MAX, len);
	return config_file_result(*bytes, error);
}

int config_file_read_again(const char *path, char **bytes, size_t *len, struct config_error *error)
{
	*bytes = file_read_regular(path, CONFIG_FILE_LEN_MAX, len);
	if (!*bytes && errno == ESPIPE)
		return config_error_set(
		    error, 0, 0, "",
		    "is not a regular file, and only one can be read again; give -c a file, or use "
		    "'vmmq apply'");
	return config_file_result(*bytes, error);
}
