# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The gate in lab hosts (sourced by lab.sh): on, off, as an administrator would do it.

# gate_on [HOST]..., gate_off [HOST]...: in these, or in all; their libvirtds restart
gate_on() { gate_turn enable "${@:-$LAB_HOSTS}"; }
gate_off() { gate_turn disable "${@:-$LAB_HOSTS}"; }

gate_turn()
{
	local host

	# shellcheck disable=SC2068 # words
	for host in ${@:2}; do
		on "$host" berth gate "$1" > /dev/null && libvirtd_restart "$host" || return
	done
}

# gate_stub HOST SCRIPT: shell instead of berth-gate; gate_unstub HOST: the real one again
gate_stub()
{
	on "$1" sh -c "cd /usr/libexec/berth && { [ -e berth-gate.real ] || mv berth-gate berth-gate.real; } &&
		rm -f berth-gate && { echo '#!/bin/sh'; cat; } > berth-gate && chmod 755 berth-gate" <<< "$2"
}
gate_unstub() { on "$1" mv /usr/libexec/berth/berth-gate.real /usr/libexec/berth/berth-gate; }

# hold HOST PROGRAM WORD: the next berth-PROGRAM there that has WORD among its arguments waits until let_go
hold()
{
	local program=/usr/libexec/berth/berth-$2

	rm -rf "$LAB_DIR/held" "$LAB_DIR/let-go"
	on "$1" sh -c "ln -f $program $program.held && cat > $program.new && chmod 755 $program.new && mv $program.new $program" <<-SCRIPT
	#!/bin/sh
	case " \$* " in *' $3 '*)
		! mkdir $LAB_DIR/held 2> /dev/null || timeout 30 sh -c 'until [ -e $LAB_DIR/let-go ]; do sleep 0.05; done' ;;
	esac
	exec $program.held "\$@"
	SCRIPT
}
is_held() { wait_until test -e "$LAB_DIR/held"; }
# let_go HOST PROGRAM: it goes on, and no other is held. The second name stays, for those that are about to run it.
let_go()
{
	touch "$LAB_DIR/let-go"
	on "$1" sh -c "cd /usr/libexec/berth && ln berth-$2.held berth-$2.new && mv berth-$2.new berth-$2"
}
