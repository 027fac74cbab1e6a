/* SPDX-License-Identifier: ISC */
/*
 * bundle: what one request for several operations means for each of them.
 */
#include "push/bundle.h"

#include "push/task_step.h"

#include <stdlib.h>

struct bundle *bundle_new(struct crowd *crowd, struct fault *fault)
{
	struct bundle *bundle = calloc(1, sizeof *bundle);

	if (!bundle)
		fault_memory(fault);
	else
		bundle->crowd = crowd;
	return bundle;
}

void bundle_free(struct bundle *bundle)
{
	if (!bundle)
		return;
	if (bundle->task.context)
		task_release(&bundle->task);
	result_release(&bundle->result);
	set_release(&bundle->ids);
	free(bundle);
}

int bundle_add(struct bundle *bundle, struct task *task, struct fault *fault)
{
	bool fresh;

	if (!set_take(&bundle->ids, task_user_id(task), &fresh))
		return fault_memory(fault);
	bundle->members[bundle->count++] = task;
	return 0;
}

void bundle_begin(struct bundle *bundle)
{
	const struct task *first = bundle->members[0];

	bundle->task = (struct task){
		.context = first->context,
		.bundle = bundle,
		.operation = first->operation,
		.user = first->user,
		.group = first->group,
		.result = &bundle->result,
	};
	task_go_to_group(&bundle->task);
}

bool bundle_advance(struct bundle *bundle)
{
	struct task *task = &bundle->task;

	if (task->request && request_is_settled(task->request))
		task_advance(task);
	if (!task_is_settled(task))
		return false;
	for (size_t i = 0; i < bundle->count && !bundle->parted; i++) {
		struct task *member = bundle->members[i];

		member->fault = bundle->result.why;
		member->result->unknown = bundle->result.unknown;
		if (!member->result->requests.len)
			member->result->status = bundle->result.status;
		task_settle_with(member, bundle->result.outcome);
	}
	return true;
}
