package account

import (
	"testing"
	"time"

	"github.com/devo-s3/collector/delivery"
)

// testEndpoints has two processes learn and forget.
func testEndpoints(t *testing.T, one, other *Endpoints) {
	t.Helper()
	const endpoint, another = "collector-eu.devo.io:443", "collector-us.devo.io:443"
	known := func(e *Endpoints, endpoint string, want bool) {
		t.Helper()
		since, err := e.Notified(t.Context(), endpoint)
		if err != nil || !since.IsZero() != want {
			t.Errorf("%s is known since %v, %v; want it known: %t", endpoint, since, err, want)
		}
		if age := e.health.Now().Sub(since); want && (age < -time.Second || age > time.Hour) {
			t.Errorf("known for %v", age)
		}
	}
	does := func(what string, f func() (bool, error), want bool) {
		t.Helper()
		if got, err := f(); err != nil || got != want {
			t.Errorf("%s: %t, %v; want %t", what, got, err, want)
		}
	}
	learn := func(e *Endpoints) func() (bool, error) {
		return func() (bool, error) { return e.Learn(t.Context(), endpoint) }
	}
	forget := func() (bool, error) { return other.Forget(t.Context(), endpoint) }
	known(one, endpoint, false)
	does("forget what was never known", forget, false)
	does("learn", learn(one), true)
	does("learn again", learn(one), false)
	does("learn what another process learned", learn(other), false)
	known(other, endpoint, true)
	known(other, another, false)
	does("forget", forget, true)
	does("forget again", forget, false)
	known(one, endpoint, false)
	does("learn anew", learn(one), true)
	known(other, endpoint, true)
}

func TestEndpointsAreLearnedAndForgotten(t *testing.T) {
	b := newBench(t)
	b.open()
	testEndpoints(t, b.Endpoints(table), b.Endpoints(table))
	for _, item := range b.aws.Items(table) {
		if item["expiry"] != nil {
			t.Errorf("it expires: %v", item)
		}
	}
}

func TestEndpointsOfATableThatIsDown(t *testing.T) {
	b := newBench(t)
	b.open()
	e := b.Endpoints("no-such-table")
	_, read := e.Notified(t.Context(), "devo:443")
	_, learned := e.Learn(t.Context(), "devo:443")
	_, forgot := e.Forget(t.Context(), "devo:443")
	for what, err := range map[string]error{"read": read, "learn": learned, "forget": forgot} {
		if err == nil {
			t.Errorf("%s: no error", what)
		}
	}
}

// Items of endpoints are beside the entries of objects, and disturb none: an older
// version of the function, which knows no endpoints, works on the same table.
func TestEndpointsDisturbNoClaim(t *testing.T) {
	b := newBench(t)
	b.open()
	l := b.Ledger(LedgerOptions{Table: table, Keep: time.Hour})
	b.check(l.Sync(t.Context()))
	if _, err := b.Endpoints(table).Learn(t.Context(), "devo:443"); err != nil {
		t.Fatal(err)
	}
	// Even an object that is called so has another id.
	id := delivery.Identity{Bucket: "endpoint#devo", Key: "endpoint#devo:443", Version: "v"}
	claim, err := l.Claim(t.Context(), id, "a", time.Minute)
	b.check(err)
	if _, err := l.Claim(t.Context(), id, "b", time.Minute); delivery.KindOf(err) != delivery.Claimed {
		t.Errorf("a second claim: %v", err)
	}
	b.check(l.Done(t.Context(), claim, delivery.Position{Next: 1}))
	if again, err := l.Claim(t.Context(), id, "b", time.Minute); err != nil || !again.Done {
		t.Errorf("%+v, %v", again, err)
	}
	h := b.health()
	if s, err := h.State(t.Context()); err != nil || s.Version != 0 {
		t.Errorf("watch's state: %+v, %v", s, err)
	}
	standings, err := b.Entries(table).Look(t.Context(), []delivery.Identity{id})
	if err != nil || standings[id] != Finished {
		t.Errorf("%v, %v", standings, err)
	}
	if since, err := b.Endpoints(table).Notified(t.Context(), "devo:443"); err != nil || since.IsZero() {
		t.Error("the endpoint's item was disturbed:", since, err)
	}
}
