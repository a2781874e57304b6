package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/baggage"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

var errNobody = errors.New("nobody has id 0")

func handleAPI(w http.ResponseWriter, r *http.Request) {
	users, err := selectUsers(r.Context())
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	json.NewEncoder(w).Encode(users)
}

func selectUsers(ctx context.Context) ([]user, error) {
	ctx, span := otel.Tracer("downstream-service").Start(ctx, "SELECT users",
		trace.WithSpanKind(trace.SpanKindClient),
		trace.WithAttributes(
			attribute.String("db.system.name", "postgresql"),
			attribute.String("db.query.text", "SELECT * FROM users"),
		))
	defer span.End()

	userID := baggage.FromContext(ctx).Member("user_id").Value() // set by my-service, carried by the headers
	slog.InfoContext(ctx, "Selecting the users that user "+userID+" may see")
	span.AddEvent("cache.miss", trace.WithAttributes(attribute.String("cache.key", "users:"+userID)))
	if userID == "0" {
		span.RecordError(errNobody)
		span.SetStatus(codes.Error, errNobody.Error())
		return nil, errNobody
	}
	users := make([]user, 100)
	for i := range users {
		users[i] = user{ID: i + 1, Name: fmt.Sprintf("user %d", i+1)}
	}
	return users, nil
}
