#!/usr/bin/env bash
# Installs Debian's PostgreSQL, which `npm run test:recipes` starts one of its own of. Does nothing if there is one, also where only Debian looks for it.
PATH="$PATH:$(printf '%s:' /usr/lib/postgresql/*/bin)" exec "$(dirname "$0")/install-package.sh" initdb postgresql
