package parsers

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// lines gives a record for every line, but of an array one for each element.
func (j *jsonRun) lines() error {
	if err := j.beginText(nil, true); err != nil {
		return err
	}
	within, err := j.resume()
	if err == nil && within {
		err = j.endOfLine()
	}
	if err != nil {
		return err
	}
	return j.linesOn()
}

// linesOn does that for every line that is left.
func (j *jsonRun) linesOn() error {
	text := newJSONText(j.inside, j.spec.MaxRecord)
	text.opens = j.opens
	for {
		if j.pos == len(j.buf) {
			if err := j.advance(); err == io.EOF {
				return nil
			} else if err != nil {
				return err
			}
		}
		if c := j.buf[j.pos]; j.opens && (c == '[' || c == ' ' || c == '\t' || c == '\r') {
			if found, err := j.arrayLine(); err != nil {
				return err
			} else if found {
				continue
			}
		}
		j.open()
		raw, length, err := line(j.feed)
		if err == nil {
			err = text.record(j.run, j.inside.to, raw, length)
		}
		if err != nil {
			return err
		}
	}
}

// A jsonText reads JSON that is held in memory.
type jsonText struct {
	jsonRun
	sighted int // the window of another feed that sight is about; -1 = of none
}

func newJSONText(fields fieldSet, limit int) *jsonText {
	return &jsonText{jsonRun: jsonRun{run: &run{feed: new(feed)}, finder: newFinder(fields, limit)}, sighted: -1}
}

// read looks for the fields in text, which is one document or the beginning of
// one, and tells why it is not; "" = it is, or blank.
func (t *jsonText) read(text []byte) (fault string) {
	t.buf, t.pos, t.ground = text, 0, len(text)
	t.window++
	t.sighted = -1
	return t.text()
}

// readLine is read for a line in f's window, at at, of which one after another
// is read: what was seen behind one is not looked for again in the next.
func (t *jsonText) readLine(f *feed, at, length int) (fault string) {
	if t.sighted != f.window {
		t.sighted = f.window
		t.window++
	}
	t.buf, t.pos, t.ground = f.buf[:at+length], at, len(f.buf)
	return t.text()
}

// text reads what is left of buf.
func (t *jsonText) text() (fault string) {
	t.pos = skipSpace(t.buf, t.pos)
	t.feed.open(0)
	clear(t.values)
	if t.pos == len(t.buf) {
		return ""
	}
	c := t.buf[t.pos]
	done, err := false, t.enter(c, true)
	if err == nil {
		done, err = t.step(c)
	}
	if err != nil {
		clear(t.values)
		return reason(err)
	}
	switch {
	case isScalar(c) && !validScalar(t.buf[t.start:t.pos]), done && c == '"' && !json.Valid(t.buf[t.start:t.pos]):
		return noValue(c)
	case isScalar(c):
	case !done:
		if t.level > 0 {
			t.abandon(t.buf[t.start:], t.depth())
		}
		return "truncated JSON"
	}
	if t.pos = skipSpace(t.buf, t.pos); t.pos < len(t.buf) {
		return fmt.Sprintf("byte 0x%02x behind the document", t.buf[t.pos])
	}
	if c == '[' && t.opens {
		return "not an array of JSON values" // which would have been read by its elements
	}
	return ""
}

// reason is a CorruptError's, without the offset that it has in the text alone.
func reason(err error) string {
	var corrupt *CorruptError
	if errors.As(err, &corrupt) {
		return corrupt.Reason
	}
	return err.Error()
}

// record gives the one that a line of text is, with its fields at to.
func (t *jsonText) record(r *run, to []int, raw []byte, length int64) error {
	blankOut(raw, '\r') // a line has no LF
	if length > int64(r.spec.MaxRecord) {
		t.read(raw[:r.spec.MaxRecord])
	} else {
		raw = trimBlanks(raw)
		length = int64(len(raw))
		if at, ok := r.placeOf(raw); ok {
			r.record.Unparsed = t.readLine(r.feed, at, len(raw))
		} else {
			r.record.Unparsed = t.read(raw)
		}
	}
	t.give(r.fields, to)
	return r.give(raw, length)
}

// trimBlanks leaves out the spaces and tabs around b.
func trimBlanks(b []byte) []byte {
	for len(b) > 0 && (b[0] == ' ' || b[0] == '\t') {
		b = b[1:]
	}
	for len(b) > 0 && (b[len(b)-1] == ' ' || b[len(b)-1] == '\t') {
		b = b[:len(b)-1]
	}
	return b
}

// give gives the fields that were found.
func (t *jsonText) give(fields [][]byte, to []int) {
	t.fill(fields, to, t.buf[t.start:])
}
