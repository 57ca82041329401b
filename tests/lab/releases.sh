# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Lab hosts of another Debian release than the machine's (sourced by lab.sh): their roots, and berth's package for them.
#
# LAB_RELEASES="hostb=trixie ..." says which: a codename, "testing", or "other": the stable release that the machine has not.
# A root is made once, by debootstrap, from the mirror in the machine's own apt sources; the machine's apt and dpkg don't
# change. It lies in $LAB_CACHE/releases, with the list of its packages, and is made anew when another list is wanted.

LAB_RELEASES=${LAB_RELEASES:-}
LAB_TREE=$(cd "$LAB_SRC/../.." && pwd)
RELEASE_PACKAGES="build lab"
# Lock managers, as any release calls them: on the machine they would start daemons.
RELEASE_LOCKS="libvirt-daemon-lock libvirt-daemon-plugin-lockd libvirt-daemon-plugin-sanlock libvirt-sanlock sanlock"
export LAB_RELEASES

# machine_release: a codename; Debian testing has no number yet
machine_release()
{
	# shellcheck source=/dev/null
	(VERSION_ID='' && . /etc/os-release && if [ -n "$VERSION_ID" ]; then echo "$VERSION_CODENAME"; else echo testing; fi)
}

# release_named WORD
release_named()
{
	case $1:$(machine_release) in
	other:trixie) echo bookworm ;;
	other:*) echo trixie ;;
	*) echo "$1" ;;
	esac
}

# release_of HOST: empty: the machine's
release_of()
{
	local pair release

	for pair in $LAB_RELEASES; do
		[ "${pair%%=*}" != "$1" ] || release=$(release_named "${pair#*=}")
	done
	[ "${release:-}" = "$(machine_release)" ] || echo "${release:-}"
}

# other_releases: those of the lab's hosts that are not the machine's
other_releases()
{
	local host

	for host in $LAB_HOSTS; do release_of "$host"; done | sort -u | grep . || :
}

# host_of_each_release: the first one
host_of_each_release()
{
	local host

	for host in $LAB_HOSTS; do echo "$host $(release_of "$host")"; done | awk '!seen[$2]++ { print $1 }'
}

# common_machine KIND: the newest of its versions that the QEMU of each host knows
common_machine()
{
	local host

	for host in $(host_of_each_release); do on "$host" qemu-system-x86_64 -machine help; done |
		awk -v kind="$1" 'match($1, "^pc-" kind "-[0-9.]+$") { print $1 }' | sort -V | uniq -c |
		awk -v hosts="$(host_of_each_release | wc -l)" '$1 == hosts { newest = $2 } END { print newest }'
}

# machine_types: what guests are; where releases meet, a version that all know
machine_types()
{
	export LAB_Q35=q35 LAB_PC=pc

	[ "$(host_of_each_release | wc -l)" -gt 1 ] || return 0
	LAB_Q35=$(common_machine q35) LAB_PC=$(common_machine i440fx)
}

# release_root RELEASE
release_root() { echo "$LAB_CACHE/releases/$1"; }
# release_build RELEASE: where berth is built for it; in its hosts it is the tree's folder `build`
release_build() { echo "$LAB_TREE/build/release-$1"; }

# machine_mirror: where apt has the machine's release from
machine_mirror()
{
	# shellcheck disable=SC2016 # apt's variable
	apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -vE -- '-security/?$' | head -n 1
}

# in_release ROOT CMD...: CMD there, with the tree, in namespaces that end with it. Its /tmp is its own: make names a fifo there after
# its process, whose number two builds in one root may share.
in_release()
{
	# shellcheck disable=SC2016 # the inner shell's
	unshare --mount --pid --fork --kill-child --mount-proc bash -ec '
		root=$1 tree=$2
		shift 2
		mkdir -p "$root$tree"
		mount --bind "$tree" "$root$tree"
		mount -t proc proc "$root/proc"
		mount --bind /dev "$root/dev"
		mount -t tmpfs -o mode=1777 tmp "$root/tmp"
		exec chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C HOME=/root TREE="$tree" "$@"
		' in_release "$1" "$LAB_TREE" "${@:2}" < /dev/null
}

