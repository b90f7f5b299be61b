/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A device model with an adapter inside: frames come from memory, indications and send completions come out on the
 * processors that the VPorts' tables name, and a table changes while packets are on their way.  One thread steps all four
 * processors here; a real one gives them threads with vmmq_processors_run().
 *   cc device-model.c $(pkg-config --cflags --libs libvmmq libdpdk)
 */
#include <rte_eal.h>
#include <rte_mbuf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <vmmq/adapter.h>

#define FLOWS 8u

/* TCP 66.9.149.187:2794 > 161.142.100.80:1766 to VM 1: flow 0.  The others have the next source ports. */
/* clang-format off */
static const uint8_t frame[64] = {
	0x02, 0, 0, 0, 0, 1, 0x02, 0, 0, 0, 0, 0xfe, 0x08, 0x00,
	0x45, 0, 0, 40, 0, 0, 0x40, 0, 64, 6, 0, 0, 66, 9, 149, 187, 161, 142, 100, 80,
	0x0a, 0xea, 0x06, 0xe6, 0, 0, 0, 1, 0, 0, 0, 0, 0x50, 0x02, 0xff, 0xff,
};
/* clang-format on */
static const struct vmmq_processor processors[4] = { { 0 }, { 1 }, { 2 }, { 3 } };

static struct rte_mempool *frames;
static struct vmmq_adapter *adapter;
static unsigned indicated[4], to_vm2, on_the_wire, completed;
static uint32_t last_hash;

static void must(vmmq_status status, const char *what)
{
	if (status == VMMQ_SUCCESS)
		return;
	fprintf(stderr, "%s: %s\n", what, vmmq_status_name(status));
	exit(1);
}

/* A VM gets packets of its VPort, with what was found out about them beside them. */
static void indicate(void *context, const struct vmmq_indication *indication)
{
	(void)context;
	for (unsigned i = 0; i < indication->count; i++) {
		struct vmmq_oob oob;

		vmmq_oob_get(indication->packet[i], &oob);
		printf("  VPort %u, processor %u: hash 0x%08x, entry %u\n", (unsigned)oob.vport.v,
		       (unsigned)indication->processor.v, oob.hash, (unsigned)oob.entry);
		last_hash = oob.hash;
		indicated[indication->processor.v]++;
		to_vm2 += oob.vport.v == 2;
	}
	vmmq_return_packets(adapter, indication->packet, indication->count); /* now, or any time later */
}

/* The wire: takes packets, and frees each when it has done with it, as rte_eth_tx_burst() does. */
static unsigned transmit(void *context, struct rte_mbuf *packet[], unsigned count)
{
	(void)context;
	on_the_wire += count;
	rte_pktmbuf_free_bulk(packet, count);
	return count;
}

/* What was sent is the sender's again. */
static void complete(void *context, const struct vmmq_completion *completion)
{
	(void)context;
	for (unsigned i = 0; i < completion->count; i++) {
		printf("  send of VPort %u complete on processor %u: %s\n", (unsigned)completion->send[i].vport.v,
		       (unsigned)completion->processor.v, vmmq_status_name(completion->send[i].status));
		rte_pktmbuf_free(completion->send[i].packet);
		completed++;
	}
}

/* vm_create gives a VM a VPort, a MAC, and a table of four entries. */
static void vm_create(struct vmmq_vport_id vport, const char *name, struct vmmq_rss_params *rss)
{
	const uint8_t mac[VMMQ_MAC_LEN] = { 0x02, 0, 0, 0, 0, (uint8_t)vport.v };
	struct vmmq_nic_switch *nic = vmmq_adapter_switch(adapter);
	uint32_t filter;

	vmmq_rss_params_init(rss, processors[0]);
	rss->enabled = true;
	rss->entry_count = 4;
	memcpy(rss->table, processors, sizeof(processors));
	must(vmmq_vport_create(nic, vport, name, 4, processors[0], NULL), "VPort");
	must(vmmq_filter_set(nic, vport, mac, VMMQ_VLAN_UNTAGGED_OR_ZERO, &filter, NULL), "filter");
	must(vmmq_rss_set(nic, vport, rss, NULL), "RSS parameters");
	must(vmmq_vport_activate(nic, vport, NULL), "activation");
}

static struct rte_mbuf *packet_make(uint8_t to, unsigned flow)
{
	struct rte_mbuf *packet = rte_pktmbuf_alloc(frames);
	uint8_t *bytes = packet ? (uint8_t *)rte_pktmbuf_append(packet, sizeof(frame)) : NULL;

	must(bytes ? VMMQ_SUCCESS : VMMQ_RESOURCES, "packet");
	memcpy(bytes, frame, sizeof(frame));
	bytes[5] = to;
	bytes[35] = (uint8_t)(bytes[35] + flow);
	vmmq_oob_set_hash(packet, 0, 0); /* it comes without a hash, unless it is given one */
	return packet;
}

