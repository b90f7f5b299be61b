/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/pci_address.h"

#include <string.h>

#include "base/hex.h"

/* pci_part leads behind count hex digits and what ends them, or returns NULL. */
static const char *pci_part(const char *at, size_t count, char end)
{
	return at && strspn(at, HEX_DIGITS) == count && at[count] == end ? at + count + (end != '\0') : NULL;
}

bool pci_address_is(const char *text)
{
	const char *bus = strspn(text, HEX_DIGITS) == 4 ? pci_part(text, 4, ':') : text;
	const char *slot = pci_part(bus, 2, ':'), *function = pci_part(slot, 2, '.');

	/* 32 slots of 8 functions */
	return pci_part(function, 1, '\0') && strchr("01", slot[0]) && strchr("01234567", function[0]);
}
