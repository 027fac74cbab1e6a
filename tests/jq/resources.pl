# SPDX-License-Identifier: ISC
# resources.pl SEED COUNT scim|scalr: that many lines of a fetch stream of source s, the same for
# the same seed: resources as servers send them, and as nobody should.
#
# Left out is what the programs in jq can not say:
# - a number that jq gets as text (filter.h) where C tells text and numbers apart: names, Scalr's
#   words of status;
# - two spellings of a name in one object, none of them the exact one: objects in jq have no order;
# - percent-escapes that are not ASCII: jq has no bytes;
# and what takes more than one line: users are only members of groups that show no members.
use strict;
use warnings;
no warnings 'utf8';

my ($seed, $count, $schema) = @ARGV;
srand $seed;
binmode STDOUT, ':utf8'; # characters that ':encoding(UTF-8)' does not like, too

sub one_of { $_[rand @_] }
sub maybe { rand() < $_[0] }

my @odd_texts = (
	'', ' ', "\0", "a\0b", "\x{7f}\x{80}", "\x{ffff}", "\x{10ffff}", "\x{1f600}", "\x{202e}evil",
	"\x{200b}", "K\x{212a}\x{131}\x{17f}", "line\nbreak", "\t\r\"\\/", '=cmd()', '<script>', '@', 'a@',
	'@b', 'a@b', 'a@b@', "a\@b c", "a\@b\x{a0}c", "\x{e9}\@\x{fc}", 'null', 'true', 'TRUE', 'False', '0',
	'1', '01', 'users', 'GROUPS', 'work', 'Work', 'indirect', 'Inactive', 'Active', 'Pending', '%41',
	'%', '__jq', '{}', '[]', 'x' x 3000,
	'2020-02-29T23:59:60Z', '2020-01-01T00:00:00.120+02:00', '2021-02-29T00:00:00Z', '2020-01-01',
	'0000-01-01T00:00:00+01:00', '2020-01-01 00:00:00-0530',
);
my @numbers = qw(0 1 -1 7 42 0.5 100000000000000);
my @odd_numbers = (qw(-0 1.0 1e3 1E+2 0.10 1e400 9007199254740993 -9223372036854775809), '1' x 400);

# ---- JSON as text ----

