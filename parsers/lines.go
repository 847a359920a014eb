package parsers

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// LinesOptions are those of format "lines": each line is a record, without the
// LF or CR LF that ends it. No other character ends a line, and the last one
// needs no end. Blank lines are records with an empty Raw; NULs and bytes that
// are not UTF-8 stay as they are.
type LinesOptions struct {
	// Header is "drop" when the object's first line names its columns: that
	// record has Dropped "header". "" when there is no such line.
	Header string `yaml:"header"`
}

// Format is "lines".
func (*LinesOptions) Format() string { return "lines" }

func compileLines(s Spec) (func(*run) error, error) {
	o, ok := s.Options.(*LinesOptions)
	if !ok || o == nil {
		return nil, fmt.Errorf("options are of another format: %T", s.Options)
	}
	var mistakes []error
	if o.Header != "" && o.Header != "drop" {
		mistakes = append(mistakes, fmt.Errorf("header is %q; it must be drop or left out", o.Header))
	}
	if len(s.Fields) > 0 {
		mistakes = append(mistakes, fmt.Errorf("lines have no fields: %q cannot be read from the record", s.Fields))
	}
	header := o.Header == "drop"
	return func(r *run) error { return cutLines(r, header) }, errors.Join(mistakes...)
}

func cutLines(r *run, header bool) error {
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
		if header && r.index == 0 {
			r.record.Dropped = "header"
		}
		if err := r.give(raw, length); err != nil {
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
		f.pos = len(f.buf)
		last = f.buf[f.pos-1]
		if err := f.more(); err == io.EOF {
			raw, length = f.close()
			return raw, length, nil
		} else if err != nil {
			return nil, 0, err
		}
	}
	raw, length = f.close()
	f.pos++
	if last == '\r' {
		length--
		raw = raw[:min(int64(len(raw)), length)]
	}
	return raw, length, nil
}
