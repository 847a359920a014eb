package devo

import (
	"bytes"
	"strconv"
	"strings"
	"time"
)

// header is the frame up to the record. What Devo accepts is not documented in
// one place; this is the form its own collectors send
// (https://github.com/DevoInc/python-sdk, devo/sender). Every byte that could
// end a field early becomes "_", so that no name can forge a tag; a hyphen in
// the id does too, because queries split the host there.
func header(now time.Time, id, source, tag string) []byte {
	b := append(make([]byte, 0, 64+len(id)+len(source)+len(tag)), "<14>"...)
	b = now.UTC().AppendFormat(b, "2006-01-02 15:04:05.000")
	b = appendHost(append(b, ' '), id, source)
	b = appendName(append(b, ' '), tag, "-.")
	return append(b, ": "...)
}

func appendHost(b []byte, id, source string) []byte {
	b = appendName(append(b, "collector-"...), id, "")
	return appendName(append(b, '-'), source, "-")
}

// appendName appends a name with every byte replaced that is not a letter, a
// digit, "_" or one of more.
func appendName(b []byte, name, more string) []byte {
	if name == "" {
		return append(b, '_')
	}
	for _, c := range []byte(name) {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', strings.IndexByte(more, c) >= 0:
			b = append(b, c)
		default:
			b = append(b, '_')
		}
	}
	return b
}

// A framer writes frames. The far end ends an event at LF, CR and NUL: a record
// with one of them is either preceded by the frame's length (octet counting,
// https://www.rfc-editor.org/rfc/rfc6587#section-3.4.1) or escaped.
type framer struct {
	out     pieces
	escape  bool
	written int64 // bytes of all frames
	scratch [20]byte
}

// frame writes one record. A frame starts with "<" or a length, a length
// starts no other line, and a record without LF, CR and NUL cannot end its own:
// so no record can begin an event.
func (f *framer) frame(header, record []byte) error {
	size := len(header) + len(record) + 1
	switch broken := breaks(record); {
	case broken && f.escape:
		f.put(header)
		f.putEscaped(record)
		return f.end()
	case broken:
		f.put(append(strconv.AppendInt(f.scratch[:0], int64(size), 10), ' '))
	case size <= f.out.room(): // as nearly every record
		f.written += int64(size)
		f.out.gathered = append(append(append(f.out.gathered, header...), record...), '\n')
		return f.out.err
	}
	f.put(header)
	f.put(record)
	return f.end()
}

// breaks tells whether the far end would see an event's end within record.
func breaks(record []byte) bool {
	return bytes.IndexByte(record, '\n') >= 0 || bytes.IndexByte(record, '\r') >= 0 || bytes.IndexByte(record, 0) >= 0
}

// putEscaped writes the breaking bytes as \n, \r and \0, and \ as \\.
func (f *framer) putEscaped(record []byte) {
	for {
		i := bytes.IndexAny(record, "\n\r\x00\\")
		if i < 0 {
			f.put(record)
			return
		}
		f.put(record[:i])
		name := record[i]
		switch name {
		case '\n':
			name = 'n'
		case '\r':
			name = 'r'
		case 0:
			name = '0'
		}
		f.put(append(f.scratch[:0], '\\', name))
		record = record[i+1:]
	}
}

// put needs no error: pieces keep their first, and end gives it.
func (f *framer) put(b []byte) {
	f.out.put(b)
	f.written += int64(len(b))
}

func (f *framer) end() error {
	f.put(lineFeed)
	return f.out.err
}

var lineFeed = []byte{'\n'}
