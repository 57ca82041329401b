#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The SELinux module compiles, links with a policy that has what it requires, and sends the hook and the gate to the hooks' domain.

cd "$(dirname "$0")/../.." || exit
# shellcheck source=tests/lab/tap.sh
. tests/lab/tap.sh
for program in checkmodule semodule_package semodule_link semodule_expand checkpolicy; do
	command -v $program > /dev/null || skip_all "no $program; scripts/install-dependencies test"
done
work=$(mktemp -d)
trap 'rm -rf "$work"; tap_end' EXIT
contexts=packaging/selinux/berth.fc

# linked POLICY: as text, the module's rules in a policy of its own
linked()
{
	checkmodule -M -o "$work/base.mod" tests/packaging/selinux/base.conf && semodule_package -o "$work/base.pp" -m "$work/base.mod" &&
		semodule_link -o "$work/linked" "$work/base.pp" "$work/selinux/berth.pp" && semodule_expand "$work/linked" "$work/binary" &&
		checkpolicy -M -b -F -o "$1" "$work/binary"
}
has() { grep -qxF "$1" "$work/policy"; }
allowed() { sed -n "s/^allow $1 $2:$3 //p" "$work/policy"; }

ok "make selinux" env -u MAKEFLAGS -u MAKELEVEL make -s selinux BUILD="$work" prefix=/usr
ok "it links with the policy's names" linked "$work/policy"
for rule in 'type_transition virtqemud_t berth_exec_t:process virt_hook_unconfined_t;' \
	'type_transition virt_hook_unconfined_t var_run_t:dir virtqemud_var_run_t "berth";' \
	'type_transition virt_hook_unconfined_t var_lock_t:dir iscsi_lock_t "iscsi";'; do
	ok "$rule" has "$rule"
done
like "$(allowed virt_hook_unconfined_t berth_exec_t file)" entrypoint "the programs are entries of the hooks' domain"
like "$(allowed virtqemud_t virt_hook_unconfined_t process)" "sigkill.*transition|transition.*sigkill" "virtqemud starts them, and ends one that is late"
prints "and writes to none of berth's programs" "" awk '/^allow virtqemud_t berth_exec_t.*(write|append|unlink)/' "$work/policy"

ok "the package has the file contexts" semodule_unpackage "$work/selinux/berth.pp" "$work/out.mod" "$work/out.fc"
ok "all of them" cmp "$work/out.fc" "$contexts"
while read -r file _ context; do
	ok "$file is installed" grep -qE "^f 755 $file$" packaging/installed-files
	is "$context" system_u:object_r:berth_exec_t:s0 "and labelled"
done < <(grep '^/usr' "$contexts")
done_testing
