package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"

	awsevents "github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
)

// TestLastAnswerIsPostedBeforeTheProcessEnds: with the library's own loop, in a
// process of its own, against a Runtime API.
func TestLastAnswerIsPostedBeforeTheProcessEnds(t *testing.T) {
	if os.Getenv("LAST_ANSWER") != "" {
		lambda.Start(func(context.Context) (any, error) {
			return newLastAnswer(awsevents.SQSEventResponse{BatchItemFailures: []awsevents.SQSBatchItemFailure{{ItemIdentifier: "stuck"}}}, func() { os.Exit(7) })
		})
	}
	var mu sync.Mutex
	var calls []string
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mu.Lock()
		defer mu.Unlock()
		calls = append(calls, fmt.Sprint(r.Method, " ", r.URL.Path[len("/2018-06-01/runtime/invocation"):], " ", r.Header.Get("Content-Type"), " ", string(body)))
		if strings.HasSuffix(r.URL.Path, "/next") {
			w.Header().Set("Lambda-Runtime-Aws-Request-Id", "r")
			w.Header().Set("Lambda-Runtime-Deadline-Ms", "4102444800000")
			io.WriteString(w, "{}")
			return
		}
		w.WriteHeader(http.StatusAccepted)
	}))
	defer api.Close()
	c := exec.Command(os.Args[0], "-test.run=^TestLastAnswerIsPostedBeforeTheProcessEnds$")
	c.Env = append(os.Environ(), "LAST_ANSWER=1", "AWS_LAMBDA_RUNTIME_API="+strings.TrimPrefix(api.URL, "http://"))
	out, err := c.CombinedOutput()
	if c.ProcessState.ExitCode() != 7 {
		t.Fatalf("%v\n%s", err, out)
	}
	want := []string{
		"GET /next  ",
		`POST /r/response application/json {"batchItemFailures":[{"itemIdentifier":"stuck"}]}`,
	}
	if !slices.Equal(calls, want) {
		t.Errorf("%q", calls)
	}
}
