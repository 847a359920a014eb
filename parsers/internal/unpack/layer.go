package unpack

import (
	"bufio"
	"fmt"
	"io"
)

// members are the parts that a packing's decoder unpacks one after another:
// the members, frames or streams of which each can stand alone.
type members interface {
	// next begins the next member and tells where in its packed bytes it
	// begins. Behind the last the error is io.EOF, and nothing is left.
	next() (at int64, err error)
	// Read gives the member's unpacked bytes; its end is io.EOF.
	io.Reader
}

// one is all of a reader's bytes as one member.
type one struct {
	io.Reader
	begun bool
}

func (o *one) next() (int64, error) {
	if o.begun {
		return 0, io.EOF
	}
	o.begun = true
	return 0, nil
}

// A layer is what one decoder unpacks, watched: it knows what failed first, and
// what is too much. Its first bytes can be looked at ahead.
type layer struct {
	r       *Reader
	packing Packing
	depth   int
	from    members

	now   piece   // of the member that is being read
	ahead []piece // of the members behind it
	last  error   // why no member follows those
}

// A piece is the beginning of a member that was read ahead.
type piece struct {
	at   int64
	skip int64 // bytes of the member in front of data that are left out
	data []byte
	err  error // what follows the data, if known
}

// sniff looks ahead until it is sure what is packed in the layer. A text header
// is left out of that.
func (l *layer) sniff() (beginning, error) {
	head := l.r.headFor(l.depth)
	used := 0
	for l.last == nil {
		var p piece
		if p.at, l.last = l.begin(); l.last != nil {
			break
		}
		from := used
		for p.err == nil {
			var n int
			n, p.err = l.read(head[used:])
			used += n
			if b, sure, err := l.r.judge(head[:used], false, false); sure {
				p.data = head[from:used]
				l.ahead = append(l.ahead, p)
				l.leaveOut(b.skip)
				return b, err
			}
		}
		p.data = head[from:used]
		if len(p.data) > 0 || p.err != io.EOF {
			l.ahead = append(l.ahead, p)
		}
		if p.err != io.EOF {
			l.last = p.err
		}
	}
	b, _, err := l.r.judge(head[:used], l.last == io.EOF, true)
	l.leaveOut(b.skip)
	return b, err
}

// headFor is where a layer's first bytes are kept until they are passed on. The
// next layer of that depth has the same place.
func (r *Reader) headFor(depth int) []byte {
	if r.heads[depth] == nil {
		r.heads[depth] = make([]byte, max(r.window, Window))
	}
	return r.heads[depth]
}

// leaveOut removes the first n bytes of what was read ahead.
func (l *layer) leaveOut(n int) {
	for n > 0 {
		p := &l.ahead[0]
		m := min(n, len(p.data))
		p.data, p.skip, n = p.data[m:], p.skip+int64(m), n-m
		if len(p.data) == 0 && p.err == io.EOF {
			l.ahead = l.ahead[1:]
		}
	}
}

// next is members' next, what was looked at first.
func (l *layer) next() (at int64, err error) {
	if len(l.ahead) > 0 {
		l.now, l.ahead = l.ahead[0], l.ahead[1:]
		return l.now.at, nil
	}
	l.now = piece{}
	if l.last != nil {
		return 0, l.last
	}
	return l.begin()
}

// Read is members' Read, what was looked at first.
func (l *layer) Read(p []byte) (int, error) {
	if len(l.now.data) > 0 {
		n := copy(p, l.now.data)
		l.now.data = l.now.data[n:]
		return n, nil
	}
	if l.now.err != nil {
		return 0, l.now.err
	}
	return l.read(p)
}

func (l *layer) begin() (int64, error) {
	at, err := l.from.next()
	if err != nil && err != io.EOF {
		err = l.r.fail(l.packing, err)
	}
	return at, err
}

func (l *layer) read(p []byte) (int, error) {
	n, err := l.from.Read(p)
	if err != nil && err != io.EOF {
		return n, l.r.fail(l.packing, err)
	}
	if excess := l.r.count(l.packing, l.depth, n); excess != nil {
		return n, excess
	}
	return n, err
}

// joined is a layer's members as one stream, for what is packed in it.
type joined struct {
	*layer
	open bool // in the midst of a member
}

func (j *joined) Read(p []byte) (int, error) {
	for {
		if !j.open {
			if _, err := j.next(); err != nil {
				return 0, err
			}
			j.open = true
		}
		n, err := j.layer.Read(p)
		if err == io.EOF {
			j.open, err = false, nil
		}
		if n > 0 || err != nil || j.open {
			return n, err
		}
	}
}

// content passes on what members hold: as it is, or unpacked further.
func (r *Reader) content(p Packing, m members, depth int) error {
	l := &layer{r: r, packing: p, depth: depth, from: m}
	// Reading begins again only in what was not packed further.
	if r.opts.Packing == Sniff {
		begin, err := l.sniff()
		if err != nil {
			return err
		}
		r.keep(begin.head)
		if inner := begin.packing; inner != Plain {
			if depth >= r.opts.MaxDepth {
				return r.settle(fmt.Errorf("%w: packed more than %d deep: %s within %s", ErrCorrupt, r.opts.MaxDepth, inner, p))
			}
			return r.unpack(inner, bufio.NewReaderSize(&joined{layer: l}, bufferSize), depth+1)
		}
	}
	first := Block{}
	if depth == 1 && p.Restartable() {
		first.Packing = p
	}
	for {
		at, err := l.next()
		if err == io.EOF {
			return nil
		}
		if err == nil {
			if first.Packing != Sniff {
				first.Offset, first.Skip = at, l.now.skip
			}
			err = r.fill(l, first)
		}
		if err != nil {
			return err
		}
	}
}
