package main

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/devo-s3/collector/cmd/collector/stack"
	"github.com/devo-s3/collector/config"
	"github.com/devo-s3/collector/internal/adversary"
)

// hostileTag begins the tags of hostile objects' records; the number of their kind
// follows.
const hostileTag = "my.app.hostile.h"

// What an object may cost by docs/security.md, in bytes of records and recordUnits for
// each record, and what may come beyond it: the record that does, and its neighbours.
const (
	freeUnits   = 64 << 20
	unitsRatio  = 2000
	slackUnits  = 5 << 20
	recordUnits = 64
)

// hostiles are an adversary's objects among the good, in a bucket of their own of the
// same deployment. They have no ids: what arrives is counted by kind.
type hostiles struct {
	mu    sync.Mutex
	kinds []*hostile
	order []int // in which kinds are put
	keys  []string
}

// A hostile is one kind of object.
type hostile struct {
	adversary.Object
	put    int
	most   int64           // units of all that were put
	units  map[int64]int64 // that arrived, by connection
	owners map[string]bool // invocations that claimed one
}

func newHostiles(seed uint64) *hostiles {
	h := &hostiles{}
	for _, o := range adversary.Objects() {
		h.kinds = append(h.kinds, &hostile{Object: o, units: make(map[int64]int64), owners: make(map[string]bool)})
	}
	h.order = rand.New(rand.NewPCG(seed, 0x3)).Perm(len(h.kinds))
	return h
}

// sources are the bucket's.
func (h *hostiles) sources() (all []string) {
	for i, k := range h.kinds {
		all = append(all, k.Source(fmt.Sprint("h", i), hostileTag+strconv.Itoa(i)))
	}
	return all
}

// next is the next object to put.
func (h *hostiles) next() (key string, data []byte) {
	h.mu.Lock()
	i := h.order[len(h.keys)%len(h.order)]
	key = fmt.Sprintf("h%d/hostile-%04d", i, len(h.keys))
	h.keys = append(h.keys, key)
	h.mu.Unlock()
	data = h.kinds[i].Data()
	h.mu.Lock()
	defer h.mu.Unlock()
	h.kinds[i].put++
	h.kinds[i].most += freeUnits + slackUnits + unitsRatio*int64(len(data))
	return key, data
}

// take books a record, if it is of a hostile object.
func (h *hostiles) take(conn int64, tag, raw []byte) bool {
	_, name, ok := strings.Cut(string(tag), hostileTag)
	if !ok {
		if _, _, good := readID(raw); good {
			return false
		}
		return string(tag) == config.DefaultTags.Unparsed || string(tag) == config.DefaultTags.BadTag
	}
	name, _, _ = strings.Cut(name, ".")
	i, err := strconv.Atoi(name)
	if err != nil || i >= len(h.kinds) {
		return false
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.kinds[i].units[conn] += int64(len(raw)) + recordUnits
	return true
}

// ledger looks at a write to the ledger's table.
func (h *hostiles) ledger(item map[string]any) {
	bucket, _ := item["bucket"].(string)
	key, _ := item["key"].(string)
	name, _, _ := strings.Cut(key, "/")
	i, err := strconv.Atoi(strings.TrimPrefix(name, "h"))
	if bucket != stack.ShelfBucket(0) || err != nil || i >= len(h.kinds) {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	owner, _ := item["owner"].(string)
	h.kinds[i].owners[owner] = true
}

// named reports whether a message is about a hostile object.
func (h *hostiles) named(body string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.ContainsFunc(h.keys, func(key string) bool { return strings.Contains(body, key) })
}

// judge says of which kind more arrived than it may cost. Each connection that broke,
// and each further owner, may have brought once more what it had not confirmed.
func (h *hostiles) judge(broken map[int64]bool) (wrong []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for i, k := range h.kinds {
		units, again := int64(0), max(len(k.owners)-k.put, 0)
		for conn, n := range k.units {
			if units += n; broken[conn] {
				again++
			}
		}
		if most := k.most * int64(1+again); units > most {
			wrong = append(wrong, fmt.Sprintf("%d objects h%d, %s: %d units arrived, at most %d may", k.put, i, k.Name, units, most))
		}
	}
	return wrong
}
