/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Included before everything else in every file of the core and of the simulated machine.
 * Variables go to sections of their own, so that their state can be saved and restored; the core's C
 * library functions get names of their own, so that those of Linux stay what they are.
 */
#pragma clang section bss = "machine_bss" data = "machine_data"

#define memcpy core_memcpy
#define memmove core_memmove
#define memset core_memset
#define memcmp core_memcmp
#define memchr core_memchr
#define strlen core_strlen
#define strnlen core_strnlen
#define strcmp core_strcmp
#define strncmp core_strncmp
#define strchr core_strchr
#define strrchr core_strrchr
