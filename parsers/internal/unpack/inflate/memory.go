//go:build (amd64 || arm64) && !inflate_checked

package inflate

import "unsafe"

// Only the fast loop and more call these, and nothing else of the package is unsafe.
// It is for speed: with checks, streams of logs take 20 to 30 % longer.
// Both architectures are little-endian and load and store at any address. What must
// hold, since nothing checks it here:
//
//   - 0 <= i, from, to, and 8, 4 or 16 bytes from there on are within len(b).
//   - more looks that eight bytes are left.
//   - fast looks at the beginning of each turn that inSlack bytes are left of src and
//     outSlack of dst, and goes on by no more than their comments say in a turn.
//   - fast reads from dst only behind a match's distance, which it has compared with
//     how much of dst is written.
//
// With the tag inflate_checked all of it is checked, and the tests run so as well.

func load64(b []byte, i int) uint64 {
	return *(*uint64)(unsafe.Add(unsafe.Pointer(unsafe.SliceData(b)), i))
}

func store64(b []byte, i int, v uint64) {
	*(*uint64)(unsafe.Add(unsafe.Pointer(unsafe.SliceData(b)), i)) = v
}

func store32(b []byte, i int, v uint32) {
	*(*uint32)(unsafe.Add(unsafe.Pointer(unsafe.SliceData(b)), i)) = v
}

// copy16 copies within b.
func copy16(b []byte, to, from int) {
	p := unsafe.Pointer(unsafe.SliceData(b))
	*(*[16]byte)(unsafe.Add(p, to)) = *(*[16]byte)(unsafe.Add(p, from))
}
