/* SPDX-License-Identifier: ISC */
/*
 * xml_part: expat gets a piece after the other, and stops in the middle of one where a reader
 * wants to.
 */
#include "sheet/xml_part.h"

#include "base/inert.h"

#include <expat.h>
#include <stdio.h>

enum { XML_PIECE = 64 * 1024 };

/* The transitional and the strict name of each. */
static const char *const xml_spaces[XML_SPACES][2] = {
	[XML_SHEET_SPACE] = {"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
                         "http://purl.oclc.org/ooxml/spreadsheetml/main"},
	[XML_LINK_SPACE] = {"http://schemas.openxmlformats.org/package/2006/relationships", NULL},
	[XML_TYPE_SPACE] = {"http://schemas.openxmlformats.org/package/2006/content-types", NULL},
	[XML_RELATION_SPACE] = {"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
                            "http://purl.oclc.org/ooxml/officeDocument/relationships"},
};

static int xml_fault(const struct xml_part *xml, const char *why, struct fault *fault)
{
	return fault_set(fault, FAULT_DATA, "%s: the part '%s': %s", INERT(span_of(xml->file)),
	                 INERT(span_of(xml->part.name)), why);
}

static void xml_refuse(struct xml_part *xml, const char *why)
{
	if (xml->fault.kind == FAULT_NONE)
		xml_fault(xml, why, &xml->fault);
	XML_StopParser(xml->parser, XML_FALSE);
}

/* ---- namespaces ---- */

static enum xml_space xml_find_space(const char *name)
{
	for (int space = XML_NO_SPACE + 1; space < XML_SPACES; space++)
		for (size_t i = 0; i < 2; i++)
			if (xml_spaces[space][i] && strcmp(xml_spaces[space][i], name) == 0)
				return (enum xml_space)space;
	return XML_NO_SPACE;
}

/* Remembers what the prefixes stand for that this element declares, xmlns="..." and
   xmlns:prefix="...", until it ends. */
static void xml_declare(struct xml_part *xml, const char **attributes)
{
	for (; *attributes; attributes += 2) {
		const char *name = attributes[0];
		struct xml_prefix *prefix = &xml->prefixes[xml->prefix_count];

		if (name[0] != 'x' || strncmp(name, "xmlns", 5) != 0 || (name[5] && name[5] != ':'))
			continue;
		name += name[5] ? 6 : 5;
		if (xml->prefix_count == XML_PREFIXES_MAX || strlen(name) >= sizeof prefix->name) {
			xml_refuse(xml, "it has more namespaces, or longer names of them, than a workbook");
			return;
		}
		memcpy(prefix->name, name, strlen(name) + 1);
		prefix->space = xml_find_space(attributes[1]);
		prefix->depth = xml->depth;
		xml->prefix_count++;
	}
}

/* What the prefix before `local` stands for; NULL: it is not declared. */
static const struct xml_prefix *xml_find_prefix(const struct xml_part *xml, const char *name,
                                                const char *local)
{
	struct span prefix = {name, local == name ? 0 : (size_t)(local - name) - 1};

	for (size_t i = xml->prefix_count; i--;)
		if (span_is(prefix, span_of(xml->prefixes[i].name)))
			return &xml->prefixes[i];
	return NULL;
}

static const char *xml_local(const char *name)
{
	const char *colon = strchr(name, ':');

	return colon ? colon + 1 : name;
}

/* ---- what expat says ---- */

static void XMLCALL xml_start(void *context, const char *name, const char **attributes)
{
	struct xml_part *xml = context;
	const char *local = xml_local(name);
	const struct xml_prefix *prefix;

	if (xml->fault.kind != FAULT_NONE)
		return;
	if (++xml->depth > XML_DEPTH_MAX) {
		xml_refuse(xml, "its elements are nested too deeply");
		return;
	}
	xml_declare(xml, attributes);
	prefix = xml_find_prefix(xml, name, local);
	if (xml->fault.kind != FAULT_NONE)
		return;
	if (!prefix && local != name)
		xml_refuse(xml, "it has a prefix that stands for no namespace");
	else if (xml->unknown || !prefix || prefix->space != xml->space)
		xml->unknown++;
	else if (xml->start && xml->start(xml, local, attributes) < 0)
		XML_StopParser(xml->parser, XML_FALSE);
}

static void XMLCALL xml_end(void *context, const char *name)
{
	struct xml_part *xml = context;
	int wish;

	if (xml->fault.kind != FAULT_NONE)
		return;
	while (xml->prefix_count && xml->prefixes[xml->prefix_count - 1].depth == xml->depth)
		xml->prefix_count--;
	xml->depth--;
	if (xml->unknown) {
		xml->unknown--;
		return;
	}
	wish = xml->end ? xml->end(xml, xml_local(name)) : 0;
	if (wish)
		XML_StopParser(xml->parser, wish > 0);
}

