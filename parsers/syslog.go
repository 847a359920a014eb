package parsers

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// SyslogOptions are those of format "syslog": each message is a record, passed
// on as it stands. Messages are those of RFC 5424
// (https://www.rfc-editor.org/rfc/rfc5424) and RFC 3164
// (https://www.rfc-editor.org/rfc/rfc3164), the latter also as daemons write
// them to files: without a priority, with a year, or with a date of RFC 3339.
// What has neither a priority nor a date in front is Unparsed.
//
// Spec.Fields are among priority (a number), facility and severity (such as
// local0 and warning), timestamp, host, app, pid, msgid, structuredData and
// message. An empty one, or a dash alone, is absent.
type SyslogOptions struct {
	// Encoding is utf-8 (the default), utf-16 (by its byte order mark),
	// utf-16le, utf-16be or latin-1.
	Encoding string `yaml:"encoding"`
	// Framing is "lines" (the default), or "octets" where messages begin with
	// their length in bytes and a space
	// (https://www.rfc-editor.org/rfc/rfc6587#section-3.4.1): what does not is
	// a line there, and an LF at a counted message's end is no part of it. An
	// object that ends within a counted message is truncated: that is an error.
	Framing string `yaml:"framing"`
}

// Format is "syslog".
func (*SyslogOptions) Format() string { return "syslog" }

func compileSyslog(s Spec) (func(*run) error, error) {
	o, err := optionsOf[SyslogOptions](s)
	if err != nil {
		return nil, err
	}
	encoding, err := compileEncoding(o.Encoding)
	mistakes := []error{err}
	if o.Framing != "" && o.Framing != "lines" && o.Framing != "octets" {
		mistakes = append(mistakes, fmt.Errorf("framing is %q; it must be lines or octets", o.Framing))
	}
	parts := make([]int, len(s.Fields))
	for i, name := range s.Fields {
		if parts[i] = slices.Index(syslogParts[:], name); parts[i] < 0 {
			mistakes = append(mistakes, fmt.Errorf("the field %q is none of %s", name, strings.Join(syslogParts[:], ", ")))
		}
	}
	if err := errors.Join(mistakes...); err != nil {
		return nil, err
	}
	return text(encoding, func(r *run) error {
		r.fields = make([][]byte, len(parts))
		s := &syslogRun{run: r, parts: parts}
		if o.Framing == "octets" {
			return s.frames()
		}
		return eachLine(r, s.message)
	}), nil
}

// A syslogRun is the cutting of syslog messages.
type syslogRun struct {
	*run
	parts []int // of a message, one for each of the Spec's fields
	names []byte
}

// message gives one.
func (s *syslogRun) message(raw []byte, length int64) error {
	if len(raw) == 0 {
		return s.give(raw, length)
	}
	var m syslogMessage
	if !m.read(raw[:min(len(raw), s.spec.MaxRecord)]) {
		s.record.Unparsed = "not syslog"
		return s.give(raw, length)
	}
	s.names = s.names[:0]
	for i, part := range s.parts {
		switch value := m.values[part]; {
		case len(value) == 0 || string(value) == "-":
		case part == syslogFacility || part == syslogSeverity:
			from := len(s.names)
			s.names = append(s.names, m.keyword(part)...)
			s.fields[i] = s.names[from:]
		default:
			s.fields[i] = value
		}
	}
	return s.give(raw, length)
}

// frames cuts messages that begin with their length.
func (s *syslogRun) frames() error {
	for {
		if s.pos == len(s.buf) {
			if err := s.advance(); err == io.EOF {
				return nil
			} else if err != nil {
				return err
			}
		}
		if s.buf[s.pos] == '\n' { // between two of them
			s.pos++
			continue
		}
		s.open()
		raw, length, err := s.frame()
		if err != nil {
			return err
		}
		if err := s.message(raw, length); err != nil {
			return err
		}
	}
}

// frame passes over the open element, a message with its length in front or a
// line.
func (s *syslogRun) frame() (raw []byte, length int64, err error) {
	n, err := s.count()
	if err != nil {
		return nil, 0, err
	}
	if n == 0 {
		return line(s.feed)
	}
	s.close()
	s.feed.open(s.spec.MaxRecord + 1)
	for n > 0 {
		if s.pos == len(s.buf) {
			if err := s.more(); err == io.EOF {
				return nil, 0, s.corrupt("the object ends %d bytes before the message", n)
			} else if err != nil {
				return nil, 0, err
			}
		}
		step := min(n, int64(len(s.buf)-s.pos))
		s.pos += int(step)
		n -= step
	}
	last := s.buf[s.pos-1]
	raw, length = s.close()
	if last == '\n' {
		length--
		raw = raw[:min(int64(len(raw)), length)]
	}
	return raw, length, nil
}

// count passes over the length that the open element begins with, and the space
// behind it; it is 0 if there is none.
func (s *syslogRun) count() (n int64, err error) {
	const maxDigits = 10
	for range maxDigits + 1 {
		if s.pos == len(s.buf) {
			if err := s.more(); err == io.EOF {
				return 0, nil
			} else if err != nil {
				return 0, err
			}
		}
		switch c := s.buf[s.pos]; {
		case c == ' ' && n > 0:
			s.pos++
			return n, nil
		case c-'0' < 10 && (c > '0' || n > 0):
			s.pos++
			n = n*10 + int64(c-'0')
		default:
			return 0, nil
		}
	}
	return 0, nil
}
