/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A guest that owns its memory and writes to it at every point between two reads of ours: before each, deterministically, and by a thread
 * beside it.  src/virtio is compiled with VIRTIO_GUEST_MOVES here.
 */
#include "unit/hang.h"
#include "unit/virtio/ring_changes.h"
#include "unit/virtio/ring_driver.h"

#include <pthread.h>

#define TAKES        4000u
#define AT_A_TIME    2000u
#define CHANGES_MADE 20000u /* by the thread */

static struct guest_memory guest;
static struct driver driver;
static struct virtio_ring ring;
static struct changes changes = { .ring = &ring, .holds = true };
static unsigned haste; /* one of so many reads finds the memory changed; 0: none */

/* A generator of its own for each thread. */
static uint32_t next_random(uint64_t *state)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(*state >> 33);
}

static uint64_t some_address(uint64_t *random)
{
	static const uint64_t near[] = { 0,         DATA_AT,          DATA_AT + 12293,
					 TABLES_AT, TABLES_AT + 8191, TABLES_AT + TABLES_LEN,
					 RINGS_AT,  OUTSIDE,          UINT64_MAX - 8 };

	return near[next_random(random) % 9] + next_random(random) % 24 - 12;
}

static uint32_t some_len(uint64_t *random)
{
	static const uint32_t len[] = { 0, 1, 12, 15, 16, 32, 16 * 1024, 16 * 1025, 60, 4096, DATA_LEN, UINT32_MAX };

	return next_random(random) % 4 ? len[next_random(random) % 12] : next_random(random) % 70000;
}

/* some_flags: mostly such as lead further. */
static uint16_t some_flags(uint64_t *random)
{
	uint16_t flags = (uint16_t)(driver.params.writable ? VRING_DESC_F_WRITE : 0);

	if (next_random(random) % 2)
		flags |= VRING_DESC_F_NEXT;
	if (next_random(random) % 6 == 0)
		flags |= VRING_DESC_F_INDIRECT;
	if (next_random(random) % 16 == 0)
		flags ^= VRING_DESC_F_WRITE;
	if (!driver.params.packed)
		return flags;
	return (uint16_t)(flags | (next_random(random) % 8 ? ring.avail_wrap ? PACKED_AVAIL : PACKED_USED
							   : next_random(random) % 2 * (PACKED_AVAIL | PACKED_USED)));
}

/* store_word writes as a CPU of the guest's does, at once. */
static void store_word(void *at, uint64_t value)
{
	__atomic_store_n((uint64_t *)at, value, __ATOMIC_RELAXED);
}

static void change_desc(void *desc, uint64_t *random)
{
	uint64_t second = some_len(random), next = next_random(random) % (driver.params.size + 1u),
		 flags = some_flags(random);

	second |= driver.params.packed ? next << 32 | flags << 48 : flags << 32 | next << 48;
	if (next_random(random) % 3)
		store_word(desc, some_address(random));
	if (next_random(random) % 3)
		store_word((uint64_t *)desc + 1, second);
}

/* change_table writes a descriptor where tables may be: at what some_address() finds. */
static void change_table(uint64_t *random)
{
	uint8_t *at = guest.memory.region[3 + next_random(random) % 2].host;

	at += -(uintptr_t)at % 8; /* a word's place */
	change_desc(at + next_random(random) % 4 * 16, random);
}

/* change has the guest write somewhere that matters. */
static void change(uint64_t *random)
{
	const uint16_t size = driver.params.size;

	switch (next_random(random) % 4) {
	case 0:
		change_table(random);
		break;
	case 1:
		if (!driver.params.packed) {
			uint16_t ahead =
			    (uint16_t)(next_random(random) % (size + 2u) * (next_random(random) % 8 > 0));

			__atomic_store_n(&driver.avail->idx, (uint16_t)(ring.avail + ahead), __ATOMIC_RELEASE);
			break;
		}
		/* fall through */
	case 2:
		if (!driver.params.packed) {
			__atomic_store_n(&driver.avail->ring[next_random(random) % size],
					 (uint16_t)(next_random(random) % (size + next_random(random) % 2)),
					 __ATOMIC_RELAXED);
			break;
		}
		change_desc(&driver.packed[(ring.avail + next_random(random) % 4) % size], random);
		break;
	default:
		change_desc(&driver.desc[next_random(random) % size], random);
		break;
	}
}

static uint64_t moves_random;

/* What was read. */
static struct {
	const void *at[64];
	unsigned count;
} seen;

void virtio_guest_moves(const void *at)
{
	if (seen.count < sizeof(seen.at) / sizeof(seen.at[0]))
		seen.at[seen.count++] = at;
	while (haste && next_random(&moves_random) % haste == 0)
		change(&moves_random);
	changes_read(&changes, at);
}

/* run takes, gives back some, and starts the ring anew when it has stopped; it counts what has come out. */
static void run(unsigned takes, unsigned taken[4], unsigned broken[VIRTIO_BROKEN_COUNT])
{
	for (unsigned i = 0; i < takes; i++) {
		enum virtio_taken got;

		got = changes_take(&changes, random_one_in(4) ? random_below(4) : CHANGES_ROOM);
		assert_true(changes.holds);
		taken[got]++;
		broken[ring.broken]++;
		if (got == VIRTIO_BROKEN || got == VIRTIO_NO_ROOM || random_one_in(200)) {
			assert_true(
			    virtio_ring_start(&ring, &driver.params)); /* what was taken is no longer the ring's */
			continue;
		}
		if (got != VIRTIO_TAKEN)
			continue;
		if (random_one_in(8)) {
			virtio_ring_untake(&ring, &changes.chain, 1);
			continue;
		}
		for (uint32_t k = 0; driver.params.writable && k < changes.chain.pieces; k++)
			memset(changes.piece[k].at, 0xff, changes.piece[k].len < 64 ? changes.piece[k].len : 64);
		changes.chain.written = random_below(100);
		virtio_ring_put(&ring, &changes.chain, 1);
		virtio_ring_prefetch(&ring, 32);
		virtio_ring_wants_call(&ring);
		virtio_ring_notify(&ring, random_below(2));
	}
}

