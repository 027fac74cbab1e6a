/* SPDX-License-Identifier: ISC */
/*
 * package: libzip reads through a function of ours, so that a file can not make it read or
 * hold more than a workbook needs.
 */
#include "sheet/package.h"

#include "base/ceiling.h"
#include "base/inert.h"
#include "sys/temporary.h"

#include <stdio.h>
#include <zip.h>

static int package_refuse(const struct package *package, const char *why, struct fault *fault)
{
	return fault_set(fault, FAULT_DATA, "%s: %s", INERT(span_of(package->name)), why);
}

/* ---- what libzip reads ---- */

static zip_int64_t package_supports(void)
{
	return zip_source_make_command_bitmap(
		ZIP_SOURCE_OPEN, ZIP_SOURCE_READ, ZIP_SOURCE_CLOSE, ZIP_SOURCE_STAT, ZIP_SOURCE_ERROR,
		ZIP_SOURCE_FREE, ZIP_SOURCE_SEEK, ZIP_SOURCE_TELL, ZIP_SOURCE_SUPPORTS, -1);
}

static zip_int64_t package_read(struct package *package, char *to, zip_uint64_t len)
{
	off_t left = package->size - package->at;
	ssize_t n;

	if (left <= 0 || !len)
		return 0;
	if (!package->is_open && (package->directory += len) > XLSX_DIRECTORY_MAX) {
		package_refuse(package, "the list of its parts is longer than that of a workbook",
		               &package->fault);
		return -1;
	}
	n = temporary_read(package->fd, to, len < (zip_uint64_t)left ? (size_t)len : (size_t)left,
	                   package->at, &package->fault);
	if (n > 0)
		package->at += n;
	return n;
}

static zip_int64_t package_seek(struct package *package, void *data, zip_uint64_t len)
{
	zip_error_t error;
	zip_int64_t at = zip_source_seek_compute_offset((zip_uint64_t)package->at,
	                                                (zip_uint64_t)package->size, data, len, &error);

	if (at < 0 || at > package->size)
		return -1;
	package->at = (off_t)at;
	return 0;
}

static zip_int64_t package_stat(const struct package *package, zip_stat_t *about)
{
	zip_stat_init(about);
	about->valid = ZIP_STAT_SIZE;
	about->size = (zip_uint64_t)package->size;
	return sizeof *about;
}

static zip_int64_t package_answer(void *context, void *data, zip_uint64_t len,
                                  zip_source_cmd_t command)
{
	struct package *package = context;
	int no_error[2] = {ZIP_ER_READ, 0};

	switch (command) {
	case ZIP_SOURCE_OPEN: package->at = 0; return 0;
	case ZIP_SOURCE_READ: return package_read(package, data, len);
	case ZIP_SOURCE_CLOSE: return 0;
	case ZIP_SOURCE_STAT: return package_stat(package, data);
	case ZIP_SOURCE_SEEK: return package_seek(package, data, len);
	case ZIP_SOURCE_TELL: return (zip_int64_t)package->at;
	case ZIP_SOURCE_SUPPORTS: return package_supports();
	case ZIP_SOURCE_ERROR:
		if (len < sizeof no_error)
			return -1;
		memcpy(data, no_error, sizeof no_error);
		return sizeof no_error;
	case ZIP_SOURCE_FREE: return 0;
	default: return -1;
	}
}

/* What went wrong in the library: what our own function said, if it has. */
static int package_fault(struct package *package, int code, struct fault *fault)
{
	if (package->fault.kind != FAULT_NONE) {
		*fault = package->fault;
		return -1;
	}
	if (code == ZIP_ER_MEMORY)
		return fault_memory(fault);
	return package_refuse(
		package, "no whole workbook: the file is cut or damaged; save it again, or as CSV", fault);
}

/* ---- the list of parts ---- */

/* The name of a part in lower case. */
static void package_fold(struct buf *to, struct span name)
{
	for (size_t i = 0; i < name.len; i++)
		buf_putc(to, ascii_lower(name.data[i]));
}

