/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bytes of a frame. */
#include "tests/frames/frame.h"

#include <string.h>

void frame_put(struct frame *frame, const void *bytes, size_t length)
{
	if (frame->length + length > sizeof(frame->bytes))
		die("a frame of more than %d bytes", FRAME_MAX_BYTES);
	if (length > 0)
		memcpy(frame->bytes + frame->length, bytes, length);
	frame->length += length;
}

void frame_put8(struct frame *frame, uint32_t value)
{
	frame_put(frame, &(uint8_t){(uint8_t)value}, 1);
}

void frame_put16(struct frame *frame, uint32_t value)
{
	frame_put(frame, (uint8_t[]){(uint8_t)(value >> 8), (uint8_t)value}, 2);
}

void frame_put32(struct frame *frame, uint32_t value)
{
	frame_put16(frame, value >> 16);
	frame_put16(frame, value & 0xffff);
}

void frame_fill(struct frame *frame, uint8_t value, size_t length)
{
	for (size_t i = 0; i < length; i++)
		frame_put8(frame, value);
}

void frame_set16(struct frame *frame, size_t at, uint32_t value)
{
	frame->bytes[at] = (uint8_t)(value >> 8);
	frame->bytes[at + 1] = (uint8_t)value;
}

void frame_insert_tag(struct frame *frame, uint16_t vlan)
{
	struct frame whole = {0};

	frame_put(&whole, frame->bytes, 12);
	frame_put16(&whole, 0x8100);
	frame_put16(&whole, vlan);
	frame_put(&whole, frame->bytes + 12, frame->length - 12);
	*frame = whole;
}
