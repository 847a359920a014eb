package logs

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/devo-s3/collector/internal/emulated"
	"github.com/devo-s3/collector/local"
)

func TestFind(t *testing.T) {
	t.Setenv("AWS_MAX_ATTEMPTS", "1")
	a, acct := emulated.Start(t, local.Options{})
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
