/* SPDX-License-Identifier: ISC */
/*
 * listing: one judgement for all services, so that a guard can not be forgotten
 * in one of them.
 */
#include "fetch/listing.h"

#include "base/inert.h"

void listing_init(struct listing *listing, struct fetch *fetch, const char *path, const char *what,
                  struct fault *fault)
{
	*listing = (struct listing){
		.fetch = fetch,
		.fault = fault,
		.path = path,
		.what = what,
		.prefetch = {.http = fetch->service.http, .max = 1},
	};
	/* so that a page that is late does not keep those behind it from being under way */
	if (fetch->options->service.jobs > 1)
		listing->prefetch.max = 2 * (size_t)fetch->options->service.jobs;
}

void listing_release(struct listing *listing)
{
	prefetch_drop(&listing->prefetch);
	set_release(&listing->seen);
}

/* Did this walk find what the one before found? Then nobody came or went in between, whatever
   the counters say. */
static bool listing_is_alike(const struct listing *listing)
{
	return listing->walks > 1 && listing->ids == listing->ids_before &&
	       listing_found(listing) == listing->found_before;
}

/* The last walk, after walks that all found the same. */
static bool listing_is_last_of_alike(const struct listing *listing)
{
	return listing->walks == WALKS_MAX && listing->alike == WALKS_MAX - 2;
}

void listing_restart(struct listing *listing)
{
	struct listing old = *listing;

	listing_init(listing, old.fetch, old.path, old.what, old.fault);
	listing->seen = old.seen;
	listing->prefetch = old.prefetch;
	listing->ids_before = old.ids;
	listing->found_before = listing_found(&old);
	listing->walks = old.walks + 1;
	listing->alike = listing_is_alike(&old) ? old.alike + 1 : 0;
	set_clear(&listing->seen);
	fetch_restart(listing->fetch);
}

/* Is a member one of `names`, which end with an empty one? */
static bool listing_has_name(struct span name, const struct span *names)
{
	while (names->len && !span_is(name, *names))
		names++;
	return names->len;
}

/* A hash of what a record says, in the members and in `attributes` (Scalr): of all that does not
   change by itself, or of `only` these. */
static uint64_t listing_hash(yyjson_val *record, uint64_t seed, const struct span *only)
{
	static const struct span by_itself[] = {SPAN("meta"), SPAN("links"), SPAN("last-login-at"),
	                                        SPAN("")};
	uint64_t sum = 0;
	size_t i, max;
	yyjson_val *key, *value;

	yyjson_obj_foreach(record, i, max, key, value) {
		struct span name = json_key(key);

		if (span_is(name, span_of("attributes")) && yyjson_is_obj(value))
			sum += listing_hash(value, seed, only);
		else if (only ? listing_has_name(name, only) : !listing_has_name(name, by_itself))
			sum += hash_bytes(name, seed ^ json_hash(value, seed));
	}
	return sum;
}

int listing_take(struct listing *listing, struct span id, yyjson_val *resource)
{
	static const struct span names[] = {SPAN("userName"), SPAN("displayName"), SPAN("externalId"),
	                                    SPAN("username"), SPAN("email"),       SPAN("name"),
	                                    SPAN("")};
	struct fault *fault = listing->fault;
	struct set_entry *entry;
	uint64_t hash;
	bool fresh;

	entry = set_take(&listing->seen, id, &fresh);
	if (!entry)
		return fault_memory(fault);
	if (listing->seen.count > RECORDS_MAX)
		return fault_set(fault, FAULT_PROTOCOL, "%s: more than %d records, the list has no end",
		                 listing->path, RECORDS_MAX);
	/* who is listed is proved by then: it is enough that an id is not two people's */
	hash = listing_hash(resource, listing->seen.seed,
	                    listing_is_last_of_alike(listing) ? names : NULL);
	if (fresh) {
		entry->value = hash;
		listing->ids += entry->hash;
		listing->page.fresh++;
		return 1;
	}
	listing->repeated++;
	listing->page.repeated++;
	listing->page.doubled += entry->at >= listing->page_keys;
	listing->changed |= entry->value != hash;
	return 0;
}

void listing_begin_page(struct listing *listing)
{
	listing->page = (struct listing_page){0};
	listing->page_keys = listing->seen.keys.len;
}

