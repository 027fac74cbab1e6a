/* SPDX-License-Identifier: ISC */
/*
 * generate: people, groups and service accounts with names from many places.
 *
 * The seed decides who meets which name, who is inactive, pending, without a
 * display name or never signed in, and who is in which group; ids only count,
 * so that a script can name "u3". Every fourth group also holds the group
 * before it (nested groups). The lines take the same way as those of --data.
 */
#include "generate.h"

#include <stdio.h>
#include <stdlib.h>

struct person_name {
	const char *text;
	const char *ascii; /* for the address */
};

/* clang-format off */
static const struct person_name given_names[] = {
	{"Ada", "ada"}, {"Grace", "grace"}, {"José", "jose"}, {"Zoë", "zoe"},
	{"Łukasz", "lukasz"}, {"Søren", "soren"}, {"Jürgen", "juergen"},
	{"Chloé", "chloe"}, {"Noël", "noel"}, {"Björk", "bjork"}, {"Siobhán", "siobhan"},
	{"Ngozi", "ngozi"}, {"Kwame", "kwame"}, {"Amina", "amina"}, {"Yusuf", "yusuf"},
	{"Fatima", "fatima"}, {"Şebnem", "sebnem"}, {"İlker", "ilker"},
	{"Dimitra", "dimitra"}, {"Νίκος", "nikos"}, {"Ольга", "olga"},
	{"Сергій", "serhii"}, {"Ivana", "ivana"}, {"Željko", "zeljko"}, {"Anikó", "aniko"},
	{"Jiří", "jiri"}, {"Mārtiņš", "martins"}, {"Eglė", "egle"}, {"Õnne", "onne"},
	{"Päivi", "paivi"}, {"明美", "akemi"}, {"伟", "wei"}, {"민준", "minjun"},
	{"Nguyệt", "nguyet"}, {"ปรีชา", "preecha"}, {"अनन्या", "ananya"}, {"ரவி", "ravi"},
	{"דניאל", "daniel"}, {"ليلى", "leila"}, {"Tala", "tala"}, {"Kalani", "kalani"},
	{"Inés", "ines"},
};

static const struct person_name family_names[] = {
	{"Byron", "byron"}, {"Hopper", "hopper"}, {"García", "garcia"},
	{"Brontë", "bronte"}, {"Kowalski", "kowalski"}, {"Kierkegård", "kierkegard"},
	{"Müller", "mueller"}, {"Lefèvre", "lefevre"}, {"D'Angelo", "dangelo"},
	{"Sigurðsson", "sigurdsson"}, {"O'Brien", "obrien"}, {"Okafor", "okafor"},
	{"Mensah", "mensah"}, {"Diallo", "diallo"}, {"Yılmaz", "yilmaz"},
	{"al-Rashid", "rashid"}, {"Öztürk", "ozturk"}, {"Papadopoulou", "papadopoulou"},
	{"Παππάς", "pappas"}, {"Иванова", "ivanova"}, {"Шевченко", "shevchenko"},
	{"Horvat", "horvat"}, {"Šimić", "simic"}, {"Nagy", "nagy"}, {"Dvořák", "dvorak"},
	{"Ozoliņš", "ozolins"}, {"Žukauskienė", "zukauskiene"}, {"Tamm", "tamm"},
	{"Mäkinen", "makinen"}, {"田中", "tanaka"}, {"王", "wang"}, {"김", "kim"},
	{"Trần", "tran"}, {"ใจดี", "jaidee"}, {"शर्मा", "sharma"}, {"Iyer", "iyer"},
	{"כהן", "cohen"}, {"خليل", "khalil"}, {"de la Cruz", "delacruz"},
	{"Kealoha", "kealoha"}, {"van der Berg", "berg"}, {"Smith-Jones", "smithjones"},
};
/* clang-format on */

static const char *const group_names[] = {
	"Data Engineering", "Platform", "Finance",    "Support", "Security",    "Marketing",
	"Sécurité réseau",  "Legal",    "開発",       "Sales",   "Auditors",    "On-call",
	"Öffentlichkeit",   "Research", "Управління", "Interns", "Contractors", "Administrators",
};

static const char *const service_account_names[] = {
	"ci", "terraform", "backup", "monitoring", "release", "inventory",
};

enum {
	GIVEN = sizeof(given_names) / sizeof(given_names[0]),
	FAMILY = sizeof(family_names) / sizeof(family_names[0]),
	GROUP_NAMES = sizeof(group_names) / sizeof(group_names[0]),
	SERVICE_NAMES = sizeof(service_account_names) / sizeof(service_account_names[0]),
	PAIRS = GIVEN * FAMILY,
	STRIDE = 1009, /* a prime that does not divide PAIRS: every pair comes once */
};