static int package_list(struct package *package, struct fault *fault)
{
	zip_int64_t count = zip_get_num_entries(package->zip, 0);
	struct buf folded = {0};
	struct set_entry *entry;
	bool fresh = true;
	int result = 0;

	if (count > XLSX_PARTS_MAX)
		return package_refuse(package, "more parts than a workbook has", fault);
	for (zip_int64_t i = 0; result == 0 && i < count; i++) {
		const char *name = zip_get_name(package->zip, (zip_uint64_t)i, ZIP_FL_ENC_RAW);

		buf_clear(&folded);
		package_fold(&folded, span_of(name ? name : ""));
		entry = buf_check(&folded, fault) < 0
		            ? NULL
		            : set_take(&package->parts, buf_span(&folded), &fresh);
		if (!entry)
			result = fault_memory(fault);
		else if (!fresh)
			result = fault_set(fault, FAULT_DATA, "%s: the part '%s' stands there twice",
			                   INERT(span_of(package->name)), INERT(span_of(name)));
		else
			entry->value = (uint64_t)i + 1;
	}
	buf_release(&folded);
	return result;
}

int package_open(struct package *package, struct fault *fault)
{
	zip_error_t error;
	zip_source_t *source;
	int code;

	zip_error_init(&error);
	source = zip_source_function_create(package_answer, package, &error);
	package->zip = source ? zip_open_from_source(source, ZIP_RDONLY, &error) : NULL;
	if (!package->zip && source)
		zip_source_free(source);
	code = zip_error_code_zip(&error);
	zip_error_fini(&error);
	if (!package->zip)
		return package_fault(package, code, fault);
	package->is_open = true;
	return package_list(package, fault);
}

void package_close(struct package *package)
{
	if (package->zip)
		zip_discard(package->zip);
	set_release(&package->parts);
	package->zip = NULL;
}

static const struct set_entry *package_find(const struct package *package, struct span part)
{
	struct buf folded = {0};
	const struct set_entry *entry;

	package_fold(&folded, part);
	entry = folded.state == BUF_OK ? set_find(&package->parts, buf_span(&folded)) : NULL;
	buf_release(&folded);
	return entry;
}

bool package_has(const struct package *package, struct span part)
{
	return package_find(package, part) != NULL;
}

/* ---- a part ---- */

int package_part_open(struct package_part *part, struct package *package, const char *name,
                      struct fault *fault)
{
	const struct set_entry *entry = package_find(package, span_of(name));
	const zip_uint64_t needed =
		ZIP_STAT_COMP_SIZE | ZIP_STAT_COMP_METHOD | ZIP_STAT_ENCRYPTION_METHOD;
	zip_stat_t about;

	*part = (struct package_part){.package = package, .name = name};
	if (!entry)
		return fault_set(fault, FAULT_DATA, "%s: no part '%s': this is no whole workbook",
		                 INERT(span_of(package->name)), INERT(span_of(name)));
	if (zip_stat_index(package->zip, entry->value - 1, 0, &about) < 0 ||
	    (about.valid & needed) != needed)
		return package_fault(package, zip_error_code_zip(zip_get_error(package->zip)), fault);
	if (about.encryption_method != ZIP_EM_NONE)
		return package_refuse(package, "it has a password: save it without one", fault);
	if (about.comp_method != ZIP_CM_DEFLATE && about.comp_method != ZIP_CM_STORE)
		return package_refuse(package, "it is packed as no spreadsheet does it", fault);
	part->packed = about.comp_size;
	part->file = zip_fopen_index(package->zip, entry->value - 1, 0);
	if (!part->file)
		return package_fault(package, zip_error_code_zip(zip_get_error(package->zip)), fault);
	return 0;
}

void package_part_close(struct package_part *part)
{
	if (part->file)
		zip_fclose(part->file);
	*part = (struct package_part){0};
}

ssize_t package_part_read(struct package_part *part, char *to, size_t cap, struct fault *fault)
{
	struct package *package = part->package;
	zip_int64_t n = zip_fread(part->file, to, cap);

	if (n < 0)
		return package_fault(package, zip_error_code_zip(zip_file_get_error(part->file)), fault);
	part->unpacked += (uint64_t)n;
	package->unpacked += (uint64_t)n;
	if (package->unpacked > XLSX_UNPACKED_MAX ||
	    (part->unpacked > XLSX_RATIO_FROM && part->unpacked / XLSX_RATIO_MAX > part->packed))
		return fault_set(fault, FAULT_DATA,
		                 "%s: the part '%s' unpacks to more than a workbook holds",
		                 INERT(span_of(package->name)), INERT(span_of(part->name)));
	return (ssize_t)n;
}

const char *package_library(void)
{
	static char text[48];

	snprintf(text, sizeof text, "libzip/%s", zip_libzip_version());
	return text;
}
