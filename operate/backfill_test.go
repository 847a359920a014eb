package operate

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/devo-s3/collector/account"
	"github.com/devo-s3/collector/config"
	"github.com/devo-s3/collector/delivery"
	"github.com/devo-s3/collector/events"
	"github.com/devo-s3/collector/local"
)

// twoQueues is a deployment whose bucket two queues name.
const twoQueues = `customer: acme
id: "10002"
account: "999988887777"
region: us-east-1
devo:
  endpoints: ["collector-eu.devo.io:443"]
  secret: devo-s3-collector/acme
queues:
  - arn: arn:aws:sqs:us-east-1:111122223333:devo-app
    role_arn: arn:aws:iam::111122223333:role/devo-xs-collector-role
    buckets:
      - name: acme-logs
        owner: "999988887777"
        prefixes: [app/]
        suffixes: [.log, .gz]
    sources:
      - {name: acme_app, keys: ["**.log", "**.log.gz"], ignore: ["**/tmp/**"], format: lines, tag: my.app.acme.app}
  - arn: arn:aws:sqs:us-east-1:111122223333:devo-audit
    role_arn: arn:aws:iam::111122223333:role/devo-xs-collector-role
    buckets:
      - name: acme-logs
        owner: "999988887777"
        prefixes: [audit/]
    sources:
      - {name: acme_audit, keys: ["**.json"], format: json, tag: my.app.acme.audit}
`