static void receive_flows(struct vmmq_source *wire)
{
	struct rte_mbuf *packet[FLOWS];

	for (unsigned flow = 0; flow < FLOWS; flow++)
		packet[flow] = packet_make(1, flow);
	vmmq_receive(wire, packet, FLOWS); /* all of them are the adapter's now */
}

static void step(void)
{
	while (!vmmq_adapter_idle(adapter))
		for (unsigned i = 0; i < 4; i++)
			vmmq_processor_poll(adapter, processors[i]);
}

/*
 * DPDK makes a runtime directory, in /tmp by default, where another user's may be in the way.  Nothing comes into it here,
 * so it gets one of its own while it starts.
 */
static int eal_init(int argc, char *argv[])
{
	static const char *const made[] = { "/dpdk/rte", "/dpdk", "" };
	char own[] = "/tmp/device-model-XXXXXX", path[64];
	int status;

	must(mkdtemp(own) ? VMMQ_SUCCESS : VMMQ_FAILURE, "directory");
	setenv("RUNTIME_DIRECTORY", own, 1);
	status = rte_eal_init(argc, argv);
	for (unsigned i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "%s%s", own, made[i]);
		rmdir(path);
	}
	return status;
}

static void dpdk_start(void)
{
	static char word[][20] = { "device-model", "--no-huge",      "--no-pci",         "--no-shconf",
				   "-m64",         "--no-telemetry", "--log-level=error" };
	char *argv[] = { word[0], word[1], word[2], word[3], word[4], word[5], word[6], NULL };

	must(eal_init(7, argv) < 0 ? VMMQ_FAILURE : VMMQ_SUCCESS, "DPDK's EAL");
	frames = rte_pktmbuf_pool_create("frames", 255, 0, 0, 2176, SOCKET_ID_ANY);
	must(frames ? VMMQ_SUCCESS : VMMQ_RESOURCES, "pool");
}

int main(void)
{
	const struct vmmq_vport_id vm1 = { 1 }, vm2 = { 2 };
	struct vmmq_adapter_params params = {
		.nic_switch = { .processors = processors, .processor_count = 4 },
		.indicate = indicate,
		.transmit = transmit,
		.complete = complete,
	};
	struct vmmq_rss_params rss1, rss2;
	struct vmmq_sender *sender;
	struct vmmq_source *wire;
	struct rte_mbuf *packet;

	dpdk_start();
	params.pool = frames;
	params.transmit_pool = frames;
	must(vmmq_adapter_create(&params, &adapter, NULL), "adapter");
	vm_create(vm1, "vm1", &rss1);
	vm_create(vm2, "vm2", &rss2);
	must(vmmq_adapter_apply(adapter, false, UINT64_MAX, NULL), "VMs");
	must(vmmq_source_create(adapter, VMMQ_SOURCE_DROP, &wire, NULL), "source");
	must(vmmq_sender_create(adapter, 0, &sender, NULL), "sender");

	printf("received from the wire\n");
	receive_flows(wire);
	step();

	printf("flows are on their way while the table changes: the next ones go to processor 3, behind those\n");
	receive_flows(wire);
	for (unsigned i = 0; i < 4; i++)
		rss1.table[i] = processors[3];
	must(vmmq_rss_set(vmmq_adapter_switch(adapter), vm1, &rss1, NULL), "table");
	must(vmmq_adapter_apply(adapter, false, UINT64_MAX, NULL), "table");
	receive_flows(wire);
	step();

	printf("VM 1 answers, with the hash of what it received; then it sends to VM 2, without a hash\n");
	packet = packet_make(0xfe, 0);
	vmmq_oob_set_hash(packet, last_hash, VMMQ_HASH_TCP_IPV4 | VMMQ_HASH_FUNCTION_TOEPLITZ);
	vmmq_send(sender, vm1, &packet, 1);
	packet = packet_make(2, 0);
	vmmq_send(sender, vm1, &packet, 1);
	step();

	vmmq_sender_destroy(sender);
	vmmq_source_destroy(wire);
	vmmq_adapter_destroy(adapter);
	printf("indicated %u %u %u %u, to VM 2 %u; on the wire %u; sends complete %u\n", indicated[0], indicated[1],
	       indicated[2], indicated[3], to_vm2, on_the_wire, completed);
	rte_eal_cleanup();
	return indicated[0] + indicated[1] + indicated[2] + indicated[3] == 3 * FLOWS + 1 && indicated[3] >= FLOWS &&
		       to_vm2 == 1 && on_the_wire == 1 && completed == 2
		   ? 0
		   : 1;
}
