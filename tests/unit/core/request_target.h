/* SPDX-License-Identifier: BSD-2-Clause */
/* An implementation under test, and random requests to it: every answer is compared with the model's. */
#ifndef VMMQ_UNIT_CORE_REQUEST_TARGET_H
#define VMMQ_UNIT_CORE_REQUEST_TARGET_H

#include "unit/core/nic_switch_dump.h"
#include "unit/core/request_random.h"

/* An implementation.  Requests are made with the good and the bad members that the model judges. */
struct request_target {
	bool binary;
	bool groups;                            /* requests can be grouped */
	unsigned long requests;                 /* in a run */
	unsigned long switches;                 /* requests on one switch */
	struct vmmq_nic_switch *(*start)(void); /* with limits and hardware */
	void (*stop)(void);
	vmmq_status (*create)(const struct vmmq_vport_params *params);
	vmmq_status (*set)(const struct vmmq_vport_params *params);
	vmmq_status (*remove)(uint32_t vport);
	void (*v1_prepare)(uint32_t vport,
			   struct vmmq_rss_v1 *request); /* may take away what its layout cannot say */
	vmmq_status (*v1)(uint32_t vport, const struct vmmq_rss_v1 *request);
	vmmq_status (*v2)(uint32_t vport, const struct vmmq_rss_v2 *request);
	vmmq_status (*hash)(uint32_t vport, const struct vmmq_receive_hash *request);
	void (*move)(uint16_t actor, struct vmmq_rss_move *move, size_t count);
	vmmq_status (*filter_set)(struct vmmq_filter *filter); /* id 0: to be assigned */
	vmmq_status (*filter_clear)(uint32_t id);
	vmmq_status (*filter_move)(uint32_t id, uint32_t from, uint32_t to);
	vmmq_status (*processors)(const struct vmmq_processor some[], size_t count);
	void (*between)(void); /* after every request outside of groups */
};

static const struct request_target *target;
static struct vmmq_nic_switch *nic;

/*
 * --- answers
 * --------------------------------------------------------------------------------------------------------
 */

/* X(name, what the run calls it) */
/* clang-format off */
#define REQUESTS_X(X) \
	X(CREATE, "create") X(SET, "set") X(V1, "v1") X(V2, "v2") X(HASH, "receive hash") X(MOVE, "move") \
	X(DELETE, "delete") X(FILTER_SET, "filter set") X(FILTER_CLEAR, "filter clear") \
	X(FILTER_MOVE, "filter move") X(SET_PROCESSORS, "set processors") X(COMMIT, "commit")
/* clang-format on */

enum request {
#define X(name, text) name,
	REQUESTS_X(X)
#undef X
	    REQUESTS
};
static const char *const names[] = {
#define X(name, text) text,
	REQUESTS_X(X)
#undef X
};

/* How often a request was answered so. */
static struct {
	vmmq_status status;
	unsigned count;
} met[REQUESTS][16];

static inline void meet(enum request request, vmmq_status status)
{
	unsigned i = 0;

	while (met[request][i].count && met[request][i].status != status)
		i++;
	met[request][i].status = status;
	met[request][i].count++;
}

static inline bool answers(enum request request, vmmq_status want, vmmq_status got)
{
	if (want != got)
		fail_msg("%s: %s, but the model says %s", names[request], vmmq_status_name(got),
			 vmmq_status_name(want));
	meet(request, got);
	return want == VMMQ_SUCCESS;
}

/*
 * --- requests
 * -------------------------------------------------------------------------------------------------------
 */

static inline void do_create(void)
{
	struct vmmq_vport_params p = some_create();

	answers(CREATE, model_create(&p), target->create(&p));
}

static inline void do_set(void)
{
	struct vmmq_vport_params p = some_set();

	answers(SET, model_set(&p), target->set(&p));
}

static inline void do_delete(void)
{
	uint32_t id = some_id16();
	vmmq_status got = target->remove(id);

	answers(DELETE, model_delete(id), got);
}

static inline void do_v1(void)
{
	uint32_t id = some_id();
	struct vmmq_rss_v1 r = some_v1();

	if (target->v1_prepare)
		target->v1_prepare(id, &r);
	answers(V1, model_v1(id, &r), target->v1(id, &r));
}

static inline void do_v2(void)
{
	uint32_t id = some_id();
	struct vmmq_rss_v2 r = some_v2();

	answers(V2, model_v2(id, &r), target->v2(id, &r));
}

static inline void do_hash(void)
{
	uint32_t id = some_id();
	struct vmmq_receive_hash r = some_hash();

	answers(HASH, model_hash(id, &r), target->hash(id, &r));
}

static inline void do_move(void)
{
	static struct vmmq_rss_move c[MOVES_MAX], was[MOVES_MAX];
	uint16_t actor;
	size_t count = some_moves(c, &actor), begin, end;

	memcpy(was, c, sizeof(was));
	target->move(actor, c, count);
	for (begin = 0; begin < count; begin = end) {
		vmmq_status want;

		for (end = begin + 1; end < count; end++)
			if (was[end].switch_id != was[begin].switch_id || was[end].vport_id != was[begin].vport_id)
				break;
		want = model_group(actor, was + begin, end - begin);
		for (size_t i = begin; i < end; i++) {
			answers(MOVE, want, c[i].status);
			c[i].status = was[i].status;
			assert_memory_equal(&c[i], &was[i], sizeof(c[i]));
		}
	}
}

static inline void do_filter_set(void)
{
	struct vmmq_filter f = some_filter(), wanted = f;
	vmmq_status want = model_filter_set(&wanted), got;

	got = target->filter_set(&f);
	answers(FILTER_SET, want, got);
	assert_int_equal(f.id, wanted.id);
}

static inline void do_filter_clear(void)
{
	uint32_t id = some_filter_id();

	answers(FILTER_CLEAR, model_filter_clear(id), target->filter_clear(id));
}

static inline void do_filter_move(void)
{
	uint32_t id = some_filter_id(), to = some_id16(), from = some_id16();
	const struct vmmq_filter *f = model_filter(id);

	if (f && !random_one_in(10))
		from = f->vport.v;
	answers(FILTER_MOVE, model_filter_move(id, from, to), target->filter_move(id, from, to));
}

static inline void do_set_processors(void)
{
	struct vmmq_processor some[HARDWARE];
	size_t count = 0;

	for (unsigned i = 0; i < HARDWARE; i++)
		if (!random_one_in(5))
			some[count++] = hardware[i];
	answers(SET_PROCESSORS, model_set_processors(some, count), target->processors(some, count));
}

static inline void do_rare(void)
{
	if (random_one_in(2))
		do_delete();
	else
		do_set_processors();
}

#endif
