# SPDX-License-Identifier: ISC
# What lib/scim/map_scim.c does, in jq: tests/24-map-jq.bats holds the two against each other. Input is a
# line of a fetch stream of the provider scim. What is left to normalize: roles are a set, times are
# in UTC, the kind of a member that is not said, and that a group's own members count before what
# users show.

# An attribute, in any case: no output where it is not there.
def member($name):
	if type != "object" then empty
	elif has($name) then .[$name]
	else
		. as $object
		| ($name | length) as $length
		| first(keys_unsorted[] | select(length == $length and ascii_downcase == ($name | ascii_downcase)) | $object[.])
	end;

# parent.child, else as one dotted name.
def path($parent; $child): first((member($parent) | member($child)), member($parent + "." + $child));

def text: if type == "string" then . elif type == "number" then tostring else empty end;
def shown: if . == null then . else text end;
# What is longer is none of the words that are asked for.
def word: (text | select(length < 10) | ascii_downcase) // "";
# The items of an attribute: of an array, of an object as PHP writes an array with holes, or itself.
def items:
	if type == "array" or (type == "object" and length > 0 and all(keys_unsorted[]; test("\\A[0-9]+\\z"))) then .[]
	elif . == null then empty
	else . end;

def is_true: . == true or (word | . == "true" or . == "1");
def is_false: . == false or (word | . == "false" or . == "0");

def is_address:
	explode as $letters
	| ($letters | index(64)) as $at
	| $at != null and $at > 0 and $at < ($letters | length) - 1 and all($letters[]; . > 32);

# A bare text, or the item's value.
def item_text: first(text, (member("value") | text)) | select(. != "");

def email($user_name):
	(all(items; . == null)) as $none
	| [
		items
		| item_text as $text
		| {
			$text,
			rank: (if first(member("primary"), null) | is_true then 0
				elif first(member("type"), null) | word == "work" then 1
				else 2 end)
		}
	]
	| if length > 0 then sort_by(.rank)[0].text
		elif ($user_name | type) == "string" and ($user_name | is_address) then $user_name
		elif $none then null
		else empty end;

