/* SPDX-License-Identifier: BSD-2-Clause */
/* Metrics of a switch with traffic, over HTTP, in this thread's loop as in vmmqd's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <rte_mbuf.h>
#include <sys/socket.h>
#include <time.h>

#include "metrics/metrics.h"
#include "metrics/metrics_pace.h"
#include "metrics/metrics_render.h"
#include "metrics/metrics_text.h"
#include "unit/control/live_rig.h"

#define PACKETS 1000u
#define RUNTS   7u
#define IDLE    (METRICS_CONNECTIONS_MAX - 1)

static const char two[] = "adapter: {name: m, processors: [0, 1]}\n"
			  "vports:\n"
			  "  - id: 1\n"
			  "    name: 'we\"b\\'\n"
			  "    queue_pairs: 2\n"
			  "    filters: [{mac: \"02:00:00:00:00:01\"}]\n"
			  "    rss: {enabled: true, hash_types: [ipv4, udp_ipv4], indirection_table: [0, 1, 0, 1],\n"
			  "          default_processor: 0}\n"
			  "  - {id: 2, name: idle, filters: [{mac: \"02:00:00:00:00:02\"}]}\n";

/* A UDP packet for VPort 1 from its own source port, or one that ends in its Ethernet header. */
static struct rte_mbuf *packet(struct rte_mempool *pool, unsigned i, bool runt)
{
	static const uint8_t headers[42] = { 2, 0,  0,  0, 0, 1,  2, 0, 0, 0,  0, 9, 8, 0, 0x45, 0, 0,  28, 0, 0, 0,
					     0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2, 0, 0,    0, 53, 0,  8, 0, 0 };
	struct rte_mbuf *mbuf = rte_pktmbuf_alloc(pool);
	uint8_t *data;

	assert_non_null(mbuf);
	data = (uint8_t *)rte_pktmbuf_append(mbuf, runt ? 9 : sizeof(headers));
	memcpy(data, headers, runt ? 9 : sizeof(headers));
	if (!runt) {
		data[34] = (uint8_t)(i >> 8);
		data[35] = (uint8_t)i;
	}
	return mbuf;
}

static void send_traffic(struct live *live)
{
	struct rte_mempool *pool = rte_mempool_lookup("metrics_test");
	struct vmmq_source *source;
	struct vmmq_why why;

	if (!pool)
		pool = rte_pktmbuf_pool_create_by_ops("metrics_test", 2047, 0, 0, 2048, 0, "ring_mt_rts");
	assert_non_null(pool);
	assert_int_equal(vmmq_source_create(live_adapter(live), VMMQ_SOURCE_WAIT, &source, &why), VMMQ_SUCCESS);
	for (unsigned i = 0; i < PACKETS + RUNTS; i++) {
		struct rte_mbuf *mbuf = packet(pool, i, i >= PACKETS);

		while (vmmq_receive(source, &mbuf, 1) == 0)
			;
	}
	while (!vmmq_adapter_idle(live_adapter(live)))
		;
	vmmq_source_destroy(source);
}

static char *render(struct live *live, enum metrics_entries entries)
{
	size_t len;
	char *text = metrics_render(live, NULL, entries, 1700000000, &len), *terminated;

	assert_non_null(text);
	terminated = strndup(text, len);
	free(text);
	return terminated;
}

/* sum adds the values of all samples of a metric whose labels contain with; *count tells how many there were. */
static double sum(const char *text, const char *name, const char *with, unsigned *count)
{
	size_t len = strlen(name);
	double total = 0;

	*count = 0;
	for (const char *line = text; line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
		const char *end = strchr(line, '\n');
		char copy[512];

		if (strncmp(line, name, len) != 0 || (line[len] != '{' && line[len] != ' '))
			continue;
		snprintf(copy, sizeof(copy), "%.*s", (int)(end - line), line);
		if (!strstr(copy, with))
			continue;
		total += strtod(strrchr(copy, ' ') + 1, NULL);
		(*count)++;
	}
	return total;
}

