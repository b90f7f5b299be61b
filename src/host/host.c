/* SPDX-License-Identifier: BSD-2-Clause */
/* The host's life: pools, the adapter it stands on, forwarding that follows the NIC switch, and the end. */
#include "host/host.h"

#include <assert.h>
#include <rte_errno.h>
#include <rte_lcore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "host/switch.h"

#define BUFFERS_DEFAULT 16384u
#define MTU_DEFAULT     1500u
#define MTU_MIN         68u
#define MTU_MAX         9600u
#define CACHE_MAX       256u
#define STUCK_NS        100000000u
#define DEAF_NS         200000000u

static_assert(ETHDEV_JUDGED >= VMMQ_HEADERS_MAX, "what is lent of a frame is not looked at");

bool host_fits_tagged(const struct host *host, const struct rte_mbuf *packet)
{
	uint32_t len = offload_len(packet), most = host->mtu + FRAME_HEADER_LEN;
	struct frame frame;

	if (len <= most)
		return true; /* in pieces */
	if (len > most + 2 * FRAME_TAG_LEN || !frame_read(packet, &frame) || !frame.tagged)
		return false;
	return len <= most + FRAME_TAG_LEN || ethertype_is_tag(frame.inner);
}

/* pool_cache_size: what threads keep in their caches is at most a quarter of the pool. */
static unsigned pool_cache_size(uint32_t buffers)
{
	unsigned share = buffers / (6 * rte_lcore_count());

	return share < CACHE_MAX ? share : CACHE_MAX;
}

/*
 * pool_make: what was freed last is taken first, so that few buffers go round, in the caches, where one processor receives and others
 * free; a ring would bring all of them round, and each back from memory.  A thread holds the stack's lock for a hundred pointers'
 * copying, once in as many packets: preempted just there it costs others a time slice.  Without that library: a ring.
 */
static struct rte_mempool *pool_make(const char *name, uint32_t buffers, uint16_t room)
{
	unsigned cache = pool_cache_size(buffers);
	struct rte_mempool *pool =
	    rte_pktmbuf_pool_create_by_ops(name, buffers, cache, 0, room, SOCKET_ID_ANY, "stack");

	return pool ? pool
		    : rte_pktmbuf_pool_create_by_ops(name, buffers, cache, 0, room, SOCKET_ID_ANY, "ring_mt_rts");
}

/* host_pools_make: one buffer holds a frame of the MTU with two tags. */
static bool host_pools_make(struct host *host, const char *of, uint32_t buffers)
{
	const uint16_t frame = ETHDEV_ROOM(host->mtu);
	const uint16_t room = frame > RTE_MBUF_DEFAULT_DATAROOM ? frame : RTE_MBUF_DEFAULT_DATAROOM;
	static atomic_uint made; /* names are the process's, and hosts may have one name */
	const unsigned number = atomic_fetch_add(&made, 1) % 10000;
	char name[RTE_MEMPOOL_NAMESIZE];

	snprintf(name, sizeof(name), "%.16s_rx%u", of, number);
	host->pool = pool_make(name, buffers, (uint16_t)(room + RTE_PKTMBUF_HEADROOM));
	snprintf(name, sizeof(name), "%.16s_tx%u", of, number);
	host->transmit_pool = pool_make(name, buffers, 0);
	return host->pool && host->transmit_pool;
}

static void host_processor_fini(struct host_processor *on)
{
	guest_counters_fini(on);
	waiting_fini(on);
	guest_polls_fini(&on->polls);
}

static void host_free(struct host *host)
{
	for (unsigned i = 0; host->processor && i <= host->processor_count; i++)
		host_processor_fini(&host->processor[i]);
	rte_mempool_free(host->pool);
	rte_mempool_free(host->transmit_pool);
	forwarding_destroy(atomic_load_explicit(&host->forwarding, memory_order_relaxed));
	free(host->processor);
	free(host->index_of);
	free(host->marked);
	free(host->guest_of);
	sampling_fini(&host->sampling);
	free(host);
}

static vmmq_status host_params_check(const struct host_params *params, struct vmmq_why *why)
{
	if (!params->name || !*params->name)
		return vmmq_why_set(why, VMMQ_INVALID_PARAMETER, "name", "a name is needed");
	if (params->mtu && (params->mtu < MTU_MIN || params->mtu > MTU_MAX))
		return vmmq_why_set(why, VMMQ_INVALID_PARAMETER, "mtu", "%u; %u to %u is needed", params->mtu,
				    MTU_MIN, MTU_MAX);
	return VMMQ_SUCCESS;
}

vmmq_status host_create(const struct host_params *params, struct host **out, struct vmmq_why *why)
{
	uint32_t buffers = params->buffers ? params->buffers : BUFFERS_DEFAULT;
	vmmq_status status = host_params_check(params, why);
	struct host *host;

	*out = NULL;
	if (status != VMMQ_SUCCESS)
		return status;
	host = calloc(1, sizeof(*host));
	if (!host)
		return vmmq_why_set(why, VMMQ_RESOURCES, "", "out of memory");
	host->mtu = params->mtu ? params->mtu : MTU_DEFAULT;
	host->stuck_ns = STUCK_NS;
	host->deaf_ns = DEAF_NS;
	host->waiting_max = buffers / 2;
	host->uplink.host = host;
	port_state(&host->uplink.port, "none", "");
	host->uplink.port.told_state = host->uplink.port.state;
	host->guest_of = calloc(VMMQ_VPORTS_MAX, sizeof(*host->guest_of));
	if (!host->guest_of || !host_pools_make(host, params->name, buffers)) {
		status = vmmq_why_set(why, VMMQ_RESOURCES, "buffers", "no memory for %u buffers (%s)", buffers,
				      rte_strerror(rte_errno));
		host_free(host);
		return status;
	}
	*out = host;
	return VMMQ_SUCCESS;
}

