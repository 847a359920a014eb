package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/devo-s3/collector/cmd/collector/stack"
	"github.com/devo-s3/collector/local"
)

// The parts of objects whose source is acme_cef, which leaves out what is not CEF,
// or acme_table, which has a filter.
const (
	cefHeader  = "accountId:1234\nconfigId:5678\n|==|\n"
	cefEvent   = "CEF:0|Incapsula|SIEMintegration|1|1|Normal|0| siteid=%d\n"
	cefTag     = "cef0.imperva.incapsula "
	acmeWAF    = `{name: acme_waf, keys: ["waf/**"], preamble: {end: '|==|', encrypted: [key]}, format: lines, tag: my.app.acme.waf}`
	notCEF     = "no event, but a line that says something\n"
	acmeCEF    = `{name: acme_cef, keys: ["incapsula/**"], format: cef, options: {others: drop, header: '\w+:\w+|\|==\|'}, tag: cef0.imperva.incapsula}`
	acmeTable  = `{name: acme_table, keys: ["table/**"], format: csv, options: {header: json}, tag: my.app.acme.table, filters: [{name: noise, exclude: {value: record.kind, equals: [noise]}}]}`
	killedKey  = "incapsula/1_2.log" // whose second invocation is killed
	longObject = 8 << 20             // bytes: more than the first invocations have time for at slowly
	slowly     = 2 << 20             // bytes a second
)

// An implausibleCase is an object, and whether it is to be delivered.
type implausibleCase struct {
	key, body string
	corrupt   bool
	cause     string   // what it ends as corrupt for, where that is not the verdict on its records
	slow      bool     // it outlives an invocation
	records   []string // "TAG RECORD"
}

func implausibleCases(t *testing.T) map[string]implausibleCase {
	t.Helper()
	long := strings.Repeat(notCEF, longObject/len(notCEF))
	event := func(n int) (text, record string) {
		text = fmt.Sprintf(cefEvent, n)
		return text, cefTag + strings.TrimSuffix(text, "\n")
	}
	half, halfRecord := event(1)
	first, firstRecord := event(2)
	last, lastRecord := event(3)
	noise := make([]byte, 4<<10)
	r := rand.New(rand.NewPCG(1, 2))
	for i := range noise {
		noise[i] = byte(r.Uint32())
	}
	garbage := string(zipped(t, "id,kind\n7,good\n")) + "garbage"
	return map[string]implausibleCase{
		"another format behind the header": {key: "incapsula/1_1.log", body: cefHeader + strings.Repeat(notCEF, 8), corrupt: true},
		"a document instead of a table":    {key: "table/1.csv", body: "<!DOCTYPE html><title>Access denied</title>", corrupt: true},
		"another format, continued":        {key: killedKey, body: long, corrupt: true, slow: true},
		"packed as nothing unpacks":        {key: "table/5.csv", body: "7z\xbc\xaf\x27\x1c" + string(noise), corrupt: true, cause: "looks like 7z"},
		"encrypted or unknown":             {key: "table/6.csv", body: string(noise), corrupt: true, cause: "is not text"},
		"garbage behind a member":          {key: "table/7.csv.gz", body: garbage, corrupt: true, cause: "garbage behind the member", records: []string{`{"id":"7","kind":"good"}`}},
		"encrypted behind a header":        {key: "waf/1.log", body: "configId:1\nkey:abc=\n|==|\n" + string(noise), corrupt: true, cause: "switch encryption off"},
		"foreign, then good":               {key: "incapsula/1_3.log", body: strings.Repeat(notCEF, 50) + half, records: []string{halfRecord}},
		"good, then foreign, continued":    {key: "incapsula/1_4.log", body: first + long, slow: true, records: []string{firstRecord}},
		"foreign, then good, continued":    {key: "incapsula/1_5.log", body: long + last, slow: true, records: []string{lastRecord}},
		"a header alone":                   {key: "incapsula/1_6.log", body: cefHeader},
		"an empty table":                   {key: "table/2.csv", body: "id,kind\n"},
		"no bytes":                         {key: "table/3.csv"},
		"all filtered":                     {key: "table/4.csv", body: "id,kind\n1,noise\n2,noise\n"},
	}
}

// A verdictLog is what the function's log and the ledger said, by key.
type verdictLog struct {
	kill func(requestID string)

	mu      sync.Mutex
	owner   map[string]string
	next    map[string]float64   // the position in the ledger
	at      map[string][]float64 // that at each receive that ended as corrupt
	cause   map[string]string
	foreign map[string]float64
	opened  map[string]int // how often
	slow    []string       // keys of objects that outlive an invocation
	killed  string         // the invocation that was
}

// isSlow reports whether the object comes slowly, to invocations that are short:
// the first two, and further ones until something of it is confirmed. Later ones
// have the time that is deployed, however slow the machine is, so that the
// verdict is always of the same position.
func (v *verdictLog) isSlow(key string) bool {
	return slices.Contains(v.slow, key) && (v.opened[key] < 2 || v.next[key] == 0)
}

