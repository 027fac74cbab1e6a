/* SPDX-License-Identifier: ISC */
/*
 * check_account: what one account alone shows, with the groups and roles that it has.
 */
#include "check/check_parts.h"

#include "base/ceiling.h"
#include "base/json_put.h"

/* An account at hand. */
struct account {
	const struct access_subject *subject;
	const struct record *user;
	struct check_source *source;
	struct span id, label, status;
	struct answer signs_in, is_service, is_privileged;
	size_t privileged_at; /* in subject->reached; count: by a role, or not at all */
	struct span role;     /* the first privileged one, where there is one */
	bool roles_asked;     /* the policy names roles of this source */
	yyjson_val *roles;    /* where they were asked for */
};

/* ---- what is known ---- */

static struct answer account_signs_in(const struct record *user)
{
	struct span status = record_text(user, USER_STATUS);

	if (span_is(status, span_of("enabled")))
		return answer_of(true);
	return span_is(status, span_of("disabled"))
	           ? answer_of(false)
	           : answer_unknown(UNKNOWN_NOT_SHOWN, MISSING(USER_STATUS));
}

static struct answer account_is_service(const struct record *user)
{
	struct span type = record_text(user, USER_ACCOUNT_TYPE);

	if (span_is(type, span_of("service")))
		return answer_of(true);
	return span_is(type, span_of("human"))
	           ? answer_of(false)
	           : answer_unknown(UNKNOWN_NOT_SHOWN, MISSING(USER_ACCOUNT_TYPE));
}

static bool account_names_roles(const struct check *check, const struct check_source *source)
{
	for (size_t i = 0; i < check->policy.privileged_count; i++) {
		const struct policy_ref *ref = &check->policy.privileged[i];

		if (ref->is_role && (!ref->source.len || span_is(ref->source, source->name)))
			return true;
	}
	return false;
}

/* Reads the roles, if the policy names some. 0 or -1. */
static int account_read_roles(struct check *check, struct account *account, struct fault *fault)
{
	const struct value *value = account->user ? &account->user->values[USER_ROLES] : NULL;
	struct span role;
	size_t i, max;
	yyjson_val *item;

	account->roles_asked =
		check->policy.has_privileged_roles && account_names_roles(check, account->source);
	if (!account->roles_asked || !value || value->type != VALUE_LIST)
		return 0;
	account->roles = json_read(&check->json, value->text, fault);
	if (!account->roles)
		return -1;
	yyjson_arr_foreach(account->roles, i, max, item)
		if (!account->role.len && json_text(item, &role) &&
		    check_is_privileged_role(check, account->source, role))
			account->role = role;
	return 0;
}

/* Is it privileged, and by what? */
static void account_judge_privilege(struct check *check, struct account *account)
{
	const struct access_subject *subject = account->subject;
	struct answer no = account->source->blind_privileged;

	account->privileged_at = 0;
	while (account->privileged_at < subject->count &&
	       !(check->flags[subject->reached[account->privileged_at].group] & GROUP_PRIVILEGED))
		account->privileged_at++;
	if (account->roles_asked && account->user &&
	    account->user->values[USER_ROLES].type == VALUE_ABSENT)
		no = answer_or(no, answer_unknown(UNKNOWN_NOT_SHOWN, MISSING(USER_ROLES)));
	account->is_privileged =
		account->privileged_at < subject->count || account->role.len ? answer_of(true) : no;
}

/* ---- findings ---- */

/* Adds a finding of the account with check->says. 0 or -1. */
static int account_add(struct check *check, const struct account *account, int number,
                       enum severity severity, struct span what, struct span via,
                       struct fault *fault)
{
	if (buf_check(&check->says, fault) < 0 || buf_check(&check->via, fault) < 0)
		return -1;
	return check_add(check,
	                 &(struct finding){.check = number,
	                                   .severity = severity,
	                                   .source = account->source,
	                                   .id = account->id,
	                                   .label = account->label,
	                                   .status = account->status,
	                                   .what = what,
	                                   .says = buf_span(&check->says),
	                                   .via = via},
	                 fault);
}

/* Settles a check of the account. True where it is found: then check->says is empty, to be
   filled, and account_add is due. */
static bool account_found(struct check *check, const struct account *account, int number,
                          struct answer answer)
{
	buf_clear(&check->says);
	buf_clear(&check->via);
	return check_settle(account->source, number, answer);
}