void host_fill_adapter_params(struct host *host, struct vmmq_adapter_params *params)
{
	params->indicate = deliver_indication;
	params->transmit = uplink_transmit;
	params->complete = guest_complete;
	params->keep = guest_packet_keep;
	params->hand = guest_packet_hand;
	params->context = host;
	params->pool = host->pool;
	params->transmit_pool = host->transmit_pool;
}

static bool host_processor_init(struct host *host, uint16_t index, struct vmmq_processor number)
{
	struct host_processor *on = &host->processor[index];

	on->host = host;
	on->number = number;
	on->index = index;
	return guest_counters_init(on) && waiting_init(on) && guest_polls_init(&on->polls);
}

static bool host_processors_make(struct host *host)
{
	const struct vmmq_processor_set *set = vmmq_nic_switch_processors(vmmq_adapter_switch(host->adapter));
	size_t size = (set->count + 1) * sizeof(struct host_processor);

	host->processor = aligned_alloc(CACHE_LINE, size);
	host->index_of = calloc(UINT16_MAX + 1u, sizeof(*host->index_of));
	host->marked = calloc(set->count, sizeof(*host->marked));
	if (!host->processor || !host->index_of || !host->marked)
		return false;
	memset((void *)host->processor, 0, size);
	host->processor_count = (uint16_t)set->count;
	for (uint16_t i = 0; i < set->count; i++) {
		host->index_of[set->processor[i].v] = i;
		if (!host_processor_init(host, i, set->processor[i]))
			return false;
	}
	return host_processor_init(host, host->processor_count, (struct vmmq_processor){ 0 });
}

/* host_source_room: a power of two; the adapter's own where processors are so many. */
static uint32_t host_source_room(const struct host *host)
{
	uint32_t room = SOURCE_ROOM;

	while (room * host->processor_count > SOURCE_ROOM_ALL && room > SOURCE_ROOM_MIN)
		room /= 2;
	return room;
}

static vmmq_status host_sources_make(struct host *host)
{
	vmmq_status status = VMMQ_SUCCESS;

	for (uint16_t i = 0; i < host->processor_count && status == VMMQ_SUCCESS; i++)
		status = vmmq_source_create_sized(host->adapter, VMMQ_SOURCE_DROP, host_source_room(host),
						  &host->processor[i].source, NULL);
	return status;
}

/* host_sources_end: no sender uses them any more. */
static void host_sources_end(struct host *host)
{
	for (uint16_t i = 0; i < host->processor_count; i++)
		if (host->processor[i].source)
			vmmq_source_destroy(host->processor[i].source);
}

/*
 * host_polls_add: nothing comes to a flood queue while its processor sleeps, so it need not be looked at then; what waits for
 * backends has its timer.
 */
static vmmq_status host_polls_add(struct host *host)
{
	vmmq_status status = VMMQ_SUCCESS;

	for (uint16_t i = 0; i < host->processor_count && status == VMMQ_SUCCESS; i++) {
		const struct vmmq_poll waiting = {
			.poll = waiting_poll,
			.context = &host->processor[i].waiting,
			.arm = waiting_arm,
			.fd = host->processor[i].waiting.timer,
		};
		const struct vmmq_poll flood = {
			.poll = flood_poll,
			.context = &host->processor[i],
			.arm = flood_arm,
			.fd = -1,
			.nap_ns = NO_NAP_NEEDED_NS,
		};
		const struct vmmq_poll guests = {
			.poll = guest_polls_poll,
			.context = &host->processor[i].polls,
			.arm = guest_polls_arm,
			.end = guest_polls_end,
			.fd = host->processor[i].polls.epoll,
		};

		status = vmmq_processor_add_poll(host->adapter, host->processor[i].number, &guests);
		if (status == VMMQ_SUCCESS)
			status = vmmq_processor_add_poll(host->adapter, host->processor[i].number, &waiting);
		if (status == VMMQ_SUCCESS)
			status = vmmq_processor_add_poll(host->adapter, host->processor[i].number, &flood);
	}
	return status;
}

vmmq_status host_bind(struct host *host, struct vmmq_adapter *adapter, struct vmmq_why *why)
{
	host->adapter = adapter;
	if (!host_processors_make(host) || !forwarding_renew(host) || host_sources_make(host) != VMMQ_SUCCESS ||
	    host_polls_add(host) != VMMQ_SUCCESS)
		return vmmq_why_set(why, VMMQ_RESOURCES, "", "out of memory");
	return VMMQ_SUCCESS;
}

/* host_drain takes the processors' turns, which have ended, until nothing of the host's is left in the adapter. */
static void host_drain(struct host *host)
{
	unsigned moved;

	do {
		moved = 0;
		for (uint16_t i = 0; i < host->processor_count; i++)
			moved += vmmq_processor_poll(host->adapter, host->processor[i].number);
	} while (moved || !vmmq_adapter_idle(host->adapter));
}

void host_destroy(struct host *host)
{
	if (!host)
		return;
	if (host->processor) {
		ports_unassign(host);
		while (host->guests)
			host_forget_vport(host, host->guests->vport);
		host_set_uplink(host, NULL, 0);
		host_drain(host);
		spares_destroy(host);
		host_sources_end(host);
	}
	host_free(host);
}
