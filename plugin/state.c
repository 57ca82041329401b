/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The state as text: written whole, read strictly. */
#include "plugin/state.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define PREFIX "berth"
#define BEGIN PREFIX "1 "

static bool parse_token(const char *value, size_t length, struct state *state)
{
	if (state->token[0] || length != HEX_KEY_SIZE - 1 || !is_hex_key(value))
		return false;
	memcpy(state->token, value, HEX_KEY_SIZE - 1);
	return true;
}

/* A decimal number up to @limit, without sign and leading zeros. */
static bool parse_number(const char **at, const char *end, unsigned long long limit,
			 unsigned long long *ret)
{
	const char *begin = *at;
	unsigned long long number = 0;

	for (; *at < end && **at >= '0' && **at <= '9'; ++*at) {
		unsigned digit = (unsigned)(**at - '0');
		if (number > (limit - digit) / 10)
			return false;
		number = number * 10 + digit;
	}
	*ret = number;
	return *at > begin && (*begin != '0' || *at == begin + 1);
}

static bool parse_left(const char *value, size_t length, struct state *state)
{
	const char *end = value + length, *at = value + HEX_KEY_SIZE;
	unsigned long long pid, start;

	if (state->left.mac[0] || length < HEX_KEY_SIZE || !is_hex_key(value) || at[-1] != '.' ||
	    !parse_number(&at, end, 0x7fffffff, &pid) || at == end || *at++ != '.' ||
	    !parse_number(&at, end, ~0ull, &start) || at != end || pid == 0)
		return false;
	memcpy(state->left.mac, value, HEX_KEY_SIZE - 1);
	state->left.pid = (pid_t)pid;
	state->left.start = start;
	return true;
}

static bool parse_facts(const char *value, size_t length, struct state *state)
{
	if (state->has_facts || !buffer_add_decoded(&state->facts, value, length) ||
	    state->facts.length > FACTS_MAX_BYTES)
		return false;
	state->has_facts = true;
	return true;
}

static bool parse_chain(const char *value, size_t length, struct state *state)
{
	const char *colon = memchr(value, ':', length);
	size_t name = colon ? (size_t)(colon - value) : 0;

	if (state->chain_name[0] || name == 0 || name >= CHAIN_NAME_SIZE ||
	    strspn(value, "abcdefghijklmnopqrstuvwxyz0123456789-") != name ||
	    !buffer_add_decoded(&state->chain, colon + 1, length - name - 1) ||
	    state->chain.length > CHAIN_STATE_MAX_BYTES)
		return false;
	memcpy(state->chain_name, value, name);
	return !state->chain.length || !memchr(state->chain.bytes, '\0', state->chain.length);
}

static const struct {
	const char *key;
	bool (*parse)(const char *value, size_t length, struct state *state);
} fields[] = {
	{"token=", parse_token},
	{"left=", parse_left},
	{"facts=", parse_facts},
	{"chain=", parse_chain},
};

static bool parse_field(const char *text, size_t length, struct state *state)
{
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		size_t key = strlen(fields[i].key);
		if (length >= key && memcmp(text, fields[i].key, key) == 0)
			return fields[i].parse(text + key, length - key, state);
	}
	return false;
}

static bool parse_fields(const char *text, struct state *state)
{
	for (;;) {
		size_t length = strcspn(text, " ");
		if (text[length] == '\0')
			return strcmp(text, "end") == 0 && state->token[0];
		if (!parse_field(text, length, state))
			return false;
		text += length + 1;
	}
}

static enum state_kind kind_of(const char *text)
{
	if (!text || !*text)
		return STATE_NONE;
	if (strncmp(text, PREFIX, strlen(PREFIX)) != 0)
		return STATE_FOREIGN;
	if (strnlen(text, STATE_MAX_BYTES + 1) > STATE_MAX_BYTES)
		return STATE_BROKEN;
	if (strncmp(text, BEGIN, strlen(BEGIN)) == 0)
		return STATE_OURS;
	size_t digits = strspn(text + strlen(PREFIX), "0123456789");
	return digits && text[strlen(PREFIX) + digits] == ' ' ? STATE_NEWER : STATE_BROKEN;
}

int state_parse(const char *text, struct state *ret)
{
	cleanup_state struct state state = {0};
	enum state_kind kind = kind_of(text);

	*ret = (struct state){0};
	if (kind != STATE_OURS)
		return (int)kind;
	bool understood = parse_fields(text + strlen(BEGIN), &state);
	if (state.facts.failed || state.chain.failed)
		return -ENOMEM;
	if (!understood)
		return STATE_BROKEN;
	*ret = state;
	state = (struct state){0};
	return STATE_OURS;
}

char *state_format(const struct state *state)
{
	cleanup_buffer struct buffer text = {0};
	char left[HEX_KEY_SIZE + 40];

	buffer_puts(&text, BEGIN "token=");
	buffer_puts(&text, state->token);
	if (state->left.mac[0]) {
		snprintf(left, sizeof(left), " left=%s.%d.%llu", state->left.mac,
			 (int)state->left.pid, state->left.start);
		buffer_puts(&text, left);
	}
	if (state->has_facts) {
		buffer_puts(&text, " facts=");
		buffer_add_base64(&text, state->facts.bytes, state->facts.length);
	}
	if (state->chain_name[0]) {
		buffer_puts(&text, " chain=");
		buffer_puts(&text, state->chain_name);
		buffer_puts(&text, ":");
		buffer_add_base64(&text, state->chain.bytes, state->chain.length);
	}
	buffer_puts(&text, " end");
	return text.failed ? NULL : steal_pointer(text.bytes);
}

void state_clear(struct state *state)
{
	buffer_free(&state->facts);
	buffer_free(&state->chain);
	*state = (struct state){0};
}
