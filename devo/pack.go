package devo

import (
	"bufio"
	"cmp"
	"time"

	"github.com/klauspost/compress/gzip"
)

// memberSize is how many bytes of frames go into one gzip member, as Devo's own
// collectors have it; the frame that reaches it is the member's last.
const memberSize = 50 << 10

// A wire is the way of frames into TLS records: through gzip or not.
type wire struct {
	framer
	packer *packer // nil: frames go as they are
	sealed *bufio.Writer
}

func (s *Sink) newWire(sealed *bufio.Writer) wire {
	w := wire{framer: framer{out: sealed, escape: s.Multiline == "escape"}, sealed: sealed}
	if s.Gzip {
		w.packer = &packer{out: sealed, zip: gzip.NewWriter(sealed)}
		w.out = bufio.NewWriter(w.packer)
	}
	return w
}

// record writes one frame.
func (w *wire) record(header, record []byte) error {
	err := w.frame(header, record)
	if err == nil && w.packer != nil && w.packer.size+w.out.Buffered() >= memberSize {
		err = w.pack()
	}
	return err
}

// pack ends the gzip member, if there is one.
func (w *wire) pack() error { return cmp.Or(w.out.Flush(), w.packer.end()) }

// flush passes everything on.
func (w *wire) flush() error {
	if w.packer != nil {
		if err := w.pack(); err != nil {
			return err
		}
	}
	return w.sealed.Flush()
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
