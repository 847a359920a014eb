package parsers

import (
	"bytes"
	"fmt"
	"io"

	"golang.org/x/text/encoding"
)

// optionsOf is a copy of s's options, if they are of the format that asks.
func optionsOf[T any](s Spec) (options T, err error) {
	if o, ok := any(s.Options).(*T); ok && o != nil {
		return *o, nil
	}
	return options, fmt.Errorf("options are of another format: %T", s.Options)
}

// text is what cuts an object that is text in the given encoding.
func text(e encoding.Encoding, cut func(*run) error) func(*run) error {
	return func(r *run) error {
		if err := r.beginText(e, false); err != nil {
			return err
		}
		return cut(r)
	}
}

// eachLine opens a record for every line and leaves it to do to give it.
func eachLine(r *run, do func(raw []byte, length int64) error) error {
	for {
		if r.pos == len(r.buf) {
			if err := r.advance(); err == io.EOF {
				return nil
			} else if err != nil {
				return err
			}
		}
		r.open()
		raw, length, err := line(r.feed)
		if err != nil {
			return err
		}
		if err := do(raw, length); err != nil {
			return err
		}
	}
}

// line passes over the open element up to the end of its line. The length is
// without that.
func line(f *feed) (raw []byte, length int64, err error) {
	var last byte // before the window's position
	for {
		i := bytes.IndexByte(f.buf[f.pos:], '\n')
		if i >= 0 {
			if i > 0 {
				last = f.buf[f.pos+i-1]
			}
			f.pos += i
			break
		}
		if f.pos < len(f.buf) {
			f.pos = len(f.buf)
			last = f.buf[f.pos-1]
		}
		if err := f.more(); err == io.EOF {
			raw, length = f.close()
			return raw, length, nil
		} else if err != nil {
			return nil, 0, err
		}
	}
	raw, length = f.endLine(last)
	return raw, length, nil
}

// endLine closes the element in front of the LF at pos, or of the CR LF if the
// byte before it, last, is a CR.
func (f *feed) endLine(last byte) (raw []byte, length int64) {
	if f.state == inBlock { // as nearly always: close is not inlined
		raw, length = f.buf[f.start:f.pos], int64(f.pos-f.start)
	} else {
		raw, length = f.closeCopied()
	}
	f.pos++
	if last == '\r' {
		length--
		raw = raw[:min(int64(len(raw)), length)]
	}
	return raw, length
}
