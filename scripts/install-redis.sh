#!/usr/bin/env bash
# Installs Debian's Redis, which `npm run test:recipes` starts one of its own of. Does nothing if there is one.
exec "$(dirname "$0")/install-package.sh" redis-server redis-server
