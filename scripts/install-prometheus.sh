#!/usr/bin/env bash
# Installs Debian's Prometheus, which `npm run test:metrics` asks for what it saw. Does nothing if there is one.
exec "$(dirname "$0")/install-package.sh" prometheus prometheus
