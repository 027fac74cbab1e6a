/* SPDX-License-Identifier: ISC */
/*
 * check_table: the rows. Standards are quoted by number only.
 */
#include "check/check_table.h"

#include "check/setting.h"

const char *const severity_words[SEVERITIES] = {"info", "low", "medium", "high", "critical"};

const char *const finding_of_words[FINDING_OFS] = {"account", "group", "source"};

#define ACCOUNT_GAP "a gap or a selection may hide accounts"
#define ACCESS_GAP  "a gap or a selection may hide groups or members"

/* clang-format off */
const struct check_row check_table[CHECKS] = {
	[CHECK_DORMANT] = {
		"dormant", "accounts that can sign in and did not for dormant.days",
		"medium; high if privileged", "accounts that are not disabled and no service accounts",
		"90 days: PCI DSS 4.0.1 8.2.6, FedRAMP low and moderate, GitHub and GitLab. CIS v8 5.3 "
		"says 45, DISA STIG for Okta 35",
		"last_login_at or the status is not shown; " ACCOUNT_GAP, 0,
		"PCI DSS 8.2.6", FINDING_OF_ACCOUNT},
	[CHECK_NEVER_SIGNED_IN] = {
		"never-signed-in", "accounts that can sign in and never did in never-signed-in.days",
		"medium", "accounts that are not disabled and no service accounts",
		"30 days: stale invitations",
		"last_login_at or the status is not shown; created_at is not shown and --before does not "
		"have the account that long ago; " ACCOUNT_GAP, 0, NULL, FINDING_OF_ACCOUNT},
	[CHECK_LEAVER] = {
		"leaver", "accounts that can sign in of people who left: disabled in, or gone from, the roster",
		"critical if disabled in the roster; high if gone from it",
		"accounts that are not disabled and no service accounts",
		"0 days: PCI DSS 8.2.5, 23 NYCRR 500.7(a)(6), DORA RTS 2024/1774 article 21",
		"the account has neither user name nor e-mail; the roster has the name twice, enabled and "
		"disabled; a gap or a selection of the roster; the status is not shown; " ACCOUNT_GAP,
		NEED_ROSTER,
		"PCI DSS 8.2.5, 23 NYCRR 500.7(a)(6), DORA RTS 2024/1774 article 21", FINDING_OF_ACCOUNT},
	[CHECK_DISABLED_ELSEWHERE] = {
		"disabled-elsewhere", "accounts that can sign in and are disabled at the authority",
		"high", "accounts of other sources that are not disabled; of service accounts those that "
		"the authority has",
		"SOC 2 CC6.2", "the authority has no account of that person; the status is not shown; "
		ACCOUNT_GAP, NEED_AUTHORITY,
		"SOC 2 CC6.2", FINDING_OF_ACCOUNT},
	[CHECK_NOT_IN_IDP] = {
		"not-in-idp", "accounts of people whom the identity provider does not have",
		"medium", "accounts of other sources, no service accounts", NULL,
		"the account has neither user name nor e-mail; a gap or a selection of the identity "
		"provider; " ACCOUNT_GAP, NEED_IDP, NULL, FINDING_OF_ACCOUNT},
	[CHECK_DISABLED_WITH_ACCESS] = {
		"disabled-with-access", "disabled accounts that still have groups, roles or entitlements",
		"low", "accounts that are not enabled",
		"SOC 2 CC6.3, ISO 27001 A.5.18: removed, not only parked",
		"the status, groups or roles are not shown; " ACCESS_GAP, 0,
		"SOC 2 CC6.3, ISO 27001 A.5.18", FINDING_OF_ACCOUNT},
	[CHECK_PRIVILEGED] = {
		"privileged", "who is in a privileged group or role, with the path",
		"info", "privileged access: each account and each privileged group or role that it has",
		"ISO 27001 A.8.2, PCI DSS 7.2.4",
		"roles are not shown and the policy names roles; no source has a group or role that the "
		"policy names; " ACCESS_GAP, NEED_PRIVILEGED,
		"ISO 27001 A.8.2, PCI DSS 7.2.4", FINDING_OF_ACCOUNT},
	[CHECK_PRIVILEGED_COUNT] = {
		"privileged-count", "privileged groups with too few or too many enabled people",
		"medium", "privileged groups",
		"2 to 4: CIS Google Workspace 1.1.1 and 1.1.2",
		"members whose status is not shown or who are in no list could change the answer; "
		ACCESS_GAP, NEED_PRIVILEGED,
		"CIS Google Workspace 1.1.1, CIS Google Workspace 1.1.2", FINDING_OF_GROUP},
	[CHECK_PRIVILEGED_UNNAMED] = {
		"privileged-unnamed", "privileged accounts of services, without address, or of a foreign domain",
		"high", "accounts", "PCI DSS 8.2.2 and 7.2.5",
		"the e-mail is not shown; roles are not shown and the policy names roles; " ACCESS_GAP,
		NEED_PRIVILEGED,
		"PCI DSS 8.2.2, PCI DSS 7.2.5", FINDING_OF_ACCOUNT},
	[CHECK_EXTERNAL] = {
		"external", "accounts whose address is of a domain that the policy does not name",
		"low", "accounts that do not show that they have no address", "PCI DSS 7.2.4",
		"the e-mail is not shown; " ACCOUNT_GAP, NEED_DOMAINS,
		"PCI DSS 7.2.4", FINDING_OF_ACCOUNT},
	[CHECK_SHARED_NAME] = {
		"shared-name", "names such as admin, test or support: a guess, by the name alone",
		"low", "accounts that are no service accounts", "PCI DSS 8.2.2",
		"neither user name nor e-mail is shown; " ACCOUNT_GAP, 0,
		"PCI DSS 8.2.2", FINDING_OF_ACCOUNT},
	[CHECK_DUPLICATE] = {
		"duplicate", "two or more accounts of one source that can sign in, with one address",
		"medium", "accounts that are not disabled", "PCI DSS 8.2.1",
		"the e-mail or the status is not shown; " ACCOUNT_GAP, 0,
		"PCI DSS 8.2.1", FINDING_OF_ACCOUNT},
	[CHECK_SERVICE_OWNER] = {
		"service-owner", "service accounts without an owner",
		"medium", "accounts that are not of people", "PCI DSS 7.2.5",
		"the account type is not shown; " ACCOUNT_GAP, 0,
		"PCI DSS 7.2.5", FINDING_OF_ACCOUNT},
	[CHECK_CONFLICT] = {
		"conflict", "one person in both groups of a pair that the policy names",
		"high", "persons in one of the groups of a pair", "SOC 2 CC6.3: segregation of duties",
		"no source has a group that the policy names; the person can not be matched; " ACCESS_GAP,
		NEED_CONFLICTS,
		"SOC 2 CC6.3", FINDING_OF_ACCOUNT},
	[CHECK_ORPHAN_MEMBER] = {
		"orphan-member", "memberships of an id that is in no list",
		"high", "memberships, and groups that only memberships name", NULL,
		"a gap or a selection covers the id", 0, NULL, FINDING_OF_ACCOUNT},
	[CHECK_EMPTY_GROUP] = {
		"empty-group", "groups without a member", "info", "groups", NULL, ACCESS_GAP, 0, NULL, FINDING_OF_GROUP},
	[CHECK_DEEP_GROUP] = {
		"deep-group", "groups nested deeper than deep-group.levels", "low", "groups", "3 levels",
		ACCESS_GAP, 0, NULL, FINDING_OF_GROUP},
	[CHECK_CYCLE] = {
		"cycle", "groups in a circle", "low", "groups", NULL, ACCESS_GAP, 0, NULL, FINDING_OF_GROUP},
	[CHECK_NEW_ACCESS] = {
		"new-access", "accounts, memberships and roles that --before does not have",
		"info; high if privileged", "accounts, memberships and roles", NULL,
		"--before does not have the source, or has a gap or a selection there; roles were not "
		"shown; " ACCESS_GAP, NEED_BEFORE, NULL, FINDING_OF_ACCOUNT},
	[CHECK_REVOKE_NOT_DONE] = {
		"revoke-not-done", "what a review revoked and is still there",
		"critical", "revokes of --decisions", "SOC 2 CC6.3, ISO 27001 A.5.18, PCI DSS 7.2.4",
		"the source is not in the snapshot; roles or entitlements are not shown; a gap or a "
		"selection may hide it", NEED_DECISIONS,
		"SOC 2 CC6.3, ISO 27001 A.5.18, PCI DSS 7.2.4", FINDING_OF_ACCOUNT},
	[CHECK_RETURNED] = {
		"returned", "what a review revoked, was gone, and is there again",
		"high", "revokes of --decisions. It was gone if --before, read after the snapshot that was "
		"reviewed, does not have it; if the account is younger than that snapshot; or if an "
		"account has the name of one that was revoked, and nobody decided upon it",
		"SOC 2 CC6.3", "it is there, and nothing says whether it was gone; a gap or a selection may "
		"hide it, or hid it in --before", NEED_DECISIONS,
		"SOC 2 CC6.3", FINDING_OF_ACCOUNT},
	[CHECK_POPULATION] = {
		"population", "gaps, selections, sources that are missing, counts that are not as expected",
		"high", "what makes a source complete: its gaps, its selection, each expected count",
		"PCAOB AS 1105.10: completeness", "never", 0,
		"PCAOB AS 1105.10", FINDING_OF_SOURCE},
	[CHECK_STALE_SNAPSHOT] = {
		"stale-snapshot", "sources that were read longer ago than stale-snapshot.days",
		"medium", "sources", "7 days", "never", NEED_AS_OF, NULL, FINDING_OF_SOURCE},
	[CHECK_REVIEW_OVERDUE] = {
		"review-overdue", "sources that nobody signed off for review-overdue.days",
		"medium", "sources: the latest keep, revoke or modify of --decisions counts",
		"92 days: quarterly, CIS v8 5.1. PCI DSS 7.2.4 says six months (184)",
		"the review does not have the source, or has rows there that nobody decided; no decision "
		"says when, and the snapshot that was reviewed is older than that", NEED_DECISIONS,
		"CIS v8 5.1, PCI DSS 7.2.4", FINDING_OF_SOURCE},
};

