/* SPDX-License-Identifier: ISC */
/*
 * moved: what a redirect names, held against where it came from.
 */
#include "http/moved.h"

#include "base/buf.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <strings.h>

/* "https://host/path?query" in three. */
struct url_parts {
	struct span origin, path, query; /* the query with its question mark */
};

static struct url_parts url_split(const char *url)
{
	const char *host = strstr(url, "://"), *path = host ? strchr(host + 3, '/') : NULL;
	size_t len;

	if (!path) /* no request of ours is without one */
		path = url + strlen(url);
	len = strcspn(path, "?");
	return (struct url_parts){{url, (size_t)(path - url)}, {path, len}, span_of(path + len)};
}

static char *url_join(struct span origin, struct span path, const char *slash, struct span query)
{
	struct buf url = {0};

	buf_put_span(&url, origin);
	buf_put_span(&url, path);
	buf_puts(&url, slash);
	buf_put_span(&url, query);
	buf_text(&url);
	if (url.state != BUF_OK)
		buf_release(&url);
	return url.data;
}

/* The last segment of a path, without a slash behind it. */
static struct span path_last(struct span path)
{
	size_t from;

	while (path.len && path.data[path.len - 1] == '/')
		path.len--;
	for (from = path.len; from && path.data[from - 1] != '/'; from--)
		;
	return (struct span){path.data + from, path.len - from};
}

/* Have both URLs this part, and is it the same? */
static bool url_is_alike(CURLU *a, CURLU *b, CURLUPart part, unsigned flags)
{
	char *of_a = NULL, *of_b = NULL;
	bool alike = curl_url_get(a, part, &of_a, flags) == CURLUE_OK &&
	             curl_url_get(b, part, &of_b, flags) == CURLUE_OK && strcasecmp(of_a, of_b) == 0;

	curl_free(of_a);
	curl_free(of_b);
	return alike;
}

/* The path that `location` names, where all else is as in `url`; else NULL. curl_free it. */
static char *location_path(const char *url, const char *location)
{
	CURLU *from = curl_url(), *to = curl_url();
	char *path = NULL, *query = NULL, *user = NULL;
	struct span asked = url_split(url).query;

	if (from && to && curl_url_set(from, CURLUPART_URL, url, 0) == CURLUE_OK &&
	    curl_url_set(to, CURLUPART_URL, url, 0) == CURLUE_OK &&
	    curl_url_set(to, CURLUPART_URL, location, 0) == CURLUE_OK &&
	    url_is_alike(from, to, CURLUPART_SCHEME, 0) && url_is_alike(from, to, CURLUPART_HOST, 0) &&
	    url_is_alike(from, to, CURLUPART_PORT, CURLU_DEFAULT_PORT) &&
	    curl_url_get(to, CURLUPART_USER, &user, 0) != CURLUE_OK)
		curl_url_get(to, CURLUPART_PATH, &path, 0);
	/* a query that was left out is still ours; another one asks for another thing */
	if (path && curl_url_get(to, CURLUPART_QUERY, &query, 0) == CURLUE_OK && *query &&
	    (!asked.len || strcmp(query, asked.data + 1) != 0)) {
		curl_free(path);
		path = NULL;
	}
	curl_free(query);
	curl_free(user);
	curl_url_cleanup(from);
	curl_url_cleanup(to);
	return path;
}

static void moved_remember(struct moved *moved, struct span from, struct span to)
{
	struct moved_path *path = &moved->paths[moved->count];

	if (to.len == from.len + 1 && span_begins(to, from))
		moved->wants_slash = true;
	if (moved->count == MOVED_MAX)
		return;
	*path = (struct moved_path){strndup(from.data, from.len), strndup(to.data, to.len)};
	if (path->from && path->to) {
		moved->count++;
		return;
	}
	free(path->from);
	free(path->to);
}

char *moved_follow(struct moved *moved, const char *url, const char *location)
{
	struct url_parts parts = url_split(url);
	char *path = *location ? location_path(url, location) : NULL, *to = NULL;
	struct span wanted = span_of(path ? path : "");
	bool good = path && span_is_nocase(path_last(wanted), path_last(parts.path)) &&
	            !span_is(wanted, parts.path);

	for (size_t i = 0; i < wanted.len; i++)
		good = good && wanted.data[i] > ' ' && wanted.data[i] <= '~';
	if (good) {
		moved_remember(moved, parts.path, wanted);
		to = url_join(parts.origin, wanted, "", parts.query);
	}
	curl_free(path);
	return to;
}

char *moved_find(const struct moved *moved, const char *url)
{
	struct url_parts parts = url_split(url);

	for (size_t i = 0; i < moved->count; i++)
		if (span_is(parts.path, span_of(moved->paths[i].from)))
			return url_join(parts.origin, span_of(moved->paths[i].to), "", parts.query);
	if (moved->wants_slash && !span_ends(parts.path, span_of("/")))
		return url_join(parts.origin, parts.path, "/", parts.query);
	return NULL;
}

void moved_release(struct moved *moved)
{
	while (moved->count) {
		moved->count--;
		free(moved->paths[moved->count].from);
		free(moved->paths[moved->count].to);
	}
}
