/* SPDX-License-Identifier: ISC */
/*
 * xml_part: the elements of one XML part of a package, as they come, by expat.
 *
 * A document type is refused, as ECMA-376 part 2 asks (6.2.5): so there is no entity, of the file
 * or of another one, and nothing that grows. Nesting and what one tag holds have ceilings.
 * Elements of namespaces that no reader here knows are passed over with all they contain.
 */
#ifndef ROLLCALL_XML_PART_H
#define ROLLCALL_XML_PART_H

#include "base/ceiling.h"
#include "sheet/package.h"

/* The namespaces that count, the transitional and the strict one of each. */
enum xml_space {
	XML_NO_SPACE,
	XML_SHEET_SPACE,
	XML_LINK_SPACE,
	XML_TYPE_SPACE,
	XML_RELATION_SPACE, /* of attributes only */
	XML_SPACES
};

struct xml_prefix {
	char name[32]; /* empty: of names without a prefix */
	enum xml_space space;
	unsigned depth; /* of the element that declares it */
};

struct xml_part {
	/* What is called; any may be NULL. They get the name without its prefix, a start where names of
	   attributes, with their prefix, and their texts alternate, NULL after the last. 0, or -1
	   with xml->fault filled; 1 of an end: xml_part_next returns. */
	enum xml_space space; /* of the elements that are told */
	int (*start)(struct xml_part *xml, const char *name, const char **attributes);
	int (*end)(struct xml_part *xml, const char *name);
	int (*text)(struct xml_part *xml, struct span text);
	void *context;
	bool is_large; /* it has rows or texts: may be longer than XLSX_SMALL_MAX */
	struct fault fault;

	/* its own */
	struct package_part part;
	struct XML_ParserStruct *parser;
	const char *file;
	unsigned depth, unknown; /* elements that are open; of them within one of no known space */
	uint64_t fed;
	bool is_paused, is_ended;
	struct xml_prefix prefixes[XML_PREFIXES_MAX];
	size_t prefix_count;
};

/* Begins with a part. 0 or -1; xml_part_close is due in both cases. */
int xml_part_open(struct xml_part *xml, struct package *package, const char *name,
                  struct fault *fault);
void xml_part_close(struct xml_part *xml);

/* Reads on. 1 where an `end` has asked for it, 0 at the end, -1. */
int xml_part_next(struct xml_part *xml, struct fault *fault);

/* The same to its end, and closes it. 0 or -1. */
int xml_part_read(struct xml_part *xml, struct package *package, const char *name,
                  struct fault *fault);

/* The text of an attribute without a namespace; NULL where it is not there. */
const char *xml_attribute(const char **attributes, const char *name);

/* The same of an attribute in the namespace of relationships (r:id). */
const char *xml_relation(const struct xml_part *xml, const char **attributes);

/* "expat/2.5.0" */
const char *xml_library(void);

#endif
