/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The stored definition: the same changes as in the XML that the guest came with. */
#include "hooks/settle/stored_definition.h"

#include <errno.h>
#include <string.h>

#include "base/strbuf.h"
#include "hooks/plan/plan.h"
#include "xml/domain.h"
#include "xml/rewrite.h"

static int redefine(struct libvirt *libvirt, const char *xml, const struct xml_edit *edits,
		    size_t count, struct err *err)
{
	cleanup_strbuf struct strbuf fixed = {0};

	int rc = xml_rewrite(xml, strlen(xml), edits, count, &fixed, err);
	return rc < 0 ? rc : guest_define(libvirt, fixed.text, err);
}

int stored_definition_fix(const struct config *config, struct libvirt *libvirt,
			  const struct journal *journal, struct err *err)
{
	cleanup_free char *xml = NULL;
	cleanup_domain struct domain *domain = NULL;

	int rc = guest_xml(libvirt, journal->uuid, true, &xml, err);
	if (rc == -ENOENT)
		return 0;
	if (rc == 0)
		rc = domain_parse_without_manifest(xml, strlen(xml), &domain, err);
	if (rc < 0)
		return err_wrap(err, "stored definition");
	struct xml_edit *edits = xcalloc(domain->place_count, sizeof(*edits));
	size_t count = stored_definition_edits(config, journal, domain, edits);
	if (count > 0)
		rc = redefine(libvirt, xml, edits, count, err);
	for (size_t i = 0; i < count; i++)
		free((char *)edits[i].value);
	free(edits);
	return rc < 0 ? err_wrap(err, "stored definition") : 0;
}
