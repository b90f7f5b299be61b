# SPDX-License-Identifier: BSD-2-Clause
# Rows of golden/toeplitz-vectors.csv as initialisers of a C array.
s/^([A-Z0-9_]+),([^,]*),([^,]*),([^,]*),([^,]*),(0x[0-9a-f]+)$/{ VMMQ_HASH_\1, "\2", \3, "\4", \5, \6 },/p
