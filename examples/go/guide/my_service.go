package main

// my-service: the guide's getUsers. What the guide leaves out is marked with a plus.

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/baggage"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

// + User is what the guide's getUsers is about.
type User struct {
	ID   int    `json:"id"`
	Name string `json:"name"`
}

func getUsers(ctx context.Context) ([]User, error) {
	tracer := otel.Tracer("my-service")
	ctx, span := tracer.Start(ctx, "get_users")
	defer span.End()

	span.SetAttributes(attribute.String("user.filter", "active"))

	users, err := fetchUsersFromDB(ctx)
	if err != nil {
		span.RecordError(err)
		span.SetStatus(codes.Error, err.Error()) // + RecordError makes an event; only this makes the span a failed one
		return nil, err
	}

	span.SetAttributes(attribute.Int("user.count", len(users)))
	span.AddEvent("users.fetched", trace.WithAttributes(attribute.Int("user.count", len(users)))) // +
	return users, nil
}

// + fetchUsersFromDB asks downstream-service. otelhttp's transport makes the span, and the headers that carry on
// trace and baggage.
func fetchUsersFromDB(ctx context.Context) ([]User, error) {
	logf(ctx, "Processing request")
	client := http.Client{Transport: otelhttp.NewTransport(http.DefaultTransport)}
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
	var users []User
	return users, json.NewDecoder(response.Body).Decode(&users)
}

// + handleUsers puts the user into the baggage: every span from here on has it, and every request that is sent.
func handleUsers(w http.ResponseWriter, r *http.Request) {
	member, err := baggage.NewMember("user_id", r.Header.Get("X-User-Id"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	bag, _ := baggage.New(member)
	users, err := getUsers(baggage.ContextWithBaggage(r.Context(), bag))
	if err != nil {
		http.Error(w, "downstream-service failed", http.StatusBadGateway)
		return
	}
	json.NewEncoder(w).Encode(users)
}
