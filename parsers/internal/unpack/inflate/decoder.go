// Package inflate unpacks deflate (https://www.rfc-editor.org/rfc/rfc1951), alone or
// as gzip and zlib wrap it. It accepts what zlib accepts and fails where zlib does.
//
// All that a stream needs to go on is in a Decoder, and where it stands is one
// field, phase: Step can stop at any bit of the input and any byte of the output.
// In front of a block it needs no more than the place (bytes read, and bits, fewer
// than eight of the byte before), the history, and the sums of whoever wraps it.
package inflate

import "io"

// window is how far back in bytes a match may reach.
const window = 32 << 10

// A phase is what the decoder reads or writes next.
type phase uint8

const (
	blockHeader phase = iota
	storedLength
	stored        // left bytes of a stored block
	tableSizes    // how many lengths follow
	lengthLengths // the lengths of the code that the lengths are written in
	codeLengths   // the lengths of the block's two codes
	symbol        // a literal, a match's length or the block's end
	lengthExtra   // the further bits of the length that value stands for
	distance      // of a match of left bytes
	distanceExtra // the further bits of the distance that value stands for
	match         // left bytes from distance back
	streamEnd
)

// A Decoder unpacks one deflate stream. The zero value is ready; Reset makes it so
// again. It takes 100 KiB of memory and never more.
type Decoder struct {
	phase phase
	last  bool  // the block is the stream's last
	err   error // why the stream ended
	bits  uint64
	n     uint // how many of bits are the stream's, from the lowest; Step leaves fewer than 8 unless it needs more to go on

	value    int // a symbol of which bits are still to come
	left     int
	distance int
	codes    *tables // the block's
	header   header
	own      tables // of a block that brings its codes

	// Of the present Step.
	dst, src []byte
	di, si   int
	starved  bool // what comes next needs more than src has

	history [2 * window]byte
	kept    int // bytes of history; the last of them, up to a window, can be reached
}

// Reset makes d ready for another stream.
func (d *Decoder) Reset() {
	d.phase, d.last, d.err = blockHeader, false, nil
	d.bits, d.n, d.kept = 0, 0, 0
}

// Step unpacks from src into dst until one of them is used up or the stream ends,
// which is io.EOF. It returns how many bytes it wrote and read. Of src it has then
// read none beyond the stream's last byte. Any other error is final too, and dst has
// what was unpacked before. Bytes of dst that were not written may have changed.
func (d *Decoder) Step(dst, src []byte) (written, read int, err error) {
	d.dst, d.src, d.di, d.si, d.starved = dst, src, 0, 0, false
	for d.err == nil && d.advance() {
	}
	if d.phase == streamEnd {
		d.drop(d.n & 7)
		d.err = io.EOF
	}
	if !d.starved {
		// Whole bytes that were read ahead go back. Those of an earlier Step cannot be
		// among them: it kept them because what it could not finish needs them all.
		back := min(d.n>>3, uint(d.si))
		d.si -= int(back)
		d.n -= 8 * back
	}
	d.bits &= 1<<d.n - 1
	written, read = d.di, d.si
	d.keep(dst[:written])
	d.dst, d.src = nil, nil
	return written, read, d.err
}

// keep adds what was unpacked to the history.
func (d *Decoder) keep(b []byte) {
	if len(b) >= window {
		d.kept = copy(d.history[:], b[len(b)-window:])
		return
	}
	if d.kept+len(b) > len(d.history) {
		d.kept = copy(d.history[:], d.history[d.kept-window:d.kept])
	}
	d.kept += copy(d.history[d.kept:], b)
}

// advance does what the phase says. It reports whether it can go on: false is for
// want of input or room, and at the stream's end.
func (d *Decoder) advance() bool {
	switch d.phase {
	case blockHeader:
		return d.blockHeader()
	case storedLength:
		return d.storedLength()
	case stored:
		return d.stored()
	case tableSizes:
		return d.tableSizes()
	case lengthLengths:
		return d.lengthLengths()
	case codeLengths:
		return d.codeLengths()
	case symbol:
		d.fast()
		return d.phase != symbol || d.symbol()
	case lengthExtra:
		return d.lengthExtra()
	case distance:
		return d.distanceSymbol()
	case distanceExtra:
		return d.distanceExtra()
	case match:
		return d.match()
	default:
		return false
	}
}

// fail ends the stream.
func (d *Decoder) fail(err error) bool {
	d.err = err
	return false
}

// more adds at least eight bits to fewer than 57. It reports whether there are any.
func (d *Decoder) more() bool {
	switch {
	case len(d.src)-d.si >= 8:
		d.bits |= load64(d.src, d.si) << (d.n & 63)
		d.si += int((63 - d.n) >> 3)
		d.n |= 56
	case d.si < len(d.src):
		d.bits |= uint64(d.src[d.si]) << (d.n & 63)
		d.si++
		d.n += 8
	default:
		d.starved = true
		return false
	}
	return true
}

// need reports whether there are k bits, at most 32.
func (d *Decoder) need(k uint) bool {
	for d.n < k {
		if !d.more() {
			return false
		}
	}
	return true
}

// peek is the next k bits, of which there must be as many.
func (d *Decoder) peek(k uint) int { return int(d.bits & (1<<(k&63) - 1)) }

func (d *Decoder) drop(k uint) {
	d.bits >>= k & 63
	d.n -= k
}

// take is peek and drop.
func (d *Decoder) take(k uint) int {
	v := d.peek(k)
	d.drop(k)
	return v
}
