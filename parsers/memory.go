package parsers

import (
	"context"
	"math"
	"runtime/debug"
	"time"
)

// Files that are read at random or block by block (parquet, avro) are held in
// memory in large pieces. Each may have ownMemory, and what it wants beyond is
// reserved from one budget for all that are read at the same time: otherwise ten
// at once would take ten times what an object may.
const (
	ownMemory = 8 << 20
	// tokenSize is the unit of the budget in bytes.
	tokenSize = 8 << 20
	// freeTokens is the budget where the process has no limit of memory.
	freeTokens = 1 << 10
)

// A budget is memory that objects share. Whoever reserves takes all it may ever
// need at once, and only one waits for tokens while others wait for their turn:
// so no two can hold what the other waits for.
type budget struct {
	turn   chan struct{}
	tokens chan struct{} // holds one entry for each token taken
}

func newBudget(tokens int) *budget {
	return &budget{turn: make(chan struct{}, 1), tokens: make(chan struct{}, max(tokens, 1))}
}

// large is the process's budget: a third of what GOMEMLIMIT allows, since what
// the collector holds besides, and what is not collected yet, take the rest.
var large = newBudget(tokensOf(debug.SetMemoryLimit(-1)))

func tokensOf(limit int64) int {
	if limit == math.MaxInt64 {
		return freeTokens
	}
	return int(min(limit/3/tokenSize, freeTokens))
}

// A memory is what one object holds, in bytes.
type memory struct {
	ctx  context.Context
	idle func() // called about once a second while it waits; may be nil
	most int    // what it may hold
	used int
	held int // tokens
}

// charge adds n bytes. It waits while others hold what there is, and reports
// whether the object may have them.
func (m *memory) charge(n int) (ok bool, err error) {
	m.used += n
	switch {
	case m.used > m.most:
		return false, nil
	case m.used <= ownMemory || m.held > 0:
		return true, nil
	}
	return true, m.reserve()
}

// reserve takes tokens for all that the object may hold, or all there are.
func (m *memory) reserve() error {
	want := min((m.most-ownMemory+tokenSize-1)/tokenSize, cap(large.tokens))
	if err := m.wait(large.turn); err != nil {
		return err
	}
	defer func() { <-large.turn }()
	for m.held < want {
		if err := m.wait(large.tokens); err != nil {
			return err
		}
		m.held++
	}
	return nil
}

// wait puts an entry into c.
func (m *memory) wait(c chan struct{}) error {
	select {
	case c <- struct{}{}:
		return nil
	default:
	}
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		select {
		case c <- struct{}{}:
			return nil
		case <-m.ctx.Done():
			return m.ctx.Err()
		case <-ticker.C:
			if m.idle != nil {
				m.idle()
			}
		}
	}
}

// release gives back what was reserved.
func (m *memory) release() {
	for ; m.held > 0; m.held-- {
		<-large.tokens
	}
}
