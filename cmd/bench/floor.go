package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/klauspost/compress/gzip"

	"github.com/devo-s3/collector/account"
	"github.com/devo-s3/collector/delivery"
	"github.com/devo-s3/collector/devo"
	"github.com/devo-s3/collector/events"
	"github.com/devo-s3/collector/parsers"
)

// piece is what the floor writes at a time.
const piece = 64 << 10

// batch is how many objects come in one invocation, and share the floor's
// connection.
const batch = 10

// A lower is the other side of the comparison: it unpacks objects and writes
// as many bytes as the collector did.
type lower struct {
	sink   *devo.Sink
	store  delivery.Store
	buf    []byte
	wire   int64 // bytes to write for each object
	gunzip func(io.Reader) (io.Reader, error)
}

// gunzips are what floors unpack with: ours, by which the collector is judged, and
// klauspost's, by which it was until December 2026.
var gunzips = map[string]func(io.Reader) (io.Reader, error){
	floorOwn:       parsers.Gunzip,
	floorKlauspost: func(in io.Reader) (io.Reader, error) { return gzip.NewReader(in) },
}

const (
	floorOwn       = "own"
	floorKlauspost = "klauspost"
)

// floor measures a lower in a process of its own. Its arguments behind the
// flags are the objects' keys; the first is for the first calls, which are not
// measured.
func floor(args []string) error {
	f := flag.NewFlagSet("floor", flag.ContinueOnError)
	addr, dir := f.String("to", "", "the receiver"), f.String("keys", "", "the directory of the key pair")
	wire := f.Int64("wire", 0, "bytes to write for each object")
	gunzip := f.String("gunzip", floorOwn, "what to unpack with")
	if err := f.Parse(args); err != nil {
		return err
	}
	sink, err := sinkOf(*addr, *dir)
	if err != nil {
		return err
	}
	acct, err := account.New(background, account.Options{Region: region, Customer: "bench"})
	if err != nil {
		return err
	}
	l := &lower{
		sink: sink, store: acct.Store(account.Access{RoleARN: role, ExternalID: externalID}),
		buf: make([]byte, piece), wire: *wire, gunzip: gunzips[*gunzip],
	}
	keys := f.Args()
	if err := l.invocation(keys[:1]); err != nil {
		return err
	}
	keys = keys[1:]
	before, begun := cpu(), time.Now()
	for len(keys) > 0 {
		n := min(batch, len(keys))
		if err := l.invocation(keys[:n]); err != nil {
			return err
		}
		keys = keys[n:]
	}
	return json.NewEncoder(os.Stdout).Encode(run{CPU: cpu() - before, Wall: time.Since(begun).Seconds()})
}

// sinkOf is the way to a receiver, with the key pair in dir.
func sinkOf(addr, dir string) (*devo.Sink, error) {
	k := keyPairIn(dir)
	pair, err := devo.ReadKeyPair(k.cert, k.key, k.chain)
	if err != nil {
		return nil, err
	}
	return devo.New(devo.Config{Endpoints: []string{addr}, ID: "1", Identity: func(context.Context, bool) (devo.KeyPair, error) { return pair, nil }})
}

// invocation carries a batch on one connection.
func (l *lower) invocation(keys []string) error {
	conn, err := l.sink.Dial(background, background)
	if err != nil {
		return err
	}
	for _, key := range keys {
		if err := l.carry(conn, key); err != nil {
			return err
		}
	}
	return conn.Confirm(background)
}

func (l *lower) carry(conn delivery.Conn, key string) error {
	body, err := l.store.Open(background, events.Object{Bucket: bucket, Key: key}, 0, -1)
	if err != nil {
		return err
	}
	defer body.Close()
	var from io.Reader = body
	if !strings.HasSuffix(key, ".parquet") { // which has no outer packing
		if from, err = l.gunzip(body); err != nil {
			return err
		}
	}
	for wire, left := l.wire, true; left || wire > 0; {
		if left {
			_, err := io.ReadFull(from, l.buf)
			left = err == nil
			if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
				return err
			}
		}
		if n := min(wire, piece); n > 0 {
			if err := conn.Write(prebuilt[:n-1], nil); err != nil {
				return err
			}
			wire -= n
		}
	}
	return nil
}

var prebuilt = bytes.Repeat([]byte("x"), piece-1) // Write adds the line feed

// cpu is this process's CPU-seconds.
func cpu() float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()).Seconds()
}
