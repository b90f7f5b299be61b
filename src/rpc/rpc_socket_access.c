/* SPDX-License-Identifier: BSD-2-Clause */
#include "rpc/rpc_socket_access.h"

#include <endian.h>
#include <errno.h>
#include <linux/posix_acl.h>
#include <linux/posix_acl_xattr.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#define ACL_NAME     "system.posix_acl_access"
#define ACL_ENTRIES  6 /* owner, its group, two groups, mask, others */
#define MAY_CONNECT  (ACL_READ | ACL_WRITE)
#define ACCESS_ALONE 0600
#define ACCESS_GROUP 0660
#define ACCESS_ALL   0666

struct access_list {
	struct posix_acl_xattr_header header;
	struct posix_acl_xattr_entry entry[ACL_ENTRIES];
};

static struct posix_acl_xattr_entry access_entry(unsigned tag, unsigned permissions, unsigned id)
{
	return (struct posix_acl_xattr_entry){ htole16((uint16_t)tag), htole16((uint16_t)permissions), htole32(id) };
}

/* access_list_set: the entries in the order of acl(5), as the kernel wants them. */
static int access_list_set(const char *path, const struct rpc_groups *groups)
{
	struct access_list list = { .header.a_version = htole32(POSIX_ACL_XATTR_VERSION) };
	size_t count = 0;

	list.entry[count++] = access_entry(ACL_USER_OBJ, MAY_CONNECT, (unsigned)ACL_UNDEFINED_ID);
	list.entry[count++] = access_entry(ACL_GROUP_OBJ, 0, (unsigned)ACL_UNDEFINED_ID);
	if (groups->change.name[0])
		list.entry[count++] = access_entry(ACL_GROUP, MAY_CONNECT, groups->change.id);
	if (groups->read.name[0])
		list.entry[count++] = access_entry(ACL_GROUP, MAY_CONNECT, groups->read.id);
	list.entry[count++] = access_entry(ACL_MASK, MAY_CONNECT, (unsigned)ACL_UNDEFINED_ID);
	list.entry[count++] = access_entry(ACL_OTHER, 0, (unsigned)ACL_UNDEFINED_ID);
	return setxattr(path, ACL_NAME, &list, sizeof(list.header) + count * sizeof(list.entry[0]), 0);
}

int rpc_socket_access(const char *path, const struct rpc_groups *groups)
{
	const struct rpc_group *change = &groups->change, *read = &groups->read;
	bool two = change->name[0] && read->name[0] && change->id != read->id;
	gid_t group = change->name[0] ? change->id : read->id;
	int given;

	if (!change->name[0] && !read->name[0])
		return chmod(path, ACCESS_ALONE);
	given = chown(path, (uid_t)-1, group);
	if (given && errno != EPERM)
		return -1;
	if (!given && !two)
		return chmod(path, ACCESS_GROUP);
	if (access_list_set(path, groups) == 0)
		return 0;
	return errno == EOPNOTSUPP ? chmod(path, ACCESS_ALL) : -1;
}
