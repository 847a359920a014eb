//go:build race

package inflate

// raced says that the race detector is on, which makes the decoder ten times slower:
// the loops over all there is are shorter then.
const raced = true
