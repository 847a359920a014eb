package operate

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/devo-s3/collector/account"
	"github.com/devo-s3/collector/config"
)

func TestCausesThatAreAlike(t *testing.T) {
	for _, tt := range []struct{ cause, want string }{
		{
			"get s3://acme-logs/a b/c.gz (version 3xY): operation error S3: GetObject, https response error StatusCode: 404, RequestID: AB12, HostID: x+/=, NoSuchKey: The key does not exist.",
			"get s3://acme-logs/…: operation error S3: GetObject, https response error StatusCode: 404, NoSuchKey: The key does not exist.",
		},
		{"no source of queue arn:aws:sqs:eu-west-1:111122223333:q matches s3://b/x/y", "no source of queue arn:aws:sqs:eu-west-1:111122223333:q matches s3://b/…"},
		{"corrupt at unpacked byte 2454: byte 0x62 where { should be", "corrupt at unpacked byte N: byte 0x62 where { should be"},
		{`none of the known forms (11 bytes, sha256 0123456789abcdef0123, top-level keys ["a" "b"])`, "none of the known forms (N bytes, sha256 …, top-level keys […])"},
		{"", ""},
	} {
		if got := alike(tt.cause); got != tt.want {
			t.Errorf("%q is like %q, want %q", tt.cause, got, tt.want)
		}
	}
}

func TestDeadLettersAreGrouped(t *testing.T) {
	at := func(hours int) time.Time { return time.Date(2026, 11, 23, hours, 0, 0, 0, time.UTC) }
	from := &deadQueue{arn: "arn:aws:sqs:eu-west-1:111122223333:q-dlq"}
	letter := func(id, kind, cause, now string, sent int) *DeadLetter {
		return &DeadLetter{Letter: account.Letter{ID: id, Sent: at(sent)}, Kind: kind, Cause: cause, Now: now, from: from}
	}
	groups := Group([]*DeadLetter{
		letter("a", "corrupt", "at byte 12", readable, 3), letter("b", "malformed", "none\x1b[2J", "", 1),
		letter("c", "corrupt", "at byte 345", readable, 2), letter("d", "corrupt", "truncated", "", 4),
	})
	var out bytes.Buffer
	NewScreen(&out).Dead(groups, at(4))
	want := `q-dlq
  corrupt          2  oldest 2h00m ago, c
             at byte N
             now: readable
  corrupt          1  oldest less than 1s ago, d
             truncated
  malformed        1  oldest 3h00m ago, b
             "none\x1b[2J"
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Error(diff)
	}
}

func TestPick(t *testing.T) {
	letters := []*DeadLetter{{Letter: account.Letter{ID: "a1"}, Kind: "kms"}, {Letter: account.Letter{ID: "a2"}, Kind: "denied"}, {Letter: account.Letter{ID: "b1"}, Kind: "kms"}}
	for _, tt := range []struct {
		pick Pick
		want string
	}{
		{Pick{}, "a1 a2 b1"},
		{Pick{Kinds: []string{"kms"}}, "a1 b1"},
		{Pick{IDs: []string{"a"}}, "a1 a2"},
		{Pick{Kinds: []string{"kms", "denied"}, IDs: []string{"a2", "b"}}, "a2 b1"},
		{Pick{IDs: []string{""}}, ""},
	} {
		picked, others := tt.pick.Of(letters)
		var got []string
		for _, l := range picked {
			got = append(got, l.ID)
		}
		if strings.Join(got, " ") != tt.want || len(picked)+len(others) != len(letters) {
			t.Errorf("%+v: %q, want %q; %d others", tt.pick, got, tt.want, len(others))
		}
	}
}

// A direct queue's records are shown only to who asks for them.
func TestLetterHidesRecords(t *testing.T) {
	direct := &deadQueue{arn: "q-dlq", queues: []string{"q"}, entry: &config.Queue{Kind: "direct"}}
	l := &DeadLetter{Letter: account.Letter{Body: `{"password":"x"}`}, from: direct}
	if body := l.Report(false).Body; strings.Contains(body, `"x"`) || !strings.HasPrefix(body, "16 bytes") {
		t.Error(body)
	}
	if body := l.Report(true).Body; body != l.Body {
		t.Error(body)
	}
}
