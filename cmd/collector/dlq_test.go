package main

import (
	"context"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/devo-s3/collector/cmd/collector/stack"
	"github.com/devo-s3/collector/local"
)

// kinds sums up what `dlq list` printed.
func kinds(list map[string]any) map[string]float64 {
	all := make(map[string]float64)
	for _, g := range list["groups"].([]any) {
		group := g.(map[string]any)
		all[group["kind"].(string)] += group["messages"].(float64)
	}
	return all
}

// The whole life of dead letters: they are counted, shown, sent back when their
// cause is mended, and dropped.
func TestDLQ(t *testing.T) {
	d := newDuty(t, func(*duty) {})
	logs, events := d.Feeds[0], d.Feeds[2]
	send := func(arn, body string) {
		if err := d.Account.Send(arn, body); err != nil {
			t.Fatal(err)
		}
	}
	if out, _, code := d.run("dlq", "list"); code != 0 || out != "no dead letters\n" {
		t.Errorf("exit %d: %q", code, out)
	}
	for _, body := range []string{`{"a":1}`, `{"b":12}`, "no JSON"} {
		send(logs.ARN, body)
	}
	for _, key := range []string{"app/prod/one.log", "app/prod/two.log"} {
		send(events.ARN, missingEvent(events.Bucket, key))
	}
	d.put(logs.Bucket, "nobody's", "x")
	d.drain()
	wantDead := func(what string, want map[string]float64) {
		t.Helper()
		got := kinds(d.json(0, "dlq", "list"))
		if len(got) != len(want) {
			t.Errorf("%s: %v, want %v", what, got, want)
		}
		for kind, n := range want {
			if got[kind] != n {
				t.Errorf("%s: %v, want %v", what, got, want)
			}
		}
	}
	wantDead("at first", map[string]float64{"malformed": 3, "not_found": 2, "no_source": 1})
	wantDead("looking takes nothing away", map[string]float64{"malformed": 3, "not_found": 2, "no_source": 1})
	if q := d.Account.QueueState(logs.DLQ); q.Visible != 4 || q.InFlight != 0 {
		t.Errorf("after looking: %+v", q)
	}
	for _, action := range []string{"ReceiveMessage", "ChangeMessageVisibilityBatch"} {
		if !d.called(action + " assumed-role/devo-xs-operator-role/devo-s3-acme") {
			t.Errorf("%s was not the operator role's", action)
		}
	}

	out, _, _ := d.run("dlq", "list", "--probe")
	for _, want := range []string{"devo-s3-acme-logs-dlq\n", "not_found        2  oldest ", "get s3://acme-events/…: ", "now: no_source: no source matches s3://acme-logs/…\n"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	if strings.Contains(out, "\x1b") {
		t.Error("colour, though nobody sees it")
	}
	shown := d.json(0, "dlq", "show", "--queue=devo-s3-acme-events")
	if failures := shown["failures"].([]any); len(failures) != 1 || shown["kind"] != "not_found" || shown["source"] != events.ARN ||
		!strings.HasPrefix(shown["objects"].([]any)[0].(string), "s3://acme-events/app/prod/") {
		t.Errorf("%v", shown)
	}

	d.put(events.Bucket, "app/prod/one.log", "one\n")
	d.drain()
	if r := d.json(0, "dlq", "redrive", "--kind=not_found"); r["sent_back"] != 2.0 || r["left"] != 4.0 {
		t.Errorf("%v", r)
	}
	d.drain()
	wantDead("after a redrive by kind", map[string]float64{"malformed": 3, "not_found": 1, "no_source": 1})
	if got := d.records(); len(got) != 1 || got["my.app.acme.prod one"] != 1 {
		t.Errorf("%v", got)
	}

	if _, said, code := d.run("dlq", "drop", "--kind=malformed"); code != 1 || !strings.Contains(said, "nothing deleted") {
		t.Errorf("exit %d: %s", code, said)
	}
	if r := d.json(0, "dlq", "drop", "--kind=malformed", "--yes"); r["deleted"] != 3.0 || r["left"] != 2.0 {
		t.Errorf("%v", r)
	}
	if r := d.json(0, "dlq", "redrive", "--all"); r["sent_back"] != 2.0 {
		t.Errorf("%v", r)
	}
	d.drain()
	wantDead("after a redrive of all", map[string]float64{"not_found": 1, "no_source": 1})
}

// A redrive by kind that is cut short between sending and deleting leaves one
// batch in both queues, and the ledger makes up for it.
func TestRedriveCutShort(t *testing.T) {
	d := newDuty(t, func(*duty) {})
	feed := d.Feeds[0]
	d.refuseIf(func(r local.FaultRequest) bool { return r.Action == "GetObject" })
	d.put(feed.Bucket, "app/prod/a.log", "a\n")
	d.drain()
	d.refuseIf(func(r local.FaultRequest) bool {
		return r.Action == "DeleteMessageBatch" && strings.Contains(r.Caller, "operator")
	})
	if _, said, code := d.run("dlq", "redrive", "--kind=denied"); code != 1 || !strings.Contains(said, "0 messages sent back, the others are where they were") {
		t.Errorf("exit %d: %s", code, said)
	}
	d.refuseIf(nil)
	d.drain()
	if r := d.json(0, "dlq", "redrive", "--kind=denied"); r["sent_back"] != 1.0 {
		t.Errorf("%v", r)
	}
	d.drain()
	if got := d.records(); got["my.app.acme.prod a"] != 1 || len(got) != 1 {
		t.Errorf("%v", got)
	}
}

func TestOnlyTheNumberDeletes(t *testing.T) {
	for answer, want := range map[string]bool{"12\n": true, " 12": true, "1\n": false, "y\n": false, "": false} {
		if got := confirmed(t.Context(), strings.NewReader(answer), 12); got != want {
			t.Errorf("%q: %t", answer, got)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	in, out := io.Pipe() // nobody answers
	defer out.Close()
	if confirmed(ctx, in, 12) {
		t.Error("Ctrl-C deleted")
	}
}

func TestDLQEndsWith(t *testing.T) {
	d := newDuty(t, func(*duty) {})
	if err := d.Account.Send(d.Feeds[0].DLQ, "never logged"); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		why    string
		args   []string
		code   int
		output string
	}{
		{"no line in the log", []string{"list"}, 0, "unknown        1  oldest "},
		{"a queue there is not", []string{"list", "--queue=x"}, 1, `no queue "x"; there are devo-s3-acme-logs, `},
		{"the continuation queue", []string{"list", "--queue=continuation"}, 0, "no dead letters\n"},
		{"nothing said", []string{"redrive"}, 80, "say which"},
		{"too much said", []string{"drop", "--all", "--kind=corrupt"}, 80, "say which"},
		{"a kind there is not", []string{"drop", "--kind=x"}, 80, "there are claimed, "},
		{"none to be taken", []string{"list", "--limit=0"}, 1, "--limit is 1"},
		{"too fast", []string{"redrive", "--all", "--rate=501"}, 80, "1 to 500"},
		{"a message there is not", []string{"show", "x"}, 1, "no such message"},
	} {
		t.Run(tt.why, func(t *testing.T) {
			out, said, code := d.run(append([]string{"dlq"}, tt.args...)...)
			if code != tt.code || !strings.Contains(out+said, tt.output) {
				t.Errorf("exit %d, want %d\n%s%s\nwant %q", code, tt.code, out, said, tt.output)
			}
		})
	}
	d.refuseIf(func(r local.FaultRequest) bool { return r.Action == "StartQuery" })
	if out, said, code := d.run("dlq", "list"); code != 0 || !strings.Contains(said, "cannot say why they failed") || !strings.Contains(out, "unknown") {
		t.Errorf("without the log: exit %d\n%s%s", code, out, said)
	}
	if _, said, code := d.run("dlq", "drop", "--kind=unknown", "--yes"); code != 1 || !strings.Contains(said, "without the log --kind picks nothing") {
		t.Errorf("drop without the log: exit %d\n%s", code, said)
	}
	if q := d.Account.QueueState(d.Feeds[0].DLQ); q.Visible != 1 {
		t.Errorf("drop without the log left %+v", q)
	}
	// A DLQ that cannot be asked does not keep the person from the others.
	d.refuseIf(func(r local.FaultRequest) bool {
		return r.Service == "sqs" && strings.Contains(r.Caller, "operator") && strings.Contains(r.Body, "devo-s3-acme-events-dlq")
	})
	if out, said, code := d.run("dlq", "list"); code != 1 || !strings.Contains(out, "unknown        1  oldest ") || !strings.Contains(said, "receive from arn:aws:sqs:eu-west-1:111122223333:devo-s3-acme-events-dlq: ") {
		t.Errorf("one DLQ is refused: exit %d\n%s%s", code, out, said)
	}
	if out, said, code := d.run("dlq", "drop", "--all", "--yes"); code != 1 || !strings.Contains(out, "1 messages deleted, 0 left") || !strings.Contains(said, "devo-s3-acme-events-dlq: ") {
		t.Errorf("one DLQ is refused: exit %d\n%s%s", code, out, said)
	}
	if err := d.Account.Send(d.Feeds[0].DLQ, "no queue gave it up"); err != nil { // so it cannot be sent back
		t.Fatal(err)
	}
	if _, said, code := d.run("dlq", "redrive", "--all"); code != 1 || !strings.Contains(said, "0 messages sent back, the others are where they were: ") ||
		!strings.Contains(said, "redrive of arn:aws:sqs:eu-west-1:111122223333:devo-s3-acme-logs-dlq ended as FAILED") || !strings.Contains(said, "devo-s3-acme-events-dlq are: ") {
		t.Errorf("two DLQs fail: exit %d\n%s", code, said)
	}
	d.refuseIf(nil)
	file, err := os.ReadFile(d.Dir + "/config.yaml")
	if err != nil {
		t.Fatal(err)
	}
	wrong := strings.ReplaceAll(string(file), stack.ExternalID, "wrong")
	if err := os.WriteFile(d.Dir+"/config.yaml", []byte(wrong), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, said, code := d.run("dlq", "list"); code != 1 || !strings.Contains(said, "AssumeRole") {
		t.Errorf("with a wrong external id: exit %d\n%s", code, said)
	}
}
