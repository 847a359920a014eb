package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"runtime"

	"github.com/devo-s3/collector/account"
	"github.com/devo-s3/collector/config"
	"github.com/devo-s3/collector/delivery"
	"github.com/devo-s3/collector/devo"
	"github.com/devo-s3/collector/events"
	"github.com/devo-s3/collector/local"
)

// memory is a Store of one object.
type memory []byte

func (m memory) Open(_ context.Context, _ events.Object, off, length int64) (*delivery.Body, error) {
	rest := m[off:]
	if length >= 0 {
		rest = rest[:min(length, int64(len(rest)))]
	}
	return &delivery.Body{ReadCloser: io.NopCloser(bytes.NewReader(rest)), ETag: "e", Size: int64(len(m))}, nil
}

type silent struct{}

func (silent) Message(delivery.Outcome) {}

type noQueue struct{ delivery.Queue }

// A courier is the function's inside, in this process, with a real connection
// but without AWS.
type courier struct {
	receiver *local.Receiver
	sink     *devo.Sink
	sources  []delivery.Entry
}

func newCourier() (*courier, error) {
	authority, err := local.NewAuthority()
	if err != nil {
		return nil, err
	}
	cert, key, err := authority.Client("bench")
	if err != nil {
		return nil, err
	}
	cfg, err := config.Parse("bench.yaml", fmt.Appendf(nil, deployment, "localhost:1", "c", "k", "ch"))
	if err != nil {
		return nil, err
	}
	c := &courier{sources: []delivery.Entry{{ARN: queueARN, Buckets: []string{bucket}, Sources: cfg.Queues[0].Sources}}}
	if c.receiver, err = local.StartReceiver(local.ReceiverOptions{Authority: authority, OnRecord: func(local.Record) {}}); err != nil {
		return nil, err
	}
	c.sink, err = devo.New(devo.Config{Endpoints: []string{c.receiver.Addr()}, ID: "1", Identity: func(context.Context, bool) (devo.KeyPair, error) {
		return devo.KeyPair{Cert: cert, Key: key, Chain: authority.Chain}, nil
	}})
	return c, err
}

// deliver brings one object, which is in memory, to the receiver.
func (c *courier) deliver(o *object) error {
	c.sources[0].Store = memory(o.body)
	d, err := delivery.New(delivery.Options{
		Entries: c.sources, Ledger: account.NoLedger(), Queue: noQueue{}, Sink: c.sink, Report: silent{},
		Unparsed: "my.app.x", BadTag: "my.app.y",
	})
	if err != nil {
		return err
	}
	body := fmt.Sprintf(`{"detail-type":"Object Created","source":"aws.s3","detail":{"bucket":{"name":%q},"object":{"key":%q,"size":%d}}}`,
		bucket, o.key, len(o.body))
	if failed := d.Deliver(background, "r", []delivery.Message{{ID: "m", Queue: queueARN, Received: 1, Body: body}}); failed != nil {
		return fmt.Errorf("%s was not delivered", o.key)
	}
	return nil
}

func (c *courier) close() { _ = c.receiver.Close() }

// allocsPerRecord is what more records of a sample cost, the receiver's own
// allocations included: those of two objects, one of them larger, are compared.
func allocsPerRecord(s sample) (float64, error) {
	c, err := newCourier()
	if err != nil {
		return 0, err
	}
	defer c.close()
	var records, allocs [2]float64
	for i, size := range [...]int{4 << 20, 12 << 20} {
		o, err := s.make(size)
		if err != nil {
			return 0, err
		}
		if err := c.deliver(o); err != nil { // fills the pools
			return 0, err
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		err = c.deliver(o)
		runtime.ReadMemStats(&after)
		if err != nil {
			return 0, err
		}
		records[i], allocs[i] = float64(o.records), float64(after.Mallocs-before.Mallocs)
	}
	return max(0, allocs[1]-allocs[0]) / (records[1] - records[0]), nil
}