/* "Admins via Ops", of the group at `at` of what was reached; check->via is the path. */
static void account_put_group(struct check *check, const struct account *account, size_t at)
{
	const struct nesting *nesting = &check->access.nesting;
	const struct reached *reached = account->subject->reached;

	check_put_group(check, reached[at].group);
	if (!reached[at].level)
		return;
	buf_puts(&check->says, " via ");
	access_put_path(&check->says, nesting, reached, reached[at].from);
	access_put_path(&check->via, nesting, reached, at);
}

/* "; in Admins via Ops" where it is privileged. */
static void account_put_privilege(struct check *check, const struct account *account)
{
	if (account->is_privileged.is != ANSWER_YES)
		return;
	if (account->privileged_at < account->subject->count) {
		buf_puts(&check->says, "; in ");
		account_put_group(check, account, account->privileged_at);
	} else {
		buf_puts(&check->says, "; has the role ");
		check_put_name(&check->says, account->role);
	}
}

static void account_put_days(struct check *check, const struct account *account, const char *what,
                             struct span time)
{
	int64_t seconds;
	char utc[WHEN_MAX];

	if (!when_utc(time, utc) || !when_seconds(time, &seconds))
		return;
	buf_putf(&check->says, "%s%.10s, %lld days ago", what, utc,
	         (long long)((account->source->seconds - seconds) / 86400));
}

/* Was it before `limit`? A text that is no time says nothing. */
static struct answer account_is_before(const struct record *user, enum user_field field,
                                       const char *limit)
{
	const struct value *value = &user->values[field];
	char utc[WHEN_MAX];

	if (value->type != VALUE_TEXT || !when_utc(value->text, utc))
		return answer_unknown(UNKNOWN_NOT_SHOWN, MISSING(field));
	return answer_of(when_compare(value->text, span_of(limit)) < 0);
}

static int account_judge_dormant(struct check *check, const struct account *account,
                                 struct fault *fault)
{
	const struct value *last = &account->user->values[USER_LAST_LOGIN_AT];
	struct answer answer =
		last->type == VALUE_NULL
			? answer_of(false)
			: account_is_before(account->user, USER_LAST_LOGIN_AT, account->source->dormant_before);

	if (account->signs_in.is == ANSWER_NO || account->is_service.is == ANSWER_YES ||
	    !account_found(check, account, CHECK_DORMANT, answer_and(answer, account->signs_in)))
		return 0;
	account_put_days(check, account, "last sign-in ", last->text);
	account_put_privilege(check, account);
	return account_add(check, account, CHECK_DORMANT,
	                   account->is_privileged.is == ANSWER_YES ? SEVERITY_HIGH : SEVERITY_MEDIUM,
	                   span_of(""), buf_span(&check->via), fault);
}

static int account_judge_never(struct check *check, const struct account *account,
                               struct fault *fault)
{
	const struct value *last = &account->user->values[USER_LAST_LOGIN_AT];
	struct span created = record_text(account->user, USER_CREATED_AT);
	struct span word = record_text(account->user, USER_PROVIDER_STATUS);
	struct answer never = last->type == VALUE_ABSENT
	                          ? answer_unknown(UNKNOWN_NOT_SHOWN, MISSING(USER_LAST_LOGIN_AT))
	                          : answer_of(last->type == VALUE_NULL);
	struct answer old =
		account_is_before(account->user, USER_CREATED_AT, account->source->never_before);
	int64_t days = check->settings.values[SET_NEVER_DAYS];

	/* what the older snapshot has was made before it */
	if (old.is == ANSWER_UNKNOWN && check->was_before &&
	    check->before_seconds < account->source->seconds - days * 86400)
		old = answer_of(true);

	if (account->signs_in.is == ANSWER_NO || account->is_service.is == ANSWER_YES ||
	    !account_found(check, account, CHECK_NEVER_SIGNED_IN,
	                   answer_and(answer_and(never, old), account->signs_in)))
		return 0;
	if (span_is(word, span_of("Pending")))
		buf_puts(&check->says, "invited (Pending) and ");
	buf_puts(&check->says, "never signed in");
	account_put_days(check, account, "; created ", created);
	return account_add(check, account, CHECK_NEVER_SIGNED_IN, SEVERITY_MEDIUM, span_of(""),
	                   span_of(""), fault);
}

/* Does it have a role? */
static struct answer account_has_roles(const struct record *user)
{
	const struct value *roles = &user->values[USER_ROLES];

