package devo

import "io"

// Pieces gather bytes and pass them on in pieces of one length, wherever a frame
// ends: as bufio.Writer, but what fits can be appended in place.
type pieces struct {
	to       io.Writer
	gathered []byte // its capacity is a piece
	err      error  // the first of a Write: nothing is passed on after it
}

func newPieces(to io.Writer, size int) pieces {
	return pieces{to: to, gathered: make([]byte, 0, size)}
}

func (p *pieces) room() int { return cap(p.gathered) - len(p.gathered) }

func (p *pieces) put(b []byte) {
	for len(b) > p.room() {
		if len(p.gathered) == 0 { // whole pieces need no copy
			whole := len(b) - len(b)%cap(p.gathered)
			p.pass(b[:whole])
			b = b[whole:]
			continue
		}
		n := p.room()
		p.gathered = append(p.gathered, b[:n]...)
		b = b[n:]
		_ = p.flush() // p.err
	}
	p.gathered = append(p.gathered, b...)
}

// flush passes on what was gathered.
func (p *pieces) flush() error {
	if len(p.gathered) > 0 {
		p.pass(p.gathered)
		p.gathered = p.gathered[:0]
	}
	return p.err
}

func (p *pieces) pass(b []byte) {
	if p.err == nil {
		_, p.err = p.to.Write(b)
	}
}
