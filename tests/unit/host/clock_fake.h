/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A clock that the test moves, for a host that is stepped: how long a guest has read nothing is what the test says, not
 * how busy the machine is.  Linked with -Wl,--wrap=clock_gettime; the monotonic clock of everything linked statically.
 */
#ifndef VMMQ_UNIT_HOST_CLOCK_FAKE_H
#define VMMQ_UNIT_HOST_CLOCK_FAKE_H

#include <stdbool.h>
#include <stdint.h>

/*
 * clock_pass lets ns pass.  Besides, CLOCK_LOOK_NS pass whenever somebody looks, so that who waits for a time comes to it.
 * clock_run makes it the real clock from now on, for threads, or the test's again.
 */
#define CLOCK_LOOK_NS 1000
void clock_pass(uint64_t ns);
void clock_run(bool real);

#endif
