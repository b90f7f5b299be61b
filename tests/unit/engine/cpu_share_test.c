/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * When who polls in vain yields its CPU: by the clock alone, in made-up times of a clock that ticks once a microsecond; and what enters
 * the kernel, counted of a thread that really polls.
 */
#include "unit/engine/vport_rig.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <rte_cycles.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <ucontext.h>

#include "engine/cpu_share.h"
#include "unit/hang.h"

#define HZ     1000000u
#define MEMORY 100000u /* the CPU counts as shared for so long */
#define SLICE  3000u   /* what a thread that only computes keeps it for */

void __real_cpu_share_init(struct cpu_share *share, uint64_t hz, uint64_t now);

/* idle: a turn of one tick in which nothing was done, and then the thread wants to yield. */
static bool idle(struct cpu_share *share, uint64_t *now)
{
	*now += 1;
	return cpu_share_idle(share, *now - 1, *now);
}

static void yield(struct cpu_share *share, uint64_t *now, uint64_t ticks)
{
	*now += ticks;
	cpu_share_yielded(share, *now - ticks, *now);
}

/* idle_until_yield returns the ticks until it wants to yield; limit: it does not. */
static uint64_t idle_until_yield(struct cpu_share *share, uint64_t *now, uint64_t limit)
{
	uint64_t ticks = 1;

	while (ticks < limit && !idle(share, now))
		ticks++;
	return ticks;
}

static void own_cpu_is_not_yielded(void **state)
{
	struct cpu_share share;
	uint64_t now = 7;

	(void)state;
	__real_cpu_share_init(&share, HZ, now);
	while (now + 2 < 7 + MEMORY) { /* nobody knows yet */
		assert_true(idle(&share, &now));
		yield(&share, &now, 1);
	}
	now = 7 + MEMORY;
	assert_int_equal(idle_until_yield(&share, &now, 10 * MEMORY), 10 * MEMORY);
	for (unsigned i = 0; i < 1000; i++) { /* nor after short interrupts */
		now += 50;
		assert_false(cpu_share_idle(&share, now - 50, now));
	}
}

static void interrupted_turn_tells_of_others(void **state)
{
	struct cpu_share share;
	uint64_t now = 0;

	(void)state;
	__real_cpu_share_init(&share, HZ, now);
	now = MEMORY;
	assert_false(idle(&share, &now));
	now += 200;
	assert_true(cpu_share_idle(&share, now - 200, now));
	yield(&share, &now, 1);
	assert_int_equal(idle_until_yield(&share, &now, MEMORY), 1);
	now += MEMORY;
	assert_int_equal(idle_until_yield(&share, &now, MEMORY), MEMORY);
}

/* Who gives the CPU back may be who is waited for: the thread yields at once, and for ever. */
static void friendly_others_are_yielded_to_at_once(void **state)
{
	struct cpu_share share;
	uint64_t now = 0;

	(void)state;
	__real_cpu_share_init(&share, HZ, now);
	while (now < 10 * MEMORY) {
		assert_true(idle(&share, &now));
		yield(&share, &now, 10 + now % 900);
	}
}

/* Who keeps it for its time slice is yielded to when nothing has come for a moment; what comes meanwhile begins that anew. */
static void greedy_others_wait_for_a_moment(void **state)
{
	struct cpu_share share;
	uint64_t now = 0;

	(void)state;
	__real_cpu_share_init(&share, HZ, now);
	assert_true(idle(&share, &now));
	for (unsigned i = 0; i < 100; i++) {
		yield(&share, &now, SLICE);
		assert_int_equal(idle_until_yield(&share, &now, 15), 15);
		cpu_share_busy(&share);
		assert_int_equal(idle_until_yield(&share, &now, MEMORY), 21);
	}
	yield(&share, &now, SLICE);
	for (unsigned given_back = 0; given_back < 4; given_back++) {
		assert_int_equal(idle_until_yield(&share, &now, MEMORY), 21);
		yield(&share, &now, 100);
	}
	assert_int_equal(idle_until_yield(&share, &now, MEMORY), 1);
	yield(&share, &now, 1); /* nobody was there to give it back: that says nothing */
	assert_int_equal(idle_until_yield(&share, &now, MEMORY), 1);
}

/* Sanitizers make system calls of their own, which nobody could tell from the thread's. */
#if !defined(__SANITIZE_THREAD__) && !defined(__SANITIZE_ADDRESS__)
#define TURNS 100000u

static void nothing_is_indicated(void *context, const struct vmmq_indication *indication)
{
	(void)context;
	(void)indication;
	fail();
}

