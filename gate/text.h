/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside the gate: the words of its facts. Others include gate/facts.h. */
#ifndef BERTH_GATE_TEXT_H
#define BERTH_GATE_TEXT_H

#include "gate/facts.h"

#define GATE_FORMAT_WORD "berth-facts"
#define GATE_FORMAT_VERSION "1"

extern const char *const gate_kind_names[GATE_DISK_KINDS];
extern const char *const gate_memory_names[3];
extern const char *const gate_data_names[3];

#endif