# bootstrap RELEASE ROOT: no daemon starts there, no manual pages, no translations
bootstrap()
{
	debootstrap --variant=minbase --include=ca-certificates "$1" "$2" "$(machine_mirror)" < /dev/null || return
	apt-config dump | grep -E '^Acquire::(https?|Check-Date|Check-Valid-Until|Retries)\b' > "$2/etc/apt/apt.conf.d/machine"
	printf 'path-exclude=/usr/share/%s/*\n' doc locale man > "$2/etc/dpkg/dpkg.cfg.d/small"
	echo force-unsafe-io > "$2/etc/dpkg/dpkg.cfg.d/quick"
	printf '#!/bin/sh\nexit 101\n' > "$2/usr/sbin/policy-rc.d"
	chmod 755 "$2/usr/sbin/policy-rc.d"
	cp -L /etc/resolv.conf /etc/hosts "$2/etc/"
	# shellcheck disable=SC2086,SC2016 # words; the inner shell's variable
	in_release "$2" sh -c 'exec "$TREE/scripts/install-dependencies" "$@"' sh $RELEASE_PACKAGES || return
	# shellcheck disable=SC2086,SC2016
	in_release "$2" sh -c 'DEBIAN_FRONTEND=noninteractive exec apt-get install -qq --no-install-recommends $(
		apt-cache pkgnames | grep -xF "$(printf "%s\n" "$@")")' sh $RELEASE_LOCKS || return
	echo "Downloaded, in MB:" && du -sm "$2/var/cache/apt/archives" "$2/var/lib/apt/lists"
	rm -rf "$2"/var/cache/apt/* "$2"/var/lib/apt/lists/* "$2"/usr/share/{doc,locale,man}/* "$2"/etc/dpkg/dpkg.cfg.d/{small,quick} \
		"$2/usr/sbin/policy-rc.d"
}

# release_wanted: what is in $LAB_CACHE/releases/RELEASE.packages, if that root is up to date
# shellcheck disable=SC2086 # words
release_wanted() { "$LAB_TREE/scripts/install-dependencies" --list $RELEASE_PACKAGES && printf '%s\n' $RELEASE_LOCKS; }
release_is_there() { [ -d "$(release_root "$1")" ] && release_wanted | cmp -s - "$(release_root "$1").packages"; }

# make_release RELEASE: for get_release
make_release()
{
	local root tmp began=$SECONDS

	root=$(release_root "$1")
	command -v debootstrap > /dev/null || { echo "${0##*/}: no debootstrap, which makes the root of Debian '$1'" >&2; return 1; }
	rm -f "$root.packages"
	tmp=$(mktemp -d "$root.XXXXXX")
	chmod 755 "$tmp"
	echo "${0##*/}: makes the root of Debian '$1': some minutes, once" >&2
	if bootstrap "$1" "$tmp" > "$root.log" 2>&1; then
		rm -rf "$root"
		mv -T "$tmp" "$root" && release_wanted > "$root.packages" && echo "Seconds: $((SECONDS - began))" >> "$root.log"
	else
		tail -n 20 "$root.log" >&2
		rm -rf "$tmp"
		echo "${0##*/}: the root of Debian '$1' can't be made; see $root.log" >&2
		return 1
	fi
}

# get_release RELEASE: has its root, which stays as it is until this process has ended: whoever makes it anew waits for that
get_release()
{
	local lock

	mkdir -p "$LAB_CACHE/releases"
	exec {lock}>> "$(release_root "$1").lock"
	flock -s "$lock"
	until release_is_there "$1"; do
		flock "$lock"
		release_is_there "$1" || make_release "$1" || return
		flock -s "$lock"
	done
}

# get_releases: has all roots that the hosts want
get_releases()
{
	local release

	for release in $(other_releases); do get_release "$release" || return; done
}

# build_releases: berth, as a package and with faults, linked with the libraries of the hosts' releases. Not with WERROR:
# another compiler warns of other things.
build_releases()
{
	local release build

	for release in $(other_releases); do
		build=$(release_build "$release")
		echo "${0##*/}: builds berth for Debian '$release'" >&2
		# shellcheck disable=SC2016 # the inner shell's
		in_release "$(release_root "$release")" sh -ec 'cd "$TREE"
			make -s -j2 BUILD="$1" deb
			make -s -j2 BUILD="$1/faults" FAULTS=1 "$1/faults/berth" "$1/faults/berth-event"' sh "${build#"$LAB_TREE/"}" > /dev/null || return
	done
}

# package_of HOST: $BERTH_DEB, as it is for that host's release
package_of()
{
	local release

	release=$(release_of "$1")
	[ -n "$release" ] || { echo "$BERTH_DEB"; return; }
	echo "$(release_build "$release")/${BERTH_DEB##*/}"
}

# faults_of HOST: the folder with the programs that "make FAULTS=1" has built for that host's release
faults_of()
{
	local release

	release=$(release_of "$1")
	if [ -n "$release" ]; then echo "$(release_build "$release")/faults"; else echo "${BERTH_FAULTS:-$LAB_TREE/build/faults}"; fi
}