/* "" for the first round of a name table, then " 2", " 3" ... */
static char *round_suffix(const char *separator, unsigned long round)
{
	return round ? text_format("%s%lu", separator, round + 1) : text_copy("");
}

static void put(struct directory *directory, char *line)
{
	struct why why;

	if (directory_put(directory, line, false, &why))
		give_up("%s: %s", line, why.text);
	free(line);
}

static unsigned below(unsigned count, uint64_t chance)
{
	return (unsigned)(chance % count);
}

static char *last_login(uint64_t chance)
{
	if (chance % 4 == 0)
		return text_copy("null");
	return text_format("\"2026-%02u-%02uT%02u:%02u:%02uZ\"", 1 + below(10, chance),
	                   1 + below(28, chance / 10), below(24, chance / 311),
	                   below(60, chance / 7919), below(60, chance / 104729));
}

static void put_user(struct directory *directory, unsigned long seed, unsigned long n)
{
	unsigned long pair = (seed * 131 + n * STRIDE) % PAIRS;
	uint64_t chance = text_mix(seed, n);
	const struct person_name *given = &given_names[pair % GIVEN];
	const struct person_name *family = &family_names[pair / GIVEN];
	char *suffix = round_suffix("", n / PAIRS);
	char *address = text_format("%s.%s%s@example.com", given->ascii, family->ascii, suffix);
	char *shown = text_format("\"display_name\":\"%s %s\",", given->text, family->text);
	char *login = last_login(chance >> 16);
	bool inactive = (n + seed) % 6 == 4, pending = !inactive && (n + seed) % 9 == 6;

	put(directory, text_format("{\"kind\":\"user\",\"id\":\"u%lu\",\"user_name\":\"%s\",%s"
	                           "\"given_name\":\"%s\",\"family_name\":\"%s\",\"email\":\"%s\","
	                           "\"external_id\":\"hr-%05lu\",\"role\":%s,\"active\":%s,"
	                           "\"status\":\"%s\",\"last_login_at\":%s}",
	                           n + 1, address, (n + seed) % 7 == 3 ? "" : shown, given->text,
	                           family->text, address, 10000 + n,
	                           chance % 5 == 0 ? "\"admin\"" : "null", inactive ? "false" : "true",
	                           inactive ? "Inactive" : (pending ? "Pending" : "Active"),
	                           pending ? "null" : login));
	free(suffix);
	free(address);
	free(shown);
	free(login);
}

static void put_group(struct directory *directory, const struct size *size, unsigned long n)
{
	unsigned long users = (unsigned long)size->users;
	unsigned long first = users ? (unsigned long)(text_mix(size->seed + 1, n) % users) : 0;
	char *suffix = round_suffix(" ", n / GROUP_NAMES);
	char *members = NULL;
	size_t length;
	FILE *list = open_memstream(&members, &length);

	if (!list)
		give_up("out of memory");
	for (unsigned long k = 0; k < (unsigned long)size->members && k < users; k++)
		fprintf(list, "%s\"u%lu\"", k ? "," : "", (first + k) % users + 1);
	if (n % 4 == 3)
		fprintf(list, "%s\"g%lu\"", size->members && users ? "," : "", n);
	if (fclose(list) != 0)
		give_up("out of memory");
	put(directory,
	    text_format("{\"kind\":\"group\",\"id\":\"g%lu\",\"name\":\"%s%s\","
	                "\"members\":[%s]}",
	                n + 1, group_names[(n + size->seed) % GROUP_NAMES], suffix, members));
	free(suffix);
	free(members);
}

static void put_service_account(struct directory *directory, unsigned long n)
{
	char *suffix = round_suffix("-", n / SERVICE_NAMES);

	put(directory, text_format("{\"kind\":\"service\",\"id\":\"s%lu\",\"name\":\"%s%s\","
	                           "\"active\":%s}",
	                           n + 1, service_account_names[n % SERVICE_NAMES], suffix,
	                           n % 3 == 1 ? "false" : "true"));
	free(suffix);
}

void generate(struct directory *directory, const struct size *size)
{
	for (long n = 0; n < size->users; n++)
		put_user(directory, size->seed, (unsigned long)n);
	for (long n = 0; n < size->groups; n++)
		put_group(directory, size, (unsigned long)n);
	for (long n = 0; n < size->services; n++)
		put_service_account(directory, (unsigned long)n);
}