// deadline is what an invocation gets: where an object is slow, a window that
// grows with each opening.
func (v *verdictLog) deadline(_ int, payload []byte) time.Duration {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, key := range v.slow {
		if bytes.Contains(payload, []byte(key)) && v.isSlow(key) {
			return 45*time.Second + window<<min(v.opened[key], 4)
		}
	}
	return 0
}

func (v *verdictLog) line(_ string, text []byte) {
	var line struct {
		Message, Outcome, Cause string
		Object                  struct {
			Key     string
			Foreign float64
		}
	}
	if json.Unmarshal(text, &line) != nil || line.Message != "message" || line.Outcome != "corrupt" {
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	key := line.Object.Key
	v.at[key] = append(v.at[key], v.next[key])
	v.cause[key], v.foreign[key] = line.Cause, line.Object.Foreign
}

func (v *verdictLog) written(item map[string]any) {
	v.mu.Lock()
	defer v.mu.Unlock()
	key, _ := item["key"].(string)
	var next float64
	_, _ = fmt.Sscan(fmt.Sprint(item["next"]), &next)
	owner, _ := item["owner"].(string)
	if key == killedKey && next > 0 && owner != v.owner[key] && v.killed == "" {
		v.killed = owner
		go v.kill(owner)
	}
	v.next[key], v.owner[key] = next, owner
}

// TestObjectsOfAnotherFormatEndInTheDLQ: what is not what its source says is
// received ten times by the real function, from a real queue's semantics, and its
// position does not move; also when it was continued, and after a kill. So is what
// cannot be unpacked; what came before that is sent once. What is only empty, or only partly foreign, is delivered.
func TestObjectsOfAnotherFormatEndInTheDLQ(t *testing.T) {
	v := &verdictLog{
		owner: make(map[string]string), next: make(map[string]float64), at: make(map[string][]float64),
		cause: make(map[string]string), foreign: make(map[string]float64), opened: make(map[string]int),
	}
	cases := implausibleCases(t)
	for _, c := range cases {
		if c.slow {
			v.slow = append(v.slow, c.key)
		}
	}
	e, o := newEndurance(t, func(o *stack.Options) {
		o.Feeds = []*stack.Feed{{Bucket: "acme-logs", Via: local.ViaSQS, Services: []string{acmeCEF, acmeTable, acmeWAF}}}
		o.Log, o.BatchSize = v.line, 1 // so that a kill is of one message
		o.Deadline = v.deadline
	})
	v.kill = func(requestID string) { e.Function.Kill(requestID) }
	e.Account.OnWrite(stack.LedgerTable, v.written)
	e.Account.SetFault(func(r local.FaultRequest) *local.FaultResponse {
		if r.Action != "GetObject" {
			return nil
		}
		v.mu.Lock()
		defer v.mu.Unlock()
		slow := v.isSlow(r.Key)
		v.opened[r.Key]++
		if !slow {
			return nil
		}
		return &local.FaultResponse{RateBytesPerSecond: slowly}
	})
	for _, c := range cases {
		if err := e.Account.Put("acme-logs", c.key, []byte(c.body)); err != nil {
			t.Fatal(err)
		}
	}
	e.poll(t, o)

	dead := make(map[string]int) // receives, by key
	for _, f := range e.Feeds {
		for _, m := range e.Account.Messages(f.DLQ) {
			for _, c := range cases {
				if strings.Contains(m.Body, `"`+c.key+`"`) {
					dead[c.key] += m.Receives
				}
			}
		}
	}
	want := make(map[string]int)
	for name, c := range cases {
		for _, r := range c.records {
			want[strings.TrimPrefix(r, cefTag)] = 1
		}
		v.check(t, name, c, dead[c.key])
	}
	if v.killed == "" {
		t.Error("no invocation was killed")
	}
	if !maps.Equal(e.records, want) {
		t.Errorf("%d records arrived: %.300q", len(e.records), slices.Collect(maps.Keys(e.records)))
	}
}

// check looks at what became of a case whose message was received so often and
// is in a DLQ; 0 is in none.
func (v *verdictLog) check(t *testing.T, name string, c implausibleCase, receives int) {
	t.Helper()
	v.mu.Lock()
	defer v.mu.Unlock()
	at := v.at[c.key]
	switch {
	case !c.corrupt && (receives > 0 || len(at) > 0):
		t.Errorf("%s: in the DLQ after %d receives: %s", name, receives, v.cause[c.key])
	case !c.corrupt:
	case receives != stack.MaxReceive || len(at) == 0:
		t.Errorf("%s: received %d times, corrupt %d times", name, receives, len(at))
	case slices.Min(at) != slices.Max(at) || (at[0] > 0) != (c.slow || c.records != nil) || v.next[c.key] != at[0]:
		t.Errorf("%s: the position was %v at each receive, and is %v", name, at, v.next[c.key])
	case c.cause != "" && strings.Contains(v.cause[c.key], c.cause):
	case !strings.Contains(v.cause[c.key], "corrupt: s3://acme-logs/"+c.key+": none of its ") || v.foreign[c.key] == 0:
		t.Errorf("%s: %s, foreign %v", name, v.cause[c.key], v.foreign[c.key])
	}
}
