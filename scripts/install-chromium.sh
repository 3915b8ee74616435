#!/usr/bin/env bash
# Installs Debian's Chromium, which `npm run test:browser` opens the reports in. Does nothing if there is one.
set -euo pipefail
if command -v chromium >/dev/null; then exit 0; fi
sudo=''
if [ "$(id -u)" -ne 0 ]; then sudo=sudo; fi
$sudo apt-get update -qq
$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core
