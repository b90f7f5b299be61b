/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VMMQ_BASE_PCI_ADDRESS_H
#define VMMQ_BASE_PCI_ADDRESS_H

#include <stdbool.h>

/* pci_address_is tells whether text is the address of a device on PCI: 0000:03:00.0, or 03:00.0 of domain 0. */
bool pci_address_is(const char *text);

#endif
