package account

import (
	"strings"
	"testing"
	"time"

	"github.com/devo-s3/collector/local"
)

// TestNewest: the last folder's late object that is wanted is found, not the last
// by its key, and not one that nobody wants, with as many listings as that takes.
func TestNewest(t *testing.T) {
	b := newBench(t)
	mine := b.listed()
	at := b.aws.Clock().Now()
	for _, key := range []string{
		"logs/2025/12/z.log", "logs/2026/01/c.log", "logs/2026/02/c.log", "logs/2026/02/a.log", "logs/2026/02/b.log", "logs/2026/02/d.tmp", "logs/2026/03/only.tmp",
	} {
		b.aws.Clock().Advance(time.Hour)
		b.check(b.aws.Put("mine", key, []byte("body")))
	}
	b.aws.Clock().Advance(time.Hour)
	b.check(b.aws.Put("mine", "logs/2026/01/late.log", []byte("body"))) // later, in an earlier folder
	wanted := func(key string) bool { return strings.HasSuffix(key, ".log") }
	for name, c := range map[string]struct {
		prefix   string
		listings int
		want     func(string) bool
		key      string
		after    time.Duration
	}{
		"the newest of the last folder": {"logs/", 4, wanted, "logs/2026/02/b.log", 5 * time.Hour},
		"and nothing behind it":         {"logs/", 20, wanted, "logs/2026/02/b.log", 5 * time.Hour},
		"a listing too few":             {"logs/", 3, wanted, "", 0},
		"of whatever kind":              {"logs/", 3, func(string) bool { return true }, "logs/2026/03/only.tmp", 7 * time.Hour},
		"of one folder":                 {"logs/2025/12/", 1, wanted, "logs/2025/12/z.log", time.Hour},
		"of an earlier year":            {"logs/", 20, func(key string) bool { return key == "logs/2025/12/z.log" }, "logs/2025/12/z.log", time.Hour},
		"of nothing":                    {"other/", 20, wanted, "", 0},
	} {
		got, found, err := mine.Newest(t.Context(), c.prefix, c.listings, c.want)
		b.check(err)
		if found != (c.key != "") || got.Key != c.key || found && (got.Size != 4 || got.Modified.Sub(at).Round(time.Minute) != c.after) {
			t.Errorf("%s: %+v, %t, want %s", name, got, found, c.key)
		}
	}
	b.once()
	b.fail("ListObjectsV2", &local.FaultResponse{Status: 403, Code: "AccessDenied"})
	if _, found, err := b.Bucket("mine", Access{}).Newest(t.Context(), "", 9, wanted); err == nil || found {
		t.Errorf("a listing that is refused: %v", err)
	}
}
