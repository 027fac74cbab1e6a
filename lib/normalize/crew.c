/* SPDX-License-Identifier: ISC */
/*
 * crew: a few batches go round between the thread that fills them and those that
 * map them.
 */
#include "normalize/crew.h"

#include "sys/undo.h"

#include <stdlib.h>

enum {
	BATCH_BYTES = 256 * 1024, /* longer lines are mapped where they are */
	BATCH_LINES = 1024,
	BATCH_ENOUGH = 64 * 1024, /* bytes: all batches together stay in a core's cache */
	BATCHES_EACH = 4,         /* a thread: one that is mapped, and some that wait */
};

enum batch_state { BATCH_FREE, BATCH_FULL, BATCH_BUSY };

struct batch {
	enum batch_state state; /* under the lock */
	size_t used, count;
	struct batch_line {
		size_t from, len, number;
		enum record_kind kind;
	} lines[BATCH_LINES];
	char bytes[BATCH_BYTES];
};

static size_t batch_count(const struct crew *crew)
{
	return crew->count > 1 ? crew->count * BATCHES_EACH : 0;
}

int crew_open(struct crew *crew, size_t count, const struct mapper *mapper, struct fault *fault)
{
	size_t batches;

	*crew = (struct crew){.workers = calloc(count, sizeof *crew->workers), .count = count};
	pthread_mutex_init(&crew->lock, NULL);
	pthread_cond_init(&crew->work, NULL);
	pthread_cond_init(&crew->done, NULL);
	batches = batch_count(crew);
	if (batches)
		crew->batches = calloc(batches, sizeof *crew->batches);
	if (!crew->workers || (batches && !crew->batches))
		return fault_memory(fault);
	for (size_t i = 0; i < count; i++) {
		crew->workers[i] = (struct worker){.crew = crew, .mapper = *mapper};
		crew->workers[i].mapper.lane = i;
	}
	return 0;
}

void crew_release(struct crew *crew)
{
	if (!crew->count)
		return;
	pthread_mutex_lock(&crew->lock);
	crew->over = true;
	pthread_cond_broadcast(&crew->work);
	pthread_mutex_unlock(&crew->lock);
	for (size_t i = 1; i <= crew->running; i++)
		pthread_join(crew->workers[i].thread, NULL);
	pthread_mutex_destroy(&crew->lock);
	pthread_cond_destroy(&crew->work);
	pthread_cond_destroy(&crew->done);
	for (size_t i = 0; crew->workers && i < crew->count; i++)
		mapper_release(&crew->workers[i].mapper);
	free(crew->workers);
	free(crew->batches);
	*crew = (struct crew){0};
}

void crew_begin(struct crew *crew)
{
	for (size_t i = 0; i < crew->count; i++)
		crew->workers[i].mapper.users_missing = false;
}

bool crew_users_missing(const struct crew *crew)
{
	for (size_t i = 0; i < crew->count; i++)
		if (crew->workers[i].mapper.users_missing)
			return true;
	return false;
}

/* ---- mapping ---- */

static void note_fault(struct crew *crew, size_t number, const struct fault *fault)
{
	pthread_mutex_lock(&crew->lock);
	if (!crew->number || number < crew->number) {
		crew->number = number;
		crew->fault = *fault;
	}
	pthread_mutex_unlock(&crew->lock);
}

static int map_line(struct crew *crew, struct mapper *mapper, enum record_kind kind,
                    struct span line, size_t number)
{
	struct fault fault = {0};

	if (mapper_read(mapper, kind, line, number, &fault) == 0)
		return 0;
	note_fault(crew, number, &fault);
	return -1;
}

static void map_batch(struct crew *crew, struct mapper *mapper, const struct batch *batch)
{
	for (size_t i = 0; i < batch->count; i++) {
		const struct batch_line *line = &batch->lines[i];

		if (map_line(crew, mapper, line->kind, (struct span){batch->bytes + line->from, line->len},
		             line->number) < 0)
			return;
	}
}

