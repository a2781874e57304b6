package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"os"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/baggage"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

type user struct {
	ID   int    `json:"id"`
	Name string `json:"name"`
}

// client makes a span for each call, and the headers that carry on trace and baggage.
var client = http.Client{Transport: otelhttp.NewTransport(http.DefaultTransport)}

// handleUsers puts the user into the baggage: every span from here on has it, and every request that is sent.
func handleUsers(w http.ResponseWriter, r *http.Request) {
	userID := r.Header.Get("X-User-Id")
	member, err := baggage.NewMemberRaw("user_id", userID)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	// The request's own span began before the baggage.
	trace.SpanFromContext(r.Context()).SetAttributes(attribute.String("user_id", userID))
	bag, _ := baggage.FromContext(r.Context()).SetMember(member)
	users, err := getUsers(baggage.ContextWithBaggage(r.Context(), bag))
	if err != nil {
		http.Error(w, "downstream-service failed", http.StatusBadGateway)
		return
	}
	json.NewEncoder(w).Encode(users)
}

func getUsers(ctx context.Context) ([]user, error) {
	ctx, span := otel.Tracer("my-service").Start(ctx, "get_users")
	defer span.End()

	span.SetAttributes(attribute.String("user.filter", "active"))
	users, err := fetchUsers(ctx)
	if err != nil {
		// RecordError makes an event of it; that the span has failed must be said apart.
		span.RecordError(err)
		span.SetStatus(codes.Error, err.Error())
		slog.ErrorContext(ctx, "downstream-service failed")
		return nil, err
	}
	span.SetAttributes(attribute.Int("user.count", len(users)))
	span.AddEvent("users.fetched", trace.WithAttributes(attribute.Int("user.count", len(users))))
	return users, nil
}

func fetchUsers(ctx context.Context) ([]user, error) {
	slog.InfoContext(ctx, "Fetching users")
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, os.Getenv("DOWNSTREAM_URL"), nil)
	if err != nil {
		return nil, err
	}
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("downstream-service answered %s", response.Status)
	}
	var users []user
	return users, json.NewDecoder(response.Body).Decode(&users)
}
