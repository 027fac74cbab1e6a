/* SPDX-License-Identifier: ISC */
/*
 * http_write: the methods that change something. A program that does not call
 * http_write does not hold them at all.
 */
#include "http/http_try.h"

const char *const http_method_names[] = {"POST", "PUT", "PATCH", "DELETE"};

struct request *http_write(struct http *http, enum http_method method, const char *target,
                           const char *body, struct span if_match, struct fault *fault)
{
	struct request *request;

	if (!http->config.may_write) {
		fault_set(fault, FAULT_INTERNAL, "nothing may be changed here");
		return NULL;
	}
	request = http_queue(http, http_method_names[method], target, body, if_match, fault);
	if (request)
		request->writes = true;
	return request;
}
