/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Values of configuration keys: each function checks one value and stores it. */
#ifndef BERTH_CONFIG_VALUE_H
#define BERTH_CONFIG_VALUE_H

#include "config/config.h"

/*
 * Each returns 0, or -EINVAL with the value and what is expected. @first: the key is met for the
 * first time in this file, so that it replaces what an earlier file said; a list goes on otherwise.
 */
int value_text(char **field, const char *value, bool first, struct err *err);
int value_yes_no(bool *field, const char *value, struct err *err);
int value_mib(uint64_t *field, const char *value, struct err *err);
int value_departed(enum departed_images *field, const char *value, struct err *err);
int value_paths(struct names *field, const char *value, bool first, struct err *err);
int value_addresses(struct names *field, const char *value, bool first, struct err *err);

/* value_network.c */
int value_interface(char **field, const char *value, bool first, struct err *err);
int value_interface_patterns(struct names *field, const char *value, bool first, struct err *err);
int value_vlans(struct config *config, const char *value, bool first, struct err *err);
int value_network_mode(enum network_mode *field, const char *value, struct err *err);
int value_stateless(bool *field, const char *value, struct err *err);

/* value_volumes.c */
int value_iscsi(struct config *config, const char *value, bool first, struct err *err);
int value_interfaces(struct names *field, const char *value, bool first, struct err *err);
int value_release(enum volume_release *field, const char *value, struct err *err);
int value_timeout(unsigned *field, const char *value, struct err *err);

/* Mappings: a key that is there already gets the new value. */
int value_path_mapping(struct mappings *field, const char *from, const char *to, struct err *err);
int value_bridge_mapping(struct mappings *field, const char *from, const char *to, struct err *err);
int value_network_mapping(struct mappings *field, const char *from, const char *to,
			  struct err *err);

/* value_is_interface() - whether the kernel would take it as an interface's name. */
bool value_is_interface(const char *name);

/* value_lower_case() - a copy with ASCII's letters in lower case, whatever the locale; the caller
 * frees it. */
char *value_lower_case(const char *text);

/* value_each_word() - split a list at blanks; @add gets each word with @into, until it fails. */
int value_each_word(const char *value, int (*add)(void *into, const char *word, struct err *err),
		    void *into, struct err *err);

void names_add(struct names *names, const char *name);
void names_clear(struct names *names);
void mappings_clear(struct mappings *mappings);

#endif
