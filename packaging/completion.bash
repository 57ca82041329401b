# SPDX-License-Identifier: GPL-2.0-or-later
# Bash completion for berth(1).
# shellcheck shell=bash

_berth_guests() { virsh -q -r -c qemu:///system list --name "$@" 2> /dev/null; }

_berth()
{
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} verb=${COMP_WORDS[1]} words

	if [ "$COMP_CWORD" = 1 ]; then
		mapfile -t COMPREPLY < <(compgen -W "status check verify sync plan reap reclaim gate watch --help --version" -- "$cur")
		return
	fi
	case $verb:$prev in
	plan:--xml) mapfile -t COMPREPLY < <(compgen -f -- "$cur"); return ;;
	plan:--config) mapfile -t COMPREPLY < <(compgen -d -- "$cur"); return ;;
	esac
	case $verb in
	status) words="--json --quiet --help $(_berth_guests --all)" ;;
	check) words="--json --quiet --help" ;;
	gate) words="enable disable status --quiet --help" ;;
	verify) words="--repair --json --quiet --help $(_berth_guests)" ;;
	sync) words="--quiet --help $(_berth_guests)" ;;
	plan) words="--json --config --xml --quiet --help" ;;
	reap) words="--departed --keep --discard --forget --quiet --help $(_berth_guests --all)" ;;
	reclaim) words="--yes --quiet --help $(_berth_guests --all)" ;;
	watch) words="--quiet --help" ;;
	*) words= ;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
}

complete -o filenames -F _berth berth
