package devo

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

const (
	// memoryLimit bounds a call of Memory: a confirmation waits for it.
	memoryLimit = 5 * time.Second
	// memoryPause is how long nothing is saved after Memory has failed.
	memoryPause = time.Minute
)

// A Memory remembers, for all processes of a deployment, which endpoints were seen
// to end a connection with a close_notify. An endpoint is host:port, as configured.
// It is safe for concurrent use.
type Memory interface {
	// Notified returns when an endpoint was first seen to send one since it was
	// last forgotten; zero is never.
	Notified(ctx context.Context, endpoint string) (since time.Time, err error)
	// Learn notes that it sent one, and reports whether that is new.
	Learn(ctx context.Context, endpoint string) (isNew bool, err error)
	// Forget undoes Learn, and reports whether there was anything to undo.
	Forget(ctx context.Context, endpoint string) (known bool, err error)
}

// learned is what is known of the endpoints' close_notifies. The zero value has no
// Memory.
type learned struct {
	memory Memory
	log    *slog.Logger
	now    func() time.Time

	mu    sync.Mutex
	known map[string]knowledge
	pause time.Time // Memory failed: nothing is saved until then
}

type knowledge struct {
	seen      bool // one was seen to come
	saved     bool // Memory has it, or had it when it was last asked
	forgotten bool // Memory was told to forget it, because the file says so
}

func (l *learned) get(endpoint string) knowledge {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.known[endpoint]
}

func (l *learned) set(endpoint string, k knowledge) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.known == nil {
		l.known = make(map[string]knowledge)
	}
	l.known[endpoint] = k
}

// note takes down that a connection to an endpoint ended with its close_notify. If
// that cannot be saved, this process remembers it all the same, and one of the next
// connections saves it.
func (l *learned) note(ctx context.Context, endpoint string) {
	k := l.get(endpoint)
	l.set(endpoint, knowledge{seen: true, saved: k.saved})
	if l.memory == nil || k.saved || l.paused() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, memoryLimit)
	defer cancel()
	isNew, err := l.memory.Learn(ctx, endpoint)
	if err != nil {
		l.failed()
		l.log.Warn("devo: that the endpoint sends close_notify was not saved", "endpoint", endpoint, "cause", err.Error())
		return
	}
	l.set(endpoint, knowledge{seen: true, saved: true})
	if isNew {
		l.log.Info("devo: the endpoint sends close_notify: from now on an end without one confirms nothing", "endpoint", endpoint)
	}
}

// owed reports whether an endpoint has sent a close_notify before, so that an end
// without one is not believed. Memory is asked each time: it may have been told to
// forget. An error means that nobody knows.
func (l *learned) owed(ctx context.Context, endpoint string) (bool, error) {
	k := l.get(endpoint)
	if l.memory == nil {
		return k.seen, nil
	}
	ctx, cancel := context.WithTimeout(ctx, memoryLimit)
	defer cancel()
	since, err := l.memory.Notified(ctx, endpoint)
	switch {
	case err != nil && k.seen:
		return true, nil
	case err != nil:
		return false, err
	case since.IsZero() && k.saved: // it was forgotten since
		l.set(endpoint, knowledge{})
		return false, nil
	case since.IsZero():
		return k.seen, nil
	}
	l.set(endpoint, knowledge{seen: true, saved: true})
	return true, nil
}

// forget makes Memory forget what was learned of an endpoint, once: a file that
// says "closed" or "drained" says that it need not send a close_notify any more.
func (l *learned) forget(ctx context.Context, endpoint string) {
	if l.memory == nil || l.get(endpoint).forgotten || l.paused() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, memoryLimit)
	defer cancel()
	known, err := l.memory.Forget(ctx, endpoint)
	if err != nil {
		l.failed()
		l.log.Warn("devo: that the endpoint sent close_notify was not forgotten", "endpoint", endpoint, "cause", err.Error())
		return
	}
	l.set(endpoint, knowledge{forgotten: true})
	if known {
		l.log.Warn("devo: forgotten, because the file sets confirm, that the endpoint sent close_notify", "endpoint", endpoint)
	}
}

func (l *learned) paused() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.now().Before(l.pause)
}

func (l *learned) failed() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.pause = l.now().Add(memoryPause)
}