/* What a thread polls: counts system calls once the CPU counts as its own, or is_shared. */
struct counted {
	struct vmmq_adapter *adapter;
	bool is_shared; /* the CPU, for ever */
	uint64_t turns;
	atomic_bool refused; /* the kernel lets nobody count */
	atomic_bool done;
};

static struct counted *counted;
static struct cpu_share *share_of_crew;
static _Atomic uint64_t system_calls;

/* What else runs here is no matter of this test: turns are interrupted by nobody, or all of them. */
void __wrap_cpu_share_init(struct cpu_share *share, uint64_t hz, uint64_t now);
void __wrap_cpu_share_init(struct cpu_share *share, uint64_t hz, uint64_t now)
{
	__real_cpu_share_init(share, hz, now);
	share->turn_max = counted->is_shared ? 0 : UINT64_MAX;
	share->yield_max = UINT64_MAX;
	share->slice = UINT64_MAX;
	share_of_crew = share;
}

/* on_system_call stands in for the call, which does nothing. */
static void on_system_call(int number, siginfo_t *info, void *context)
{
	(void)number;
	(void)info;
	((ucontext_t *)context)->uc_mcontext.gregs[REG_RAX] = 0;
	atomic_fetch_add_explicit(&system_calls, 1, memory_order_relaxed);
}

/* count_system_calls counts those of this thread from now on, instead of making them; false: the kernel does not do that. */
static bool count_system_calls(void)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_rt_sigreturn, 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_exit, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP),
	};
	struct sock_fprog program = { .len = sizeof(filter) / sizeof(filter[0]), .filter = filter };

	return !prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) && !prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

static unsigned poll_counting(void *context)
{
	struct counted *this = context;

	if (atomic_load(&this->done) || (!this->is_shared && rte_rdtsc() < share_of_crew->shared_until))
		return 0;
	if (!this->turns && !count_system_calls()) {
		atomic_store(&this->refused, true);
		atomic_store(&this->done, true);
	} else if (this->turns++ == TURNS) {
		atomic_store(&this->done, true);
	}
	return 0;
}

static void *run(void *argument)
{
	struct counted *this = argument;

	assert_int_equal(vmmq_processors_run(this->adapter, &(struct vmmq_processor){ 0 }, 1), VMMQ_SUCCESS);
	return NULL;
}

/* count returns how many system calls a processor makes in TURNS turns in vain. */
static uint64_t count(bool is_shared)
{
	const struct sigaction trap = { .sa_sigaction = on_system_call, .sa_flags = SA_SIGINFO };
	struct counted this = { .is_shared = is_shared };
	const struct vmmq_poll poll = { .poll = poll_counting, .context = &this, .fd = -1 };
	uint64_t before = atomic_load(&system_calls), after, started = now_ns();
	pthread_t thread;

	counted = &this;
	this.adapter = rig_adapter(
	    (struct vmmq_adapter_params){ .moderation = VMMQ_MODERATION_POLL, .indicate = nothing_is_indicated },
	    (const uint16_t[]){ 0 }, 1);
	assert_int_equal(vmmq_processor_add_poll(this.adapter, (struct vmmq_processor){ 0 }, &poll), VMMQ_SUCCESS);
	assert_int_equal(sigaction(SIGSYS, &trap, NULL), 0);
	assert_int_equal(pthread_create(&thread, NULL, run, &this), 0);
	while (!atomic_load(&this.done) && !hangs(started))
		sched_yield();
	after = atomic_load(&system_calls);
	assert_true(atomic_load(&this.done));
	vmmq_adapter_stop(this.adapter);
	assert_int_equal(pthread_join(thread, NULL), 0);
	vmmq_adapter_destroy(this.adapter);
	if (atomic_load(&this.refused)) {
		print_message("skipped: no seccomp filter here\n");
		skip();
	}
	return after - before;
}

static void polling_does_not_enter_the_kernel(void **state)
{
	(void)state;
	assert_int_equal(count(false), 0);
	assert_true(count(true) >= TURNS); /* it is counted where it yields */
}
#else
/* The build has it replaced. */
void __wrap_cpu_share_init(struct cpu_share *share, uint64_t hz, uint64_t now);
void __wrap_cpu_share_init(struct cpu_share *share, uint64_t hz, uint64_t now)
{
	__real_cpu_share_init(share, hz, now);
}
#endif

static int start(void **state)
{
	(void)state;
	return rig_start(1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(own_cpu_is_not_yielded),
		cmocka_unit_test(interrupted_turn_tells_of_others),
		cmocka_unit_test(friendly_others_are_yielded_to_at_once),
		cmocka_unit_test(greedy_others_wait_for_a_moment),
#ifdef TURNS
		cmocka_unit_test(polling_does_not_enter_the_kernel),
#endif
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
