package devo

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"path"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/devo-s3/collector/delivery"
)

const badTag = "my.app.bad"

// A tally counts the requests and lines that an HTTP endpoint was sent.
type tally struct {
	mu    sync.Mutex
	posts int
	lines map[string]int // by tag
}

func (y *tally) answer(_ http.ResponseWriter, r *http.Request) {
	body := must(io.ReadAll(r.Body))
	y.mu.Lock()
	defer y.mu.Unlock()
	y.posts++
	y.lines[path.Base(r.URL.Path)] += bytes.Count(body, lineFeed)
}

// route writes a record as delivery does: under badTag where its own tag is one
// too many.
func route(t *testing.T, c delivery.Conn, tag string, record []byte) {
	t.Helper()
	header := c.Header("source", tag)
	if c.Full(header) {
		header = c.Header("source", badTag)
	}
	if err := c.Write(header, record); err != nil {
		t.Fatal(err)
	}
}

// However many tags there are, a request carries many records, and each record
// arrives once, under its own tag or badTag.
func TestHTTPRequestsOfManyTags(t *testing.T) {
	for name, test := range map[string]struct{ tags, rounds, length, most int }{
		"one record each":        {160_000, 1, 20, tagLimit + 1 + 4},
		"round robin":            {40_000, 4, 100, 3 * tagLimit},
		"as many as may wait":    {tagLimit, 10, 20, tagLimit},
		"one more than may wait": {tagLimit + 1, 10, 20, tagLimit + 1},
	} {
		t.Run(name, func(t *testing.T) {
			y := &tally{lines: make(map[string]int)}
			_, addr := serveHTTP(t, y.answer)
			c := dialHTTP(t, newSink(t, toHTTP, addr))
			for range test.rounds {
				for i := range test.tags {
					route(t, c, fmt.Sprint("my.app.t.n", i), bytes.Repeat([]byte("x"), test.length))
				}
			}
			if err := c.Confirm(t.Context()); err != nil {
				t.Fatal(err)
			}
			sum := 0
			for tag, n := range y.lines {
				if sum += n; tag != badTag && n > test.rounds {
					t.Errorf("%d records of %s", n, tag)
				}
			}
			t.Logf("%d requests, %d tags, %d records under %s", y.posts, len(y.lines), y.lines[badTag], badTag)
			if sum != test.tags*test.rounds || y.posts > test.most {
				t.Errorf("%d records of %d in %d requests, want at most %d", sum, test.tags*test.rounds, y.posts, test.most)
			}
			if (test.tags > tagLimit) != (y.lines[badTag] > 0) {
				t.Errorf("%d of %d tags under %s", y.lines[badTag], test.tags, badTag)
			}
		})
	}
}

// The largest tags go first, until half of the buffer is free.
func TestHTTPMakesRoomByTheLargest(t *testing.T) {
	for name, test := range map[string]struct {
		lengths []int // of the tags' lines
		posts   int
	}{
		"one tag is half":           {[]int{gatherLimit / 8, gatherLimit / 8, gatherLimit / 2, gatherLimit / 8, gatherLimit / 8}, 1},
		"one tag is less than half": {[]int{gatherLimit/2 - 1, gatherLimit / 4, gatherLimit/4 + 1}, 2},
		"a byte is missing":         {[]int{gatherLimit / 2, gatherLimit/2 - 1}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			y := &tally{lines: make(map[string]int)}
			_, addr := serveHTTP(t, y.answer)
			c := dialHTTP(t, newSink(t, toHTTP, addr))
			for i, length := range test.lengths {
				route(t, c, fmt.Sprint("my.app.t.n", i), bytes.Repeat([]byte("x"), length-1))
			}
			if y.posts != test.posts {
				t.Errorf("%d requests before the end, want %d", y.posts, test.posts)
			}
			if err := c.Confirm(t.Context()); err != nil || y.posts != len(test.lengths) {
				t.Errorf("%d requests for %d tags, %v", y.posts, len(test.lengths), err)
			}
		})
	}
}

// While room is made, requests are under way side by side: each waits for
// postLimit of them.
func TestHTTPMakesRoomSideBySide(t *testing.T) {
	var arrived atomic.Int64
	together := make(chan struct{})
	_, addr := serveHTTP(t, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		if arrived.Add(1) == postLimit {
			close(together)
		}
		select {
		case <-together:
		case <-r.Context().Done():
		}
	})
	c := dialHTTP(t, newSink(t, func(c *Config) { toHTTP(c); c.ConfirmTimeout = 20 * time.Second }, addr))
	const tags = 4 * postLimit
	for i := range tags {
		route(t, c, fmt.Sprint("my.app.t.n", i), bytes.Repeat([]byte("x"), gatherLimit/tags-1))
	}
	if n := arrived.Load(); n != tags/2 {
		t.Errorf("%d requests, want %d", n, tags/2)
	}
}

// After a request that failed, none begins.
func TestHTTPStopsAfterAFailedRequest(t *testing.T) {
	var arrived atomic.Int64
	_, addr := serveHTTP(t, func(w http.ResponseWriter, r *http.Request) {
		arrived.Add(1)
		_, _ = io.Copy(io.Discard, r.Body)
		w.WriteHeader(http.StatusServiceUnavailable)
	})
	c := dialHTTP(t, newSink(t, toHTTP, addr))
	for i := range 100 {
		route(t, c, fmt.Sprint("my.app.t.n", i), []byte(strings.Repeat("x", 10)))
	}
	wantKind(t, c.Confirm(t.Context()), delivery.DevoUnavailable)
	if n := arrived.Load(); n > postLimit {
		t.Errorf("%d requests, want at most %d", n, postLimit)
	}
}
