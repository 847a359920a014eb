package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/signal"
	"strings"
	"sync"
	"time"

	"github.com/devo-s3/collector/cmd/collector/stack"
	"github.com/devo-s3/collector/local"
)

const (
	// Of three invocations one is short: what it does not finish is continued.
	// The others have time to be frozen.
	shortInvocation = 52 * time.Second
	longInvocation  = stack.FunctionTimeout
)

// A trial is one run on its way.
type trial struct {
	command
	*injector
	leaks    *leaks
	hostiles *hostiles
	log      *os.File

	rand    *rand.Rand // load's alone, as is objects
	objects int

	mu        sync.Mutex
	putting   bool
	replacing []*object
	poison    map[int]*strike   // objects whose middle record Devo does not take
	refused   map[int]bool      // those that it has refused
	bad       map[string]string // what stands in a message → how its kind in the DLQ must begin
	last      map[string]string // messageId → kind of its last failure
	corrupt   map[string]bool   // messageIds that once failed as such
	died      int               // invocations
	timeout   int               // invocations that ran out of time
}

func (c command) run() (*result, error) {
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt)
	defer cancel()
	t := &trial{
		command: c, injector: newInjector(c.Seed), rand: rand.New(rand.NewPCG(c.Seed, 0x2)), putting: true,
		hostiles: newHostiles(c.Seed), corrupt: make(map[string]bool),
		poison: make(map[int]*strike), refused: make(map[int]bool), bad: make(map[string]string), last: make(map[string]string),
	}
	if c.Log != "" {
		f, err := os.Create(c.Log)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		t.log = f
	}
	if err := t.start(); err != nil {
		return nil, err
	}
	defer t.Close()
	ctx, cancel = context.WithTimeout(ctx, time.Duration(c.Minutes)*time.Minute+c.Within)
	defer cancel()
	begun := time.Now()
	loaded := make(chan error, 1)
	go func() { loaded <- t.load(ctx) }()
	show := newProgress()
	err := t.Drain(ctx, func(idle bool) (more bool) {
		t.mu.Lock()
		defer t.mu.Unlock()
		show(t.progress(idle))
		return t.putting
	})
	if err := errors.Join(err, <-loaded); err != nil {
		return nil, err
	}
	return t.result(time.Since(begun)), nil
}

// start brings the stack up, and has everything tell of itself.
func (t *trial) start() (err error) {
	t.leaks = newLeaks(plain, planted, stack.ExternalID)
	o := stack.Options{
		Bootstrap: t.Bootstrap, Watch: t.Watch, Processes: t.Processes, BatchSize: 10, Mark: planted, Stride: 5 * time.Second,
		Devo:    []string{fmt.Sprint("confirm_timeout: ", confirmTimeout), "confirm_every: {bytes: 256KiB, time: 1s}"},
		Shelves: [][]string{t.hostiles.sources()}, MemoryMiB: t.Memory, EnforceMemory: t.Memory > 0,
		Receiver: local.ReceiverOptions{
			OnRecord: t.received, Refuse: t.refuses,
			Behave: t.behave, OnEnd: t.ended,
		},
		Deadline: func(n int, _ []byte) time.Duration {
			if n%3 == 0 {
				return shortInvocation
			}
			return longInvocation
		},
		Log: t.line, OnStart: t.started, OnEnd: t.over,
	}
	t.books = newBooks(func() int64 { return t.Receiver.Opened() })
	t.itself, t.keys, t.find, t.replace = t.Itself, func(_, key []byte) { t.leaks.plantKey(key) }, t.overwritable, t.overwrite
	if t.Stack, err = stack.Start(o); err != nil {
		return fmt.Errorf("start the embedded account: %w", err)
	}
	t.leaks.plantKey(t.KeyPEM)
	t.Account.OnWrite(stack.LedgerTable, t.wrote)
	t.Account.SetFault(t.fault)
	return t.Poll(o)
}

// wrote tells of a write to the ledger's table.
func (t *trial) wrote(item map[string]any) {
	t.books.ledger(item)
	t.hostiles.ledger(item)
	t.learns(item)
}

func (t *trial) received(r local.Record) {
	if string(r.Tag) != stack.HeartbeatTag && !t.hostiles.take(r.Conn, r.Tag, r.Raw) {
		t.books.take(r.Conn, r.Tag, r.Raw)
	}
}

// refuses tells of a record that Devo does not take: the one in the middle of a
// poisoned object.
func (t *trial) refuses(r local.Record) bool {
	number, i, ok := readID(r.Raw)
	if !ok || i != poisoned {
		return false
	}
	t.mu.Lock()
	s := t.poison[number]
	first := s != nil && !t.refused[number]
	if first {
		t.refused[number] = true
	}
	t.mu.Unlock()
	if first {
		t.hit(s)
	}
	return s != nil
}

func (t *trial) over(e local.Ended) {
	t.mu.Lock()
	if e.Err != nil {
		t.died++
	}
	if e.TimedOut {
		t.timeout++
	}
	t.mu.Unlock()
	t.finished(e)
}

// line looks at a line of the functions' output.
func (t *trial) line(requestID string, line []byte) {
	t.leaks.look(line)
	t.said(requestID, line)
	id, outcome := outcomeOf(line)
	t.mu.Lock()
	defer t.mu.Unlock()
	if id != "" && outcome != "ok" {
		t.last[id] = outcome
		t.corrupt[id] = t.corrupt[id] || outcome == "corrupt"
	}
	if t.log != nil {
		_, _ = t.log.Write(append(line, '\n'))
	}
}

func (t *trial) progress(idle bool) string {
	received, put := t.books.progress()
	switch {
	case t.putting:
		return fmt.Sprintf("%d of %d records received, %d faults met", received, put, t.count())
	case idle:
		return fmt.Sprintf("%d of %d records received, advancing the clock", received, put)
	}
	return fmt.Sprintf("%d of %d records received, %d processes busy", received, put, t.Function.Busy())
}

// unexpected goes through the DLQs: dead are the messages by kind, hostile is how many are
// about hostile objects, and wrong are those that should not be there, or are not. A hostile
// object must have been corrupt once: what it met the last time is chance.
func (t *trial) unexpected() (dead map[string]int, hostile int, wrong []string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	dead = make(map[string]int)
	for _, f := range t.Feeds {
		for _, m := range t.Account.Messages(f.DLQ) {
			k := t.last[m.ID]
			if t.hostiles.named(m.Body) {
				hostile++
				if !t.corrupt[m.ID] {
					wrong = append(wrong, fmt.Sprintf("%s, hostile, in %s: %.300s", k, f.DLQ, m.Body))
				}
				continue
			}
			dead[k]++
			if !t.foreseen(m.Body, k) {
				wrong = append(wrong, fmt.Sprintf("%s in %s: %.300s", k, f.DLQ, m.Body))
			}
		}
	}
	for mark, k := range t.bad {
		wrong = append(wrong, fmt.Sprintf("%s, of kind %s, is in no DLQ", mark, k))
	}
	return dead, hostile, wrong
}

// foreseen reports whether a message was to end in a DLQ, with that kind, and crosses
// it off. Under mu.
func (t *trial) foreseen(body, k string) bool {
	for mark, want := range t.bad {
		if strings.Contains(body, mark) && strings.HasPrefix(k, want) {
			delete(t.bad, mark)
			return true
		}
	}
	return false
}
