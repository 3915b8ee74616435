#!/usr/bin/env bash
# install-package.sh COMMAND PACKAGE…: installs Debian's packages unless the command is there. Asks for nothing, starts nothing.
set -euo pipefail
command=$1
shift
# Where Debian puts what is meant for administrators; not everybody's PATH has it.
PATH="$PATH:/usr/sbin"
if command -v "$command" >/dev/null; then exit 0; fi
if ! command -v apt-get >/dev/null; then
  echo "There is no $command, and no apt-get to install it with (packages of Debian: $*). Install it by hand." >&2
  exit 1
fi
sudo=''
if [ "$(id -u)" -ne 0 ]; then sudo=sudo; fi
echo "There is no $command: installing Debian's $*." >&2
$sudo apt-get update -qq
# The runlevel keeps a package from starting its service.
$sudo env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -y -qq --no-install-recommends "$@" >&2
