package account

import (
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/devo-s3/collector/delivery"
	"github.com/devo-s3/collector/local"
)

// A cutter is a proxy in front of the emulated account that cuts the bodies of
// answers: their header, length included, and half of their bytes arrive.
type cutter struct {
	mu    sync.Mutex
	calls int    // since the last reset
	cut   int    // how many of the next answers are cut
	only  string // DynamoDB's action that is counted and cut; "" is all
}

func (c *cutter) reset(cut int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls, c.cut, c.only = 0, cut, ""
}

func (c *cutter) resetOnly(action string, cut int) {
	c.reset(cut)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.only = action
}

func (c *cutter) answer(r *http.Response) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !strings.HasSuffix(r.Request.Header.Get("X-Amz-Target"), c.only) {
		return nil
	}
	c.calls++
	if c.cut == 0 {
		return nil
	}
	c.cut--
	body, err := io.ReadAll(r.Body)
	r.Body = io.NopCloser(io.MultiReader(strings.NewReader(string(body[:len(body)/2])), broken{}))
	return err
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("cut on purpose") }

// cutting puts a cutter between the account and an AWS.
func (b *bench) cutting(endpoint string) *cutter {
	b.Helper()
	c := &cutter{}
	behind := must(url.Parse(endpoint))
	proxy := &httputil.ReverseProxy{
		Rewrite:        func(r *httputil.ProxyRequest) { r.SetURL(behind); r.Out.Host = r.In.Host }, // the host is signed
		ModifyResponse: c.answer,
		FlushInterval:  -1, // the header goes out before the cut
		ErrorLog:       log.New(io.Discard, "", 0),
	}
	server := httptest.NewServer(proxy)
	b.Cleanup(server.Close)
	b.Setenv("AWS_ENDPOINT_URL", server.URL)
	b.open()
	return c
}

// TestCutAnswersAreAskedForAgain: a call whose answer breaks off is repeated,
// and repeating it changes nothing.
func TestCutAnswersAreAskedForAgain(t *testing.T) {
	b := newBench(t)
	secret := b.aws.PutSecret("secret", "value")
	continuation := b.aws.CreateQueue("continuation", local.QueueOptions{})
	c := b.cutting(b.aws.Endpoint())
	l := b.Ledger(LedgerOptions{Table: table, Keep: keep})
	var held delivery.Claim
	for _, call := range []struct {
		name string
		do   func() error
	}{
		{"sync", func() error { return l.Sync(t.Context()) }},
		{"claim", func() (err error) { held, err = l.Claim(t.Context(), object, "a", lease); return err }},
		{"advance", func() (err error) { held, err = l.Advance(t.Context(), held, halfway); return err }},
		{"release", func() error { return l.Release(t.Context(), held) }},
		{"claim again", func() (err error) { held, err = l.Claim(t.Context(), object, "b", lease); return err }},
		{"done", func() error { return l.Done(t.Context(), held, halfway) }},
		{"continue", func() error { return b.Queue(continuation).Continue(t.Context(), []string{"body"}) }},
		{"secret", func() error { _, err := b.Secret(t.Context(), secret); return err }},
		{"look", func() error { _, err := b.Entries(table).Look(t.Context(), []delivery.Identity{object}); return err }},
	} {
		c.reset(2)
		if err := call.do(); err != nil {
			t.Errorf("%s: %v", call.name, err)
		}
		if c.calls < 3 {
			t.Errorf("%s: %d calls", call.name, c.calls)
		}
	}
	wantClaim(t, b.claim(l, "c"), delivery.Claim{ID: object, Done: true, Position: halfway})
}

// TestCutAnswersThatStayCut end as what they are: something that passes.
func TestCutAnswersThatStayCut(t *testing.T) {
	b := newBench(t)
	b.once()
	c := b.cutting(b.aws.Endpoint())
	c.reset(1 << 20)
	l := b.Ledger(LedgerOptions{Table: table, Keep: keep})
	wantKind(t, l.Sync(t.Context()), delivery.LedgerFailed, "the answer broke off after")
	_, err := b.store().Open(t.Context(), b.put("logs/a", "body"), 0, -1)
	wantKind(t, err, delivery.Throttled, "the answer broke off after") // STS's
	for _, err := range b.Bucket(bucket, Access{}).List(t.Context(), "", "") {
		wantKind(t, err, delivery.Throttled, "the answer broke off after")
	}
}

// TestObjectsAreStreamed: an object is in the hands of its reader before its
// last byte has come, but a refusal is whole.
func TestObjectsAreStreamed(t *testing.T) {
	b := newBench(t)
	o := b.put("logs/a", strings.Repeat("body", 1000))
	c := b.cutting(b.aws.Endpoint())
	store := b.store()
	must(store.Open(t.Context(), o, 0, -1)).Close() // now there is a session

	c.reset(1)
	body := must(store.Open(t.Context(), o, 0, -1))
	if got, err := io.ReadAll(body); err == nil || len(got) != 2000 || c.calls != 1 {
		t.Errorf("%d bytes and error %v by %d calls, want half of the body by 1", len(got), err, c.calls)
	}
	body.Close()

	c.reset(1)
	o.Key = "logs/gone"
	_, err := store.Open(t.Context(), o, 0, -1)
	wantKind(t, err, delivery.NotFound, "NoSuchKey")
	if c.calls != 2 {
		t.Errorf("%d calls, want 2", c.calls)
	}
}