# $ref without its query, and without / at the end.
def trimmed: if endswith("/") then .[:-1] | trimmed else . end;
def url: ((split("?")[0] // "") | split("#")[0]) // "" | trimmed;
def last_part: (split("/") | last) // "";
def parent: split("/")[:-1] | join("/") | trimmed;

def hex: ascii_downcase | explode[0] | if . > 96 then . - 87 else . - 48 end;

# Only ASCII is decoded here: jq has no bytes.
def decoded:
	gsub("%(?<high>[0-7])(?<low>[0-9A-Fa-f])"; [(.high | hex) * 16 + (.low | hex)] | implode) as $text
	| if any($text | explode[]; . < 32) then . else $text end;

def member_id:
	first(
		(first(text, (member("value") | text)) | select(. != "")),
		(member("$ref") | text | url | last_part
			| select(ascii_downcase | . != "" and . != "users" and . != "groups") | decoded)
	);

def kind_of_word: if . == "user" or . == "users" then "user" elif . == "group" or . == "groups" then "group" else empty end;

def member_kind:
	first(
		(member("$ref") | text | url | parent | last_part | ascii_downcase | select(endswith("s")) | kind_of_word),
		(member("type") | text | ascii_downcase | select(endswith("s") | not) | kind_of_word)
	);

def role:
	first(
		item_text,
		((member("display"), member("type")) | text | select(. != "")),
		(member("$ref") | text | url | last_part | select(. != ""))
	);

# The texts of a multi-valued attribute: no output where there are items and none can be read.
def list: if . == null then .
	else [items | role] as $texts | if $texts != [] or all(items; . == null) then $texts else empty end end;

# Those of its items that show a type, or a display, beside what they are called.
def details:
	[items | role as $value | {value: $value}
		+ first((member("type") | text | select(. != "" and . != $value) | {type: .}), {})
		+ first((member("display") | text | select(. != "" and . != $value) | {display: .}), {})
		| select(length > 1)]
	| select(. != []);

# A text, also as an item or in a list.
def item_word: first(
	text,
	item_text,
	(first((member("displayName") | text), (member("display") | text)) | select(. != "")));
def word_text: if all(items; . == null) then null else first(items | item_word) end;

# The names of the enterprise extension, and what stands behind them: the name of an attribute.
def enterprise_name:
	(ascii_downcase | capture("\\Aurn:(ietf:params:scim:schemas:extension:enterprise:2\\.0:user|scim:schemas:extension:enterprise:1\\.0)(?<more>\\z|[:.].*)"; "m").more)
	| .[1:];

# An attribute of it: in its object, below its URN as one key, or as if it were the resource's own.
# Only a long name is looked at: regular expressions take most of the time here.
def enterprise($name):
	. as $resource
	| [keys_unsorted[] | select(length >= 40)] as $long
	| first(
		(first($long[] | select(ascii_downcase | first(enterprise_name, null) == "")) | $resource[.] | member($name)),
		(first($long[] | select(first(enterprise_name, null) == ($name | ascii_downcase))) | $resource[.]),
		member($name)
	);

def manager_id: first(item_text, (member("managerId") | text | select(. != "")), (member("$ref") | text | url | last_part | select(. != "")));

# The item of a manager that names one, else the first item.
def manager_item: first((items | select(first(manager_id, null) != null)), items);

def manager($resource):
	first(
		($resource | enterprise("manager") | manager_item | manager_id),
		($resource | enterprise("manager") | if all(items; . == null) then null else empty end),
		($resource | enterprise("manager") | manager_item | if type == "object" then member("value") else . end | shown),
		($resource | first(enterprise("manager.value"), enterprise("manager.managerId")) | shown)
	);

def manager_name($resource):
	first(
		($resource | enterprise("manager") | manager_item | first(member("displayName"), member("display")) | {name: .}),
		($resource | enterprise("manager.displayName") | {name: .})
	) | .name | shown;

# Adds a member to a record where there is anything to say.
def put($name; value): . + first({($name): value}, {});

def user($resource):
	{kind: "user"}
	| put("id"; $resource | member("id") | text)
	| put("user_name"; $resource | member("userName") | shown)
	| .user_name as $user_name
	| put("email"; first(($resource | member("emails") | email($user_name)), ($user_name | strings | select(is_address))))
	| put("display_name"; $resource
		| first(member("displayName"), null) as $name
		| first(path("name"; "formatted"), null)
		| if type == "string" and ($name | type) != "string" then . else $resource | member("displayName") | shown end)
	| put("given_name"; $resource | path("name"; "givenName") | shown)
	| put("family_name"; $resource | path("name"; "familyName") | shown)
	| first(($resource | member("active")), null) as $active
	| if $active | is_true then .status = "enabled"
		elif $active | is_false then .status = "disabled"
		else put("provider_status"; $active | text) end
	| put("external_id"; $resource | member("externalId") | shown)
	| put("title"; $resource | member("title") | word_text)
	| put("user_type"; $resource | member("userType") | word_text)
	| put("department"; $resource | enterprise("department") | word_text)
	| put("manager"; manager($resource))
	| put("manager_name"; manager_name($resource))
	| put("employee_number"; $resource | enterprise("employeeNumber") | word_text)
	| put("roles"; $resource | member("roles") | list)
	| put("role_details"; $resource | member("roles") | details)
	| put("entitlements"; $resource | member("entitlements") | list)
	| put("entitlement_details"; $resource | member("entitlements") | details)
	| put("created_at"; $resource | path("meta"; "created") | shown)
	| put("updated_at"; $resource | path("meta"; "lastModified") | shown);

def group($resource):
	{kind: "group"}
	| put("id"; $resource | member("id") | text)
	| put("name"; $resource | member("displayName") | shown)
	| put("external_id"; $resource | member("externalId") | shown)
	| put("created_at"; $resource | path("meta"; "created") | shown)
	| put("updated_at"; $resource | path("meta"; "lastModified") | shown);

.resource as $resource
| if .kind == "user" then
	user($resource)
	| .,
		(.id as $id
			| $resource
			| member("groups")
			| items
			| select(first(member("type"), null) | word != "indirect")
			| {kind: "membership", group_id: member_id, member_id: $id, member_kind: "user"})
elif .kind == "group" then
	group($resource)
	| .,
		(.id as $id
			| $resource
			| member("members")
			| items
			| select(. != null)
			| . as $member
			| first(
				({kind: "membership", group_id: $id, member_id: member_id} | put("member_kind"; $member | member_kind)),
				{kind: "gap", scope: "members", id: $id, reason: "it has a member without an id"}
			))
else empty end
