/* SPDX-License-Identifier: BSD-2-Clause */
/* Values of the configuration as people read and write them, and differences between VPorts in words. */
#ifndef VMMQ_CONFIG_CONFIG_TEXT_H
#define VMMQ_CONFIG_CONFIG_TEXT_H

#include "config/config_model.h"

#define CONFIG_TEXT_MAX  1280 /* size for a list of 128 processors, and for a device */
#define CONFIG_VPORT_MAX 320  /* size for a VPort's id and name */

const char *config_moderation_text(enum moderation moderation);
void config_mac_text(const uint8_t mac[VMMQ_MAC_LEN], char text[18]);
/* "untagged", "any" or the id. */
void config_vlan_text(vmmq_vlan_rule vlan, char text[12]);
void config_key_text(const uint8_t key[VMMQ_KEY_LEN], char text[2 * VMMQ_KEY_LEN + 1]);
/* "[ipv4, udp_ipv4]" */
void config_hash_types_text(uint32_t types, char *text, size_t size);
void config_tunnels_text(uint32_t types, char *text, size_t size);
/* "[0, 1]"; cut with "..." where it does not fit. */
void config_processors_text(const struct vmmq_processor *processors, size_t count, char *text, size_t size);
/* "VPort 3 (web)" */
void config_vport_text(struct vmmq_vport_id id, const char *name, char *text, size_t size);
/* "02:00:00:00:00:01 vlan 10", "02:00:00:00:00:01 untagged, encapsulated, vni 5001" */
#define CONFIG_FILTER_MAX 80
void config_filter_text(const struct config_filter *filter, char text[CONFIG_FILTER_MAX]);

/*
 * config_vport_differences calls tell for every field that differs, in the order of the file: its path, "rss.key",
 * and what it was and is, "[0, 1] -> [1, 1]".  Ids, filters and what only NDIS requests state are not looked at, but
 * for activation.
 */
typedef void config_tell_fn(void *context, const char *path, const char *text);
void config_balance_differences(const struct config_balance *before, const struct config_balance *after,
				config_tell_fn *tell, void *context);
void config_vport_differences(const struct config_vport *before, const struct config_vport *after,
			      config_tell_fn *tell, void *context);

#endif
