// A Lambda function that does what its event asks for: local's tests run it
// as a real process over the real Runtime API.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
)

type request struct {
	Do      string
	Text    string
	MiB     int
	Records []events.SQSMessage
}

// About is what `about` answers.
type about struct {
	PID       int
	RequestID string
	ARN       string
	Deadline  int64 // Unix time in ms
	Dir       string
	Args      []string
	Env       []string
}

type handler struct{}

func (handler) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	var in request
	if err := json.Unmarshal(payload, &in); err != nil {
		return nil, err
	}
	if in.Records != nil {
		return batch(in.Records)
	}
	switch in.Do {
	case "return":
		return []byte(in.Text), nil
	case "repeat":
		return bytes.Repeat([]byte("x"), in.MiB<<20), nil
	case "error":
		return nil, errors.New(in.Text)
	case "panic":
		panic(in.Text)
	case "exit":
		os.Exit(3)
	case "hang":
		select {}
	case "print":
		fmt.Println(in.Text)
		fmt.Fprint(os.Stderr, "and ", in.Text)
		return []byte("null"), nil
	case "use":
		for b := make([]byte, in.MiB<<20); len(b) > 0; b = b[1<<10:] {
			b[0] = 1
		}
		return []byte("null"), nil
	case "spool":
		return []byte("null"), spool(in.MiB << 20)
	case "about":
		return describe(ctx)
	}
	return nil, fmt.Errorf("cannot do %q", in.Do)
}

// spool writes a temporary file.
func spool(size int) error {
	f, err := os.CreateTemp("", "spool")
	if err != nil {
		return err
	}
	defer f.Close()
	if err := os.Remove(f.Name()); err != nil {
		return err
	}
	_, err = f.Write(make([]byte, size))
	return err
}

// batch fails the messages whose body is "fail".
func batch(records []events.SQSMessage) ([]byte, error) {
	var out events.SQSEventResponse
	for _, r := range records {
		if r.Body == "fail" {
			out.BatchItemFailures = append(out.BatchItemFailures, events.SQSBatchItemFailure{ItemIdentifier: r.MessageId})
		}
	}
	return json.Marshal(out)
}

func describe(ctx context.Context) ([]byte, error) {
	lc, _ := lambdacontext.FromContext(ctx)
	deadline, _ := ctx.Deadline()
	dir, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	return json.Marshal(about{
		PID:       os.Getpid(),
		RequestID: lc.AwsRequestID,
		ARN:       lc.InvokedFunctionArn,
		Deadline:  deadline.UnixMilli(),
		Dir:       dir,
		Args:      os.Args[1:],
		Env:       os.Environ(),
	})
}

func main() {
	switch os.Getenv("INIT") {
	case "exit":
		os.Exit(4)
	case "error":
		url := "http://" + os.Getenv("AWS_LAMBDA_RUNTIME_API") + "/2018-06-01/runtime/init/error"
		body := strings.NewReader(`{"errorType":"Config","errorMessage":"three mistakes"}`)
		answer, err := http.Post(url, "application/json", body)
		if err != nil {
			panic(err)
		}
		_ = answer.Body.Close()
		os.Exit(1)
	}
	lambda.Start(handler{})
}
