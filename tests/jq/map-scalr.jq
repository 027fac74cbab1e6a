# SPDX-License-Identifier: ISC
# What lib/scalr/map_scalr.c does, in jq: tests/24-map-jq.bats holds the two against each other. Input is
# a line of a fetch stream of Scalr.

# No output where it is not there.
def at($name): if type == "object" and has($name) then .[$name] else empty end;
def attribute($name): at("attributes") | at($name);
def linked($name): at("relationships") | at($name) | at("data");

def text: if type == "string" then . elif type == "number" then tostring else empty end;
def shown: if . == null then . else text end;
def items: if type == "array" then .[] else empty end;
def put($name; value): . + first({($name): value}, {});

def status($own; $of_user):
	(if $of_user == "Inactive" or ($own | type) != "string" then $of_user else $own end) as $word
	| if $word == "Inactive" then .status = "disabled"
		else
			(if $word == "Active" or $word == "Pending" then .status = "enabled" else . end)
			| if $word != "Active" then put("provider_status"; $word | strings) else . end
		end;

def service_account($resource):
	{kind: "user", account_type: "service"}
	| put("id"; $resource | at("id") | text)
	| put("user_name"; $resource | attribute("name") | shown)
	| put("email"; $resource | attribute("email") | shown)
	| status(first(($resource | attribute("status")), null); null)
	| put("owners"; $resource | linked("owners")
		| if type == "array" then [.[] | at("id") | text | select(. != "")] as $ids | select(($ids | length) == length) | $ids
			else select(. == null) end)
	| put("created_by"; $resource | linked("created-by")
		| first((at("id") | text | select(. != "")), (if . == null then . else empty end)))
	| put("created_at"; $resource | attribute("created-at") | shown);

def person($resource; $user; $identified):
	{kind: "user", account_type: "human"}
	| put("id"; $identified | at("id") | text)
	| put("user_name"; $user | attribute("username") | shown)
	| put("email"; $user | attribute("email") | shown)
	| put("display_name"; $user | attribute("full-name") | shown)
	| status(first(($resource | attribute("status")), null); first(($user | attribute("status")), null))
	| put("created_at"; $user | attribute("created-at") | shown)
	| put("last_login_at"; first(($resource, $user) | attribute("last-login-at")) | shown);

.resource as $resource
| if .kind == "user" then
	(if $resource | at("type") == "service-accounts" then service_account($resource)
		elif $resource | at("type") == "account-users" then
			person($resource; .included; $resource | linked("user"))
		else person($resource; $resource; $resource) end)
	| .,
		(.id as $id
			| $resource
			| linked("teams")
			| items
			| {kind: "membership", group_id: (at("id") | text | select(. != "")), member_id: $id, member_kind: "user"})
elif .kind == "group" then
	{kind: "group"}
	| put("id"; $resource | at("id") | text)
	| put("name"; $resource | attribute("name") | shown)
	| put("description"; $resource | attribute("description") | shown)
	| .,
		(.id as $id
			| $resource
			| linked("users")
			| items
			| first(
				{kind: "membership", group_id: $id, member_id: (at("id") | text | select(. != "")), member_kind: "user"},
				{kind: "gap", scope: "members", id: $id, reason: "it has a member without an id"}
			))
else empty end
