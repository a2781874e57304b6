#!/usr/bin/env bash
# ./run.sh [otlp|guide]: installs, starts both services, sends three requests through them, says where to look.
set -euo pipefail
cd "$(dirname "$0")/${1:-otlp}"
source ../../two-services.sh

[ -x .venv/bin/python ] || python3 -m venv .venv
.venv/bin/pip install --quiet --disable-pip-version-check --requirement requirements.txt
run_services '.venv/bin/python downstream.py' '.venv/bin/python app.py'