	if (roles->type == VALUE_ABSENT)
		return answer_unknown(UNKNOWN_NOT_SHOWN, MISSING(USER_ROLES));
	return answer_of(roles->type == VALUE_LIST && roles->text.len > 2);
}

static int account_judge_disabled(struct check *check, const struct account *account,
                                  struct fault *fault)
{
	const struct access_subject *subject = account->subject;
	const struct value *entitlements = &account->user->values[USER_ENTITLEMENTS];
	bool entitled = entitlements->type == VALUE_LIST && entitlements->text.len > 2;
	struct answer roles = account_has_roles(account->user), access;

	if (account->signs_in.is == ANSWER_YES)
		return 0;
	access = subject->count || entitled ? answer_of(true) : account->source->blind_access;
	if (!account_found(check, account, CHECK_DISABLED_WITH_ACCESS,
	                   answer_and(answer_or(access, roles), answer_not(account->signs_in))))
		return 0;
	buf_puts(&check->says, "disabled and still ");
	if (subject->count) {
		buf_puts(&check->says, "in ");
		account_put_group(check, account, 0);
		if (subject->count > 1)
			buf_putf(&check->says, " and %zu other group%s", subject->count - 1,
			         subject->count == 2 ? "" : "s");
	}
	if (roles.is == ANSWER_YES) {
		buf_puts(&check->says, subject->count ? ", with the roles " : "with the roles ");
		buf_put_span(&check->says, account->user->values[USER_ROLES].text);
	}
	if (entitled) {
		buf_puts(&check->says, subject->count || roles.is == ANSWER_YES ? ", with the entitlements "
		                                                                : "with the entitlements ");
		buf_put_span(&check->says, entitlements->text);
	}
	return account_add(check, account, CHECK_DISABLED_WITH_ACCESS, SEVERITY_LOW, span_of(""),
	                   span_of(""), fault);
}

/* ---- privileged ---- */

static int account_add_group(struct check *check, const struct account *account, size_t at,
                             struct fault *fault)
{
	uint32_t place = account->subject->reached[at].group;

	buf_clear(&check->says);
	buf_clear(&check->via);
	buf_puts(&check->says, "in ");
	account_put_group(check, account, at);
	buf_clear(&check->what);
	buf_puts(&check->what, "group:");
	access_put_id(&check->what, check->access.nesting.groups[place].key);
	if (buf_check(&check->what, fault) < 0)
		return -1;
	return account_add(check, account, CHECK_PRIVILEGED, SEVERITY_INFO, buf_span(&check->what),
	                   buf_span(&check->via), fault);
}

static int account_add_role(struct check *check, const struct account *account, struct span role,
                            struct fault *fault)
{
	buf_clear(&check->says);
	buf_clear(&check->via);
	buf_puts(&check->says, "has the role ");
	check_put_name(&check->says, role);
	buf_clear(&check->what);
	buf_puts(&check->what, "role:");
	buf_put_span(&check->what, role);
	if (buf_check(&check->what, fault) < 0)
		return -1;
	return account_add(check, account, CHECK_PRIVILEGED, SEVERITY_INFO, buf_span(&check->what),
	                   span_of(""), fault);
}

/* A finding for each privileged group and role. An account that does not show its roles may
   have more. */
static int account_list_privileges(struct check *check, const struct account *account,
                                   struct fault *fault)
{
	const struct access_subject *subject = account->subject;
	struct span role;
	yyjson_val *item;
	size_t i, max;

	if (account->user && account->roles_asked &&
	    account->user->values[USER_ROLES].type == VALUE_ABSENT)
		answers_add_unknown(&account->source->answers[CHECK_PRIVILEGED],
		                    answer_unknown(UNKNOWN_NOT_SHOWN, MISSING(USER_ROLES)));
	for (size_t at = account->privileged_at; at < subject->count; at++)
		if ((check->flags[subject->reached[at].group] & GROUP_PRIVILEGED) &&
		    account_add_group(check, account, at, fault) < 0)
			return -1;
	if (!account->roles)
		return 0;
	yyjson_arr_foreach(account->roles, i, max, item)
		if (json_text(item, &role) && check_is_privileged_role(check, account->source, role) &&
		    account_add_role(check, account, role, fault) < 0)
			return -1;
	return 0;
}

