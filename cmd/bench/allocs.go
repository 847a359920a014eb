package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"

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

func (silent) InFlight(delivery.Flight) {}

type noQueue struct{ delivery.Queue }

// A courier is the function's inside, in this process, with a real connection to
// a receiver in another, but without AWS.
type courier struct {
	receiver *exec.Cmd
	stop     io.Closer // of the receiver
	sink     *devo.Sink
	sources  []delivery.Entry
}

func newCourier() (c *courier, err error) {
	dir, err := os.MkdirTemp("", "bench-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	c = new(courier)
	addr, err := c.start(dir)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			c.close()
		}
	}()
	if c.sink, err = sinkOf(addr, dir); err != nil {
		return nil, err
	}
	k := keyPairIn(dir)
	cfg, err := config.Parse("bench.yaml", fmt.Appendf(nil, deployment, addr, k.cert, k.key, k.chain))
	if err != nil {
		return nil, err
	}
	c.sources = []delivery.Entry{{ARN: queueARN, Buckets: []string{bucket}, Sources: cfg.Queues[0].Sources}}
	return c, nil
}

// start begins a receiver, which writes its clients' key pair into dir, and gives
// its address.
func (c *courier) start(dir string) (addr string, err error) {
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	c.receiver = exec.Command(self, "receiver", "-keys", dir)
	c.receiver.Stderr = os.Stderr
	if c.stop, err = c.receiver.StdinPipe(); err != nil {
		return "", err
	}
	out, err := c.receiver.StdoutPipe()
	if err != nil {
		return "", err
	}
	if err := c.receiver.Start(); err != nil {
		return "", err
	}
	_, err = fmt.Fscanln(out, &addr)
	return addr, err
}

// receive is a receiver in a process of its own. It prints its address, and ends
// with its standard input.
func receive(args []string) error {
	f := flag.NewFlagSet("receiver", flag.ContinueOnError)
	dir := f.String("keys", "", "the directory to write the key pair to")
	if err := f.Parse(args); err != nil {
		return err
	}
	authority, err := local.NewAuthority()
	if err != nil {
		return err
	}
	if _, err := writeKeyPair(*dir, authority); err != nil {
		return err
	}
	r, err := local.StartReceiver(local.ReceiverOptions{Authority: authority, OnRecord: func(local.Record) {}})
	if err != nil {
		return err
	}
	fmt.Println(r.Addr())
	_, _ = io.Copy(io.Discard, os.Stdin)
	return r.Close()
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

func (c *courier) close() {
	_ = c.stop.Close()
	_ = c.receiver.Wait()
}

// tries is how often two objects are delivered, to compare them.
const tries = 8

// slack is how many allocations an object may make more than a smaller one
// without any being for its records: whoever waits longer makes a timer, and the
// runtime something for itself. It is less than one for a hundred records more.
const slack = 40

// allocsPerRecord is what a record more costs: by how many allocations an object
// of three times the records exceeds a smaller one. Both are delivered several
// times, and the fewest of each count. Up to slack more are none for a record,
// which is exactly 0. The collector is off, so that pools keep what they have.
func allocsPerRecord(s sample) (float64, error) {
	c, err := newCourier()
	if err != nil {
		return 0, err
	}
	defer c.close()
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	var objects [2]*object
	for i, size := range [...]int{4 << 20, 12 << 20} {
		if objects[i], err = s.make(size); err != nil {
			return 0, err
		}
		if err := c.deliver(objects[i]); err != nil { // fills the pools
			return 0, err
		}
	}
	fewest := [2]uint64{math.MaxUint64, math.MaxUint64}
	for range tries {
		for i, o := range objects {
			runtime.GC()
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			err := c.deliver(o)
			runtime.ReadMemStats(&after)
			if err != nil {
				return 0, err
			}
			fewest[i] = min(fewest[i], after.Mallocs-before.Mallocs)
		}
	}
	if fewest[1] <= fewest[0]+slack {
		return 0, nil
	}
	return float64(fewest[1]-fewest[0]) / float64(objects[1].records-objects[0].records), nil
}
