# Sourced by each example's run.sh, which installs and then says how its two services are started:
#
#   run_services 'COMMAND of downstream-service' 'COMMAND of my-service'
#
# Starts both, sends two requests through them, the second of which fails, ends them, and says where their traces are.
# PORT and DOWNSTREAM_PORT move the services, SPOOR_URL is where the links point.

PORT=${PORT:-8080}
DOWNSTREAM_PORT=${DOWNSTREAM_PORT:-8081}
SPOOR_URL=${SPOOR_URL:-http://localhost:16686}

run_services() {
  export DOWNSTREAM_URL="http://127.0.0.1:$DOWNSTREAM_PORT/api"
  trap 'kill $(jobs -p) 2>/dev/null || true' EXIT
  PORT=$DOWNSTREAM_PORT $1 &
  wait_until_open "$DOWNSTREAM_PORT" $!
  PORT=$PORT $2 &
  wait_until_open "$PORT" $!

  send_request 42
  send_request 0 # nobody has this id: downstream-service fails, and my-service with it

  # Each service sends on SIGTERM what it has not sent yet, and ends.
  kill $(jobs -p)
  wait || true
  trap - EXIT
  echo
  echo "A good trace:   $SPOOR_URL/trace/$(trace_id_of 42)"
  echo "A failed trace: $SPOOR_URL/trace/$(trace_id_of 0)"
}

# The caller takes part in the trace by W3C's headers alone: it chooses the trace id, and my-service goes on with it.
send_request() {
  echo "── a request of user $1"
  curl --silent --show-error --max-time 20 "http://127.0.0.1:$PORT/api/users" \
    --header "X-User-Id: $1" \
    --header "traceparent: 00-$(trace_id_of "$1")-$(random_hex 8)-01" \
    --header 'tracestate: congo=t61rcWkgMzE' | cut -c 1-120
  echo
}

random_hex() {
  od -A n -N "$1" -t x1 /dev/urandom | tr -d ' \n'
}

run_id=$(random_hex 14)

# One trace id for each user of this run.
trace_id_of() {
  printf '%s%04d' "$run_id" "$1"
}

# wait_until_open PORT PROCESS
wait_until_open() {
  while kill -0 "$2" 2>/dev/null; do
    if (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; then return; fi
    sleep 0.1
  done
  echo "the service for port $1 ended" >&2
  exit 1
}