/* For privileged-count: whom each privileged group has. */
static void account_count_privileges(struct check *check, const struct account *account)
{
	const struct access_subject *subject = account->subject;

	for (size_t at = account->privileged_at; at < subject->count; at++) {
		struct check_members *members = &check->members[subject->reached[at].group];

		if (!account->user)
			members->perhaps += subject->is_group ? RECORDS_MAX : 1;
		else if (account->is_service.is != ANSWER_YES) {
			members->people += account->signs_in.is == ANSWER_YES;
			members->perhaps += account->signs_in.is == ANSWER_UNKNOWN;
		}
	}
}

/* The domain of an address; empty where it has none. */
static struct span account_domain(struct span email)
{
	const char *at = memrchr(email.data, '@', email.len);
	size_t len = at ? (size_t)(email.data + email.len - at) - 1 : 0;

	return (struct span){email.data + email.len - len, len};
}

/* Is it a domain of the policy: "example.com", or "*.example.com" for those below it? */
static bool account_is_own_domain(const struct policy *policy, struct span domain)
{
	for (size_t i = 0; i < policy->domain_count; i++) {
		struct span own = policy->domains[i];

		if (span_is_nocase(own, domain))
			return true;
		if (own.len > 2 && own.data[0] == '*' && domain.len >= own.len &&
		    span_is_nocase((struct span){own.data + 1, own.len - 1},
		                   (struct span){domain.data + domain.len - (own.len - 1), own.len - 1}))
			return true;
	}
	return false;
}

/* Is the address of a foreign domain? One that has no address is not. */
static struct answer account_is_foreign(const struct check *check, const struct record *user)
{
	const struct value *email = &user->values[USER_EMAIL];

	if (email->type == VALUE_ABSENT)
		return answer_unknown(UNKNOWN_NOT_SHOWN, MISSING(USER_EMAIL));
	return answer_of(email->type == VALUE_TEXT &&
	                 !account_is_own_domain(&check->policy, account_domain(email->text)));
}

static int account_judge_unnamed(struct check *check, const struct account *account,
                                 struct fault *fault)
{
	const struct value *email = &account->user->values[USER_EMAIL];
	struct answer nameless = email->type == VALUE_ABSENT
	                             ? answer_unknown(UNKNOWN_NOT_SHOWN, MISSING(USER_EMAIL))
	                             : answer_of(email->type == VALUE_NULL);
	struct answer foreign =
		check->policy.domain_count ? account_is_foreign(check, account->user) : answer_of(false);
	struct answer unnamed = answer_or(answer_or(account->is_service, nameless), foreign);

	if (!account_found(check, account, CHECK_PRIVILEGED_UNNAMED,
	                   answer_and(account->is_privileged, unnamed)))
		return 0;
	buf_puts(&check->says, account->is_service.is == ANSWER_YES ? "a service account"
	                       : nameless.is == ANSWER_YES          ? "no e-mail address"
	                                                            : "a foreign address, ");
	if (account->is_service.is != ANSWER_YES && nameless.is != ANSWER_YES)
		check_put_name(&check->says, email->text);
	account_put_privilege(check, account);
	return account_add(check, account, CHECK_PRIVILEGED_UNNAMED, SEVERITY_HIGH, span_of(""),
	                   buf_span(&check->via), fault);
}

/* ---- names and addresses ---- */

static int account_judge_external(struct check *check, const struct account *account,
                                  struct fault *fault)
{
	if (account->user->values[USER_EMAIL].type == VALUE_NULL ||
	    !account_found(check, account, CHECK_EXTERNAL, account_is_foreign(check, account->user)))
		return 0;
	buf_puts(&check->says, "the address is ");
	check_put_name(&check->says, record_text(account->user, USER_EMAIL));
	return account_add(check, account, CHECK_EXTERNAL, SEVERITY_LOW, span_of(""), span_of(""),
	                   fault);
}

static bool account_is_shared_name(const struct policy *policy, struct span name)
{
	static const struct span names[] = {
		SPAN("admin"),    SPAN("administrator"), SPAN("root"),     SPAN("test"),    SPAN("info"),
		SPAN("support"),  SPAN("shared"),        SPAN("guest"),    SPAN("demo"),    SPAN("office"),
		SPAN("sales"),    SPAN("team"),          SPAN("user"),     SPAN("service"), SPAN("system"),
		SPAN("helpdesk"), SPAN("noreply"),       SPAN("no-reply"), SPAN("it"),      SPAN("backup"),
		SPAN("operator"), SPAN("billing"),       SPAN("security"),
	};
	const char *at = memchr(name.data, '@', name.len);

	if (at)
		name.len = (size_t)(at - name.data);
	for (size_t i = 0; i < policy->shared_name_count; i++)
		if (span_is_nocase(policy->shared_names[i], name))
			return true;
	for (size_t i = 0; !policy->shared_names && i < sizeof names / sizeof *names; i++)
		if (span_is_nocase(names[i], name))
			return true;
	return false;
}