void listing_end_page(struct listing *listing)
{
	struct listing_page *page = &listing->page;

	listing->overlapped_before = listing->overlapped;
	listing->overlapped |= page->repeated > page->doubled;
	if (!page->fresh && page->repeated) {
		listing->skipped -= page->skipped; /* they have come before, like the rest of the page */
		page->skipped = 0;
	}
}

int listing_skip(struct listing *listing)
{
	listing->page.skipped++;
	if (++listing->skipped <= SKIPPED_MAX)
		return 0;
	return fault_set(listing->fault, FAULT_PROTOCOL, "%s: more than %d records without an id",
	                 listing->path, SKIPPED_MAX);
}

void listing_name_total(struct listing *listing, uint64_t total, uint64_t count)
{
	if (!listing->has_total)
		listing->first_total = total;
	listing->totals_differ |= total != listing->first_total;
	listing->has_total = true;
	listing->last_total = total;
	listing->totals_go_on |=
		total != listing_found(listing) + count && total != listing_found(listing) + count + 1;
	listing->total_is_whole |= count && total != count;
	if (total > listing->total)
		listing->total = total;
}

enum listing_outcome listing_short(struct listing *listing, const char *hint)
{
	fault_set(
		listing->fault, FAULT_PROTOCOL, "%s%s: incomplete: the server said %llu %s and sent %llu%s",
		listing->fetch->service.origin.base, listing->path, (unsigned long long)listing->total,
		listing->what, (unsigned long long)listing_found(listing), hint);
	return LISTING_SHORT;
}

/* Pages repeated records, and no total proves anything: only a second walk that
   finds the same ids does. */
static enum listing_outcome end_unordered(struct listing *listing, const char *hint)
{
	if (listing->ids == listing->ids_before)
		return LISTING_COMPLETE;
	fault_set(
		listing->fault, FAULT_PROTOCOL,
		"%s%s: unproven: %s came twice, and the service does not say how many there are; the list "
		"has no stable order%s",
		listing->fetch->service.origin.base, listing->path, listing->what, hint);
	return LISTING_SHORT;
}

enum listing_outcome listing_end(struct listing *listing, const char *hint)
{
	/* totals that only count their own pages differ by nature */
	bool differ = listing->totals_differ && listing->total_is_whole;
	bool alike = listing_is_alike(listing), lacking;
	enum listing_outcome outcome;

	if (listing->changed || (differ && !alike))
		return LISTING_CHANGED;
	if (differ && !listing->totals_go_on) /* each said "at least": the last one is what it knew */
		listing->total = listing->last_total;
	lacking = listing->has_total && listing_found(listing) < listing->total;
	/* a total that was never more than its own page's count proves nothing here */
	if (listing->overlapped && !lacking &&
	    !(listing->total_is_whole && listing_found(listing) <= listing->total))
		return end_unordered(listing, hint);
	if (!lacking)
		return LISTING_COMPLETE;
	if (!listing_found(listing))
		return listing_short(listing, "; check what the token may read");
	if (!listing->repeated)
		return listing_short(listing, "");
	outcome = listing_short(listing, ", some twice: the list has no stable order");
	fault_hint(listing->fault, "%s", hint);
	return outcome;
}

int listing_read(struct listing *listing, enum listing_outcome (*walk_once)(void *walk), void *walk)
{
	int shorts = 0;

	for (int reads = 0; reads < WALKS_MAX; reads++) {
		enum listing_outcome outcome = walk_once(walk);

		prefetch_drop(&listing->prefetch);
		if (outcome == LISTING_FAILED || (outcome == LISTING_SHORT && ++shorts > 1))
			return -1;
		if (outcome == LISTING_GAP)
			return 0;
		if (outcome == LISTING_COMPLETE)
			return 1;
		service_say(&listing->fetch->service, NOTE_PROGRESS, "%s, reading again",
		            outcome == LISTING_SHORT ? listing->fault->text
		                                     : "the list changed while it was read");
		*listing->fault = (struct fault){0};
	}
	return fault_set(listing->fault, FAULT_TRY_LATER,
	                 "%s%s kept changing while it was read, %d times; try again when the directory "
	                 "is quieter",
	                 listing->fetch->service.origin.base, listing->path, WALKS_MAX);
}
