package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/devo-s3/collector/local"
)

// Objects from before the notification was: looked at, queued, cut short, queued
// on, and only on purpose delivered twice.
func TestBackfill(t *testing.T) {
	want := make(map[string]int)
	d := newDuty(t, func(d *duty) {
		for i := range 25 {
			d.put("acme-logs", fmt.Sprintf("app/prod/%02d.log", i), fmt.Sprintf("record %d\n", i))
			want[fmt.Sprintf("my.app.acme.prod record %d", i)] = 1
		}
		d.put("acme-logs", "nobody's", "x")
		d.put("acme-logs", "app/prod/", "")
		d.put("acme-logs", "other/app/prod/x.log", "other\n")
	})
	state := filepath.Join(t.TempDir(), "state.json")
	args := []string{"backfill", "--bucket=acme-logs", "--prefix=app/", "--since=2026-01-01", "--rate=1000", "--state=" + state}
	plan := d.json(0, "backfill", "--bucket=acme-logs")
	left := plan["left"].(map[string]any)
	if plan["objects"] != 26.0 || len(left) != 1 || left["no source takes the key"].(map[string]any)["objects"] != 2.0 {
		t.Errorf("%v", plan)
	}
	if out, _, code := d.run(args...); code != 0 || !strings.Contains(out, "objects      25, 240 bytes stored\n") || !strings.Contains(out, "nothing is queued yet") {
		t.Errorf("exit %d\n%s", code, out)
	}
	if out, _, code := d.run(append(args, "--until=2026-02-01")...); code != 0 || !strings.Contains(out, "objects      0, 0 bytes") {
		t.Errorf("exit %d\n%s", code, out)
	}

	batches := 0
	d.refuseIf(func(r local.FaultRequest) bool {
		if r.Action == "SendMessageBatch" {
			batches++
		}
		return r.Action == "SendMessageBatch" && batches == 3
	})
	if _, said, code := d.run(append(args, "--send")...); code != 1 || !strings.Contains(said, "20 objects queued; the same command goes on from there") {
		t.Errorf("exit %d\n%s", code, said)
	}
	d.refuseIf(nil)
	if _, said, code := d.run("backfill", "--bucket=acme-logs", "--state="+state, "--send"); code != 1 || !strings.Contains(said, "is the state of another backfill") {
		t.Errorf("exit %d\n%s", code, said)
	}
	if out, said, code := d.run(append(args, "--send")...); code != 0 || !strings.Contains(said, "going on behind 20 of 25 objects") || !strings.Contains(out, "25 objects queued") {
		t.Errorf("exit %d\n%s%s", code, out, said)
	}
	if _, err := os.Stat(state); !os.IsNotExist(err) {
		t.Errorf("the state is left: %v", err)
	}
	wantRecords := func(what string) {
		t.Helper()
		d.drain()
		if got := d.records(); !maps.Equal(got, want) {
			t.Errorf("%s: %v, want %v", what, got, want)
		}
	}
	wantRecords("cut short and gone on")
	if r := d.json(0, append(args, "--send")...); r["sent"] != 25.0 || r["generation"] != 0.0 {
		t.Errorf("%v", r)
	}
	wantRecords("what is delivered already")
	if r := d.json(0, append(args, "--send", "--again=a test")...); r["generation"].(float64) < 1e9 {
		t.Errorf("%v", r)
	}
	for record := range want {
		want[record] = 2
	}
	wantRecords("again on purpose")
	if !d.called("ListObjectsV2 assumed-role/devo-xs-operator-role/devo-s3-acme") {
		t.Error("the bucket was not listed under the operator role")
	}
}

func TestBackfillEndsWith(t *testing.T) {
	d := newDuty(t, func(*duty) {})
	for _, tt := range []struct {
		why    string
		args   []string
		code   int
		output string
	}{
		{"no bucket", nil, 80, "name the bucket"},
		{"a bucket that is not the deployment's", []string{"--bucket=x"}, 1, "no queue of the deployment names bucket x"},
		{"a queue that does not name it", []string{"--bucket=acme-logs", "--queue=devo-s3-acme-sns"}, 1, "names bucket acme-logs"},
		{"a source there is not", []string{"--bucket=acme-logs", "--source=x"}, 1, `no source "x" takes objects of bucket acme-logs`},
		{"no time", []string{"--bucket=acme-logs", "--since=noon"}, 1, `"noon" is no time`},
		{"times the wrong way round", []string{"--bucket=acme-logs", "--since=1h", "--until=2h"}, 1, "not before"},
		{"no rate", []string{"--bucket=acme-logs", "--rate=0"}, 80, "objects a second"},
		{"no inventory", []string{"--bucket=acme-logs", "--inventory=s3://acme-logs/x.csv"}, 1, "manifest.json"},
		{"an inventory there is not", []string{"--bucket=acme-logs", "--inventory=s3://acme-logs/manifest.json"}, 1, "not_found: get s3://acme-logs/manifest.json"},
		{"an empty bucket", []string{"--bucket=acme-logs", "--send"}, 0, "0 objects queued"},
	} {
		t.Run(tt.why, func(t *testing.T) {
			state := "--state=" + filepath.Join(t.TempDir(), "state.json")
			out, said, code := d.run(append([]string{"backfill", state}, tt.args...)...)
			if code != tt.code || !strings.Contains(out+said, tt.output) {
				t.Errorf("exit %d, want %d\n%s%s\nwant %q", code, tt.code, out, said, tt.output)
			}
		})
	}
	d.refuseIf(func(r local.FaultRequest) bool { return r.Action == "ListObjectsV2" })
	if _, said, code := d.run("backfill", "--bucket=acme-logs"); code != 1 || !strings.Contains(said, "denied: list s3://acme-logs/") {
		t.Errorf("exit %d\n%s", code, said)
	}
}
