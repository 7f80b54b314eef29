/*
 * machine: how many cores and how much memory this process may use. Layer 2. Linux; elsewhere what sysconf says.
 */
#ifndef HPX_MACHINE_H
#define HPX_MACHINE_H

#include <stdint.h>

/* Cores that the scheduler may give to this process; at least 1. */
unsigned hpx_machine_cores(void);

/* The smallest of the machine's memory and the limits of its control groups (version 1 and 2), in bytes; UINT64_MAX: not known. */
uint64_t hpx_machine_memory(void);

#endif
