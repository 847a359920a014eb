package devo

import (
	"bufio"
	"cmp"
	"io"
	"time"

	"github.com/klauspost/compress/gzip"
)

// memberSize is how many bytes of frames go into one gzip member, as Devo's own
// collectors have it; the frame that reaches it is the member's last.
const memberSize = 50 << 10

// packSize is how many bytes of frames go into the compressor at a time.
const packSize = 4 << 10

// A wire is the way of frames into TLS records: through gzip or not.
type wire struct {
	framer
	packer *packer // nil: frames go as they are
}

// newWire writes to sealed, in pieces of a TLS record.
func (s *Sink) newWire(sealed io.Writer) wire {
	w := wire{framer: framer{escape: s.Multiline == "escape"}}
	if !s.Gzip {
		w.out = newPieces(sealed, recordSize)
		return w
	}
	out := bufio.NewWriterSize(sealed, recordSize)
	w.packer = &packer{out: out, zip: gzip.NewWriter(out)}
	w.out = newPieces(w.packer, packSize)
	return w
}

// record writes one frame.
func (w *wire) record(header, record []byte) error {
	err := w.frame(header, record)
	if err == nil && w.packer != nil && w.packer.size+len(w.out.gathered) >= memberSize {
		err = w.pack()
	}
	return err
}

// pack ends the gzip member, if there is one.
func (w *wire) pack() error { return cmp.Or(w.out.flush(), w.packer.end()) }

// flush passes everything on.
func (w *wire) flush() error {
	if w.packer == nil {
		return w.out.flush()
	}
	return cmp.Or(w.pack(), w.packer.out.Flush())
}

// A packer makes gzip members of what it is given. The far end may take each
// for itself, so one must end with a frame.
type packer struct {
	out  *bufio.Writer
	zip  *gzip.Writer
	size int // of the member so far, unpacked
}

func (p *packer) Write(b []byte) (int, error) {
	if p.size == 0 {
		p.zip.Reset(p.out)
		p.zip.Header = gzip.Header{ModTime: time.Unix(0, 0), OS: 3} // Unix, as Devo's SDK has it
	}
	p.size += len(b)
	return p.zip.Write(b)
}

// end completes the member, if there is one.
func (p *packer) end() error {
	if p.size == 0 {
		return nil
	}
	p.size = 0
	return p.zip.Close()
}
