package logs

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/devo-s3/collector/account"
	"github.com/devo-s3/collector/local"
)

// opened is an emulated AWS, and the Account of its root.
func opened(t *testing.T) (*local.Account, *account.Account) {
	t.Helper()
	a, err := local.Start(local.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	for name, value := range a.Environment(a.Root()) {
		t.Setenv(name, value)
	}
	acct, err := account.New(t.Context(), account.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return a, acct
}

func TestFind(t *testing.T) {
	a, acct := opened(t)
	const name = "/aws/lambda/f"
	a.Log(name, []byte(`{"id":"1","what":"a"}`))
	a.Clock().Advance(time.Second)
	a.Log(name, []byte(`{"id":"2","what":"a"}`))
	a.Log(name, []byte(`{"id":"3","what":"b"}`))
	now := a.Clock().Now()
	lines, err := New(acct, name).Find(t.Context(), `what = "a"`, now.Add(-time.Hour), now)
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{`{"id":"2","what":"a"}`, `{"id":"1","what":"a"}`}; !slices.Equal(lines, want) {
		t.Errorf("%q, want %q", lines, want)
	}
	if _, err := New(acct, "none").Find(t.Context(), `what = "a"`, now, now); err == nil || !strings.Contains(err.Error(), "search log group none") {
		t.Errorf("a log group there is not: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := New(acct, name).Find(ctx, `what = "a"`, now, now); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
}
