#!/usr/bin/env bash
# ./run.sh [otlp|guide]: builds, starts both services, sends three requests through them, says where to look.
set -euo pipefail
cd "$(dirname "$0")/${1:-otlp}"
source ../../two-services.sh

go build -o bin/users .
run_services 'bin/users downstream-service' 'bin/users my-service'
