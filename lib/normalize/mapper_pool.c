/* SPDX-License-Identifier: ISC */
/*
 * mapper_pool: a few batches go round between the thread that fills them and those that
 * map them.
 */
#include "normalize/mapper_pool.h"

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

static size_t batch_count(const struct mapper_pool *pool)
{
	return pool->count > 1 ? pool->count * BATCHES_EACH : 0;
}

int mapper_pool_open(struct mapper_pool *pool, size_t count, const struct mapper *mapper,
                     struct fault *fault)
{
	size_t batches;

	*pool = (struct mapper_pool){.workers = calloc(count, sizeof *pool->workers), .count = count};
	pthread_mutex_init(&pool->lock, NULL);
	pthread_cond_init(&pool->work, NULL);
	pthread_cond_init(&pool->done, NULL);
	batches = batch_count(pool);
	if (batches)
		pool->batches = calloc(batches, sizeof *pool->batches);
	if (!pool->workers || (batches && !pool->batches))
		return fault_memory(fault);
	for (size_t i = 0; i < count; i++) {
		pool->workers[i] = (struct worker){.pool = pool, .mapper = *mapper};
		pool->workers[i].mapper.shard = i;
	}
	return 0;
}

void mapper_pool_release(struct mapper_pool *pool)
{
	if (!pool->count)
		return;
	pthread_mutex_lock(&pool->lock);
	pool->over = true;
	pthread_cond_broadcast(&pool->work);
	pthread_mutex_unlock(&pool->lock);
	for (size_t i = 1; i <= pool->running; i++)
		pthread_join(pool->workers[i].thread, NULL);
	pthread_mutex_destroy(&pool->lock);
	pthread_cond_destroy(&pool->work);
	pthread_cond_destroy(&pool->done);
	for (size_t i = 0; pool->workers && i < pool->count; i++)
		mapper_release(&pool->workers[i].mapper);
	free(pool->workers);
	free(pool->batches);
	*pool = (struct mapper_pool){0};
}

void mapper_pool_begin(struct mapper_pool *pool)
{
	for (size_t i = 0; i < pool->count; i++) {
		pool->workers[i].mapper.users_missing = false;
		unmapped_clear(&pool->workers[i].mapper.unmapped);
	}
}

bool mapper_pool_users_missing(const struct mapper_pool *pool)
{
	for (size_t i = 0; i < pool->count; i++)
		if (pool->workers[i].mapper.users_missing)
			return true;
	return false;
}

bool mapper_pool_capital_ids(const struct mapper_pool *pool)
{
	for (size_t i = 0; i < pool->count; i++)
		if (pool->workers[i].mapper.capital_ids)
			return true;
	return false;
}

int mapper_pool_put_unmapped(const struct mapper_pool *pool, struct buf *array, struct fault *fault)
{
	struct unmapped sum = {0};
	int result = 0;

	for (size_t i = 0; i < pool->count && result == 0; i++)
		result = unmapped_add(&sum, &pool->workers[i].mapper.unmapped, fault);
	if (result == 0)
		result = unmapped_put(&sum, pool->workers[0].mapper.extras, array, fault);
	unmapped_release(&sum);
	return result;
}

/* ---- mapping ---- */

static void note_fault(struct mapper_pool *pool, size_t number, const struct fault *fault)
{
	pthread_mutex_lock(&pool->lock);
	if (!pool->number || number < pool->number) {
		pool->number = number;
		pool->fault = *fault;
	}
	pthread_mutex_unlock(&pool->lock);
}

static int map_line(struct mapper_pool *pool, struct mapper *mapper, enum record_kind kind,
                    struct span line, size_t number)
{
	struct fault fault = {0};

	if (mapper_read(mapper, kind, line, number, &fault) == 0)
		return 0;
	note_fault(pool, number, &fault);
	return -1;
}

static void map_batch(struct mapper_pool *pool, struct mapper *mapper, const struct batch *batch)
{
	for (size_t i = 0; i < batch->count; i++) {
		const struct batch_line *line = &batch->lines[i];

		if (map_line(pool, mapper, line->kind, (struct span){batch->bytes + line->from, line->len},
		             line->number) < 0)
			return;
	}
}

