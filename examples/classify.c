/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The core by itself, as a driver or a device model would use it: make a NIC switch, give a VM a VPort, a filter and RSS
 * parameters, and ask where a packet goes.  Links libvmmq-core and nothing else:
 *   cc classify.c $(pkg-config --cflags --libs libvmmq-core)
 */
#include <stdio.h>
#include <string.h>
#include <vmmq/classify.h>
#include <vmmq/nic_switch.h>

/* TCP 66.9.149.187:2794 > 161.142.100.80:1766 to 02:00:00:00:00:01, the first of the published hash vectors. */
static const uint8_t packet[54] = {
	0x02, 0x00, 0x00, 0x00, 0x00, 0x01, 0x02, 0x00, 0x00, 0x00, 0x00, 0xfe, 0x08, 0x00, /* Ethernet, IPv4 */
	0x45, 0x00, 0x00, 0x28, 0x00, 0x00, 0x40, 0x00, 0x40, 0x06, 0x00, 0x00,             /* no fragment, TCP */
	66,   9,    149,  187,  161,  142,  100,  80,                                       /* addresses */
	0x0a, 0xea, 0x06, 0xe6,                                                             /* ports 2794, 1766 */
	0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0x50, 0x02, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00,
};

/* vm_create gives the VM four processors, one of four entries each. */
static vmmq_status vm_create(struct vmmq_nic_switch *nic, struct vmmq_vport_id vport, struct vmmq_why *why)
{
	static const uint8_t mac[VMMQ_MAC_LEN] = { 0x02, 0x00, 0x00, 0x00, 0x00, 0x01 };
	struct vmmq_processor primary = { 0 };
	struct vmmq_rss_params rss;
	vmmq_status status;
	uint32_t filter;

	vmmq_rss_params_init(&rss, primary);
	rss.enabled = true;
	rss.entry_count = 4;
	for (uint16_t i = 0; i < 4; i++)
		rss.table[i] = (struct vmmq_processor){ i };

	status = vmmq_vport_create(nic, vport, "web", 4, primary, why);
	if (status == VMMQ_SUCCESS)
		status = vmmq_filter_set(nic, vport, mac, VMMQ_VLAN_UNTAGGED_OR_ZERO, &filter, why);
	if (status == VMMQ_SUCCESS)
		status = vmmq_rss_set(nic, vport, &rss, why);
	if (status == VMMQ_SUCCESS)
		status = vmmq_vport_activate(nic, vport, why);
	return status;
}

int main(void)
{
	static const struct vmmq_processor processors[] = { { 0 }, { 1 }, { 2 }, { 3 } };
	const struct vmmq_nic_switch_params params = { .processors = processors, .processor_count = 4 };
	const struct vmmq_vport_id vport = { 1 };
	struct vmmq_nic_switch *nic = NULL;
	struct vmmq_verdict verdict;
	struct vmmq_why why = { 0 };
	vmmq_status status;

	status = vmmq_nic_switch_create(&params, &nic, &why);
	if (status == VMMQ_SUCCESS)
		status = vm_create(nic, vport, &why);
	if (status != VMMQ_SUCCESS) {
		fprintf(stderr, "%s: %s (%s)\n", why.path, why.text, vmmq_status_name(status));
		vmmq_nic_switch_destroy(nic);
		return 1;
	}
	vmmq_classify(vmmq_nic_switch_view(nic), packet, sizeof(packet), &verdict, NULL);
	printf("VPort %u, %s hash 0x%08x, entry %u, processor %u, via %s\n", (unsigned)verdict.vport.v,
	       vmmq_hash_type_name(verdict.hash_type), verdict.hash, (unsigned)verdict.entry,
	       (unsigned)verdict.processor.v, vmmq_via_name((enum vmmq_via)verdict.via));
	vmmq_nic_switch_destroy(nic);
	return verdict.hash == 0x51ccc178 && verdict.processor.v == 0 ? 0 : 1;
}