const char *const check_names[CHECKS] = {
	"dormant", "never-signed-in", "leaver", "disabled-elsewhere", "not-in-idp",
	"disabled-with-access", "privileged", "privileged-count", "privileged-unnamed", "external",
	"shared-name", "duplicate", "service-owner", "conflict", "orphan-member", "empty-group",
	"deep-group", "cycle", "new-access", "revoke-not-done", "returned", "population",
	"stale-snapshot", "review-overdue",
};

static const char *const need_words[CHECK_NEEDS] = {
	"--roster FILE", "--before FILE", "--as-of TIME", "\"privileged\" in the policy",
	"\"domains\" in the policy", "\"authority\" in the policy", "\"idp\" in the policy",
	"\"conflicts\" in the policy", "--decisions FILE",
};
/* clang-format on */

int check_table_find(struct span name)
{
	int check = 0;

	while (check < CHECKS && !span_is(name, span_of(check_table[check].name)))
		check++;
	return check;
}

void check_table_put_needs(struct buf *text, unsigned needs)
{
	const char *before = "";

	for (int need = 0; need < CHECK_NEEDS; need++)
		if (needs & 1U << need) {
			buf_putf(text, "%s%s", before, need_words[need]);
			before = " and ";
		}
}

void check_table_put_list(struct buf *text)
{
	for (int check = 0; check < CHECKS; check++) {
		buf_putf(text, "%-20s  %s", check_table[check].name, check_table[check].finds);
		if (check_table[check].needs) {
			buf_puts(text, " (needs ");
			check_table_put_needs(text, check_table[check].needs);
			buf_putc(text, ')');
		}
		buf_putc(text, '\n');
	}
}