static void XMLCALL xml_text(void *context, const char *text, int len)
{
	struct xml_part *xml = context;

	if (xml->fault.kind == FAULT_NONE && !xml->unknown && xml->text &&
	    xml->text(xml, (struct span){text, (size_t)len}) < 0)
		XML_StopParser(xml->parser, XML_FALSE);
}

static void XMLCALL xml_doctype(void *context, const char *name, const char *system,
                                const char *public, int has_subset)
{
	(void)name;
	(void)system;
	(void)public;
	(void)has_subset;
	xml_refuse(context, "it declares a document type, which no workbook does");
}

int xml_part_open(struct xml_part *xml, struct package *package, const char *name,
                  struct fault *fault)
{
	xml->file = package->name;
	if (package_part_open(&xml->part, package, name, fault) < 0)
		return -1;
	xml->parser = XML_ParserCreate(NULL);
	if (!xml->parser)
		return fault_memory(fault);
	XML_SetUserData(xml->parser, xml);
	XML_SetElementHandler(xml->parser, xml_start, xml_end);
	XML_SetCharacterDataHandler(xml->parser, xml_text);
	XML_SetStartDoctypeDeclHandler(xml->parser, xml_doctype);
	return 0;
}

void xml_part_close(struct xml_part *xml)
{
	if (xml->parser)
		XML_ParserFree(xml->parser);
	xml->parser = NULL;
	package_part_close(&xml->part);
}

/* What expat could not read: the fault of a handler, where that stopped it. */
static int xml_failed(struct xml_part *xml, struct fault *fault)
{
	enum XML_Error error = XML_GetErrorCode(xml->parser);
	char why[160];

	if (xml->fault.kind != FAULT_NONE) {
		*fault = xml->fault;
		return -1;
	}
	if (error == XML_ERROR_NO_MEMORY)
		return fault_memory(fault);
	snprintf(why, sizeof why, "line %llu is no XML: %s",
	         (unsigned long long)XML_GetCurrentLineNumber(xml->parser), XML_ErrorString(error));
	return xml_fault(xml, why, fault);
}

int xml_part_next(struct xml_part *xml, struct fault *fault)
{
	enum XML_Status status = XML_STATUS_OK;

	if (xml->is_paused) {
		xml->is_paused = false;
		status = XML_ResumeParser(xml->parser);
	}
	for (;;) {
		void *room;
		ssize_t n;

		if (status == XML_STATUS_SUSPENDED) {
			xml->is_paused = true;
			return 1;
		}
		if (status == XML_STATUS_ERROR || xml->fault.kind != FAULT_NONE)
			return xml_failed(xml, fault);
		if (xml->is_ended)
			return 0;
		/* what is no whole tag is held by expat, and looked at again with each piece */
		if (xml->fed &&
		    (uint32_t)xml->fed - (uint32_t)XML_GetCurrentByteIndex(xml->parser) > XML_TAG_MAX)
			return xml_fault(xml, "a tag of it is longer than those of a workbook", fault);
		if (xml->fed > XLSX_SMALL_MAX && !xml->is_large)
			return xml_fault(xml, "it is longer than those of a workbook", fault);
		room = XML_GetBuffer(xml->parser, XML_PIECE);
		if (!room)
			return xml_failed(xml, fault);
		n = package_part_read(&xml->part, room, XML_PIECE, fault);
		if (n < 0)
			return -1;
		xml->fed += (uint64_t)n;
		xml->is_ended = n == 0;
		status = XML_ParseBuffer(xml->parser, (int)n, n == 0);
	}
}

int xml_part_read(struct xml_part *xml, struct package *package, const char *name,
                  struct fault *fault)
{
	int result = xml_part_open(xml, package, name, fault);

	if (result == 0)
		result = xml_part_next(xml, fault);
	xml_part_close(xml);
	return result;
}

const char *xml_attribute(const char **attributes, const char *name)
{
	for (; *attributes; attributes += 2)
		if (strcmp(attributes[0], name) == 0)
			return attributes[1];
	return NULL;
}

const char *xml_relation(const struct xml_part *xml, const char **attributes)
{
	for (; *attributes; attributes += 2) {
		const char *local = xml_local(attributes[0]);
		const struct xml_prefix *prefix = xml_find_prefix(xml, attributes[0], local);

		if (strcmp(local, "id") == 0 && local != attributes[0] && prefix &&
		    prefix->space == XML_RELATION_SPACE)
			return attributes[1];
	}
	return NULL;
}

const char *xml_library(void)
{
	XML_Expat_Version expat = XML_ExpatVersionInfo();
	static char text[48];

	snprintf(text, sizeof text, "expat/%d.%d.%d", expat.major, expat.minor, expat.micro);
	return text;
}