sub string {
	my $json = '';
	for my $char (split //, shift) {
		my $code = ord $char;
		if ($code > 0xffff && maybe(0.5)) {
			$json .= sprintf '\\u%04x\\u%04X', 0xd800 + ($code - 0x10000 >> 10), 0xdc00 + ($code & 0x3ff);
		} elsif ($char =~ /["\\]/) {
			$json .= "\\$char";
		} elsif ($code < 0x20 || $code <= 0xffff && maybe(0.03)) {
			$json .= sprintf '\\u%04x', $code;
		} else {
			$json .= $char;
		}
	}
	return "\"$json\"";
}
sub array { '[' . join(',', @_) . ']' }

# object NAME => JSON, ...: in any order; undef is a member that is not there.
sub object {
	my (@members, %seen);
	while (my ($name, $json) = splice @_, 0, 2) {
		push @members, string($name) . ":$json" if defined $json && !$seen{$name}++;
	}
	@members = sort { $a->[0] <=> $b->[0] } map { [rand, $_] } @members;
	return '{' . join(',', map { $_->[1] } @members) . '}';
}

# ---- values ----

sub odd_text { string(one_of(@odd_texts)) }
sub plain_text { string(one_of('ada', 'bob@example.com', "Zo\x{eb}", 'd', 'e f')) }

# Anything at all; with a false argument without the numbers that jq gets as text.
sub anything {
	my ($odd_too, $depth) = (@_, 0);
	my $kind = rand 10;
	return odd_text() if $kind < 4;
	return one_of('null', 'true', 'false') if $kind < 6;
	return one_of(@numbers, $odd_too ? @odd_numbers : ()) if $kind < 8 || $depth > 3;
	my @items = map { anything($odd_too, $depth + 1) } 1 .. rand 3;
	return array(@items) if $kind < 9;
	return object(map { (one_of(qw(value type primary display $ref id data x), ''), $_) } @items);
}

sub value { maybe(0.2) ? undef : maybe(0.25) ? anything(1) : plain_text() }
sub name_value { maybe(0.2) ? undef : maybe(0.25) ? anything(0) : plain_text() }
sub time_value { maybe(0.3) ? undef : maybe(0.3) ? anything(1) : string(sprintf '20%02d-0%d-1%dT0%d:00:00%s', rand 30, 1 + rand 9, rand 9, rand 9, one_of('Z', '.5Z', '+02:00')) }

# spelled NAME => JSON, ...: some names in another case; sometimes the exact one stands beside it.
sub spelled {
	my @spelled;
	while (my ($name, $json) = splice @_, 0, 2) {
		next unless defined $json;
		my $other = one_of(lc $name, uc $name, ucfirst $name);
		if ($other ne $name && maybe(0.1)) {
			push @spelled, $other => $json;
			push @spelled, $name => anything(0) if maybe(0.3);
		} else {
			push @spelled, $name => $json;
		}
	}
	return @spelled;
}

# several JSON, ...: an array, or sometimes what is not one.
sub several {
	return maybe(0.1) ? undef : maybe(0.05) ? 'null' : @_ == 1 && maybe(0.3) ? $_[0] : array(@_);
}

# Unique ids: of a user u, of a group that shows its members g, of one that does not h.
sub id {
	my ($kind, $number) = @_;
	my %digit = (u => 5, g => 7, h => 8);
	return maybe(0.1) ? "$digit{$kind}e$number" : string($kind . $number . (maybe(0.1) ? '-' . one_of(@odd_texts) : ''));
}

# What points at one of them. An escape that is not ASCII is none of ours.
sub pointer {
	my ($kind) = @_;
	my $number = int rand $count;
	return anything(1) if $kind eq 'u' && maybe(0.1);
	my $text = $kind . $number;
	return string($text) if maybe(0.1);
	my $escaped = $text;
	$escaped =~ s/(.)/sprintf maybe(0.5) ? '%%%02x' : '%%%02X', ord $1/e if maybe(0.3);
	my $ref = join '', one_of('https://h.example/scim/v2/', '../', '/', '', 'x?'),
		one_of('Users', 'Groups', 'users', 'GROUPS', 'Things', '', 'Users/', 'Groups//'), one_of('/', '/', '/', ''),
		maybe(0.1) ? '' : $escaped, one_of('', '', '/', '//', '?a=b', '#c', '%0a', '%zz%', '%%41', '%4%42'),
		one_of('', '', '', "\x{e9}");
	return object(spelled(
		value => (maybe(0.6) ? string($text) : maybe(0.3) ? one_of('null', '""', '{}', 'true') : undef),
		'$ref' => (maybe(0.5) ? string($ref) : maybe(0.1) ? anything(1) : undef),
		type => (maybe(0.3) ? string(one_of('User', 'Group', 'group', 'direct', 'Users', 'indirect')) : maybe(0.1) ? anything(1) : undef),
		display => value()));
}
sub pointers { my ($kind) = @_; several(map { pointer($kind) } 1 .. rand 4) }

# ---- SCIM ----

# parent.child as an object, as dotted names, or as both.
sub path {
	my ($parent, %children) = @_;
	my @inside = spelled(map { ($_ => $children{$_}) } sort keys %children);
	my @dotted = spelled(map { maybe(0.5) ? ("$parent.$_" => $children{$_}) : () } sort keys %children);
	my $form = rand 10;
	return $form < 6 ? ($parent => object(@inside)) : $form < 8 ? @dotted : $form < 9 ? (@dotted, $parent => object(@inside)) : ($parent => anything(0), @dotted);
}

sub multi_valued {
	return maybe(0.2) ? undef : maybe(0.1) ? anything(1) : several(map {
		maybe(0.1) ? anything(1) : object(spelled(value => value(),
			type => (maybe(0.5) ? string(one_of('work', 'WORK', 'home')) : maybe(0.1) ? anything(1) : undef),
			primary => (maybe(0.3) ? one_of('true', 'false', '"True"', '1', '"1"', '"no"') : undef),
			display => value()))
	} 1 .. rand 4);
}

# A manager as services write one: an object, its id alone, or a list.
sub manager {
	my $id = maybe(0.9) ? string('u' . int rand $count) : anything(1);
	return one_of('null', '[]', '{}', '""', '[null]') if maybe(0.15);
	return anything(1) if maybe(0.1);
	return $id if maybe(0.2);
	my $item = object(spelled(value => (maybe(0.6) ? $id : maybe(0.2) ? one_of('null', '""') : undef),
		managerId => (maybe(0.3) ? $id : undef), '$ref' => (maybe(0.3) ? string('../Users/' . int rand $count) : undef),
		displayName => (maybe(0.5) ? name_value() : undef), display => (maybe(0.2) ? name_value() : undef)));
	return maybe(0.2) ? array($item, maybe(0.5) ? $id : ()) : $item;
}

# The enterprise extension: an object below its URN, keys that begin with it, or the resource's own.
my @urns = ('urn:ietf:params:scim:schemas:extension:enterprise:2.0:User', 'urn:scim:schemas:extension:enterprise:1.0');
sub enterprise {
	my $urn = one_of(@urns);
	my @attributes = spelled(department => word(), employeeNumber => word(), manager => (maybe(0.7) ? manager() : undef),
		'manager.value' => (maybe(0.1) ? plain_text() : undef), 'manager.managerId' => (maybe(0.1) ? plain_text() : undef),
		'manager.displayName' => (maybe(0.1) ? plain_text() : undef));
	my $form = rand 10;
	return () if $form < 2;
	return spelled($urn => maybe(0.05) ? anything(0) : object(@attributes)) if $form < 6;
	my $joint = one_of("$urn:", "$urn.", '');
	my @joined;
	while (my ($name, $json) = splice @attributes, 0, 2) { push @joined, "$joint$name" => $json }
	return @joined if $form < 9;
	return (@joined, $urn => object(department => word(), manager => manager()));
}
sub word { maybe(0.3) ? undef : maybe(0.2) ? one_of('[]', '[null]', '{"value":"w"}', '["w"]', '{"displayName":"d"}') : name_value() }

sub scim_user {
	my ($number) = @_;
	return object(id => id('u', $number), spelled(
		userName => value(), emails => multi_valued(), displayName => name_value(),
		active => (maybe(0.6) ? one_of('true', 'false', '"True"', '"FALSE"', 1, 0, '"0"') : maybe(0.5) ? anything(1) : undef),
		externalId => value(), roles => multi_valued(), entitlements => multi_valued(), title => word(), userType => word(),
		groups => pointers('h')), enterprise(),
		path(name => formatted => name_value(), givenName => value(), familyName => value()),
		path(meta => created => time_value(), lastModified => time_value()),
		schemas => anything(1), one_of(@odd_texts) => anything(1));
}

sub scim_group {
	my ($number) = @_;
	my $shows = maybe(0.6);
	return object(id => id($shows ? 'g' : 'h', $number),
		spelled(displayName => value(), externalId => value()),
		$shows ? spelled(members => pointers('u') // '[]') : (members => one_of(undef, 'null')),
		path(meta => created => time_value(), lastModified => time_value()));
}

# ---- Scalr ----

sub status { maybe(0.2) ? undef : maybe(0.2) ? anything(0) : string(one_of('Active', 'Inactive', 'Pending', 'Gone')) }
sub link_to { my ($kind) = @_; maybe(0.1) ? anything(1) : object(id => (maybe(0.9) ? string($kind . int rand $count) : anything(1)), type => '"x"') }
sub links { my ($kind) = @_; object(data => (maybe(0.1) ? anything(1) : array(map { link_to($kind) } 1 .. rand 4))) }
sub odd { my ($json) = @_; maybe(0.05) ? anything(0) : $json }

sub scalr_user {
	my ($number) = @_;
	my $type = one_of('account-users', 'account-users', 'service-accounts', 'users');
	my $id = id('u', $number);
	my $attributes = odd(object(status => status(), 'last-login-at' => time_value(), 'created-at' => time_value(),
		name => value(), username => value(), email => value(), 'full-name' => value()));
	my $teams = maybe(0.8) ? links('h') : undef;
	my @owners = $type eq 'service-accounts' ? (owners => (maybe(0.2) ? undef : maybe(0.1) ? object(data => 'null') : links('team')),
		'created-by' => (maybe(0.2) ? undef : object(data => maybe(0.1) ? 'null' : link_to('u')))) : ();
	return (object(id => $id, type => string($type), attributes => $attributes, relationships => odd(object(teams => $teams, @owners)))) if $type ne 'account-users';
	return (object(id => anything(1), type => string($type), attributes => $attributes,
			relationships => object(user => object(data => object(id => $id)), teams => $teams)),
		odd(object(id => $id, attributes => odd(object(status => status(), 'last-login-at' => time_value(),
			'created-at' => time_value(), username => value(), email => value(), 'full-name' => value())))));
}

sub scalr_group {
	my ($number) = @_;
	my $shows = maybe(0.6);
	return object(id => id($shows ? 'g' : 'h', $number), type => '"teams"',
		attributes => odd(object(name => value(), description => value())),
		relationships => ($shows ? object(users => object(data => array(map { link_to('u') } 1 .. rand 4)))
			: maybe(0.5) ? undef : object(users => one_of('null', '{}', '{"data":null}', '[]'))));
}

# ---- lines ----

for my $number (1 .. $count) {
	my $kind = maybe(0.6) ? 'user' : 'group';
	my ($resource, $included) = $schema eq 'scim'
		? ($kind eq 'user' ? scim_user($number) : scim_group($number))
		: ($kind eq 'user' ? scalr_user($number) : scalr_group($number));
	print qq({"kind":"$kind","source":"s","resource":$resource), defined $included ? qq(,"included":$included) : '', "}\n";
}
