# Sourced by each example's run.sh, which installs and then says how its two services are started:
#
#   run_services 'COMMAND of downstream-service' 'COMMAND of my-service'
#
# Starts both, sends three requests through them, ends them, and shows their logs and where their traces are.
# PORT and DOWNSTREAM_PORT move the services, SPOOR_URL is where the links point.

PORT=${PORT:-8080}
DOWNSTREAM_PORT=${DOWNSTREAM_PORT:-8081}
SPOOR_URL=${SPOOR_URL:-http://localhost:16686}

run_services() {
  export DOWNSTREAM_URL="http://127.0.0.1:$DOWNSTREAM_PORT/api"
  log=$(mktemp)
  trap 'kill $(jobs -p) 2>/dev/null || true; rm -f "$log"' EXIT
  PORT=$DOWNSTREAM_PORT $1 >>"$log" 2>&1 &
  wait_until_open "$DOWNSTREAM_PORT" $!
  PORT=$PORT $2 >>"$log" 2>&1 &
  wait_until_open "$PORT" $!

  echo '── a good request'
  send_request 42
  echo '── one that fails: nobody has id 0'
  send_request 0
  # Another program's trace goes on here: it names the trace, and the span that calls, in W3C's headers.
  echo '── one in a trace that its caller began'
  caller_trace_id=$(random_hex 16)
  send_request 42 --header "traceparent: 00-$caller_trace_id-$(random_hex 8)-01" --header 'tracestate: congo=t61rcWkgMzE'

  # Each service sends on SIGTERM what it has not sent yet, and ends.
  kill $(jobs -p)
  wait || true
  echo '── what both services logged'
  cat "$log"
  show_links
}

# send_request USER [curl's options]
send_request() {
  local user=$1
  shift
  curl --silent --show-error --max-time 20 "http://127.0.0.1:$PORT/api/users" --header "X-User-Id: $user" "$@" | cut -c 1-120
}

# The logs name the trace of each request.
show_links() {
  local ids
  ids=($(grep -oE 'trace_id"?[=:]"?[0-9a-f]{32}' "$log" | grep -oE '[0-9a-f]{32}$' | awk '!seen[$0]++'))
  echo '── look at'
  echo "the good trace:     $SPOOR_URL/trace/${ids[0]}"
  echo "the failed trace:   $SPOOR_URL/trace/${ids[1]}"
  echo "the caller's trace: $SPOOR_URL/trace/$caller_trace_id"
}

random_hex() {
  od -A n -N "$1" -t x1 /dev/urandom | tr -d ' \n'
}

# wait_until_open PORT PROCESS
wait_until_open() {
  while kill -0 "$2" 2>/dev/null; do
    if (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; then return; fi
    sleep 0.1
  done
  cat "$log"
  exit 1
}