/* Any batch in this state, or NULL. Under the lock. */
static struct batch *find_batch(struct mapper_pool *pool, enum batch_state state)
{
	for (size_t i = 0; i < batch_count(pool); i++)
		if (pool->batches[i].state == state)
			return &pool->batches[i];
	return NULL;
}

/* Maps one batch that waits. False where none does. Under the lock, but for the
   mapping itself. */
static bool map_one(struct mapper_pool *pool, struct mapper *mapper)
{
	struct batch *batch = find_batch(pool, BATCH_FULL);

	if (!batch)
		return false;
	batch->state = BATCH_BUSY;
	pthread_mutex_unlock(&pool->lock);
	map_batch(pool, mapper, batch);
	pthread_mutex_lock(&pool->lock);
	batch->state = BATCH_FREE;
	batch->used = batch->count = 0;
	pthread_cond_signal(&pool->done);
	return true;
}

static void *map_batches(void *context)
{
	struct worker *worker = context;
	struct mapper_pool *pool = worker->pool;

	undo_hold(); /* signals are the first thread's */
	pthread_mutex_lock(&pool->lock);
	while (!pool->over)
		if (!map_one(pool, &worker->mapper))
			pthread_cond_wait(&pool->work, &pool->lock);
	pthread_mutex_unlock(&pool->lock);
	return NULL;
}

/* ---- handing over ---- */

/* As many threads as there can be. */
static void start_threads(struct mapper_pool *pool)
{
	undo_hold();
	while (pool->running + 1 < pool->count) {
		struct worker *worker = &pool->workers[pool->running + 1];

		if (pthread_create(&worker->thread, NULL, map_batches, worker) != 0)
			break; /* those that are there do the work */
		pool->running++;
	}
	undo_go_on();
}

/* Under the lock. */
static void hand_over_batch(struct mapper_pool *pool)
{
	if (pool->filling) {
		pool->filling->state = BATCH_FULL;
		pthread_cond_signal(&pool->work);
	}
	pool->filling = NULL;
}

/* Sets pool->filling to an empty batch. 0, or -1 where a line has a fault. */
static int begin_batch(struct mapper_pool *pool)
{
	int result;

	if (pool->filling && !pool->running)
		start_threads(pool);
	pthread_mutex_lock(&pool->lock);
	hand_over_batch(pool);
	while (!(pool->filling = find_batch(pool, BATCH_FREE)))
		if (!map_one(pool, &pool->workers[0].mapper))
			pthread_cond_wait(&pool->done, &pool->lock);
	result = pool->number ? -1 : 0;
	pthread_mutex_unlock(&pool->lock);
	return result;
}

int mapper_pool_put(struct mapper_pool *pool, enum record_kind kind, struct span line,
                    size_t number)
{
	struct batch *batch = pool->filling;

	if (pool->count == 1 || line.len > BATCH_BYTES)
		return map_line(pool, &pool->workers[0].mapper, kind, line, number);
	if ((!batch || batch->count == BATCH_LINES || batch->used >= BATCH_ENOUGH ||
	     line.len > BATCH_BYTES - batch->used) &&
	    begin_batch(pool) < 0)
		return -1;
	batch = pool->filling;
	memcpy(batch->bytes + batch->used, line.data, line.len);
	batch->lines[batch->count++] = (struct batch_line){batch->used, line.len, number, kind};
	batch->used += line.len;
	return 0;
}

static bool is_pool_idle(const struct mapper_pool *pool)
{
	for (size_t i = 0; i < batch_count(pool); i++)
		if (pool->batches[i].state != BATCH_FREE)
			return false;
	return true;
}

int mapper_pool_wait(struct mapper_pool *pool, size_t *number, struct fault *fault)
{
	int result = 0;

	pthread_mutex_lock(&pool->lock);
	hand_over_batch(pool);
	while (!is_pool_idle(pool))
		if (!map_one(pool, &pool->workers[0].mapper))
			pthread_cond_wait(&pool->done, &pool->lock);
	if (pool->number) {
		*number = pool->number;
		*fault = pool->fault;
		result = -1;
	}
	pthread_mutex_unlock(&pool->lock);
	return result;
}