static void counters_are_exported(void **state)
{
	struct live *live = rig_open(two, "");
	unsigned count;
	char *text;

	(void)state;
	send_traffic(live);
	text = render(live, METRICS_ENTRIES_ACTIVE);
	assert_true(sum(text, "vmmq_received_packets_total", "", &count) == PACKETS + RUNTS);
	assert_true(sum(text, "vmmq_indicated_packets_total", "", &count) == PACKETS);
	assert_true(sum(text, "vmmq_vport_packets_total", "vport=\"1\"", &count) == PACKETS);
	assert_int_equal(count, 2);
	assert_true(sum(text, "vmmq_vport_bytes_total", "vport=\"1\"", &count) == PACKETS * 42);
	assert_true(sum(text, "vmmq_vport_hashed_packets_total", "type=\"udp_ipv4\"", &count) == PACKETS);
	assert_true(sum(text, "vmmq_vport_via_packets_total", "via=\"table\"", &count) == PACKETS);
	assert_true(sum(text, "vmmq_vport_entry_packets_total", "vport=\"1\"", &count) == PACKETS);
	assert_int_equal(count, 4);
	sum(text, "vmmq_vport_entry_packets_total", "", &count);
	assert_int_equal(count, 4); /* of VPorts with traffic only */
	assert_true(sum(text, "vmmq_vport_drops_total", "vport=\"0\",where=\"adapter\",reason=\"runt\"", &count) ==
		    RUNTS);
	assert_true(sum(text, "vmmq_drops_total", "reason=\"runt\"", &count) == RUNTS);
	assert_true(sum(text, "vmmq_processor_packets_total", "", &count) == PACKETS);
	assert_true(sum(text, "vmmq_vports", "", &count) == 3);
	assert_non_null(
	    strstr(text, "vmmq_vport_info{vport=\"1\",name=\"we\\\"b\\\\\",state=\"activated\",rss=\"on\"} 1\n"));
	assert_true(sum(text, "vmmq_processor_busy_seconds_total", "", &count) > 0);
	free(text);
	text = render(live, METRICS_ENTRIES_NONE);
	sum(text, "vmmq_vport_entry_packets_total", "", &count);
	assert_int_equal(count, 0);
	free(text);
	live_close(live);
}

static vmmq_status delete_vport(struct live *live, void *argument, struct vmmq_why *why)
{
	(void)argument;
	return live_vport_delete(live, (struct vmmq_vport_id){ 1 }, true, why);
}

static vmmq_status add_vport(struct live *live, void *argument, struct vmmq_why *why)
{
	struct vmmq_vport_id id;

	return live_vport_add(live, argument, &id, why);
}

/* Sums over VPorts do not go back when one is deleted, and count nothing twice when it is there again. */
static void sums_only_grow(void **state)
{
	struct live *live = rig_open(two, "");
	struct vmmq_config again;
	unsigned count;
	char *text;

	(void)state;
	rig_parse(two, &again);
	send_traffic(live);
	rig_must(live, delete_vport, NULL);
	for (unsigned round = 0; round < 2; round++) {
		live_tick(live);
		text = render(live, METRICS_ENTRIES_ACTIVE);
		assert_true(sum(text, "vmmq_received_packets_total", "", &count) == PACKETS + RUNTS);
		assert_true(sum(text, "vmmq_indicated_packets_total", "", &count) == PACKETS);
		assert_true(sum(text, "vmmq_drops_total", "reason=\"runt\"", &count) == RUNTS);
		assert_true(sum(text, "vmmq_drops_total", "reason=\"no_backend\"", &count) == PACKETS);
		free(text);
		if (round == 0)
			rig_must(live, add_vport, &again.vports[1]);
	}
	vmmq_config_fini(&again);
	rig_close(live);
}

