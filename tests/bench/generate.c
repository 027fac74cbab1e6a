/* SPDX-License-Identifier: ISC */
/*
 * generate: the fetch stream of a directory that nobody has, for `make bench`.
 *
 * The same arguments give the same bytes: everything follows from --seed and a
 * record's number. Ids are random, as services hand them out, so the stream is
 * in no order that a snapshot could use. A user takes about 640 bytes. Beside
 * the speed, the shapes test what a hostile or odd directory does to it.
 */
#include "stream/stream.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static const char help[] =
	"usage: generate [--users N] [--groups N] [--memberships N] [--seed N] [SHAPE]\n"
	"\n"
	"Writes one section of a fetch stream to stdout: by default 1000 users and 10\n"
	"groups with 1000 memberships, dealt out evenly.\n"
	"\n"
	"  --untyped     members do not say whether they are users\n"
	"  --by-users    groups show no members, each user shows its groups\n"
	"  --ordered     ids rise, as in a directory that is almost sorted\n"
	"  --equal       each user is the same user\n"
	"  --pad N       N more bytes in each user's display name\n"
	"  --changed N   N users of a thousand have another name: for a second directory\n"
	"  --rights      users show entitlements, a department, a manager, ...\n";

static struct {
	uint64_t users, groups, memberships, seed, pad, changed;
	int untyped, by_users, ordered, equal, rights;
} with = {.users = 1000, .groups = 10, .memberships = 1000, .seed = 1};

/* splitmix64: a number's place in a random order. */
static uint64_t mix(uint64_t number, uint64_t salt)
{
	uint64_t z = number + 0x9e3779b97f4a7c15U * (with.seed * 1000003 + salt + 1);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
	return z ^ (z >> 31);
}

/* The salts keep what is drawn for one record apart. */
enum { OF_USER, OF_USER_LOW, OF_GROUP, OF_NAME, OF_CHANGE, OF_TIME, OF_RIGHTS };

static void put_user_id(struct buf *line, uint64_t user)
{
	uint64_t high = mix(user, OF_USER), low = mix(user, OF_USER_LOW);

	if (with.equal)
		user = high = low = 0;
	if (with.ordered)
		high = user;
	buf_putf(line, "%08" PRIx64 "-%04" PRIx64 "-4%03" PRIx64 "-%04" PRIx64 "-%012" PRIx64,
	         high & 0xffffffff, high >> 32 & 0xffff, high >> 52, low >> 48, low & 0xffffffffffff);
}

static void put_group_id(struct buf *line, uint64_t group)
{
	buf_putf(line, "grp_%016" PRIx64, with.ordered ? group : mix(group, OF_GROUP));
}

static void put_time(struct buf *line, uint64_t draw)
{
	buf_putf(line, "20%02u-%02u-%02uT%02u:%02u:%02uZ", (unsigned)(10 + draw % 16),
	         (unsigned)(1 + draw / 16 % 12), (unsigned)(1 + draw / 192 % 28),
	         (unsigned)(draw / 5376 % 24), (unsigned)(draw / 129024 % 60),
	         (unsigned)(draw / 7741440 % 60));
}

/* Membership number `m` is member m / groups of group m % groups. */
static uint64_t member_of(uint64_t m)
{
	uint64_t group = m % with.groups, member = m / with.groups;

	return with.users ? (group * 7919 + member) % with.users : m;
}

static void put_groups_of(struct buf *line, uint64_t user)
{
	uint64_t group = with.groups ? mix(user, OF_GROUP) % with.groups : 0;
	uint64_t count = with.groups && with.users ? with.memberships / with.users : 0;

	buf_puts(line, ",\"groups\":[");
	for (uint64_t i = 0; i < count; i++) {
		buf_puts(line, i ? ",{\"value\":\"" : "{\"value\":\"");
		put_group_id(line, (group + i) % with.groups);
		buf_puts(line, "\",\"type\":\"direct\"}");
	}
	buf_putc(line, ']');
}

/* What vocabulary 2 has and vocabulary 1 has not, but for the title, which all users have. */
static void put_rights(struct buf *line, uint64_t user)
{
	static const char *const departments[] = {"Finance", "Sales", "Engineering", "Legal"};
	uint64_t draw = mix(user, OF_RIGHTS);

	buf_putf(line,
	         ",\"userType\":\"Employee\",\"entitlements\":[{\"value\":\"licence-%u\","
	         "\"type\":\"Profile\"}],"
	         "\"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User\":{"
	         "\"employeeNumber\":\"%u\",\"department\":\"%s\",\"manager\":{\"value\":\"",
	         (unsigned)(draw % 11), (unsigned)user, departments[draw / 11 % 4]);
	put_user_id(line, user / 10);
	buf_puts(line, "\",\"displayName\":\"Grace Hopper\"}}");
}

