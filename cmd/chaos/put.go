package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/devo-s3/collector/cmd/collector/stack"
)

const (
	meanRecords = 220
	// poisoned is the record of a poisoned object that Devo does not take.
	poisoned = 20
	// mostLoads bounds a load that goes on for faults that meet nothing.
	mostLoads = 4
)

// recordsWanted is how many records must pass.
func recordsWanted(minutes int) int {
	if minutes < 10 {
		return 50_000 * minutes
	}
	return 100_000 * minutes
}

// load puts objects at an even pace, and arms each strike when it is due, for the
// run's minutes and on until each kind of fault has met records: on a slow machine
// that takes longer. mostLoads times as many records are the end of it. Then all
// faults end.
func (t *trial) load(ctx context.Context) error {
	defer func() {
		t.end()
		t.mu.Lock()
		defer t.mu.Unlock()
		t.putting = false
	}()
	if t.Messages > 0 {
		return t.loadMessages(ctx)
	}
	due, begun := schedule(t.Seed, t.Minutes), time.Now()
	if t.Itself {
		due = nil
	}
	// Some more: what is overwritten is not counted.
	want, length, minutes := recordsWanted(t.Minutes)*11/10, loadTime(t.Minutes), time.Duration(t.Minutes)*time.Minute
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for records := 0; ; {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
		}
		at := time.Since(begun)
		for len(due) > 0 && due[0].At <= at {
			t.arm(due[0])
			due = due[1:]
		}
		t.tick()
		if err := errors.Join(t.replaced(), t.putHostile()); err != nil {
			return err
		}
		part := float64(at) / float64(length)
		if at < minutes {
			part = min(part, 1)
		}
		for records < int(float64(want)*part) {
			n, err := t.putNext()
			if err != nil {
				return err
			}
			records += n
		}
		if at >= minutes && (t.allMet(t.Minutes) || records >= mostLoads*want) {
			return nil
		}
	}
}

// putNext puts one more object; one in forty is long, one in thirty announced
// twice.
func (t *trial) putNext() (records int, err error) {
	feed := t.Feeds[t.rand.IntN(3)]
	records = 1 + int(t.rand.ExpFloat64()*meanRecords)
	if t.rand.IntN(40) == 0 {
		records *= 12
	}
	if s := t.take(s3Coalesced); s != nil {
		return records, t.putAtOnce(s, records)
	}
	s := t.take(refusesRecord)
	if s != nil {
		records += poisoned
	}
	o, body := t.invent(records, feed.Bucket, formats[t.rand.IntN(len(formats))])
	t.books.enter(o)
	if s != nil {
		t.books.forgive(o)
		t.mu.Lock()
		t.poison[o.number] = s
		t.bad[o.key] = "devo_" // the last time it may have been refused
		t.mu.Unlock()
	}
	if err := t.Account.Put(o.bucket, o.key, body); err != nil {
		return 0, err
	}
	if s == nil && t.rand.IntN(30) == 0 {
		return records, t.Account.Renotify(o.bucket, o.key)
	}
	return records, nil
}

// putAtOnce has two objects be written at once under one key: one is owed, which the
// notification does not tell of.
func (t *trial) putAtOnce(s *strike, records int) error {
	first, lost := t.invent(records, t.Feeds[0].Bucket, formats[t.rand.IntN(len(formats))])
	t.books.enter(first)
	t.books.forgive(first)
	o, body := t.invent(records, first.bucket, first.format)
	o.key = first.key
	t.books.enter(o)
	if err := t.Account.PutAtOnce(o.bucket, o.key, lost, body); err != nil {
		return err
	}
	t.hit(s)
	return nil
}

// putHostile puts a hostile object if one is due.
func (t *trial) putHostile() error {
	s := t.take(s3Hostile)
	if s == nil {
		return nil
	}
	key, data := t.hostiles.next()
	if err := t.Account.Put(stack.ShelfBucket(0), key, data); err != nil {
		return err
	}
	t.hit(s)
	return nil
}

// overwritable is an object that may be replaced while it is read.
func (t *trial) overwritable(bucket, key string) *object {
	o := t.books.find(bucket, key)
	if o == nil || o.optional || bucket == t.Feeds[1].Bucket || o.records < 200 {
		return nil
	}
	return o
}

// overwrite has another object put under the same key, at once.
func (t *trial) overwrite(old *object) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.replacing = append(t.replacing, old)
}

// replaced puts what overwrites an object that is being read.
func (t *trial) replaced() error {
	t.mu.Lock()
	all := t.replacing
	t.replacing = nil
	t.mu.Unlock()
	for _, old := range all {
		o, body := t.invent(old.records, old.bucket, old.format)
		o.key = old.key
		t.books.forgive(old)
		t.books.enter(o)
		if err := t.Account.Put(o.bucket, o.key, body); err != nil {
			return err
		}
	}
	return nil
}

// invent makes the next object.
func (t *trial) invent(records int, bucket string, f *format) (*object, []byte) {
	o := &object{number: t.objects, bucket: bucket, key: fmt.Sprintf(f.key, t.objects), format: f, records: records, first: f.first}
	t.objects++
	return o, o.body(t.rand)
}

// loadMessages puts small objects, one message each, as fast as they are taken;
// one in a hundred messages is bad, one invocation in twenty is killed.
func (t *trial) loadMessages(ctx context.Context) error {
	for n := range t.Messages {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if n%1000 == 0 {
			t.arm(&strike{Kind: killed, Wait: time.Duration(1) << t.rand.IntN(11) * time.Millisecond})
		}
		var err error
		if n%100 == 50 {
			err = t.putBad(n / 100)
		} else {
			err = t.putSmall()
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (t *trial) putSmall() error {
	feed := t.Feeds[t.rand.IntN(3)]
	o, body := t.invent(1+t.rand.IntN(3), feed.Bucket, formats[t.rand.IntN(len(formats))])
	t.books.enter(o)
	return t.Account.Put(o.bucket, o.key, body)
}

// putBad makes a message that must end in a DLQ.
func (t *trial) putBad(n int) error {
	bucket, key := t.Feeds[0].Bucket, fmt.Sprintf("app/prod/bad-%06d.log", n)
	expect := func(kind string) {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.bad[fmt.Sprintf("bad-%06d", n)] = kind
	}
	switch n % 5 {
	case 0:
		expect("malformed")
		return t.Account.Send(t.Feeds[0].ARN, fmt.Sprintf(`{"hello":"bad-%06d"}`, n))
	case 1:
		expect("not_found")
		return t.Account.Send(t.Feeds[0].ARN, fmt.Sprintf(`{"Records":[{"eventVersion":"2.1","eventSource":"aws:s3","awsRegion":%q,`+
			`"eventName":"ObjectCreated:Put","s3":{"bucket":{"name":%q},"object":{"key":%q,"size":1}}}]}`, stack.Region, bucket, key))
	case 2:
		expect("no_source")
		return t.Account.Put(bucket, fmt.Sprintf("unheard-of/bad-%06d", n), []byte("x"))
	case 3:
		expect("not_allowed")
		return t.Account.Put(stack.ForeignBucket, key, []byte("x\n"))
	}
	expect("corrupt")
	return t.Account.Put(bucket, fmt.Sprintf("AWSLogs/111122223333/CloudTrail/eu-west-1/2026/11/23/"+
		"111122223333_CloudTrail_eu-west-1_20261123T0500Z_bad-%06d.json.gz", n), []byte("\x1f\x8b no gzip at all"))
}
