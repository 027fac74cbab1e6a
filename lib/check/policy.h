/* SPDX-License-Identifier: ISC */
/*
 * policy: what a place wants of its accounts: policy.json, JSON with comments.
 *
 * It is read strictly: a member that nobody knows, one that stands twice or is of the wrong
 * type is an error that names line and member (FAULT_CONFIG). policy.schema.json says the
 * same to editors; a test holds the two against each other.
 */
#ifndef ROLLCALL_POLICY_H
#define ROLLCALL_POLICY_H

#include "check/check_table.h"
#include "check/setting.h"
#include "sys/config.h"

enum { EXCEPTION_DAYS_MAX = 366 };

/* A group or a role, by name or id. */
struct policy_ref {
	struct span source; /* empty: any */
	struct span name;
	bool is_role;
	bool matched; /* some source has it */
};

struct policy_owner {
	struct span source, account, owner; /* account: its id or its user name */
};

struct policy_conflict {
	struct span name;
	struct policy_ref groups[2];
};

/* How many users or groups a source has. */
struct policy_expect {
	struct span source;
	struct {
		bool given;
		uint64_t least, most;
	} users, groups;
};

struct policy_exception {
	struct span check, source, id, what, reason, by, until;
	bool accepts_unknown; /* no finding is excepted: that it can not be known is accepted */
	size_t line;
	int number;       /* of the check; rules come after the others */
	bool ran_out;     /* before the time of the snapshot */
	long days_left;   /* 0: the last day */
	uint64_t matched; /* findings, or unknown subjects, that it is about */
	size_t next;      /* number + 1 of the next one of the same account; 0: none */
};

struct policy_rule {
	struct span name, where, says;
	enum severity severity;
	size_t line;
};

struct policy {
	bool is_given;
	struct settings settings; /* those of the policy are `given` */
	struct policy_ref *privileged;
	struct span *domains, *shared_names;
	struct span authority, idp, roster;
	struct policy_owner *owners;
	struct policy_conflict *conflicts;
	struct policy_expect *expects;
	yyjson_val *persons; /* as persons_give takes it; NULL: none */
	struct policy_exception *exceptions;
	struct policy_rule *rules;
	size_t privileged_count, domain_count, shared_name_count, owner_count, conflict_count,
		expect_count, exception_count, rule_count;
	bool has_privileged_roles;

	struct config file; /* the spans above point into it */
};

/* Reads FILE. 0, or -1 with FAULT_CONFIG (FAULT_NO_INPUT: it can not be opened).
   policy_release is due in both cases; a zeroed policy is an empty one. */
int policy_read(struct policy *policy, const char *path, struct fault *fault);
void policy_release(struct policy *policy);

/* The number of a check or rule of this name; -1 where there is none. */
int policy_find_check(const struct policy *policy, struct span name);

/* Its name. */
struct span policy_check_name(const struct policy *policy, int number);

/* Decides, by the time `as_of`, which exceptions have run out. FAULT_CONFIG for one that
   holds for more than EXCEPTION_DAYS_MAX. 0 or -1. */
int policy_date(struct policy *policy, const char *path, struct span as_of, struct fault *fault);

#endif
