//go:build race

package parsers

// raced says that the race detector is on. A sync.Pool then drops some of what it
// is given, so that package regexp, for one, allocates where it otherwise does not.
const raced = true