static int account_judge_shared(struct check *check, const struct account *account,
                                struct fault *fault)
{
	static const int fields[] = {USER_USER_NAME, USER_EMAIL};
	struct answer answer = answer_of(false);
	struct span name = {"", 0};

	if (account->is_service.is == ANSWER_YES)
		return 0;
	for (size_t i = 0; i < 2; i++) {
		const struct value *value = &account->user->values[fields[i]];

		if (value->type == VALUE_ABSENT)
			answer = answer_or(answer, answer_unknown(UNKNOWN_NOT_SHOWN, MISSING(fields[i])));
		else if (value->type == VALUE_TEXT && !name.len &&
		         account_is_shared_name(&check->policy, value->text)) {
			answer = answer_of(true);
			name = value->text;
		}
	}
	if (!account_found(check, account, CHECK_SHARED_NAME, answer))
		return 0;
	buf_puts(&check->says, "the name looks like one that several people use: ");
	check_put_name(&check->says, name);
	return account_add(check, account, CHECK_SHARED_NAME, SEVERITY_LOW, span_of(""), span_of(""),
	                   fault);
}

/* The account waits for others of its source with the same address. */
static int account_keep_address(struct check *check, const struct account *account,
                                struct fault *fault)
{
	const struct value *email = &account->user->values[USER_EMAIL];
	struct buf *line = &check->line;

	if (account->signs_in.is == ANSWER_NO)
		return 0;
	if (email->type != VALUE_TEXT) {
		check_settle(account->source, CHECK_DUPLICATE,
		             email->type == VALUE_NULL
		                 ? answer_of(false)
		                 : answer_unknown(UNKNOWN_NOT_SHOWN, MISSING(USER_EMAIL)));
		return 0;
	}
	buf_clear(&check->key);
	buf_put_span(&check->key, email->text);
	for (size_t i = 0; check->key.state == BUF_OK && i < check->key.len; i++)
		check->key.data[i] = ascii_lower(check->key.data[i]);
	buf_clear(line);
	buf_put(line, account->source->address_head, sizeof account->source->address_head);
	json_put_string(line, buf_span(&check->key));
	buf_puts(line, account->signs_in.is == ANSWER_YES ? ",\"e\"," : ",\"u\",");
	json_put_string(line, account->id);
	buf_putc(line, ',');
	json_put_string(line, account->label);
	buf_puts(line, "]\n");
	if (buf_check(&check->key, fault) < 0 || buf_check(line, fault) < 0)
		return -1;
	return sorter_add(check->addresses, buf_span(line), fault);
}

/* ---- service accounts ---- */

/* The record shows an owner, or else the policy names one. */
static bool account_has_owner(const struct check *check, const struct account *account)
{
	const struct value *owners = &account->user->values[USER_OWNERS];
	struct span name = record_text(account->user, USER_USER_NAME);

	if (owners->type == VALUE_LIST && owners->text.len > 2)
		return true;

	for (size_t i = 0; i < check->policy.owner_count; i++) {
		const struct policy_owner *owner = &check->policy.owners[i];

		if (span_is(owner->source, account->source->name) &&
		    (span_is(owner->account, account->id) ||
		     (name.len && span_is_nocase(owner->account, name))))
			return true;
	}
	return false;
}

static int account_judge_owner(struct check *check, const struct account *account,
                               struct fault *fault)
{
	if (account->is_service.is == ANSWER_NO ||
	    !account_found(
			check, account, CHECK_SERVICE_OWNER,
			answer_and(account->is_service, answer_of(!account_has_owner(check, account)))))
		return 0;
	buf_puts(&check->says, "a service account that has no owner");
	return account_add(check, account, CHECK_SERVICE_OWNER, SEVERITY_MEDIUM, span_of(""),
	                   span_of(""), fault);
}

/* ---- memberships ---- */

/* A member that no list shows: a finding for each group that it is directly in. */
static int account_judge_orphan(struct check *check, const struct account *account,
                                struct fault *fault)
{
	const struct access_subject *subject = account->subject;
	const struct check_source *source = account->source;
	struct answer answer = answer_of(!account->user);

