package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/devo-s3/collector/cmd/collector/stack"
	"github.com/devo-s3/collector/cmd/collector/workload"
	"github.com/devo-s3/collector/events"
	"github.com/devo-s3/collector/local"
	"github.com/devo-s3/collector/operate"
	"github.com/devo-s3/collector/sources"
)

type invokeCommand struct {
	Event     string        `arg:"" type:"existingfile" help:"A whole event as Lambda gives it to the function: one of events/samples/."`
	Bootstrap string        `default:"dist/local/bootstrap" type:"existingfile" help:"The function's binary for this machine."`
	Testdata  string        `default:"testdata" help:"Where sample objects of every service of the catalog are."`
	Within    time.Duration `default:"2m" help:"Give up after this long."`
}

// The bucket and the queue of the customer that the samples are of.
const (
	sampleBucket = "acme-logs"
	sampleQueue  = "devo-s3-acme"
)

// Help says more than fits into a line.
func (invokeCommand) Help() string {
	return "The objects that the event names are put into bucket " + sampleBucket + " beforehand, one of testdata for whichever service has such keys. " +
		"Version ids and eTags of the event become those that the objects got. Exits 1 if the function failed; messages that it hands back are its answer."
}

// An invocation is one event on its way.
type invocation struct {
	*stack.Stack
	payload string
	objects []events.Object
	bodies  map[string][]byte // of the objects, by key
	sources []string          // that have the keys

	mu      sync.Mutex
	log     []string
	records []string
}

// Run invokes the function.
func (c *invokeCommand) Run() error {
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt)
	defer cancel()
	ctx, cancel = context.WithTimeout(ctx, c.Within)
	defer cancel()
	in, err := c.read()
	if err != nil {
		return err
	}
	in.Stack, err = stack.Start(stack.Options{
		Bootstrap: c.Bootstrap, Log: in.line, Receiver: local.ReceiverOptions{OnRecord: in.received},
		Feeds: []*stack.Feed{{Bucket: sampleBucket, Queue: sampleQueue, Via: local.ViaSQS, Versioned: true, Services: in.sources}},
	})
	if err != nil {
		return fmt.Errorf("start the embedded account: %w", err)
	}
	defer in.Close()
	if err := in.put(); err != nil {
		return err
	}
	r, err := in.Function.Invoke(ctx, []byte(in.payload))
	if err == nil {
		err = in.Receiver.Settle(ctx)
	}
	if err != nil {
		return err
	}
	in.print(os.Stdout, r)
	if r.FunctionError != "" {
		return errSaid
	}
	return nil
}

// read reads the event, and finds an object for each that it names.
func (c *invokeCommand) read() (*invocation, error) {
	payload, err := os.ReadFile(c.Event)
	if err != nil {
		return nil, err
	}
	var event struct {
		Records []struct{ Body, EventSourceARN string }
	}
	if err := json.Unmarshal(payload, &event); err != nil {
		return nil, fmt.Errorf("%s is no event of a queue: %w", c.Event, err)
	}
	catalog, err := operate.Catalog()
	if err != nil {
		return nil, err
	}
	in := &invocation{payload: string(payload), bodies: make(map[string][]byte)}
	for _, r := range event.Records {
		if _, queue, _ := strings.Cut(r.EventSourceARN, stack.CustomerAccount+":"); queue != sampleQueue && !strings.HasSuffix(r.EventSourceARN, ":"+stack.Continuation) {
			fmt.Fprintf(os.Stderr, "collector: no queue of the deployment here is %s; there are %s and %s\n", r.EventSourceARN, sampleQueue, stack.Continuation)
		}
		n, err := events.Decode(r.Body)
		if err != nil {
			continue // the function will say so
		}
		for _, o := range n.Objects {
			if o.Err == nil && o.Bucket == sampleBucket {
				if err := in.name(o, catalog, c.Testdata); err != nil {
					return nil, err
				}
			}
		}
	}
	return in, nil
}

// name notes an object, with what is to be in it.
func (in *invocation) name(o events.Object, catalog sources.Set, testdata string) error {
	in.objects = append(in.objects, o)
	body := []byte("invented for " + o.Key + "\n")
	if match, taken := catalog.Match(o.Key); taken {
		service := match.Source.Name()
		if !slices.Contains(in.sources, service) {
			in.sources = append(in.sources, service)
		}
		samples, err := workload.SamplesOf(testdata, service)
		if err != nil {
			return err
		}
		if i := slices.IndexFunc(samples, func(s *workload.Object) bool { return s.Records() > 0 }); i >= 0 {
			body = samples[i].Body
		}
	}
	if strings.HasSuffix(o.Key, ".gz") && !bytes.HasPrefix(body, []byte("\x1f\x8b")) {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		_, err := z.Write(body)
		if err = errors.Join(err, z.Close()); err != nil {
			panic(err) // a bytes.Buffer takes everything
		}
		body = b.Bytes()
	}
	in.bodies[o.Key] = body
	return nil
}

// put stores the objects, each once, and has the event name them as they are
// stored.
func (in *invocation) put() error {
	for key, body := range in.bodies {
		if err := in.Account.Put(sampleBucket, key, body); err != nil {
			return err
		}
	}
	for _, o := range in.objects {
		version, eTag := in.Account.Stored(sampleBucket, o.Key)
		for old, stored := range map[string]string{o.VersionID: version, o.ETag: eTag} {
			if old != "" {
				in.payload = strings.ReplaceAll(in.payload, old, stored)
			}
		}
	}
	return nil
}

func (in *invocation) line(_ string, line []byte) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.log = append(in.log, string(line))
}

func (in *invocation) received(r local.Record) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.records = append(in.records, string(r.Tag)+"\t"+string(r.Raw))
}

func (in *invocation) print(w io.Writer, r local.Result) {
	in.mu.Lock()
	defer in.mu.Unlock()
	section := func(name string, lines []string) {
		fmt.Fprintf(w, "%s\n", name)
		for _, line := range lines {
			fmt.Fprintf(w, "  %s\n", strings.ReplaceAll(line, "\n", `\n`))
		}
		fmt.Fprintln(w)
	}
	var put []string
	for _, o := range in.objects {
		put = append(put, fmt.Sprintf("s3://%s/%s, %d bytes", o.Bucket, o.Key, len(in.bodies[o.Key])))
	}
	section(fmt.Sprintf("objects put: %d", len(put)), put)
	section("log", in.log)
	section("response", []string{string(r.Payload)})
	section(fmt.Sprintf("records received: %d", len(in.records)), in.records)
}
