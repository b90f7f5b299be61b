/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VMMQD_EXIT_H
#define VMMQD_EXIT_H

enum exit_status {
	EXIT_DONE = 0,
	EXIT_REFUSED = 1, /* refused or failed */
	EXIT_WRONG_USAGE = 2,
};

#endif
