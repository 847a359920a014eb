package devo

import (
	"slices"
	"sync"
	"time"
)

// shunFor is how long an endpoint that failed is asked after the others.
const shunFor = 5 * time.Minute

// A Standing is what this process knows of its endpoints: when each of them last
// failed. An endpoint that completes every handshake and then resets, refuses or
// swallows what it is sent would otherwise be the only one ever asked. Several Sinks
// may share one. The zero value is ready; it is safe for concurrent use.
type Standing struct {
	mu       sync.Mutex
	failedAt map[string]time.Time
}

// failed notes that an endpoint did not do its part: it could not be reached, or
// a connection to it was not confirmed.
func (s *Standing) failed(endpoint string, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failedAt == nil {
		s.failedAt = make(map[string]time.Time)
	}
	s.failedAt[endpoint] = now
}

// worked notes that a connection to an endpoint was confirmed.
func (s *Standing) worked(endpoint string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.failedAt, endpoint)
}

// order is the order in which to ask the endpoints: as given, but those that
// failed within shunFor come last, the one whose failure is oldest first among
// them.
func (s *Standing) order(endpoints []string, now time.Time) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	shunned := func(endpoint string) (at time.Time) {
		if t, failed := s.failedAt[endpoint]; failed && now.Sub(t) < shunFor {
			at = t
		}
		return at
	}
	ordered := slices.Clone(endpoints)
	slices.SortStableFunc(ordered, func(a, b string) int { return shunned(a).Compare(shunned(b)) })
	return ordered
}
