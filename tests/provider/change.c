/* SPDX-License-Identifier: ISC */
/*
 * change: just enough of an HTTP client for `stand-in change`.
 *
 * One connection an operation, closed by the server at the end of its answer.
 * Plain http and a numeric address only: the URL is the line that the server
 * printed.
 */
#include "change.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <yyjson.h>

static int parse(const char *url, struct sockaddr_in *address, struct why *why)
{
	const char *host = text_starts(url, "http://") ? url + 7 : "";
	size_t length = strcspn(host, ":/");
	char *name = text_format("%.*s", (int)length, host);
	long port = host[length] == ':' ? strtol(host + length + 1, NULL, 10) : 0;
	int good;

	*address = (struct sockaddr_in){.sin_family = AF_INET};
	good = inet_pton(AF_INET, strcmp(name, "localhost") ? name : "127.0.0.1", &address->sin_addr);
	free(name);
	if (good != 1 || port < 1 || port > 65535)
		return refuse(why, "'%s' is not http://127.0.0.1:PORT", url);
	address->sin_port = htons((uint16_t)port);
	return 0;
}

static int send_all(int fd, const char *text, size_t length, struct why *why)
{
	while (length) {
		ssize_t sent = send(fd, text, length, MSG_NOSIGNAL);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0)
			return refuse(why, "sending: %s", strerror(errno));
		text += sent;
		length -= (size_t)sent;
	}
	return 0;
}

/* The first part of the answer is all of it: control answers are short. */
static int read_answer(int fd, struct why *why)
{
	char answer[4096];
	size_t length = 0;
	ssize_t got;
	const char *body;
	yyjson_doc *doc;
	yyjson_val *root;
	int result = -1;

	do {
		got = recv(fd, answer + length, sizeof(answer) - 1 - length, 0);
		length += got > 0 ? (size_t)got : 0;
	} while (got > 0 || (got < 0 && errno == EINTR));
	answer[length] = '\0';
	body = strstr(answer, "\r\n\r\n");
	doc = body ? yyjson_read(body + 4, strlen(body + 4), 0) : NULL;
	root = yyjson_doc_get_root(doc);
	if (yyjson_is_true(yyjson_obj_get(root, "ok")))
		result = 0;
	else if (yyjson_is_str(yyjson_obj_get(root, "error")))
		refuse(why, "%.200s", yyjson_get_str(yyjson_obj_get(root, "error")));
	else
		refuse(why, "no answer that a stand-in would give");
	yyjson_doc_free(doc);
	return result;
}

static int post(const struct sockaddr_in *address, const char *operation, struct why *why)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), result = -1;
	char *request = text_format("POST /_control HTTP/1.1\r\nHost: 127.0.0.1\r\n"
	                            "Connection: close\r\nContent-Type: application/json\r\n"
	                            "Content-Length: %zu\r\n\r\n%s",
	                            strlen(operation), operation);

	if (fd < 0 || connect(fd, (const struct sockaddr *)address, sizeof(*address)))
		refuse(why, "connecting: %s", strerror(errno));
	else if (send_all(fd, request, strlen(request), why) == 0)
		result = read_answer(fd, why);
	if (fd >= 0)
		close(fd);
	free(request);
	return result;
}

int change(const char *url, char *const operations[], struct why *why)
{
	struct sockaddr_in address;

	if (parse(url, &address, why))
		return -1;
	for (; *operations; operations++) {
		struct why cause;

		if (post(&address, *operations, &cause))
			return refuse(why, "%.80s: %.160s", *operations, cause.text);
	}
	return 0;
}
