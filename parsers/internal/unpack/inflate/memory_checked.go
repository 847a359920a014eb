//go:build !(amd64 || arm64) || inflate_checked

// The same as in memory.go, with bounds that are checked.

package inflate

import "encoding/binary"

func load64(b []byte, i int) uint64 { return binary.LittleEndian.Uint64(b[i:]) }

func store64(b []byte, i int, v uint64) { binary.LittleEndian.PutUint64(b[i:], v) }

func store32(b []byte, i int, v uint32) { binary.LittleEndian.PutUint32(b[i:], v) }

func copy16(b []byte, to, from int) {
	lo, hi := load64(b, from), load64(b, from+8)
	store64(b, to, lo)
	store64(b, to+8, hi)
}
