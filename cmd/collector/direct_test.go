package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/devo-s3/collector/cmd/collector/stack"
	"github.com/devo-s3/collector/local"
)

// A queue whose messages are records, polled as Lambda does, through the real
// function: each body's records arrive, and a body that is no JSON stays.
func TestDirectQueue(t *testing.T) {
	var mu sync.Mutex
	var records []string
	k, err := stack.Start(stack.Options{Bootstrap: bootstrap, Processes: 1, Receiver: local.ReceiverOptions{OnRecord: func(r local.Record) {
		mu.Lock()
		defer mu.Unlock()
		records = append(records, string(r.Tag)+" "+string(r.Raw))
	}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(k.Close)
	queue := k.Account.CreateQueue("devo-s3-direct", local.QueueOptions{Owner: stack.CustomerAccount, Visibility: stack.Visibility})
	file := extend(t, k, fmt.Sprintf(`
  - arn: %s
    kind: direct
    sources:
      - name: acme_direct
        format: json
        options: {shape: concatenated}
        tag: my.app.direct.{record.level}
`, queue))
	for _, body := range []string{`{"level":"info","n":1}`, "{\"level\":\"warn\"}\n{\"n\":2}", `{"level":`} {
		if err := k.Account.Send(queue, body); err != nil {
			t.Fatal(err)
		}
	}
	poll(t, k, queue, launch(t, k, bootstrap, file, k.Key), 3)
	mu.Lock()
	defer mu.Unlock()
	slices.Sort(records)
	want := []string{`my.app.direct.info {"level":"info","n":1}`, `my.app.direct.unknown {"n":2}`, `my.app.direct.warn {"level":"warn"}`}
	if !slices.Equal(records, want) {
		t.Errorf("%q arrived, want %q", records, want)
	}
	if left := k.Account.Messages(queue); len(left) != 1 || left[0].Body != `{"level":` {
		t.Errorf("%+v is left in the queue", left)
	}
	if n := len(k.Account.Items(stack.LedgerTable)); n < 2 {
		t.Errorf("the ledger has %d entries", n)
	}
}

// extend writes the stack's deployment file with more queues.
func extend(t *testing.T, k *stack.Stack, queues string) (file string) {
	t.Helper()
	deployment, err := os.ReadFile(filepath.Join(k.Dir, "config.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	file = filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(file, append(deployment, queues...), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// launch starts a function with a deployment's file, as whoever has the key.
func launch(t *testing.T, k *stack.Stack, binary, file string, key local.Credentials) *local.Function {
	t.Helper()
	env := stack.Env(file, k.Account.Endpoint(), key)
	env["COLLECTOR_FUNCTION"] = stack.FunctionAlias // for watch
	f, err := local.StartFunction(local.FunctionOptions{
		Bootstrap: binary, Timeout: stack.FunctionTimeout, MemoryMiB: 1769,
		Env: env, Log: func(_ string, line []byte) { t.Logf("%s", line) },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	return f
}

// poll has so many of a queue's messages given to a function, and waits for it.
func poll(t *testing.T, k *stack.Stack, queue string, function *local.Function, messages int) {
	t.Helper()
	root, batches := k.Account.Root(), make(chan local.Batch, 100)
	mapping, err := local.StartMapping(local.MappingOptions{
		SQS: sqs.New(sqs.Options{
			Region: stack.Region, BaseEndpoint: aws.String(k.Account.Endpoint()),
			Credentials: credentials.NewStaticCredentialsProvider(root.AccessKeyID, root.SecretAccessKey, ""),
		}),
		QueueURL: k.Account.QueueURL(queue), QueueARN: queue, Region: stack.Region, Pollers: 1, Wait: time.Second,
		ReportBatchItemFailures: true, FunctionTimeout: stack.FunctionTimeout, Clock: k.Account.Clock(),
		Invoke: stack.InvokeWith(function), OnBatch: func(b local.Batch) { batches <- b },
	})
	if err != nil {
		t.Fatal(err)
	}
	defer mapping.Close()
	for messages > 0 {
		b := <-batches
		if b.Err != nil {
			t.Fatalf("%v %s", b.Err, b.FunctionError)
		}
		messages -= len(b.Messages)
	}
}
