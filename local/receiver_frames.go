package local

import (
	"bytes"
	"strconv"
	"time"
)

const (
	// frameLimit is the longest frame that is waited for, in bytes.
	frameLimit = 64 << 20
	// readSize is what a TLS connection gives in one read at most.
	readSize = 16 << 10
)

// A Record is one event as the receiver understood it. Its slices are valid
// during the call only.
type Record struct {
	Conn int64     // the connection's number, from 1
	At   time.Time // when its last bytes were read

	Date, Host, Tag []byte
	Raw             []byte // the message, without the frame's final LF
}

// parse takes an event apart: <PRI>DATE HOST TAG: MSG. A date may hold spaces
// and colons, so the header is read from its end.
func (r *Record) parse(event []byte) bool {
	head, raw, found := bytes.Cut(event, []byte(": "))
	head, opened := bytes.CutPrefix(head, []byte("<"))
	pri, head, closed := bytes.Cut(head, []byte(">"))
	n, err := strconv.ParseUint(string(pri), 10, 8)
	if !found || !opened || !closed || err != nil || n > 191 {
		return false
	}
	head, r.Tag = cutLast(head)
	r.Date, r.Host = cutLast(head)
	r.Raw = raw
	return len(r.Date) > 0 && len(r.Host) > 0 && len(r.Tag) > 0
}

func cutLast(s []byte) (before, last []byte) {
	i := bytes.LastIndexByte(s, ' ')
	return s[:max(i, 0)], s[i+1:]
}

// frames cuts a connection's bytes into events. There are two framings, mixed
// at will: an event up to a breaker, and RFC 6587's octet count (LEN SP event,
// the event ending with LF). Breakers are LF, and CR and NUL too, as in the
// syslog engine that Devo's descends from (org.scoja.server.parser.EventSplitter):
// what a log line smuggles in behind one of them becomes an event of its own.
type frames struct {
	buf        []byte
	start, end int // buf[start:end] is not cut yet
	seen       int // of it, so many bytes are known to hold no LF
}

func newFrames() *frames { return &frames{buf: make([]byte, 16*readSize)} }

// room is where the next read goes; filled says how much of it was used.
func (f *frames) room() []byte {
	if len(f.buf)-f.end < readSize {
		if f.start < len(f.buf)/2 {
			f.buf = append(f.buf, make([]byte, len(f.buf))...)
		}
		f.end = copy(f.buf, f.buf[f.start:f.end])
		f.start = 0
	}
	return f.buf[f.end:]
}

func (f *frames) filled(n int) { f.end += n }

// rest is how many bytes have not become an event.
func (f *frames) rest() int { return f.end - f.start }

// next cuts the next event off, without what ends it. ok is false when more
// bytes are needed; whole is false for what is not a frame, cut at the next breaker.
func (f *frames) next() (event []byte, whole, ok bool) {
	in := f.buf[f.start:f.end]
	if len(in) == 0 {
		return nil, false, false
	}
	if in[0] >= '1' && in[0] <= '9' {
		length, prefix := octetCount(in)
		if prefix == 0 {
			return nil, false, false
		}
		if prefix > 0 {
			return f.counted(in, prefix, prefix+length)
		}
	}
	return f.broken(in)
}

// octetCount reads `LEN SP`. prefix is its length, 0 when more bytes are
// needed, and negative when this is no octet count.
func octetCount(in []byte) (length, prefix int) {
	for i, c := range in {
		switch {
		case c == ' ':
			return length, i + 1
		case c < '0' || c > '9':
			return 0, -1
		}
		if length = 10*length + int(c-'0'); length > frameLimit {
			return 0, -1
		}
	}
	return 0, 0
}

func (f *frames) counted(in []byte, prefix, end int) (event []byte, whole, ok bool) {
	if len(in) < end {
		return nil, false, false
	}
	f.start += end
	f.seen = max(f.seen-end, 0)
	event = in[prefix:end]
	whole = len(event) > 0 && event[len(event)-1] == '\n'
	return bytes.TrimSuffix(event, []byte("\n")), whole, true
}

func (f *frames) broken(in []byte) (event []byte, whole, ok bool) {
	end := bytes.IndexByte(in[f.seen:], '\n')
	if end < 0 {
		f.seen = len(in)
		return nil, false, false
	}
	event = in[:f.seen+end]
	for _, breaker := range []byte{'\r', 0} {
		if i := bytes.IndexByte(event, breaker); i >= 0 {
			event = event[:i]
		}
	}
	f.start += len(event) + 1
	f.seen = max(f.seen+end-len(event)-1, 0)
	return event, true, true
}
