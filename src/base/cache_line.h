/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VMMQ_BASE_CACHE_LINE_H
#define VMMQ_BASE_CACHE_LINE_H

#define CACHE_LINE 64 /* bytes */

#endif
