/* SPDX-License-Identifier: ISC */
/*
 * control: see control.h.
 *
 * "switch" and "quit" are about the server, everything else is about the
 * directory and goes there. A value of false or null puts a switch off.
 */
#include "control.h"

#include <string.h>

void control_switched(struct server *server)
{
	bool drops = server->switches[STRIPE].at[STRIPE_DROPS_INACTIVE].on;

	server->directory.drops_inactive = drops ? 1u << STRIPE : 0;
	directory_touch(&server->directory);
}

static int apply_switch(struct server *server, yyjson_val *operation, struct why *why)
{
	yyjson_val *value = yyjson_obj_get(operation, "value");
	const char *name = yyjson_get_str(yyjson_obj_get(operation, "name"));
	const char *text = yyjson_is_raw(value) ? yyjson_get_raw(value) : yyjson_get_str(value);

	if (!name)
		return refuse(why, "switch: no 'name'");
	if (yyjson_is_false(value) || yyjson_is_null(value))
		text = "off";
	if (switches_set(server->switches, name, text, why))
		return -1;
	control_switched(server);
	return 0;
}

static int apply(struct server *server, const struct call *call, bool *quit, struct why *why)
{
	yyjson_doc *doc = yyjson_read(call->body, call->body_length, YYJSON_READ_NUMBER_AS_RAW);
	yyjson_val *operation = yyjson_doc_get_root(doc), *name = yyjson_obj_get(operation, "op");
	int result = 0;

	if (strcmp(call->method, "POST") != 0 || !yyjson_is_obj(operation))
		result = refuse(why, "an operation is a JSON object, sent by POST");
	else if (yyjson_equals_str(name, "quit"))
		*quit = true;
	else if (yyjson_equals_str(name, "switch"))
		result = apply_switch(server, operation, why);
	else
		result = directory_apply(&server->directory, operation, why);
	yyjson_doc_free(doc);
	return result;
}

bool control(struct server *server, struct call *call)
{
	bool quit = false;
	struct why why;
	int result = apply(server, call, &quit, &why);
	yyjson_mut_val *root = call_answer(call, result ? 400 : 200);

	call->type = "application/json";
	yyjson_mut_obj_add_bool(call->doc, root, "ok", result == 0);
	if (result)
		yyjson_mut_obj_add_strcpy(call->doc, root, "error", why.text);
	return quit;
}
