#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What guests and other hosts name so that it changes a terminal, or how a line reads, does neither.

cd "$(dirname "$0")/../.." || exit
# shellcheck source=tests/lab/tap.sh
. tests/lab/tap.sh
berth=build/berth
export LC_ALL=C.UTF-8
work=$(mktemp -d)
trap 'rm -rf "$work"; tap_end' EXIT
mkdir "$work/here" "$work/conf"
printf '%s\n' "[paths]" "/there = $work/here" > "$work/conf/berth.conf"
# RIGHT-TO-LEFT OVERRIDE, ARABIC LETTER MARK, an isolate, LINE SEPARATOR; and letters
bad='a&#x202e;b&#x61c;c&#x2066;d&#x2028;e &#xe4;&#x20ac;'
shown='a???b??c???d???e ä€'

# plan_of OPTION...: of a guest whose console is logged to such a file
plan_of()
{
	"$berth" plan --config "$work/conf" "$@" --xml - <<-XML
	<domain type='kvm'><name>${name:-vm1}</name><uuid>11111111-2222-3333-4444-555555555555</uuid>
	<memory>1</memory><os><type>hvm</type></os>
	<devices><serial type='file'><source path='$log'/></serial></devices></domain>
	XML
}
said() { "$@" 2>&1; }

log="/there/$bad"
is "$(said plan_of)" "change path '/there/$shown' to '$work/here/$shown'" "berth plan"
is "$(said plan_of --json | perl -MJSON::PP -CO -0e 'print decode_json(<>)->{changes}[0]{from}')" \
	$'/there/a\u202eb\u061cc\u2066d\u2028e ä€' "its JSON loses nothing"
prints "and has none of it as it is" "" matching $'\u202e|\u061c|\u2066|\u2028' plan_of --json
log="/there/no/folder/$bad"
like "$(said plan_of)" "^berth: vm1: serial 0: .*/a\?{3}b\?\?c\?{3}d\?{3}e ä€'" "an error"
# C1's CSI, NEXT LINE, a line break
log='/there/a&#x9b;2Jb&#x85;c&#10;1. make image'
is "$(said plan_of)" "berth: vm1: serial 0: '/there/a??2Jb??c?1. make image' holds control characters; rename it" "in one line"
is "$(said "$berth" $'no\x9bverb\u202e\xe2\x82')" "berth: unknown verb 'no?verb?????'; see 'berth --help'" "what is no UTF-8"
is "$(said "$berth" "no$(printf 'ä€%.0s' {1..3000})")" "berth: unknown verb 'no$(printf 'ä€%.0s' {1..3000})'; see 'berth --help'" \
	"a character that stands across two writes"
done_testing
