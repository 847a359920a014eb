package main

import (
	"bytes"
	"sync"
)

// planted is the mark of every secret access key and session token.
const planted = "planted-in-secret"

// leaks look for what must not be in any log line or metric.
type leaks struct {
	mu    sync.Mutex
	marks [][]byte
	lines int
	found [][]byte // the first few lines
	count int
}

func newLeaks(marks ...string) *leaks {
	l := &leaks{}
	for _, m := range marks {
		l.marks = append(l.marks, []byte(m))
	}
	return l
}

// plantKey has every line of a PEM key looked for.
func (l *leaks) plantKey(pem []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for line := range bytes.Lines(pem) {
		if line = bytes.TrimSpace(line); len(line) > 0 && !bytes.HasPrefix(line, []byte("-----")) {
			l.marks = append(l.marks, bytes.Clone(line))
		}
	}
}

func (l *leaks) look(line []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines++
	for _, m := range l.marks {
		if bytes.Contains(line, m) {
			l.count++
			if len(l.found) < 5 {
				l.found = append(l.found, bytes.Clone(line[:min(len(line), 500)]))
			}
		}
	}
}
