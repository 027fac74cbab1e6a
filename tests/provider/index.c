/* SPDX-License-Identifier: ISC */
/*
 * index: what a service shows, who has which name, who is in which group.
 *
 * All of it is derived, so there is no code that keeps it in step with the
 * records: a change throws it away. Lookups are binary searches (lower bound
 * and run length), which also gives dangling member ids for free.
 */
#include "index.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

void directory_touch(struct directory *directory)
{
	struct index *index = directory->index;

	if (!index)
		return;
	for (size_t kind = 0; kind < KINDS; kind++) {
		for (size_t service = 0; service < SERVICES; service++)
			free(index->views[service][kind].at);
		free(index->by_name[kind].at);
	}
	free(index->memberships);
	free(index);
	directory->index = NULL;
}

bool directory_shows(const struct directory *directory, enum service service,
                     const struct record *record)
{
	if (!(record->shown_by & 1u << service) || (record->raw && service == SCALR))
		return false;
	return record->kind != USER || record->active || !(directory->drops_inactive & 1u << service);
}

static int compare_names(const void *left, const void *right)
{
	const struct record *a = *(struct record *const *)left, *b = *(struct record *const *)right;
	int order = strcasecmp(a->name, b->name);

	return order ? order : (a->serial > b->serial) - (a->serial < b->serial);
}

static int compare_memberships(const void *left, const void *right)
{
	const struct membership *a = left, *b = right;
	int order = strcmp(a->member_id, b->member_id);

	return order ? order
	             : (a->group->serial > b->group->serial) - (a->group->serial < b->group->serial);
}

static void build_kind(const struct directory *directory, struct index *index, enum kind kind)
{
	const struct records *all = &directory->all[kind];
	struct records *names = &index->by_name[kind];

	names->at = room_for(NULL, all->count, sizeof(*names->at));
	for (size_t i = 0; i < all->count; i++)
		if (all->at[i]->name)
			names->at[names->count++] = all->at[i];
	qsort(names->at, names->count, sizeof(*names->at), compare_names);
	for (size_t service = 0; service < SERVICES; service++) {
		struct records *view = &index->views[service][kind];

		view->at = room_for(NULL, all->count, sizeof(*view->at));
		for (size_t i = 0; i < all->count; i++)
			if (directory_shows(directory, (enum service)service, all->at[i]))
				view->at[view->count++] = all->at[i];
	}
}

static void build_memberships(const struct directory *directory, struct index *index)
{
	const struct records *groups = &directory->all[GROUP];
	size_t count = 0, at = 0;

	for (size_t i = 0; i < groups->count; i++)
		count += groups->at[i]->member_count;
	index->memberships = room_for(NULL, count, sizeof(*index->memberships));
	index->membership_count = count;
	for (size_t i = 0; i < groups->count; i++)
		for (size_t k = 0; k < groups->at[i]->member_count; k++)
			index->memberships[at++] = (struct membership){
				.member_id = groups->at[i]->members[k],
				.group = groups->at[i],
			};
	qsort(index->memberships, count, sizeof(*index->memberships), compare_memberships);
}

static const struct index *fresh(struct directory *directory)
{
	if (!directory->index) {
		directory->index = room_for(NULL, 1, sizeof(*directory->index));
		*directory->index = (struct index){0};
		for (size_t kind = 0; kind < KINDS; kind++)
			build_kind(directory, directory->index, (enum kind)kind);
		build_memberships(directory, directory->index);
	}
	return directory->index;
}

struct records directory_view(struct directory *directory, enum service service, enum kind kind)
{
	return fresh(directory)->views[service][kind];
}

struct records directory_named(struct directory *directory, enum kind kind, const char *name)
{
	const struct records *names = &fresh(directory)->by_name[kind];
	size_t low = 0, high = names->count, count = 0;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcasecmp(names->at[middle]->name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	while (low + count < names->count && strcasecmp(names->at[low + count]->name, name) == 0)
		count++;
	return (struct records){names->at + low, count};
}

size_t directory_groups_of(struct directory *directory, const char *id,
                           const struct membership **first)
{
	const struct index *index = fresh(directory);
	size_t low = 0, high = index->membership_count, count = 0;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(index->memberships[middle].member_id, id) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	while (low + count < index->membership_count &&
	       strcmp(index->memberships[low + count].member_id, id) == 0)
		count++;
	*first = index->memberships + low;
	return count;
}