static void rig_open(unsigned kind, uint16_t size)
{
	guest_start(&guest);
	driver_start(
	    &driver, &guest,
	    (struct virtio_ring_params){
		.size = size, .packed = kind & 1, .writable = kind & 2, .event_index = kind & 4, .indirect = true },
	    kind & 1 ? WRAP_BIT : 0);
	assert_true(virtio_ring_start(&ring, &driver.params));
}

static void print_outcome(const char *what, const unsigned taken[4], const unsigned broken[VIRTIO_BROKEN_COUNT])
{
	print_message("%s: taken %u, none %u, no room %u, broken %u:", what, taken[VIRTIO_TAKEN], taken[VIRTIO_NONE],
		      taken[VIRTIO_NO_ROOM], taken[VIRTIO_BROKEN]);
	for (unsigned i = 1; i < VIRTIO_BROKEN_COUNT; i++)
		print_message(" %u", broken[i]);
	print_message("\n");
}

/* Before each read, one of a few, or more at a time: every way out must have been found by it. */
static void before_each_read(void **state)
{
	static const uint16_t size[] = { 1, 4, 256 };
	unsigned taken[4] = { 0 }, broken[VIRTIO_BROKEN_COUNT] = { 0 };

	(void)state;
	random_start();
	moves_random = random_u64();
	for (unsigned kind = 0; kind < 8; kind++)
		for (unsigned i = 0; i < 3; i++)
			for (haste = 2; haste <= 32; haste *= 4) {
				rig_open(kind, size[i]);
				run(TAKES, taken, broken);
				guest_stop(&guest);
			}
	haste = 0;
	print_outcome("before each read", taken, broken);
	for (unsigned i = 0; i < 4; i++)
		assert_true(taken[i] > 0);
	for (unsigned i = 1; i < VIRTIO_BROKEN_COUNT; i++)
		assert_true(broken[i] > 0);
}

static _Atomic bool ended;
static _Atomic unsigned changes_made;

static void *scribble(void *seed)
{
	uint64_t random = *(uint64_t *)seed;

	while (!atomic_load(&ended)) {
		change(&random);
		atomic_fetch_add(&changes_made, 1);
	}
	return NULL;
}

static void by_a_thread_beside_it(void **state)
{
	unsigned taken[4] = { 0 }, broken[VIRTIO_BROKEN_COUNT] = { 0 };
	uint64_t seed;

	(void)state;
	random_start();
	for (unsigned kind = 0; kind < 8; kind++) {
		const uint64_t started = now_ns();
		pthread_t thread;

		seed = random_u64();
		rig_open(kind, kind & 4 ? 256 : 4);
		changes.beside = true;
		atomic_store(&ended, false);
		assert_int_equal(pthread_create(&thread, NULL, scribble, &seed), 0);
		while (atomic_load(&changes_made) < (kind + 1) * CHANGES_MADE && !hangs(started))
			run(AT_A_TIME, taken, broken);
		atomic_store(&ended, true);
		pthread_join(thread, NULL);
		guest_stop(&guest);
	}
	changes.beside = false;
	print_outcome("by a thread", taken, broken);
	assert_true(atomic_load(&changes_made) >= 8 * CHANGES_MADE);
}

static unsigned seen_again(void)
{
	unsigned again = 0;

	for (unsigned i = 0; i < seen.count; i++)
		for (unsigned k = 0; k < i; k++)
			again += seen.at[i] == seen.at[k];
	return again;
}

/*
 * Of a chain as it should be: split: the index, the head; packed: the flags of the first, which its copy has once more; and of each descriptor
 * two words, or in a table that is copied all of it at once.  None of these a second time.
 */
static void how_often_each_word_is_read(void **state)
{
	(void)state;
	random_start();
	for (unsigned kind = 0; kind < 4; kind++)
		for (unsigned in_table = 0; in_table <= 3; in_table += 3) {
			struct made made = { .element = { { DATA_AT, 12 }, { DATA_AT + 12000, 600 }, { DATA_AT, 5 } },
					     .count = 3,
					     .in_table = in_table };
			unsigned before, slots = in_table ? 1 : 3;

			rig_open(kind, 8);
			before = (driver.params.packed ? 1 : 2) + 2 * slots;
			assert_true(driver_offer(&driver, &made));
			seen.count = 0;
			assert_int_equal(changes_take(&changes, CHANGES_ROOM), VIRTIO_TAKEN);
			assert_true(changes.holds);
			assert_int_equal(changes.reads, seen.count);
			assert_true(seen.count == before + in_table ||
				    (!driver.params.packed && seen.count == before + 2 * in_table));
			assert_int_equal(seen_again(), 0);
			guest_stop(&guest);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(before_each_read),
		cmocka_unit_test(by_a_thread_beside_it),
		cmocka_unit_test(how_often_each_word_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
