/* SPDX-License-Identifier: ISC */
/*
 * slots: two lists of slots, one of those in use, in the order in which they were taken.
 */
#include "push/slots.h"

#include <stdlib.h>

enum {
	HELD_MAX = 10 * BUNDLE_MAX, /* operations that wait for others of their crowd */
	REFUSALS_MAX = 3,           /* a bundle and both its halves */
};

static void slots_release_list(struct slot *slot)
{
	while (slot) {
		struct slot *next = slot->next;

		task_release(&slot->task);
		result_release(&slot->result);
		free(slot);
		slot = next;
	}
}

void slots_release(struct slots *slots)
{
	while (slots->bundles) {
		struct bundle *next = slots->bundles->next;

		bundle_free(slots->bundles);
		slots->bundles = next;
	}
	slots_release_list(slots->active);
	slots_release_list(slots->spare);
	*slots = (struct slots){0};
}

struct slot *slots_take(struct slots *slots, struct fault *fault)
{
	struct slot *slot = slots->spare ? slots->spare : malloc(sizeof *slot);
	struct slot **place = &slots->active;

	if (!slot) {
		fault_memory(fault);
		return NULL;
	}
	if (slot == slots->spare)
		slots->spare = slot->next;
	*slot = (struct slot){0};
	while (*place)
		place = &(*place)->next;
	*place = slot;
	slots->active_count++;
	return slot;
}

/* The place of a slot in its crowd is another now. */
static void slots_move(struct slots *slots, struct slot *slot, enum slot_place to)
{
	struct crowd *crowd = slot->crowd;

	crowd->waiting -= slot->in_crowd == SLOT_GOES;
	crowd->parked -= slot->in_crowd == SLOT_PARKED;
	crowd->parked += to == SLOT_PARKED;
	slots->held_count -= slot->in_crowd == SLOT_PARKED || slot->in_crowd == SLOT_IN_BUNDLE;
	slots->held_count += to == SLOT_PARKED || to == SLOT_IN_BUNDLE;
	if (slot->in_crowd == SLOT_ALONE || to == SLOT_ALONE)
		crowd->busy = to == SLOT_ALONE;
	slot->in_crowd = to;
}

void slots_put_back(struct slots *slots, struct slot *slot)
{
	struct slot **place = &slots->active;

	task_release(&slot->task);
	result_release(&slot->result);
	if (slot->crowd)
		slots_move(slots, slot, SLOT_LEFT);
	while (*place != slot)
		place = &(*place)->next;
	*place = slot->next;
	slot->next = slots->spare;
	slots->spare = slot;
	slots->active_count--;
}

/* May one more request be under way? */
static bool slots_have_request(const struct slots *slots)
{
	return slots->active_count - slots->held_count + slots->bundle_count < slots->jobs;
}

bool slots_have_room(const struct slots *slots)
{
	return slots_have_request(slots) && slots->held_count < HELD_MAX;
}

void slots_park(struct slots *slots, struct slot *slot)
{
	if (slot->task.step == TASK_PARKED && slot->in_crowd == SLOT_GOES)
		slots_move(slots, slot, SLOT_PARKED);
}

/* ---- bundles ---- */

/* What is left of a bundle is parked again, in two halves. */
static void slots_part(struct slots *slots, const struct bundle *bundle)
{
	struct crowd *crowd = bundle->crowd;
	size_t done = 0;

	crowd->one_by_one |= ++crowd->refusals >= REFUSALS_MAX && !crowd->taken;
	for (struct slot *slot = slots->active; slot; slot = slot->next) {
		if (slot->in_crowd != SLOT_IN_BUNDLE || slot->crowd != crowd ||
		    task_is_settled(&slot->task))
			continue;
		slot->batch = crowd->batches + (done++ < bundle->count / 2 ? 1 : 2);
		slots_move(slots, slot, SLOT_PARKED);
	}
	crowd->batches += 2;
}

/* The bundle is over. */
static void slots_end_bundle(struct slots *slots, struct bundle *bundle)
{
	struct bundle **place = &slots->bundles;

	bundle->crowd->busy = false;
	if (bundle->parted)
		slots_part(slots, bundle);
	else
		bundle->crowd->taken |= bundle->sent && bundle->result.outcome == OUTCOME_DONE;
	while (*place != bundle)
		place = &(*place)->next;
	*place = bundle->next;
	slots->bundle_count--;
	bundle_free(bundle);
}

void slots_end_bundles(struct slots *slots)
{
	while (slots->bundles)
		slots_end_bundle(slots, slots->bundles);
}

void slots_advance_bundles(struct slots *slots)
{
	struct bundle *bundle, *later;

	for (bundle = slots->bundles; bundle; bundle = later) {
		later = bundle->next;
		if (bundle_advance(bundle))
			slots_end_bundle(slots, bundle);
	}
}

/* Is it the next of its crowd, with others of its batch? */
static bool slot_is_of(const struct slot *slot, const struct crowd *crowd, size_t batch)
{
	return slot->crowd == crowd && slot->in_crowd == SLOT_PARKED && slot->batch == batch &&
	       !task_is_settled(&slot->task);
}

/* Those who are parked in the crowd of `first` go on: the batch that came first as one
   bundle, or one of them alone. */
static int slots_go_on(struct slots *slots, struct slot *first, struct fault *fault)
{
	struct crowd *crowd = first->crowd;
	struct bundle *bundle;
	size_t count = 0;

	for (struct slot *slot = first->next; slot; slot = slot->next)
		if (slot->batch < first->batch && slot_is_of(slot, crowd, slot->batch))
			first = slot;
	for (struct slot *slot = slots->active; slot; slot = slot->next)
		count += slot_is_of(slot, crowd, first->batch);
	if (crowd->one_by_one || count == 1) {
		slots_move(slots, first, SLOT_ALONE);
		task_go_alone(&first->task);
		return 0;
	}
	bundle = bundle_new(crowd, fault);
	if (!bundle)
		return -1;
	bundle->next = slots->bundles;
	slots->bundles = bundle;
	slots->bundle_count++;
	crowd->busy = true;
	for (struct slot *slot = slots->active; slot && bundle->count < BUNDLE_MAX; slot = slot->next) {
		if (!slot_is_of(slot, crowd, first->batch))
			continue;
		slots_move(slots, slot, SLOT_IN_BUNDLE);
		if (bundle_add(bundle, &slot->task, fault) < 0)
			return -1;
	}
	bundle_begin(bundle);
	return 0;
}

int slots_gather(struct slots *slots, const struct fault *stop, struct fault *fault)
{
	bool full = slots->held_count >= HELD_MAX;

	for (struct slot *slot = slots->active; slot; slot = slot->next) {
		const struct crowd *crowd = slot->crowd;
		bool due;

		if (!crowd || slot->in_crowd != SLOT_PARKED || task_is_settled(&slot->task))
			continue;
		due = !crowd->busy &&
		      (!crowd->waiting || crowd->parked >= BUNDLE_MAX || full || crowd->refusals);
		if (stop->kind != FAULT_NONE)
			task_skip(&slot->task, stop);
		else if (due && slots_have_request(slots) && slots_go_on(slots, slot, fault) < 0)
			return -1;
	}
	return 0;
}

bool slots_await_answer(const struct slots *slots)
{
	bool waits = false;

	for (const struct bundle *bundle = slots->bundles; bundle; bundle = bundle->next)
		if (task_is_settled(&bundle->task))
			return false;
	for (const struct slot *slot = slots->active; slot; slot = slot->next)
		if (task_is_settled(&slot->task))
			return false;
		else
			waits = true;
	return waits;
}
