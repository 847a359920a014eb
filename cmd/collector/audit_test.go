package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/devo-s3/collector/local"
)

// standings sums up what `audit` printed of a bucket.
func standings(report map[string]any, bucket string) map[string]float64 {
	all := make(map[string]float64)
	for _, b := range report["buckets"].([]any) {
		if b := b.(map[string]any); b["bucket"] == bucket {
			for standing, n := range b["standings"].(map[string]any) {
				all[standing] = n.(map[string]any)["objects"].(float64)
			}
		}
	}
	return all
}

// What was never announced and what failed is found, queued, and delivered once;
// so is every version of an object that was overwritten.
func TestAudit(t *testing.T) {
	d := newDuty(t, func(d *duty) {
		d.put("acme-logs", "app/prod/a.log", "a\n")
		d.put("acme-logs", "app/lab/b.log", "b\n")
		d.put("acme-logs", "nobody's", "x")
		d.put("acme-sns", "app/prod/v.log", "version 1\n")
		d.put("acme-sns", "app/prod/v.log", "version 2\n")
	})
	d.put("acme-logs", "app/prod/c.log", "c\n")
	d.put("acme-logs", "AWSLogs/111122223333/CloudTrail/eu-west-1/2026/11/23/111122223333_CloudTrail_eu-west-1_20261123T0505Z_abcdefghijklmnop.json.gz", "{")
	d.drain()
	args := []string{"audit", "--since=1d", "--until=0s"}
	report := d.json(1, args...)
	if got := standings(report, "acme-logs"); got["never seen"] != 2 || got["finished"] != 1 || got["unfinished"] != 1 || len(got) != 3 {
		t.Errorf("%v", got)
	}
	if got := standings(report, "acme-sns"); got["never seen"] != 2 || len(got) != 1 {
		t.Errorf("versions: %v", got)
	}
	out, _, code := d.run(append(args, "--bucket=acme-logs")...)
	for _, want := range []string{
		"s3://acme-logs/\n", "  never seen   2, 4 bytes\n", "  unfinished   1, 1 bytes\n", "  left out     no source takes the key  1, 1 bytes\n",
		"app/lab/ ", "s3://acme-logs/app/prod/a.log, 2 bytes, ",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	if code != 1 || strings.Contains(out, "\x1b") || strings.Contains(out, "c.log") {
		t.Errorf("exit %d\n%s", code, out)
	}

	if out, said, code := d.run(append(args, "--send")...); code != 0 || !strings.Contains(out, "3 queued") || !strings.Contains(out, "2 queued") {
		t.Errorf("exit %d\n%s%s", code, out, said)
	}
	d.drain()
	for _, record := range []string{"prod a", "lab b", "prod c", "prod version 1", "prod version 2"} {
		if n := d.records()["my.app.acme."+record]; n != 1 {
			t.Errorf("%q arrived %d times", record, n)
		}
	}
	report = d.json(1, args...)
	if got := standings(report, "acme-logs"); got["finished"] != 3 || got["unfinished"] != 1 || len(got) != 2 {
		t.Errorf("afterwards: %v", got)
	}
	if out, said, code := d.run(append(args, "--bucket=acme-sns")...); code != 0 || !strings.Contains(out, "nothing is missing") {
		t.Errorf("exit %d\n%s%s", code, out, said)
	}
}

func TestAuditEndsWith(t *testing.T) {
	d := newDuty(t, func(d *duty) { d.put("acme-logs", "app/prod/a.log", "a\n") })
	for _, tt := range []struct {
		why    string
		args   []string
		refuse string
		code   int
		output string
	}{
		{"no time", nil, "", 80, "missing flags: --since"},
		{"longer ago than the ledger remembers", []string{"--since=36d"}, "", 1, "the ledger remembers 35d00h"},
		{"a bucket that is not the deployment's", []string{"--since=1d", "--bucket=x"}, "", 1, "names bucket x"},
		{"a queue that is not the deployment's", []string{"--since=1d", "--queue=x"}, "", 1, "no bucket to compare"},
		{"a source that is not the deployment's", []string{"--since=1d", "--source=x"}, "", 1, "no bucket to compare"},
		{"a source that is not the bucket's", []string{"--since=1d", "--source=x", "--bucket=acme-logs"}, "", 1, `no source "x" takes objects of bucket acme-logs; there are `},
		{"what is too young", []string{"--since=1d"}, "", 0, "nothing is missing"},
		{"the bucket is refused", []string{"--since=1d"}, "ListObjectVersions", 1, "  incomplete   denied: list s3://acme-logs/"},
		{"the ledger is refused", []string{"--since=1d", "--until=0s"}, "BatchGetItem", 1, "  incomplete   ledger: read 1 entries"},
	} {
		t.Run(tt.why, func(t *testing.T) {
			d.refuseIf(func(r local.FaultRequest) bool { return r.Action == tt.refuse })
			out, said, code := d.run(append([]string{"audit"}, tt.args...)...)
			if code != tt.code || !strings.Contains(out+said, tt.output) {
				t.Errorf("exit %d, want %d\n%s%s\nwant %q", code, tt.code, out, said, tt.output)
			}
		})
	}
}

// What fails midway gives what was found until then, marked, and does not keep
// the audit from the other buckets.
func TestAuditIncomplete(t *testing.T) {
	const page = 1000 // objects, of S3's listings
	d := newDuty(t, func(d *duty) {
		for i := range page + 1 {
			d.put("acme-logs", fmt.Sprintf("app/prod/%04d.log", i), "a\n")
		}
		d.put("acme-sns", "app/prod/b.log", "b\n")
	})
	d.Account.Clock().Advance(time.Minute) // all of them are older than now
	// Both pages are listed to look for folders, and again for the objects.
	refuseLast := func() {
		calls := 0
		d.refuseIf(func(r local.FaultRequest) bool {
			if r.Action != "ListObjectVersions" || r.Bucket != "acme-logs" {
				return false
			}
			calls++
			return calls == 4
		})
	}
	args := []string{"audit", "--since=1d", "--until=0s", "--prefix=app/prod/"}
	refuseLast()
	report := d.json(1, args...)
	if a, b := standings(report, "acme-logs"), standings(report, "acme-sns"); a["never seen"] != page || b["never seen"] != 1 {
		t.Errorf("%v, %v", a, b)
	}
	for _, b := range report["buckets"].([]any) {
		why, _ := b.(map[string]any)["incomplete"].(string)
		if bucket := b.(map[string]any)["bucket"]; strings.HasPrefix(why, "denied: list s3://acme-logs/app/prod/: ") != (bucket == "acme-logs") {
			t.Errorf("%s: incomplete %q", bucket, why)
		}
	}
	if report["incomplete"] != true || report["missing"] != true {
		t.Errorf("incomplete %v, missing %v", report["incomplete"], report["missing"])
	}
	refuseLast()
	out, said, code := d.run(args...)
	if code != 1 || !strings.Contains(out, "  never seen   1,000, ") || strings.Count(out, "  incomplete   denied: list ") != 1 || !strings.Contains(said, "audit bucket acme-logs: denied") {
		t.Errorf("exit %d\n%s%s", code, out, said)
	}
	d.refuseIf(nil)
	if report = d.json(1, args...); report["incomplete"] != false || standings(report, "acme-logs")["never seen"] != page+1 {
		t.Errorf("%v", report["incomplete"])
	}
	// What nothing is missing of may have lost all that was not seen.
	d.refuseIf(func(r local.FaultRequest) bool { return r.Action == "ListObjectVersions" })
	if out, _, code := d.run(args...); code != 1 || strings.Contains(out, "nothing is missing") {
		t.Errorf("exit %d\n%s", code, out)
	}
}
