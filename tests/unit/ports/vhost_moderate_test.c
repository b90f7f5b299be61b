/* SPDX-License-Identifier: BSD-2-Clause */
/* Interrupts of a guest by class: when they come at once, when they are put off and for how long, and that none is lost.  The clock is the test's. */
#include "unit/ports/vhost_front.h"

#include "ports/port_spec.h"

#include "unit/host/clock_fake.h"

#define RING     256u
#define BUFFER   2048u
#define LOW_NS   50000u
#define HIGH_NS  250000u
#define LATER_NS (10 * HIGH_NS)

static struct front front;
static struct ethdev *host;
static unsigned place;

static void open_with(uint64_t features, enum vmmq_interrupt_moderation moderation)
{
	struct port_spec spec = { .kind = PORT_VHOST_USER, .queues = 1 };
	struct ethdev_params params = rig_params(NULL, 1);
	char error[512] = "";

	snprintf(spec.place, sizeof(spec.place), "%s", path);
	params.vhost = &spec;
	host = ethdev_open(&params, error, sizeof(error));
	assert_string_equal(error, "");
	ethdev_moderate(host, moderation);
	front_open(&front, UINT64_C(1) << VIRTIO_F_VERSION_1 | features, RING);
	rig_until(rig_info(host).state == ETHDEV_UP);
}

static void close_all(void)
{
	front_close(&front);
	ethdev_close(host);
	assert_nothing_lost();
}

/* sends gives the guest so many frames, in one burst, into buffers that it offers before. */
static void sends(unsigned count)
{
	struct rte_mbuf *packet[VIRTIO_CHAIN_MAX];
	uint32_t used;

	for (unsigned i = 0; i < count; i++) {
		struct made made = { .element = { { DATA_AT + place++ % (DATA_LEN / BUFFER) * BUFFER, BUFFER } },
				     .count = 1 };

		assert_true(driver_offer(&front.ring[0], &made));
		packet[i] = rig_frame(i);
	}
	assert_int_equal(ethdev_transmit(host, 0, packet, count), count);
	for (unsigned i = 0; i < count; i++)
		assert_true(driver_collect(&front.ring[0], &used));
}

/* interrupts returns how often the guest was interrupted since it was asked last. */
static unsigned interrupts(void)
{
	eventfd_t count = 0;

	return eventfd_read(front.event[0], &count) ? 0 : (unsigned)count;
}

/* is_put_off: the guest is not interrupted before interval has passed since the last time, and then it is. */
static void is_put_off(uint64_t interval)
{
	const uint64_t now = now_ns(), due = ethdev_call(host, 0);

	assert_int_equal(interrupts(), 0);
	assert_in_range(due, now, now + interval);
	clock_pass(due - now);
	assert_int_equal(ethdev_call(host, 0), 0);
	assert_int_equal(interrupts(), 1);
}

static void classes(void **state)
{
	static const struct {
		enum vmmq_interrupt_moderation moderation;
		uint64_t interval;
	} class[] = { { VMMQ_INTERRUPT_MODERATION_LOW, LOW_NS },
		      { VMMQ_INTERRUPT_MODERATION_MEDIUM, 125000 },
		      { VMMQ_INTERRUPT_MODERATION_HIGH, HIGH_NS } };

	(void)state;
	open_with(0, VMMQ_INTERRUPT_MODERATION_UNDEFINED);
	interrupts();
	for (unsigned i = 0; i < 5; i++) {
		sends(1);
		assert_int_equal(interrupts(), 1);
		assert_int_equal(ethdev_call(host, 0), 0);
	}
	for (unsigned c = 0; c < sizeof(class) / sizeof(class[0]); c++) {
		ethdev_moderate(host, class[c].moderation);
		clock_pass(LATER_NS);
		sends(3);
		assert_int_equal(interrupts(), 1); /* after a silence at once */
		sends(1);
		sends(1);
		is_put_off(class[c].interval);
		sends(1); /* and so on */
		is_put_off(class[c].interval);
	}
	sends(1);
	assert_int_equal(interrupts(), 0);
	ethdev_moderate(host, VMMQ_INTERRUPT_MODERATION_OFF); /* what is owed is made at once */
	assert_int_equal(ethdev_call(host, 0), 0);
	assert_int_equal(interrupts(), 1);
	close_all();
}

/* Not longer than until a quarter of the ring is full of frames that the guest does not know of. */
static void before_buffers_run_out(void **state)
{
	(void)state;
	open_with(0, VMMQ_INTERRUPT_MODERATION_HIGH);
	clock_pass(LATER_NS);
	sends(1);
	assert_int_equal(interrupts(), 1);
	sends(RING / 8);
	assert_int_equal(interrupts(), 0);
	sends(RING / 8 - 1);
	assert_int_equal(interrupts(), 0);
	sends(1);
	assert_int_equal(interrupts(), 1);
	assert_int_equal(ethdev_call(host, 0), 0);
	close_all();
}

