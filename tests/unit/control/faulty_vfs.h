/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * For tests: SQLite's own file layer, which fails from the N-th write, sync, truncation or opening on, for as many of
 * them as is asked for.
 */
#ifndef VMMQ_UNIT_CONTROL_FAULTY_VFS_H
#define VMMQ_UNIT_CONTROL_FAULTY_VFS_H

#include <limits.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <string.h>

static struct {
	sqlite3_vfs vfs;
	sqlite3_vfs *real;
	unsigned until;  /* operations that still succeed; UINT_MAX: all */
	unsigned faults; /* that follow then */
	unsigned happened;
	bool syncs_only;
} faulty = { .until = UINT_MAX };

/* The real file lies behind this one in the same block. */
struct faulty_file {
	sqlite3_file base;
	sqlite3_io_methods methods;
};

static inline sqlite3_file *faulty_real(sqlite3_file *file)
{
	return (sqlite3_file *)((char *)file + sizeof(struct faulty_file));
}

static inline bool faulty_now(bool sync)
{
	if (faulty.until == UINT_MAX || (faulty.syncs_only && !sync))
		return false;
	if (faulty.until) {
		faulty.until--;
		return false;
	}
	if (!faulty.faults)
		return false;
	faulty.faults--;
	faulty.happened++;
	return true;
}

#define FAULTY(name, arguments, call)                                                                                \
	static inline int faulty_##name arguments                                                                    \
	{                                                                                                            \
		sqlite3_file *real = faulty_real(file);                                                              \
		return real->pMethods->call;                                                                         \
	}
FAULTY(read, (sqlite3_file * file, void *to, int len, sqlite3_int64 at), xRead(real, to, len, at))
FAULTY(size, (sqlite3_file * file, sqlite3_int64 *size), xFileSize(real, size))
FAULTY(lock, (sqlite3_file * file, int how), xLock(real, how))
FAULTY(unlock, (sqlite3_file * file, int how), xUnlock(real, how))
FAULTY(check_lock, (sqlite3_file * file, int *held), xCheckReservedLock(real, held))
FAULTY(control, (sqlite3_file * file, int what, void *argument), xFileControl(real, what, argument))
FAULTY(sector, (sqlite3_file * file), xSectorSize(real))
FAULTY(device, (sqlite3_file * file), xDeviceCharacteristics(real))
FAULTY(shm_map, (sqlite3_file * file, int page, int size, int extend, void volatile **at),
       xShmMap(real, page, size, extend, at))
FAULTY(shm_lock, (sqlite3_file * file, int at, int count, int flags), xShmLock(real, at, count, flags))
FAULTY(shm_unmap, (sqlite3_file * file, int erase), xShmUnmap(real, erase))

static inline void faulty_shm_barrier(sqlite3_file *file)
{
	faulty_real(file)->pMethods->xShmBarrier(faulty_real(file));
}

static inline int faulty_write(sqlite3_file *file, const void *from, int len, sqlite3_int64 at)
{
	if (faulty_now(false))
		return faulty.happened % 2 ? SQLITE_FULL : SQLITE_IOERR_WRITE;
	return faulty_real(file)->pMethods->xWrite(faulty_real(file), from, len, at);
}

static inline int faulty_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	return faulty_now(false) ? SQLITE_IOERR_TRUNCATE
				 : faulty_real(file)->pMethods->xTruncate(faulty_real(file), size);
}

static inline int faulty_sync(sqlite3_file *file, int flags)
{
	return faulty_now(true) ? SQLITE_IOERR_FSYNC : faulty_real(file)->pMethods->xSync(faulty_real(file), flags);
}

static inline int faulty_close(sqlite3_file *file)
{
	return faulty_real(file)->pMethods->xClose(faulty_real(file));
}

static inline int faulty_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out)
{
	struct faulty_file *mine = (struct faulty_file *)file;
	int result;

	(void)vfs;
	file->pMethods = NULL;
	if (faulty_now(false))
		return SQLITE_CANTOPEN;
	result = faulty.real->xOpen(faulty.real, name, faulty_real(file), flags, out);
	if (result != SQLITE_OK)
		return result;
	mine->methods = (sqlite3_io_methods){
		.iVersion = 2,
		.xClose = faulty_close,
		.xRead = faulty_read,
		.xWrite = faulty_write,
		.xTruncate = faulty_truncate,
		.xSync = faulty_sync,
		.xFileSize = faulty_size,
		.xLock = faulty_lock,
		.xUnlock = faulty_unlock,
		.xCheckReservedLock = faulty_check_lock,
		.xFileControl = faulty_control,
		.xSectorSize = faulty_sector,
		.xDeviceCharacteristics = faulty_device,
		.xShmMap = faulty_shm_map,
		.xShmLock = faulty_shm_lock,
		.xShmBarrier = faulty_shm_barrier,
		.xShmUnmap = faulty_shm_unmap,
	};
	file->pMethods = &mine->methods;
	return SQLITE_OK;
}

/* faulty_install makes it the one that SQLite uses. */
static inline void faulty_install(void)
{
	faulty.real = sqlite3_vfs_find(NULL);
	faulty.vfs = *faulty.real;
	faulty.vfs.zName = "faulty";
	faulty.vfs.szOsFile = (int)sizeof(struct faulty_file) + faulty.real->szOsFile;
	faulty.vfs.xOpen = faulty_open;
	sqlite3_vfs_register(&faulty.vfs, 1);
}

static inline void faulty_arm(unsigned until, unsigned faults, bool syncs_only)
{
	faulty.until = until;
	faulty.faults = faults;
	faulty.happened = 0;
	faulty.syncs_only = syncs_only;
}

/* faulty_disarm returns how many faults there were. */
static inline unsigned faulty_disarm(void)
{
	faulty.until = UINT_MAX;
	return faulty.happened;
}

#endif
