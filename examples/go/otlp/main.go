// Two services that trace each other: users my-service, users downstream-service.
package main

import (
	"context"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"syscall"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
)

func main() {
	ctx, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer cancel()
	if err := run(ctx, os.Args[1]); err != nil {
		slog.Error(err.Error())
		os.Exit(1)
	}
}

func run(ctx context.Context, service string) error {
	provider, err := initTracing(ctx, service)
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	if service == "my-service" {
		mux.HandleFunc("GET /api/users", handleUsers)
	} else {
		mux.HandleFunc("GET /api", handleAPI)
	}
	// A span for each request, in the trace that its headers name; its name is the route.
	server := &http.Server{Addr: "127.0.0.1:" + os.Getenv("PORT"), Handler: otelhttp.NewHandler(mux, service)}
	go func() {
		<-ctx.Done()
		server.Shutdown(context.Background())
	}()
	if err := server.ListenAndServe(); err != http.ErrServerClosed {
		return err
	}
	// What was not sent yet is sent before the process ends.
	return provider.Shutdown(context.Background())
}
