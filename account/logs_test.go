package account

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestFind(t *testing.T) {
	b := newBench(t)
	const group = "/aws/lambda/f"
	b.aws.Log(group, []byte(`{"id":"1","what":"a"}`))
	b.aws.Clock().Advance(time.Second)
	b.aws.Log(group, []byte(`{"id":"2","what":"a"}`))
	b.aws.Log(group, []byte(`{"id":"3","what":"b"}`))
	now := b.aws.Clock().Now()
	lines, err := b.Logs(group).Find(t.Context(), `what = "a"`, now.Add(-time.Hour), now)
	b.check(err)
	if want := []string{`{"id":"2","what":"a"}`, `{"id":"1","what":"a"}`}; !slices.Equal(lines, want) {
		t.Errorf("%q, want %q", lines, want)
	}
	if _, err := b.Logs("none").Find(t.Context(), `what = "a"`, now, now); err == nil || !strings.Contains(err.Error(), "search log group none") {
		t.Errorf("a log group there is not: %v", err)
	}
}
