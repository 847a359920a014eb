package operate

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// When reads a time: a date, or date and time, of UTC unless it says otherwise;
// or how long before now it was, as 90m, 6h or 35d. "" is the zero time.
func When(text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if days, ok := strings.CutSuffix(text, "d"); ok {
		if n, err := strconv.Atoi(days); err == nil && n >= 0 {
			return now.AddDate(0, 0, -n), nil
		}
	}
	if ago, err := time.ParseDuration(text); err == nil && ago >= 0 {
		return now.Add(-ago), nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04", time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is no time; write 2026-11-23, 2026-11-23T05:00, 2026-11-23T05:00:00Z, or how long ago: 6h, 35d", text)
}
