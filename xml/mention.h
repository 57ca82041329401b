/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether an XML text may speak of something, for programs that don't parse; libc only. */
#ifndef BERTH_XML_MENTION_H
#define BERTH_XML_MENTION_H

#include <stdbool.h>
#include <stddef.h>

/**
 * xml_may_mention() - whether @what may stand in a name or value of the XML
 * @text: need not be XML at all
 * @what: printable ASCII that XML needn't write in another way
 *
 * Return: true as well where the text is written so that this can't be told by looking at its
 * bytes: with references to printable ASCII characters, in another encoding than UTF-8, or with a
 * document type. libvirt writes nothing of this kind. false: it doesn't stand there.
 */
bool xml_may_mention(const char *text, size_t length, const char *what);

#endif
