/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Loading another lock manager, from the folder that ours was loaded from. */
#include "plugin/chain.h"

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "plugin/conf.h"
#include "plugin/report.h"

#define OWN_CONFIG_END "-berth.conf"

/* Our own object's: libvirt may have been told another folder (LIBVIRT_LOCK_MANAGER_PLUGIN_DIR). */
static int library_path(const char *name, char *path, size_t size, struct err *err)
{
	Dl_info ours;

	if (!dladdr((const void *)library_path, &ours) || !ours.dli_fname ||
	    !strrchr(ours.dli_fname, '/'))
		return err_set(err, ENOENT, "the folder that berth.so lies in is not known");
	int folder = (int)(strrchr(ours.dli_fname, '/') - ours.dli_fname);
	if (snprintf(path, size, "%.*s/%s.so", folder, ours.dli_fname, name) >= (int)size)
		return err_set(err, ENAMETOOLONG, "'%s': too long", ours.dli_fname);
	return 0;
}

/* libvirt's name for it: DRIVER-LOCKMANAGER.conf (src/locking/lock_manager.c). */
static int config_path(const char *name, const char *own, char *path, size_t size, struct err *err)
{
	size_t length = strlen(own), end = strlen(OWN_CONFIG_END);

	if (length < end || strcmp(own + length - end, OWN_CONFIG_END) != 0 ||
	    snprintf(path, size, "%.*s-%s.conf", (int)(length - end), own, name) >= (int)size)
		return err_set(err, EINVAL, "'%s' is no name for the configuration of berth", own);
	return 0;
}

static bool is_complete(const struct lock_driver *driver)
{
	return LOCK_MANAGER_MAJOR(driver->version) == LOCK_MANAGER_MAJOR(LOCK_MANAGER_VERSION) &&
	       driver->init && driver->deinit && driver->new_manager && driver->free_manager &&
	       driver->add_resource && driver->acquire && driver->release && driver->inquire;
}

/* libvirt's sanlock starts without its daemon as well, and then refuses guests one by one. */
static int initialise(const struct chain *chain, unsigned int version, const char *config,
		      unsigned int flags, struct err *err)
{
	report_forget();
	int rc = chain->driver->init(version, config, flags);
	const char *said = report_last();

	if (rc < 0)
		return err_set(err, EIO, "lock manager '%s' does not start%s%s; see '%s'",
			       chain->name, said ? ": " : "", said ? said : "", config);
	if (said)
		report_problem("berth: gate: lock manager '%s' has started, but said: %s; it may "
			       "refuse guests: put that right and restart libvirt's daemon",
			       chain->name, said);
	return 0;
}

int chain_load(const char *name, const char *config_file, unsigned int version, unsigned int flags,
	       struct chain *ret, struct err *err)
{
	char path[PATH_MAX], config[PATH_MAX];
	struct chain chain = {.library = NULL};

	int rc = library_path(name, path, sizeof(path), err);
	if (rc == 0)
		rc = config_path(name, config_file, config, sizeof(config), err);
	if (rc < 0)
		return rc;
	chain.library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!chain.library)
		return err_set(err, ENOENT,
			       "load lock manager '%s': %s; install libvirt's plugin for it%s, or "
			       "take chain out of '%s'",
			       name, dlerror(), lock_manager_package(name), config_file);
	chain.driver = dlsym(chain.library, "virLockDriverImpl");
	if (!chain.driver || !is_complete(chain.driver)) {
		dlclose(chain.library);
		return err_set(err, ENOEXEC, "'%s' is no lock manager for this libvirt", path);
	}
	snprintf(chain.name, sizeof(chain.name), "%s", name);
	rc = initialise(&chain, version, config, flags, err);
	if (rc < 0) {
		dlclose(chain.library);
		return rc;
	}
	*ret = chain;
	return 0;
}

bool chain_unload(struct chain *chain)
{
	if (!chain->library)
		return true;
	if (chain->driver->deinit() < 0)
		return false;
	dlclose(chain->library);
	*chain = (struct chain){.library = NULL};
	return true;
}
