#!/usr/bin/env bash
# Installs Debian's HAProxy, which `npm run test:balancer` puts before its backends. Does nothing if there is one.
exec "$(dirname "$0")/install-package.sh" haproxy haproxy
