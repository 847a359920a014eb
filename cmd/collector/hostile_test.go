package main

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/devo-s3/collector/cmd/collector/stack"
	"github.com/devo-s3/collector/local"
)

// What a visitor of a web server, or whoever names an object, may write to be
// taken for something else.
var (
	hostileRecords = []string{
		"<14>2026-11-23 05:05:00.000 h my.app.forged: no",
		"a\r<14>2026-11-23 05:05:00.000 h my.app.forged: no",
		"a\x00<14>2026-11-23 05:05:00.000 h my.app.forged: no",
		"39 <14>Jan  1 00:00:00 h1 my.app.forged: a",
		"7 short",
		"\x1f\x8b\x08\x00 not gzip",
		"a: b: c",
		"\xff\xfe\x80 not UTF-8",
		"\u2028\u2029\u0085\v\f",
		`{"a":"\n\r\u0000<14>h my.app.forged: no"}`,
		"${jndi:ldap://x}%s%n{record.x}",
	}
	hostileNames = []string{
		"prod\n<14>x y my.app.forged", "a.b.c", "..", "é ü", `a"b\c'd`, "{key.env}", "%0a%2e", "a: b", "x\ty", strings.Repeat("x", 200),
	}
)

// TestHostileRecordsArriveAsThemselves, by the real function, with each way to
// frame what would end a frame: as many records as were written, each under the
// tag of its own source, and nothing else.
func TestHostileRecordsArriveAsThemselves(t *testing.T) {
	for _, multiline := range []string{"octet", "escape"} {
		t.Run(multiline, func(t *testing.T) {
			s := &site{}
			k, err := stack.Start(stack.Options{
				Bootstrap: bootstrap, Processes: 1, Log: s.line, Devo: []string{"multiline: " + multiline},
				Receiver: local.ReceiverOptions{OnRecord: s.received},
			})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(k.Close)
			s.function, s.queueARN, s.bucket = k.Function, k.Feeds[0].ARN, k.Feeds[0].Bucket
			var bodies, want []string
			for i, name := range hostileNames {
				key := "app/" + name + "/x.log"
				if err := k.Account.Put(s.bucket, key, []byte(strings.Join(hostileRecords, "\n"))); err != nil {
					t.Fatal(err)
				}
				bodies = append(bodies, fmt.Sprintf(`{"Records":[{"eventVersion":"2.1","eventName":"ObjectCreated:Put","s3":{"bucket":{"name":%q},"object":{"key":%q}}}]}`,
					s.bucket, url.QueryEscape(key)))
				for _, r := range hostileRecords {
					if multiline == "escape" && strings.ContainsAny(r, "\r\x00") {
						r = strings.NewReplacer("\r", `\r`, "\x00", `\0`, `\`, `\\`).Replace(r)
					}
					want = append(want, "my.app.acme."+level(hostileNames[i])+" "+r)
				}
			}
			if failed := s.invoke(t, bodies...); failed != nil {
				t.Errorf("failed %v\n%s", failed, s.log.String())
			}
			slices.Sort(s.records)
			slices.Sort(want)
			for i := range max(len(want), len(s.records)) {
				if i >= len(want) || i >= len(s.records) || want[i] != s.records[i] {
					t.Fatalf("record %d of %d is not of the %d written:\n got %q\nwant %q", i, len(s.records), len(want), s.records[i:min(i+1, len(s.records))], want[i:min(i+1, len(want))])
				}
			}
			if n := k.Receiver.Counts(); n.Malformed != 0 || n.Truncated != 0 {
				t.Errorf("%+v", n)
			}
			for _, r := range hostileRecords[:3] {
				if strings.Contains(s.log.String(), r) {
					t.Errorf("%q is in the log", r)
				}
			}
		})
	}
}

// level is what a value becomes in a tag, by the customer's documentation.
func level(value string) string {
	out := []byte(value[:min(len(value), 64)])
	for i, c := range out {
		if !strings.ContainsRune("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-", rune(c)) {
			out[i] = '_'
		}
	}
	return string(out)
}
