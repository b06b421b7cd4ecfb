/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Walks Open Firmware's tree and writes it down with libfdt. Node names come from package-to-path, since the property
 * `name` lacks the unit address; handles are kept as `phandle`, so references between nodes stay right.
 */
#include <libfdt.h>
#include <string.h>
#include <kernel/hal.h>
#include "openfirmware.h"

enum { CELLS = 8, NAME_MAX = 128, PATH_MAX = 512 };

/* A request of the client interface: big-endian cells of 32 bits. */
struct request {
	fdt32_t service, arguments, results, cell[CELLS];
};

static uint64_t client_interface;

/* What firmware reads and writes lies in static memory: real addresses, below 4 GiB. */
static struct request request;
static char path[PATH_MAX], names[2][NAME_MAX];

static uint32_t real(const void *p)
{
	return (uint32_t)hal_physical_address(p);
}

/* Calls a service that has one result; the result, or -1 if the call failed. */
static uint32_t call(const char *service, uint32_t arguments, const uint32_t *argument)
{
	request.service = cpu_to_fdt32(real(service));
	request.arguments = cpu_to_fdt32(arguments);
	request.results = cpu_to_fdt32(1);
	for (uint32_t i = 0; i < arguments; i++)
		request.cell[i] = cpu_to_fdt32(argument[i]);
	request.cell[arguments] = cpu_to_fdt32(UINT32_MAX);
	if (openfirmware_call(real(&request), client_interface) != 0)
		return UINT32_MAX;
	return fdt32_to_cpu(request.cell[arguments]);
}

static uint32_t call1(const char *service, uint32_t argument)
{
	return call(service, 1, &argument);
}

/* 0: there is none; -1: the call failed. */
static bool is_node(uint32_t node)
{
	return node != 0 && node != UINT32_MAX;
}

/* Copies a property's value straight into the tree. */
static int copy_value(void *fdt, uint32_t node, const char *name)
{
	uint32_t length = call("getproplen", 2, (uint32_t[]){node, real(name)});
	void *value;
	int error;

	if (length > INT32_MAX)
		return 0; /* it went away */
	error = fdt_property_placeholder(fdt, name, (int)length, &value);
	if (error || length == 0)
		return error;
	call("getprop", 4, (uint32_t[]){node, real(name), real(value), length});
	return 0;
}

static int write_archive(void *fdt, const struct openfirmware_archive *archive)
{
	int error = fdt_property_u64(fdt, "linux,initrd-start", archive->start);

	return error ? error : fdt_property_u64(fdt, "linux,initrd-end", archive->start + archive->size);
}

/* Properties that are not copied: what the flattened tree says otherwise, and what we know better. */
static bool skipped(const char *name, bool archive_known)
{
	if (strcmp(name, "name") == 0 || strcmp(name, "phandle") == 0 || strcmp(name, "linux,phandle") == 0)
		return true;
	return archive_known && (strcmp(name, "linux,initrd-start") == 0 || strcmp(name, "linux,initrd-end") == 0);
}

static int copy_properties(void *fdt, uint32_t node, const struct openfirmware_archive *archive)
{
	char *previous = names[0], *name = names[1];
	int error = fdt_property_u32(fdt, "phandle", node);

	*previous = '\0';
	while (!error && call("nextprop", 3, (uint32_t[]){node, real(previous), real(name)}) == 1) {
		char *swap = previous;

		if (!skipped(name, archive != NULL))
			error = copy_value(fdt, node, name);
		previous = name;
		name = swap;
	}
	return error || !archive ? error : write_archive(fdt, archive);
}

/* The last component of the node's path; the root's is empty. */
static const char *node_name(uint32_t node)
{
	uint32_t length = call("package-to-path", 3, (uint32_t[]){node, real(path), PATH_MAX - 1});
	char *slash;

	path[length < PATH_MAX ? length : PATH_MAX - 1] = '\0';
	slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

/* Depth first, without recursion: child, else the next sibling of the node or of its nearest ancestor that has one. */
static int copy_nodes(void *fdt, const struct openfirmware_archive *archive)
{
	uint32_t root = call1("peer", 0), chosen = call1("finddevice", real("/chosen")), node = root;
	int error = is_node(root) ? 0 : -FDT_ERR_NOTFOUND;

	while (!error) {
		uint32_t next;

		error = fdt_begin_node(fdt, node_name(node));
		if (!error)
			error = copy_properties(fdt, node, node == chosen && archive->size ? archive : NULL);
		next = call1("child", node);
		while (!error && !is_node(next)) {
			error = fdt_end_node(fdt);
			if (node == root)
				return error;
			next = call1("peer", node);
			if (!is_node(next))
				node = call1("parent", node);
		}
		node = next;
	}
	return error;
}

const char *openfirmware_flatten(uint64_t entry, const struct openfirmware_archive *archive, void *buffer, size_t size)
{
	int error;

	if (!entry)
		return "not started by Open Firmware (r5 is 0)";
	client_interface = entry;
	error = fdt_create(buffer, (int)size);
	if (!error)
		error = fdt_finish_reservemap(buffer);
	if (!error)
		error = copy_nodes(buffer, archive);
	if (!error)
		error = fdt_finish(buffer);
	call("quiesce", 0, NULL);
	if (error == -FDT_ERR_NOSPACE)
		return "the device tree is too large";
	return error ? "Open Firmware's device tree cannot be copied" : NULL;
}