static void put_user(struct buf *line, uint64_t user)
{
	static const char *const given[] = {"Ada",    "Grace", "Edsger",   "Barbara",
	                                    "Donald", "Ken",   "Margaret", "J\xc3\xbcrgen"};
	static const char *const family[] = {"Byron", "Hopper",   "Dijkstra", "Liskov",
	                                     "Knuth", "Thompson", "Hamilton", "M\xc3\xbcller"};
	uint64_t draw = with.equal ? 0 : mix(user, OF_NAME);
	uint64_t time = with.equal ? 0 : mix(user, OF_TIME);
	const char *first = given[draw % 8], *last = family[draw / 8 % 8];
	bool changed = mix(user, OF_CHANGE) % 1000 < with.changed;
	unsigned number = with.equal ? 0 : (unsigned)user;

	buf_puts(line, "{\"kind\":\"user\",\"source\":\"bench\",\"resource\":{\"schemas\":["
	               "\"urn:ietf:params:scim:schemas:core:2.0:User\"],\"id\":\"");
	put_user_id(line, user);
	buf_putf(line,
	         "\",\"externalId\":\"00u%08x\",\"userName\":\"user%u@example.com\",\"name\":{"
	         "\"formatted\":\"%s %s\",\"familyName\":\"%s\",\"givenName\":\"%s\"},"
	         "\"displayName\":\"%s %s%s",
	         number, number, first, last, last, first, first, last, changed ? " II" : "");
	for (uint64_t i = 0; i < with.pad; i++)
		buf_putc(line, 'x');
	buf_putf(line,
	         "\",\"active\":%s,\"emails\":[{\"value\":\"user%u@example.com\",\"type\":\"work\","
	         "\"primary\":true}],\"title\":\"Engineer\",\"preferredLanguage\":\"en-US\"",
	         draw >> 60 ? "true" : "false", number);
	if (with.by_users)
		put_groups_of(line, user);
	if (with.rights)
		put_rights(line, user);
	buf_puts(line, ",\"meta\":{\"resourceType\":\"User\",\"created\":\"");
	put_time(line, time);
	buf_puts(line, "\",\"lastModified\":\"");
	put_time(line, time >> 20);
	buf_puts(line, "\",\"location\":\"https://bench.example/scim/v2/Users/");
	put_user_id(line, user);
	buf_puts(line, "\"}}}\n");
}

static void put_group(struct buf *line, uint64_t group)
{
	buf_puts(line, "{\"kind\":\"group\",\"source\":\"bench\",\"resource\":{\"schemas\":["
	               "\"urn:ietf:params:scim:schemas:core:2.0:Group\"],\"id\":\"");
	put_group_id(line, group);
	buf_putf(line, "\",\"displayName\":\"Group %" PRIu64 "\"", group);
	if (!with.by_users)
		buf_puts(line, ",\"members\":[");
	for (uint64_t m = group; !with.by_users && m < with.memberships; m += with.groups) {
		buf_puts(line, m > group ? ",{\"value\":\"" : "{\"value\":\"");
		put_user_id(line, member_of(m));
		if (!with.untyped) {
			buf_puts(line, "\",\"$ref\":\"https://bench.example/scim/v2/Users/");
			put_user_id(line, member_of(m));
		}
		buf_putf(line, "\",\"display\":\"user%" PRIu64 "@example.com\"}", member_of(m));
	}
	buf_puts(line, with.by_users ? "" : "]");
	buf_puts(line, ",\"meta\":{\"resourceType\":\"Group\"}}}\n");
}

static int generate(struct out *out, struct fault *fault)
{
	static const char begin[] =
		"{\"kind\":\"begin\",\"format\":1,\"stage\":\"fetch\",\"source\":\"bench\","
		"\"provider\":\"scim\",\"schema\":\"scim\",\"origin\":\"https://bench.example/scim/v2\","
		"\"tool\":\"generate 1\",\"started_at\":\"2026-11-22T00:00:00Z\",\"not_covered\":[]}\n";
	struct section_writer section;
	struct buf line = {0};
	int result = section_open(&section, out, span_of(begin), fault);

	for (uint64_t i = 0; result == 0 && i < with.users + with.groups; i++) {
		buf_clear(&line);
		if (i < with.users)
			put_user(&line, i);
		else
			put_group(&line, i - with.users);
		section.counts.of[i < with.users ? RECORD_USER : RECORD_GROUP]++;
		result = buf_check(&line, fault);
		section_put(&section, buf_span(&line));
	}
	if (result == 0)
		result = section_close(&section, ",\"source\":\"bench\"",
		                       1U << RECORD_USER | 1U << RECORD_GROUP | 1U << RECORD_GAP,
		                       ",\"requests\":1,\"retries\":0,"
		                       "\"finished_at\":\"2026-11-22T00:00:00Z\"",
		                       fault);
	section_release(&section);
	buf_release(&line);
	return result;
}

static const struct option long_options[] = {
	{"users", required_argument, NULL, 'u'},       {"groups", required_argument, NULL, 'g'},
	{"memberships", required_argument, NULL, 'm'}, {"seed", required_argument, NULL, 's'},
	{"pad", required_argument, NULL, 'p'},         {"changed", required_argument, NULL, 'c'},
	{"untyped", no_argument, &with.untyped, 1},    {"by-users", no_argument, &with.by_users, 1},
	{"ordered", no_argument, &with.ordered, 1},    {"equal", no_argument, &with.equal, 1},
	{"rights", no_argument, &with.rights, 1},      {NULL, 0, NULL, 0},
};

int main(int argc, char **argv)
{
	struct fault fault = {0};
	struct out out;
	int code;

	while ((code = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
		uint64_t number = optarg ? strtoull(optarg, NULL, 10) : 0;

		switch (code) {
		case 0: break;
		case 'u': with.users = number; break;
		case 'g': with.groups = number; break;
		case 'm': with.memberships = number; break;
		case 's': with.seed = number; break;
		case 'p': with.pad = number; break;
		case 'c': with.changed = number; break;
		default: fputs(help, stderr); return 64;
		}
	}
	if (out_open(&out, NULL, &fault) < 0 || generate(&out, &fault) < 0 ||
	    out_close(&out, &fault) < 0) {
		fprintf(stderr, "generate: %s\n", fault.text);
		return fault_status(fault.kind);
	}
	return 0;
}
