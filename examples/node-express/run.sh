#!/usr/bin/env bash
# ./run.sh [otlp|guide]: installs, starts both services, sends three requests through them, says where to look.
set -euo pipefail
cd "$(dirname "$0")/${1:-otlp}"
source ../../two-services.sh

[ node_modules/.package-lock.json -nt package-lock.json ] || npm ci --no-audit --no-fund
case "$PWD" in
  */guide) run_services 'node downstream.js' 'node app.js' ;;
  */otlp)
    run_services 'env OTEL_SERVICE_NAME=downstream-service node --import ./tracing.js downstream.js' \
      'env OTEL_SERVICE_NAME=my-service node --import ./tracing.js app.js' ;;
esac