func acme(t *testing.T) *config.Config {
	t.Helper()
	c, err := config.Parse("acme.yaml", []byte(twoQueues))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestChoose(t *testing.T) {
	for _, tt := range []struct {
		choice      Choice
		o           account.Listed
		queue, left string
	}{
		{Choice{}, account.Listed{Key: "app/a.log"}, "devo-app", ""},
		{Choice{}, account.Listed{Key: "audit/a.json"}, "devo-audit", ""},
		{Choice{}, account.Listed{Key: "app/a.txt"}, "", leftOutside},
		{Choice{}, account.Listed{Key: "app/a.gz"}, "", leftNoSource},
		{Choice{}, account.Listed{Key: "app/tmp/a.log"}, "", leftIgnored},
		{Choice{}, account.Listed{Key: "other/a.log"}, "", leftOutside},
		{Choice{}, account.Listed{Key: "app/a.log", Class: "GLACIER"}, "", leftArchived},
		{Choice{}, account.Listed{Key: "app/a.log", Class: "DEEP_ARCHIVE", Restored: true}, "devo-app", ""},
		{Choice{}, account.Listed{Key: "app/a.log", Class: "GLACIER_IR"}, "devo-app", ""},
		{Choice{Queue: "devo-audit"}, account.Listed{Key: "app/a.log"}, "", leftOutside},
		{Choice{Source: "acme_audit"}, account.Listed{Key: "app/a.log"}, "", leftOther},
		{Choice{Source: "acme_app"}, account.Listed{Key: "app/a.log"}, "devo-app", ""},
	} {
		tt.choice.Bucket = "acme-logs"
		c, err := newChooser(acme(t), tt.choice)
		if err != nil {
			t.Fatal(err)
		}
		takers, left := c.choose(&tt.o)
		var queues []string
		for _, taker := range takers {
			queues = append(queues, taker.queue.Name())
		}
		if got := strings.Join(queues, " "); left != tt.left || got != tt.queue {
			t.Errorf("%+v of %+v: queues %q, left %q; want %q, %q", tt.o, tt.choice, got, left, tt.queue, tt.left)
		}
	}
}

// Each of several queues that take an object of a bucket is to have it, under an
// identity of its own; a bucket of one queue has today's.
func TestEachQueueOfABucket(t *testing.T) {
	both := strings.Replace(twoQueues, "prefixes: [audit/]", "prefixes: [app/]", 1)
	both = strings.ReplaceAll(both, "    buckets:\n", "    delivery: sns\n    buckets:\n")
	both = strings.Replace(both, `keys: ["**.json"], format: json`, `keys: ["**.log"], format: lines`, 1)
	for name, c := range map[string]struct {
		file, queue string
		want        []delivery.Identity
	}{
		"both": {both, "", []delivery.Identity{
			{Bucket: "acme-logs", Key: "app/a.log", Version: "e", Queue: "arn:aws:sqs:us-east-1:111122223333:devo-app"},
			{Bucket: "acme-logs", Key: "app/a.log", Version: "e", Queue: "arn:aws:sqs:us-east-1:111122223333:devo-audit"},
		}},
		"one chosen of both": {both, "devo-audit", []delivery.Identity{
			{Bucket: "acme-logs", Key: "app/a.log", Version: "e", Queue: "arn:aws:sqs:us-east-1:111122223333:devo-audit"},
		}},
		"one": {both[:strings.Index(both, "  - arn: arn:aws:sqs:us-east-1:111122223333:devo-audit")], "", []delivery.Identity{
			{Bucket: "acme-logs", Key: "app/a.log", Version: "e"},
		}},
	} {
		parsed, err := config.Parse("acme.yaml", []byte(c.file))
		if err != nil {
			t.Fatal(err)
		}
		chosen, err := newChooser(parsed, Choice{Bucket: "acme-logs", Queue: c.queue})
		if err != nil {
			t.Fatal(err)
		}
		o := account.Listed{Key: "app/a.log", ETag: "e"}
		takers, _ := chosen.choose(&o)
		var got []delivery.Identity
		for _, taker := range takers {
			got = append(got, chosen.identity(&o, taker.queue.ARN))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

// The operator's role may list no more than the file's prefixes.
func TestListedIsWhatTheFileNames(t *testing.T) {
	for _, tt := range []struct{ queue, prefix, want string }{
		{"", "", "app/ audit/"},
		{"devo-audit", "", "audit/"},
		{"", "a", "app/ audit/"},
		{"", "app/x", "app/x"},
		{"", "other/", "other/"},
	} {
		c, err := newChooser(acme(t), Choice{Bucket: "acme-logs", Queue: tt.queue, Prefix: tt.prefix})
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(c.listed(), " "); got != tt.want {
			t.Errorf("%+v: %q", tt, got)
		}
		c.feeds[0].bucket.Prefixes = []string{"b/", "a/b/", "a/"}
		c.feeds = c.feeds[:1]
		if got := strings.Join(c.listed(), " "); tt.prefix == "" && got != "a/ b/" {
			t.Errorf("one within another: %q", got)
		}
		c.feeds[0].bucket.Prefixes = nil
		if got := c.listed(); len(got) != 1 || got[0] != tt.prefix {
			t.Errorf("no prefixes: %q", got)
		}
	}
}

// A backfill over several prefixes goes on behind the key that it came to.
func TestBackfillGoesOnInLaterPrefixes(t *testing.T) {
	o, a := inventoried(t)
	if err := a.CreateBucket("acme-logs", local.BucketOptions{}); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"app/a.log", "app/b.log", "audit/a.json", "between/x", "audit/b.json"} {
		if err := a.Put("acme-logs", key, []byte("x\n")); err != nil {
			t.Fatal(err)
		}
	}
	b, err := NewBackfill(t.Context(), o, Choice{Bucket: "acme-logs"}, "")
	if err != nil {
		t.Fatal(err)
	}
	for after, want := range map[string]string{
		"":             "app/a.log app/b.log audit/a.json audit/b.json",
		"app/a.log":    "app/b.log audit/a.json audit/b.json",
		"audit/a.json": "audit/b.json",
	} {
		var keys []string
		for o, err := range b.objects(t.Context(), after) {
			if err != nil {
				t.Fatal(err)
			}
			keys = append(keys, o.Key)
		}
		if got := strings.Join(keys, " "); got != want {
			t.Errorf("behind %q: %s", after, got)
		}
	}
	plan, err := b.Plan(t.Context(), 1, func(int64) {})
	if err != nil || plan.Objects != 4 || len(plan.Left) != 0 {
		t.Errorf("%+v, %v", plan, err)
	}
}

func TestMeant(t *testing.T) {
	at := func(hour int) time.Time { return time.Date(2026, 11, 23, hour, 0, 0, 0, time.UTC) }
	c := &chooser{Choice: Choice{Prefix: "a/", Since: at(2), Until: at(4)}}
	for hour, want := range map[int]bool{1: false, 2: true, 3: true, 4: false} {
		if got := c.meant(&account.Listed{Key: "a/b", Modified: at(hour)}); got != want {
			t.Errorf("modified at %d: %t", hour, got)
		}
	}
	if c.meant(&account.Listed{Key: "b", Modified: at(3)}) {
		t.Error("another prefix")
	}
}

// What is queued is our own form, of the very object, and says nothing of its
// age.
func TestQueuedMessage(t *testing.T) {
	s := NewState("", "", &Plan{}, "wrong format", time.Unix(1_800_000_000, 0))
	b := &Backfill{chooser: &chooser{Choice: Choice{Bucket: "acme-logs", Source: "acme_app"}}}
	body := b.body("arn:aws:sqs:us-east-1:111122223333:devo-app", &account.Listed{Key: "a b+c", ETag: "0123", Size: 7, Modified: time.Now()}, s)
	n, err := events.Decode(body)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]events.Object{{Bucket: "acme-logs", Key: "a b+c", ETag: "0123", Size: 7}}, n.Objects); diff != "" {
		t.Error(diff)
	}
	want := &events.Continued{
		Queue: "arn:aws:sqs:us-east-1:111122223333:devo-app", Source: "acme_app", Generation: 1_800_000_000,
		Origin: events.Origin{MessageID: "backfill again: wrong format"},
	}
	if diff := cmp.Diff(want, n.Continuation); diff != "" {
		t.Error(diff)
	}
}

func TestState(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.json")
	if s, err := ReadState(path, "words"); s != nil || err != nil {
		t.Errorf("none: %v, %v", s, err)
	}
	plan := &Plan{Choice: Choice{Bucket: "acme-logs", Since: time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)}, Count: Count{10, 100}}
	s := NewState(path, "words", plan, "", time.Now())
	s.After, s.Sent = "a/b", 3
	if err := s.save(); err != nil {
		t.Fatal(err)
	}
	got, err := ReadState(path, "words")
	if err != nil || got.After != "a/b" || got.Sent != 3 || got.Choice != plan.Choice || got.Planned != plan.Count {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := ReadState(path, "other words"); err == nil || !strings.Contains(err.Error(), "another backfill") {
		t.Error(err)
	}
	if err := os.WriteFile(path, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadState(path, "words"); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("half a state: %v", err)
	}
	if err := errors.Join(s.finish(), s.finish()); err != nil {
		t.Error(err)
	}
}

func TestPlanShown(t *testing.T) {
	b := &Backfill{Operator: Operator{Config: &config.Config{MemoryMiB: 1769}}}
	day := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	p := &Plan{Choice: Choice{Bucket: "acme-logs", Since: day}, Sources: make(counts), Left: make(counts)}
	for i := range 100_000 {
		p.add("acme_app", &account.Listed{Key: "a.gz", Size: 1 << 20, Modified: day.Add(time.Duration(i) * time.Second)})
	}
	p.Left.add(leftNoSource, 5)
	p.Estimate = b.estimate(p, 50)
	var out bytes.Buffer
	NewScreen(&out).Plan(p)
	want := `s3://acme-logs/
  modified     2026-11-23T00:00:00Z to now
  objects      100,000, 97.7 GiB stored
  written      2026-11-23T00:00:00Z to 2026-11-24T03:46:39Z
  sources      acme_app  100,000, 97.7 GiB
  left out     no source takes the key  1, 5 bytes
  takes        33m20s to queue, 31m06s for the function, roughly
  costs        0.79 USD, and 94.37 for the data to Devo if it leaves by the internet, roughly
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Error(diff)
	}
}