/* A line "  word  text", broken so that it fits 78 columns. */
static void check_table_put_field(struct buf *text, const char *word, const char *says)
{
	size_t column = 12;

	buf_putf(text, "%-10s", word);
	while (*says) {
		size_t len = strcspn(says, " ");

		if (column + len > 78) {
			buf_puts(text, "\n          ");
			column = 12;
		}
		buf_putc(text, ' ');
		buf_put(text, says, len);
		column += len + 1;
		says += len + (says[len] == ' ');
	}
	buf_putc(text, '\n');
}

void check_table_put_explanation(struct buf *text, int check)
{
	const struct check_row *row = &check_table[check];
	struct buf settings = {0}, needs = {0};

	buf_putf(text, "%s\n\n", row->name);
	check_table_put_field(text, "finds", row->finds);
	check_table_put_field(text, "counts", row->subjects);
	check_table_put_field(text, "severity", row->severity);
	if (row->defaults)
		check_table_put_field(text, "standard", row->defaults);
	setting_put_all(&settings, span_of(row->name));
	if (settings.len)
		check_table_put_field(text, "set", buf_text(&settings));
	check_table_put_needs(&needs, row->needs);
	if (needs.len)
		check_table_put_field(text, "needs", buf_text(&needs));
	check_table_put_field(text, "unknown", row->unknown);
	buf_release(&settings);
	buf_release(&needs);
}
