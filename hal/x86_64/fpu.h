/* SPDX-License-Identifier: BSD-2-Clause */
/* FPU and vector unit. */
#ifndef FPU_H
#define FPU_H

/* This core: switches on what all cores have, and access to it off. CR4 is set. */
void fpu_core_init(void);

#endif
