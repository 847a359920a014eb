package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"testing"

	"github.com/devo-s3/collector/account"
	"github.com/devo-s3/collector/cmd/collector/workload"
	"github.com/devo-s3/collector/delivery"
	"github.com/devo-s3/collector/devo"
	"github.com/devo-s3/collector/events"
	"github.com/devo-s3/collector/local"
	"github.com/devo-s3/collector/sources"
)

type memory []byte

func (m memory) Open(_ context.Context, _ events.Object, off, _ int64) (*delivery.Body, error) {
	return &delivery.Body{ReadCloser: io.NopCloser(bytes.NewReader(m[off:])), ETag: "e", Size: int64(len(m))}, nil
}

type silent struct{}

func (silent) Message(delivery.Outcome) {}

type noQueue struct{ delivery.Queue }

// BenchmarkDeliver is the whole way of one object but for S3, in one process,
// for profiles: go test -bench Deliver -cpuprofile cpu.out ./cmd/bench.
func BenchmarkDeliver(b *testing.B) {
	for _, name := range []string{"aws_sqs_cloudtrail", "aws_sqs_vpc", "aws_sqs_alb"} {
		b.Run(name, func(b *testing.B) {
			const size = 64 << 20
			object, err := workload.Sample(name, 1, size)
			if err != nil {
				b.Fatal(err)
			}
			c := deliverTo(b, name, memory(object.Body))
			b.SetBytes(size)
			b.ReportAllocs()
			for b.Loop() {
				body := fmt.Sprintf(`{"detail-type":"Object Created","source":"aws.s3","detail":{"bucket":{"name":"b"},"object":{"key":%q}}}`, object.Key)
				if failed := c.Deliver(b.Context(), "r", []delivery.Message{{ID: "m", Queue: queueARN, Received: 1, Body: body}}); failed != nil {
					b.Fatal("it failed")
				}
			}
		})
	}
}

func deliverTo(b *testing.B, name string, store delivery.Store) *delivery.Collector {
	b.Helper()
	authority, err := local.NewAuthority()
	if err != nil {
		b.Fatal(err)
	}
	receiver, err := local.StartReceiver(local.ReceiverOptions{Authority: authority, OnRecord: func(local.Record) {}})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = receiver.Close() })
	cert, key, err := authority.Client("bench")
	if err != nil {
		b.Fatal(err)
	}
	sink, err := devo.New(devo.Config{Endpoints: []string{receiver.Addr()}, ID: "1", Identity: func(context.Context, bool) (devo.KeyPair, error) {
		return devo.KeyPair{Cert: cert, Key: key, Chain: authority.Chain}, nil
	}})
	if err != nil {
		b.Fatal(err)
	}
	definition, err := sources.Service(name)
	if err != nil {
		b.Fatal(err)
	}
	source, err := sources.Compile(definition)
	if err != nil {
		b.Fatal(err)
	}
	c, err := delivery.New(delivery.Options{
		Entries: []delivery.Entry{{ARN: queueARN, Buckets: []string{"b"}, Sources: sources.Set{source}, Store: store}},
		Ledger:  account.NoLedger(), Queue: noQueue{}, Sink: sink, Report: silent{}, Unparsed: "my.app.x", BadTag: "my.app.y",
	})
	if err != nil {
		b.Fatal(err)
	}
	return c
}
