package account

import (
	"net/http"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// A clock shows the ledger's time. It is set by the Date of the ledger's
// answers, refused ones included, and runs on by the monotonic clock, so that
// it does not matter what time this machine believes it is.
type clock struct {
	mu    sync.Mutex
	set   bool
	start time.Time     // with its monotonic reading
	ahead time.Duration // of start and the time since
}

func newClock() *clock { return &clock{start: time.Now()} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.elapsed(time.Now()).Add(c.ahead)
}

// isSet tells whether the ledger has ever answered.
func (c *clock) isSet() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.set
}

// elapsed is t by the monotonic clock alone.
func (c *clock) elapsed(t time.Time) time.Time {
	return c.start.Round(0).Add(t.Sub(c.start))
}

// hear sets the clock by a Date written between sent and got. It is cut to
// whole seconds: that, and the time on the way, leave room for the clock to be
// right already, and every answer makes it less wrong.
func (c *clock) hear(date, sent, got time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	least := date.Sub(c.elapsed(got))
	most := date.Add(time.Second).Sub(c.elapsed(sent))
	if !c.set {
		c.set, c.ahead = true, (least+most)/2
		return
	}
	c.ahead = min(max(c.ahead, least), most)
}

// A listener tells a clock of every answer.
type listener struct {
	aws.HTTPClient
	clock *clock
}

func (l listener) Do(r *http.Request) (*http.Response, error) {
	sent := time.Now()
	answer, err := l.HTTPClient.Do(r)
	if err != nil {
		return nil, err
	}
	if date, err := http.ParseTime(answer.Header.Get("Date")); err == nil {
		l.clock.hear(date, sent, time.Now())
	}
	return answer, nil
}
