// The guide's Go program as two services: users my-service, users downstream-service.
package main

import (
	"context"
	"log"
	"net/http"
	"os"
	"os/signal"
	"syscall"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
)

func main() {
	service := os.Args[1]
	tp, err := initTracer(service)
	if err != nil {
		log.Fatal(err)
	}

	mux := http.NewServeMux()
	if service == "my-service" {
		mux.Handle("/api/users", otelhttp.NewHandler(http.HandlerFunc(handleUsers), "GET /api/users"))
	} else {
		mux.Handle("/api", otelhttp.NewHandler(http.HandlerFunc(handleAPI), "GET /api"))
	}
	server := &http.Server{Addr: "127.0.0.1:" + os.Getenv("PORT"), Handler: mux}
	go server.ListenAndServe()

	stop, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer cancel()
	<-stop.Done()
	server.Shutdown(context.Background())
	// What was not sent yet is sent before the process ends.
	if err := tp.Shutdown(context.Background()); err != nil {
		log.Print(err)
	}
}
