#!/usr/bin/env bash
# Installs Debian's Chromium, which `npm run test:browser` opens the reports in. Does nothing if there is one.
exec "$(dirname "$0")/install-package.sh" chromium chromium fonts-dejavu-core
