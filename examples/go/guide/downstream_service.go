package main

// downstream-service, which the guide's program asks and does not show.

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/baggage"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

var errNobody = errors.New("nobody has id 0")

func loadUsers(ctx context.Context) ([]User, error) {
	ctx, span := otel.Tracer("downstream-service").Start(ctx, "load_users")
	defer span.End()

	userID := baggage.FromContext(ctx).Member("user_id").Value() // set by my-service, carried by the headers
	logf(ctx, "Loading the users that user %s may see", userID)
	span.AddEvent("cache.miss", trace.WithAttributes(attribute.String("cache.key", "users:"+userID)))
	if userID == "0" {
		span.RecordError(errNobody)
		span.SetStatus(codes.Error, errNobody.Error())
		return nil, errNobody
	}
	users := make([]User, 100)
	for i := range users {
		users[i] = User{ID: i + 1, Name: fmt.Sprintf("user %d", i+1)}
	}
	return users, nil
}

func handleAPI(w http.ResponseWriter, r *http.Request) {
	users, err := loadUsers(r.Context())
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	json.NewEncoder(w).Encode(users)
}