/* flows sends a burst each so often, and makes what is put off; returns how often the guest was interrupted. */
static unsigned flows(unsigned burst, uint64_t each_ns, unsigned times)
{
	interrupts();
	for (unsigned i = 0; i < times; i++) {
		uint64_t until = now_ns() + each_ns;

		sends(burst);
		while (now_ns() < until)
			ethdev_call(host, 0);
	}
	return interrupts();
}

/* A frame now and then interrupts at once; with more of them a second the interval grows, and again shrinks. */
static void adaptive(void **state)
{
	(void)state;
	open_with(0, VMMQ_INTERRUPT_MODERATION_ADAPTIVE);
	clock_pass(LATER_NS);
	assert_int_equal(flows(1, 50000, 200), 200); /* 20,000 a second */
	assert_int_equal(flows(1, 18000, 200), 200);
	flows(1, 9000, 200); /* 100,000: 5 for each interrupt */
	assert_in_range(flows(1, 9000, 500), 75, 125);
	flows(16, 24000, 200); /* 640,000: as many as a quarter of the ring, 4 bursts */
	assert_in_range(flows(16, 24000, 400), 90, 140);
	flows(1, 9000, 200);
	assert_in_range(flows(1, 9000, 500), 75, 125);
	flows(1, 50000, 100);
	assert_int_equal(flows(1, 50000, 200), 200);
	flows(16, 24000, 200);
	clock_pass(40 * LATER_NS); /* a silence, and it begins anew */
	assert_int_equal(flows(1, 18000, 3), 3);
	close_all();
}

/* Who looks by himself is not interrupted, and nothing is owed to him: he looks once more before he stops. */
static void suppressed(void **state)
{
	(void)state;
	open_with(0, VMMQ_INTERRUPT_MODERATION_LOW);
	front.ring[0].avail->flags = VRING_AVAIL_F_NO_INTERRUPT;
	clock_pass(LATER_NS);
	interrupts();
	sends(1);
	assert_int_equal(ethdev_call(host, 0), 0);
	front.ring[0].avail->flags = 0;
	sends(1); /* it was not interrupted lately: at once */
	assert_int_equal(interrupts(), 1);
	close_all();
}

/* message_begins: the front end says something that shuts the ring for a moment; message_is_over: it is open again. */
static void message_begins(void)
{
	const uint64_t index = 0;

	front_say(&front, FRONT_SET_VRING_CALL, &index, sizeof(index), &front.event[0], 1);
	front_say(&front, FRONT_GET_FEATURES, NULL, 0, NULL, 0);
}

static bool message_is_over(void)
{
	uint8_t answer[64];

	return recv(front.fd, answer, sizeof(answer), MSG_DONTWAIT) > 0;
}

/* Whatever messages come between, what was put off is made: before one if the processor comes by, else after it. */
static void never_lost(void **state)
{
	static const uint64_t features[] = { 0, UINT64_C(1) << VIRTIO_RING_F_EVENT_IDX,
					     UINT64_C(1) << VIRTIO_F_RING_PACKED };

	(void)state;
	for (unsigned i = 0; i < 6; i++) {
		const bool stalled = i % 2;

		open_with(features[i / 2], VMMQ_INTERRUPT_MODERATION_HIGH);
		clock_pass(LATER_NS);
		sends(1);
		interrupts();
		if (features[i / 2] & UINT64_C(1) << VIRTIO_RING_F_EVENT_IDX)
			*(uint16_t *)(void *)&front.ring[0].avail->ring[RING] = front.ring[0].used->idx;
		sends(1);
		assert_int_equal(interrupts(), 0);
		message_begins();
		if (stalled) {
			rig_until(message_is_over());
			clock_pass(HIGH_NS);
			rig_until(ethdev_call(host, 0) == 0);
		} else {
			rig_until((ethdev_call(host, 0), message_is_over()));
		}
		assert_int_equal(interrupts(), 1);
		close_all();
	}
}

/* A guest that is stopped (to migrate, say) may not run here again: it is told before. */
static void before_the_ring_stops(void **state)
{
	const uint32_t stop[2] = { 0, 0 };

	(void)state;
	open_with(0, VMMQ_INTERRUPT_MODERATION_HIGH);
	clock_pass(LATER_NS);
	sends(1);
	interrupts();
	sends(1);
	assert_int_equal(interrupts(), 0);
	front_say(&front, FRONT_GET_VRING_BASE, stop, sizeof(stop), NULL, 0);
	rig_until((ethdev_call(host, 0), message_is_over()));
	assert_int_equal(interrupts(), 1);
	assert_int_equal(ethdev_call(host, 0), 0);
	close_all();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(classes),    cmocka_unit_test(before_buffers_run_out),
		cmocka_unit_test(adaptive),   cmocka_unit_test(suppressed),
		cmocka_unit_test(never_lost), cmocka_unit_test(before_the_ring_stops),
	};

	return cmocka_run_group_tests(tests, folder_start, folder_stop);
}