static void labels_are_escaped(void **state)
{
	struct metrics_labels labels = { 0 };
	char large[2 * METRICS_LABELS_MAX];

	(void)state;
	labels_add(&labels, "a", "x\\y\"z\nü\xff\xe0\x80\x80");
	labels_add_number(&labels, "b", UINT64_MAX);
	assert_memory_equal(labels.text, "a=\"x\\\\y\\\"z\\nü????\",b=\"18446744073709551615\"", labels.len);
	memset(large, '"', sizeof(large));
	large[sizeof(large) - 1] = '\0';
	for (size_t len = 1; len < sizeof(large); len += 7) { /* what does not fit is left out as a whole */
		struct metrics_labels full = { 0 };

		labels_add(&full, "n", large + sizeof(large) - 1 - len);
		assert_true(full.len == 0 || full.len == 4 + 2 * len);
		assert_true(full.len <= METRICS_LABELS_MAX);
	}
}

static int connect_to(const struct metrics *metrics)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_port = htons((uint16_t)metrics_port(metrics)),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM, 0),
	    window = 4096; /* so that what is not read stays with the other end */

	assert_true(fd >= 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &window, sizeof(window));
	assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	return fd;
}

/* turn is one turn of a control thread's loop.  If it waited for a scraper that reads nothing, it would never return. */
static void turn(struct metrics *metrics)
{
	struct pollfd fd = { metrics_fd(metrics), POLLIN, 0 };

	if (poll(&fd, 1, 20) > 0)
		metrics_run(metrics);
}

/* ask sends a request and returns the whole answer, to be freed. */
static char *ask(struct metrics *metrics, const char *request)
{
	size_t len = 0, size = 64u << 20;
	char *answer = malloc(size);
	int fd = connect_to(metrics);
	uint64_t started = now_ns();

	assert_non_null(answer);
	assert_int_equal(send(fd, request, strlen(request), 0), strlen(request));
	while (true) {
		ssize_t n = recv(fd, answer + len, size - len - 1, 0);

		if (n == 0)
			break;
		if (n > 0)
			len += (size_t)n;
		else
			turn(metrics);
		if (hangs(started))
			fail_msg("no end of the answer to: %s", request);
	}
	close(fd);
	answer[len] = '\0';
	return answer;
}

#define END " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"

static void check_answer(struct metrics *metrics, const char *request, const char *status, const char *words)
{
	char *answer = ask(metrics, request);

	if (strncmp(answer, status, strlen(status)) != 0 || !strstr(answer, words))
		fail_msg("%s: %.300s", request, answer);
	free(answer);
}

static void http_is_served(void **state)
{
	struct live *live = rig_open(two, "");
	char error[256] = "";
	struct metrics *metrics = metrics_open("127.0.0.1:0", live, error, sizeof(error));

	(void)state;
	if (!metrics)
		fail_msg("%s", error);
	check_answer(metrics, "GET /metrics" END, "HTTP/1.1 200 ", "text/plain; version=0.0.4");
	check_answer(metrics, "GET /metrics?entries=1" END, "HTTP/1.1 200 ",
		     "vmmq_vport_entry_processor{vport=\"1\",entry=\"3\"} 1\n");
	check_answer(metrics, "GET /metrics?entries=0" END, "HTTP/1.1 200 ", "vmmq_info{name=\"m\"");
	check_answer(metrics, "GET /metrics?entries=x" END, "HTTP/1.1 400 ", "entries: 0");
	check_answer(metrics, "HEAD /metrics" END, "HTTP/1.1 200 ", "Content-Length");
	check_answer(metrics, "GET /" END, "HTTP/1.1 200 ", "href=\"/metrics\"");
	check_answer(metrics, "GET /x" END, "HTTP/1.1 404 ", "/metrics");
	check_answer(metrics,
		     "POST /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 3\r\n\r\nabc",
		     "HTTP/1.1 405 ", "Allow: GET, HEAD");
	metrics_close(metrics);
	live_close(live);
}

