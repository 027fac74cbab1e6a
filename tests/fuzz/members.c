/* SPDX-License-Identifier: ISC */
/*
 * members: of any program, the members that it names are names that stand in it, each once;
 * and blanks around a program change nothing.
 */
#include "fuzz.h"

#include "base/buf.h"
#include "jq/jq_members.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span program = {(const char *)data, size};
	struct jq_members members, again;
	struct buf around = {0};

	if (!jq_members_find(&members, program))
		return 0;
	must(members.count <= JQ_MEMBERS_MAX, "there are not more than fit");
	for (size_t i = 0; i < members.count; i++) {
		must(members.names[i].data >= program.data &&
		         members.names[i].data + members.names[i].len <= program.data + program.len,
		     "a name is a piece of the program");
		for (size_t j = 0; j < i; j++)
			must(!span_is(members.names[i], members.names[j]), "each name stands there once");
	}
	buf_puts(&around, "\t");
	buf_put_span(&around, program);
	buf_puts(&around, " \n");
	must(jq_members_find(&again, buf_span(&around)), "blanks change nothing");
	must(again.count == members.count, "the same members are named among blanks");
	buf_release(&around);
	return 0;
}
