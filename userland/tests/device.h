/* SPDX-License-Identifier: BSD-2-Clause */
/* What tests of devices stand on: the tree, and the console component as a child. */
#ifndef DEVICE_TEST_H
#define DEVICE_TEST_H

#include "devices.h"
#include "machine.h"
#include "test.h"

/* The device tree, mapped; ends the program if there is none. */
const void *machine_tree(struct builder *b);

#endif