	if (!account->user && source->selected)
		answer = answer_unknown(UNKNOWN_SELECTED, 0);
	if (!account->user && (subject->is_group ? source->gaps.groups : source->gaps.users))
		answer = answer_unknown(UNKNOWN_GAP, 0);
	for (size_t i = 0; i < subject->count && subject->reached[i].level == 0; i++) {
		if (!account_found(check, account, CHECK_ORPHAN_MEMBER, answer))
			continue;
		buf_clear(&check->what);
		buf_puts(&check->what, "group:");
		access_put_id(&check->what, check->access.nesting.groups[subject->reached[i].group].key);
		buf_puts(&check->says, subject->is_group ? "a group in no list of groups, member of "
		                                         : "an account in no list of users, member of ");
		check_put_group(check, subject->reached[i].group);
		if (buf_check(&check->what, fault) < 0 ||
		    account_add(check, account, CHECK_ORPHAN_MEMBER, SEVERITY_HIGH, buf_span(&check->what),
		                span_of(""), fault) < 0)
			return -1;
	}
	return 0;
}

/* ---- all of them ---- */

typedef int account_judge_fn(struct check *check, const struct account *account,
                             struct fault *fault);

static int account_judge(struct check *check, const struct account *account, struct fault *fault)
{
	static const struct {
		int number;
		account_judge_fn *judge;
	} judges[] = {
		{CHECK_DORMANT, account_judge_dormant},
		{CHECK_NEVER_SIGNED_IN, account_judge_never},
		{CHECK_DISABLED_WITH_ACCESS, account_judge_disabled},
		{CHECK_PRIVILEGED_UNNAMED, account_judge_unnamed},
		{CHECK_EXTERNAL, account_judge_external},
		{CHECK_SHARED_NAME, account_judge_shared},
		{CHECK_DUPLICATE, account_keep_address},
		{CHECK_SERVICE_OWNER, account_judge_owner},
	};

	for (size_t i = 0; i < sizeof judges / sizeof *judges; i++)
		if (check_runs(check, judges[i].number) && judges[i].judge(check, account, fault) < 0)
			return -1;
	return 0;
}

static int account_init(struct check *check, struct account *account, struct fault *fault)
{
	const struct record *user = account->user;

	account->source = check->source;
	buf_clear(&check->id);
	if (!user)
		access_put_id(&check->id, account->subject->key);
	account->id = user ? record_text(user, USER_ID) : buf_span(&check->id);
	account->label = user ? check_account_label(user, account->id) : account->id;
	if (user) {
		account->status = record_text(user, USER_STATUS);
		account->signs_in = account_signs_in(user);
		account->is_service = account_is_service(user);
	}
	if (account_read_roles(check, account, fault) < 0)
		return -1;
	account_judge_privilege(check, account);
	return buf_check(&check->id, fault);
}

int check_take_subject(void *context, const struct access_subject *subject, struct fault *fault)
{
	struct check *check = context;
	struct account account = {.subject = subject, .user = subject->record};

	if (check_take_source(check, subject->key, fault) < 0 ||
	    account_init(check, &account, fault) < 0)
		return -1;
	check->source->users += account.user != NULL;
	if (check->review && check_mark_subject(check, subject, account.id, fault) < 0)
		return -1;
	if (check->before && check_judge_before(check, subject, account.id, account.label,
	                                        account.is_privileged.is == ANSWER_YES, fault) < 0)
		return -1;
	for (size_t i = 0; !subject->is_group && i < subject->count && !subject->reached[i].level; i++)
		check->direct_members[subject->reached[i].group]++;
	if (check_runs(check, CHECK_PRIVILEGED_COUNT))
		account_count_privileges(check, &account);
	if (check_runs(check, CHECK_PRIVILEGED) && account_list_privileges(check, &account, fault) < 0)
		return -1;
	if (check_runs(check, CHECK_ORPHAN_MEMBER) && account_judge_orphan(check, &account, fault) < 0)
		return -1;
	if (account.user && account_judge(check, &account, fault) < 0)
		return -1;
	if (account.user && check->rules &&
	    check_keep_rule_subject(check, subject, account.is_privileged.is, fault) < 0)
		return -1;
	return check_wants_persons(check) ? check_keep_person(check, subject, fault) : 0;
}
