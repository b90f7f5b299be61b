/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/eal_hugepages.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <linux/mman.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#define HUGEPAGES "/sys/kernel/mm/hugepages"
#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23 /* Linux 5.14 */
#endif

/* What has been found so far: counted_mb as the kernel counts them, of which given_mb can be had; error: why not more, 0: nothing refused. */
struct found {
	uint64_t counted_mb, given_mb;
	int error;
};

static uint64_t hugepages_number(const char *size, const char *name)
{
	char path[sizeof(HUGEPAGES) + 320];
	unsigned long long number = 0;
	FILE *file;

	snprintf(path, sizeof(path), HUGEPAGES "/%s/%s", size, name);
	file = fopen(path, "re");
	if (!file)
		return 0;
	if (fscanf(file, "%llu", &number) != 1)
		number = 0;
	fclose(file);
	return number;
}

/* hugepages_try returns 0, or the errno with which so many bytes in pages of page_bytes are refused. */
static int hugepages_try(uint64_t bytes, uint64_t page_bytes)
{
	const int lg_page = 63 - __builtin_clzll(page_bytes);
	const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | lg_page << MAP_HUGE_SHIFT;
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, flags, -1, 0);
	int error = 0;

	if (memory == MAP_FAILED)
		return errno;
	/* the cgroup's limit is not met by the reservation, but by the first touch, which would end the process */
	if (madvise(memory, page_bytes, MADV_POPULATE_WRITE) && errno != EINVAL)
		error = errno;
	munmap(memory, bytes);
	return error;
}

static void hugepages_look(const char *size, uint64_t wanted_mb, struct found *found)
{
	uint64_t free_pages, reserved, bytes, wanted = wanted_mb << 20;
	unsigned long long size_kb;
	int error;

	if (sscanf(size, "hugepages-%llukB", &size_kb) != 1 || !size_kb || size_kb > UINT64_C(1) << 40)
		return;
	free_pages = hugepages_number(size, "free_hugepages");
	reserved = hugepages_number(size, "resv_hugepages");
	free_pages -= reserved < free_pages ? reserved : free_pages;
	if (!free_pages)
		return;
	found->counted_mb += free_pages * size_kb >> 10;
	if (found->given_mb >= wanted_mb)
		return;
	wanted -= found->given_mb << 20;
	bytes = (wanted + (size_kb << 10) - 1) / (size_kb << 10) * (size_kb << 10);
	bytes = bytes < free_pages * (size_kb << 10) ? bytes : free_pages * (size_kb << 10);
	error = hugepages_try(bytes, size_kb << 10);
	if (error)
		found->error = error;
	else
		found->given_mb += bytes >> 20;
}

bool eal_hugepages_suffice(unsigned memory_mb, bool *some, char why[EAL_HUGEPAGES_WHY_MAX])
{
	struct found found = { 0 };
	DIR *sizes = opendir(HUGEPAGES);
	const struct dirent *size;

	while (sizes && (size = readdir(sizes)))
		hugepages_look(size->d_name, memory_mb, &found);
	if (sizes)
		closedir(sizes);
	*some = found.counted_mb > 0;
	if (found.given_mb >= memory_mb)
		return true;
	if (!*some)
		snprintf(why, EAL_HUGEPAGES_WHY_MAX, "no hugepages are free");
	else if (found.error)
		snprintf(why, EAL_HUGEPAGES_WHY_MAX,
			 "%" PRIu64
			 " MiB of hugepages are free, but cannot be had (%s): raise the hugetlb limits of the "
			 "cgroup, or start with --no-hugepages",
			 found.counted_mb, strerror(found.error));
	else
		snprintf(why, EAL_HUGEPAGES_WHY_MAX,
			 "%" PRIu64 " MiB of hugepages are free, and %u MiB are needed: reserve more (sysctl "
			 "vm.nr_hugepages), or ask for fewer buffers",
			 found.counted_mb, memory_mb);
	return false;
}