static void addresses_are_checked(void **state)
{
	static const char *const wrong[] = {
		"",          "x9654",         "127.0.0.1",      "127.0.0.1:", "127.0.0.1:x", "::1:9654",      "[::1]",
		"[::1]9654", "1.2.3.4:70000", "localhost:9654", "[x]:1",      "1.2.3:1x",    "[127.0.0.1]:1", ":-1"
	};
	struct live *live = rig_open(two, "");
	struct metrics *first, *second;
	char error[256], address[32];

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		if (metrics_open(wrong[i], live, error, sizeof(error)))
			fail_msg("%s was taken", wrong[i]);
		assert_non_null(strstr(error, wrong[i]));
		assert_non_null(strstr(error, "127.0.0.1:9654"));
	}
	for (size_t i = 0; i < 3; i++) { /* on loopback, unless it is told */
		first = metrics_open(i == 0 ? "0" : i == 1 ? ":0" : "[::1]:0", live, error, sizeof(error));
		if (!first && i == 2)
			continue; /* a machine without IPv6 */
		assert_non_null(first);
		assert_false(metrics_is_public(first));
		metrics_close(first);
	}
	first = metrics_open("*:0", live, error, sizeof(error)); /* all addresses: IPv4 too */
	assert_non_null(first);
	assert_true(metrics_is_public(first));
	check_answer(first, "GET /" END, "HTTP/1.1 200 ", "");
	snprintf(address, sizeof(address), "127.0.0.1:%u", metrics_port(first));
	second = metrics_open(address, live, error, sizeof(error));
	assert_null(second);
	assert_non_null(strstr(error, "in use"));
	metrics_close(first);
	live_close(live);
}

/* Many VPorts: short, and scrapers that say nothing, or read nothing of a large answer, hold up nobody. */
static char *many_vports(unsigned count)
{
	size_t size = (size_t)count * 160 + 100, len;
	char *yaml = malloc(size);

	assert_non_null(yaml);
	len = (size_t)snprintf(yaml, size, "adapter: {processors: [0, 1]}\nvports:\n");
	for (unsigned i = 1; i <= count; i++)
		len += (size_t)snprintf(
		    yaml + len, size - len,
		    "  - {id: %u, name: vm%u, queue_pairs: 2, filters: [{mac: \"02:00:00:01:%02x:%02x\"}], "
		    "rss: {enabled: true, indirection_table: [0, 1, 0, 1]}}\n",
		    i, i, i >> 8, i & 0xff);
	return yaml;
}

/* answer_begins sends a request, of whose answer nothing is read, and expects a status; *fd: to be closed. */
static void answer_begins(struct metrics *metrics, const char *request, const char *status, int *fd)
{
	char answer[13] = ""; /* "HTTP/1.1 200" */
	uint64_t started = now_ns();

	*fd = connect_to(metrics);
	assert_int_equal(send(*fd, request, strlen(request), 0), strlen(request));
	while (recv(*fd, answer, sizeof(answer) - 1, MSG_PEEK) <= 0 && !hangs(started))
		turn(metrics);
	assert_string_equal(answer + strlen("HTTP/1.1 "), status);
}

/* A reader who takes his time holds a rendering: there are never more than so many, and each is let go after METRICS_LIFE_S. */
static void slow_readers_are_bounded(struct metrics *metrics)
{
	int fd[METRICS_RENDERINGS_MAX + 1];

	for (unsigned i = 0; i <= METRICS_RENDERINGS_MAX; i++) {
		metrics_expire(metrics, now_ns() + METRICS_LIFE_S / 2 * SECOND_NS); /* what is cached is old */
		answer_begins(metrics, "GET /metrics?entries=1" END, i < METRICS_RENDERINGS_MAX ? "200" : "503",
			      &fd[i]);
	}
	metrics_expire(metrics, now_ns() + METRICS_LIFE_S * SECOND_NS);
	for (unsigned i = 0; i <= METRICS_RENDERINGS_MAX; i++)
		turn(metrics);
	check_answer(metrics, "GET /metrics?entries=1" END, "HTTP/1.1 200 ", "vmmq_vports 4097\n");
	for (unsigned i = 0; i <= METRICS_RENDERINGS_MAX; i++)
		close(fd[i]);
}