/* Any batch in this state, or NULL. Under the lock. */
static struct batch *find_batch(struct crew *crew, enum batch_state state)
{
	for (size_t i = 0; i < batch_count(crew); i++)
		if (crew->batches[i].state == state)
			return &crew->batches[i];
	return NULL;
}

/* Maps one batch that waits. False where none does. Under the lock, but for the
   mapping itself. */
static bool map_one(struct crew *crew, struct mapper *mapper)
{
	struct batch *batch = find_batch(crew, BATCH_FULL);

	if (!batch)
		return false;
	batch->state = BATCH_BUSY;
	pthread_mutex_unlock(&crew->lock);
	map_batch(crew, mapper, batch);
	pthread_mutex_lock(&crew->lock);
	batch->state = BATCH_FREE;
	batch->used = batch->count = 0;
	pthread_cond_signal(&crew->done);
	return true;
}

static void *work(void *context)
{
	struct worker *worker = context;
	struct crew *crew = worker->crew;

	undo_hold(); /* signals are the first thread's */
	pthread_mutex_lock(&crew->lock);
	while (!crew->over)
		if (!map_one(crew, &worker->mapper))
			pthread_cond_wait(&crew->work, &crew->lock);
	pthread_mutex_unlock(&crew->lock);
	return NULL;
}

/* ---- handing over ---- */

/* As many threads as there can be. */
static void start(struct crew *crew)
{
	undo_hold();
	while (crew->running + 1 < crew->count) {
		struct worker *worker = &crew->workers[crew->running + 1];

		if (pthread_create(&worker->thread, NULL, work, worker) != 0)
			break; /* those that are there do the work */
		crew->running++;
	}
	undo_go_on();
}

/* Under the lock. */
static void hand_over(struct crew *crew)
{
	if (crew->filling) {
		crew->filling->state = BATCH_FULL;
		pthread_cond_signal(&crew->work);
	}
	crew->filling = NULL;
}

/* Sets crew->filling to an empty batch. 0, or -1 where a line has a fault. */
static int begin_batch(struct crew *crew)
{
	int result;

	if (crew->filling && !crew->running)
		start(crew);
	pthread_mutex_lock(&crew->lock);
	hand_over(crew);
	while (!(crew->filling = find_batch(crew, BATCH_FREE)))
		if (!map_one(crew, &crew->workers[0].mapper))
			pthread_cond_wait(&crew->done, &crew->lock);
	result = crew->number ? -1 : 0;
	pthread_mutex_unlock(&crew->lock);
	return result;
}

int crew_put(struct crew *crew, enum record_kind kind, struct span line, size_t number)
{
	struct batch *batch = crew->filling;

	if (crew->count == 1 || line.len > BATCH_BYTES)
		return map_line(crew, &crew->workers[0].mapper, kind, line, number);
	if ((!batch || batch->count == BATCH_LINES || batch->used >= BATCH_ENOUGH ||
	     line.len > BATCH_BYTES - batch->used) &&
	    begin_batch(crew) < 0)
		return -1;
	batch = crew->filling;
	memcpy(batch->bytes + batch->used, line.data, line.len);
	batch->lines[batch->count++] = (struct batch_line){batch->used, line.len, number, kind};
	batch->used += line.len;
	return 0;
}

static bool is_idle(const struct crew *crew)
{
	for (size_t i = 0; i < batch_count(crew); i++)
		if (crew->batches[i].state != BATCH_FREE)
			return false;
	return true;
}

int crew_wait(struct crew *crew, size_t *number, struct fault *fault)
{
	int result = 0;

	pthread_mutex_lock(&crew->lock);
	hand_over(crew);
	while (!is_idle(crew))
		if (!map_one(crew, &crew->workers[0].mapper))
			pthread_cond_wait(&crew->done, &crew->lock);
	if (crew->number) {
		*number = crew->number;
		*fault = crew->fault;
		result = -1;
	}
	pthread_mutex_unlock(&crew->lock);
	return result;
}
