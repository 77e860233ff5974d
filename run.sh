#!/bin/sh
# Two ILL Desks with demo data on this machine: sh run.sh, then Ctrl-C. See README.md.
set -eu
cd "$(dirname "$0")"
. ./deploy/venv.sh
prepare_venv run requirements.txt
exec .venv/bin/python -m illdesk.desks