/* Half a request, for ever: as many as are let in, until they are METRICS_LIFE_S old. */
static void half_requests_end(struct metrics *metrics)
{
	int fd[METRICS_CONNECTIONS_MAX];

	for (unsigned i = 0; i < METRICS_CONNECTIONS_MAX; i++) {
		fd[i] = connect_to(metrics);
		assert_int_equal(send(fd[i], "GET /m", 6, 0), 6);
		turn(metrics);
	}
	metrics_expire(metrics, now_ns() + METRICS_LIFE_S * SECOND_NS);
	check_answer(metrics, "GET /" END, "HTTP/1.1 200 ", "href");
	for (unsigned i = 0; i < METRICS_CONNECTIONS_MAX; i++)
		close(fd[i]);
}

static void requests_are_bounded(struct metrics *metrics)
{
	char large[METRICS_REQUEST_MAX + 64];
	int fd;

	memset(large, 'x', sizeof(large));
	memcpy(large, "GET /metrics?", strlen("GET /metrics?"));
	large[sizeof(large) - 1] = '\0';
	answer_begins(metrics, large, "414", &fd);
	close(fd);
}

static void four_thousand_vports(void **state)
{
	char *yaml = many_vports(4096), error[256], *text;
	struct live *live = rig_open(yaml, "");
	struct metrics *metrics = metrics_open("127.0.0.1:0", live, error, sizeof(error));
	int idle[IDLE];
	uint64_t best = UINT64_MAX;

	(void)state;
	free(yaml);
	assert_non_null(metrics);
	for (unsigned i = 0; i < 5; i++) {
		uint64_t begin = now_ns(), took;

		text = render(live, METRICS_ENTRIES_ACTIVE);
		took = now_ns() - begin;
		best = took < best ? took : best;
		if (i == 4)
			print_message("4096 VPorts: %.1f ms, %.1f MB\n", (double)best / 1e6,
				      (double)strlen(text) / 1e6);
		free(text);
	}
	for (unsigned i = 0; i < IDLE; i++) {
		idle[i] = connect_to(metrics);
		if (i % 2) /* reads nothing of what it asked for */
			assert_true(send(idle[i], "GET /metrics" END, strlen("GET /metrics" END), 0) > 0);
		turn(metrics);
	}
	check_answer(metrics, "GET /metrics" END, "HTTP/1.1 200 ", "vmmq_vport_info{vport=\"4096\",name=\"vm4096\"");
	for (unsigned i = 0; i < IDLE; i++)
		close(idle[i]);
	metrics_expire(metrics, now_ns() + METRICS_LIFE_S * SECOND_NS);
	for (unsigned i = 0; i < IDLE; i++)
		turn(metrics); /* what they held is let go */
	slow_readers_are_bounded(metrics);
	half_requests_end(metrics);
	requests_are_bounded(metrics);
	metrics_close(metrics);
	live_close(live);
}

/* Whoever asks without a pause, for which kinds in turn: a fifth of the time at most is spent on what they ask for. */
static void a_query_does_not_defeat_the_cache(void **state)
{
	const uint64_t cost = 10000000, step = 1000, end = 100 * cost * METRICS_PACE_COST;
	struct metrics_pace pace = { { 0 } };
	uint64_t now = 1, spent = 0;

	(void)state;
	for (unsigned kind = 0; now < end; kind = (kind + 1) % METRICS_ENTRIES_KINDS, now += step) {
		if (metrics_pace_fresh(&pace, kind, now))
			continue;
		metrics_pace_made(&pace, kind, now, now + cost);
		spent += cost;
		now += cost;
	}
	assert_true(spent <= end / 5 + METRICS_ENTRIES_KINDS * cost);
	assert_true(spent >= end / 6); /* and they are made anew at all */
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(counters_are_exported),
		cmocka_unit_test(sums_only_grow),
		cmocka_unit_test(labels_are_escaped),
		cmocka_unit_test(http_is_served),
		cmocka_unit_test(addresses_are_checked),
		cmocka_unit_test(four_thousand_vports),
		cmocka_unit_test(a_query_does_not_defeat_the_cache),
	};

	return cmocka_run_group_tests(tests, rig_start, rig_end);
}
