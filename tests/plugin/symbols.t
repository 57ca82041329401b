#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What berth.so shows to libvirtd, and what it wants of it: one symbol, and libc.

cd "$(dirname "$0")/../.." || exit
# shellcheck source=tests/lab/tap.sh
. tests/lab/tap.sh
object=build/berth.so

# symbols OPTION: names without versions
symbols() { nm -D "$1" $object | awk '{ print $NF }' | sed 's/@.*//' | sort; }

ok "it was built" test -e $object
is "$(symbols --defined-only)" virLockDriverImpl "virLockDriverImpl alone is exported"
is "$(readelf -d $object | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p')" libc.so.6 "libc alone is needed"
prints "no symbol of libvirt is linked" "" matching '^_*[vV][iI][rR]' symbols --undefined-only
# What ends the process, prints, changes what is the process's, starts threads, or copies libvirtd's memory.
forbidden='_?exit|_Exit|abort|quick_exit|atexit|printf|puts|putchar|perror|stdout|stderr|openlog|setlocale|chdir'
forbidden+='|umask|setenv|putenv|clearenv|signal|sigaction|sigprocmask|pthread_sigmask|pthread_create|thrd_create'
forbidden+='|fork|vfork|system|popen'
prints "nothing that code inside libvirtd may not call" "" matching "^($forbidden)\$" symbols --undefined-only
is "$(readelf -lW $object | awk '$1 == "GNU_STACK" { print $7 }')" RW "no executable stack"
like "$(readelf -d $object)" "BIND_NOW|FLAGS.*NOW" "all symbols are bound when it is loaded"
prints "no text relocations, no search path" "" matching 'TEXTREL|RPATH|RUNPATH' readelf -d $object
done_testing
