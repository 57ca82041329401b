# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# User-mode Linux, unpacked below a folder and never installed on the machine (sourced, after debian-kernel.sh and releases.sh): get_uml.

# testing_apt FOLDER ARGUMENT...: apt-get for Debian testing, with all its files in FOLDER; the machine's apt doesn't change
testing_apt()
{
	local folder=$1

	shift
	mkdir -p "$folder"/{lists,cache/archives}/partial
	echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $(machine_mirror) testing main" > "$folder/sources"
	apt-get -qq -o APT::Sandbox::User=root -o "Dir::Etc::SourceList=$folder/sources" -o Dir::Etc::SourceParts=/dev/null \
		-o Dir::Etc::PreferencesParts=/dev/null -o "Dir::State::Lists=$folder/lists" -o "Dir::Cache=$folder/cache" \
		-o Dir::State::Status=/dev/null -o Acquire::Languages=none "$@"
}

# uml_runs ROOT: it has been made, and not been moved since
uml_runs() { "$1/usr/bin/linux.uml" --version > /dev/null 2>&1; }

# fetch_uml ROOT: for get_uml
fetch_uml()
{
	local tmp uml libraries=usr/lib/x86_64-linux-gnu

	uml_runs "$1" && return
	tmp=$(mktemp -d "$1.XXXXXX")
	uml=$tmp/root/usr/bin/linux.uml
	if testing_apt "$tmp/apt" update && (cd "$tmp" && testing_apt "$tmp/apt" download user-mode-linux libc6) &&
		unpack "$tmp/root" "$tmp"/*.deb && ln -s uml/modules "$tmp/root/usr/lib/modules" &&
		patchelf --set-interpreter "$1/$libraries/ld-linux-x86-64.so.2" --set-rpath "$1/$libraries" "$uml" &&
		depmod -b "$tmp/root" "$(ls "$tmp/root/lib/modules")"; then
		rm -rf "$1"
		chmod 755 "$tmp/root"
		mv -T "$tmp/root" "$1"
	fi
	rm -rf "$tmp"
	uml_runs "$1" || { echo "${0##*/}: user-mode-linux of Debian testing can't be had from $(machine_mirror), or does not run" >&2; return 1; }
}

# get_uml ROOT: has user-mode Linux below ROOT: usr/bin/linux.uml, and its modules in lib/modules, as others are.
# That of Debian testing, with its own C library: since Linux 6.16 system calls of programs are caught by seccomp, not by ptrace,
# and programs start in a third of the time.
get_uml() { one_at_a_time fetch_uml "$1"; }
