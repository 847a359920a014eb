package parsers

import (
	"bytes"
	"fmt"
	"io"
	"strings"
)

// withinArray is what a Restart in front of an array's element remembers, behind
// the shape if that was found out.
const withinArray = "array"

// A topLevel is what a jsonRun knows of the values that are in no other.
type topLevel struct {
	opens    bool      // an array is its elements, else a record
	shape    string    // the one that was found out; "" = none yet, or it was given
	states   [2]string // run.state in front of a document, and within an array
	vouched  int64     // up to this offset, what comes at the top is JSON
	examiner *jsonText // reads what is ahead
}

// found remembers the object's shape in every Restart from here on.
func (j *jsonRun) found(shape string) {
	j.shape = shape
	j.remember(shape)
}

// resume goes on from a Restart, unless that is the start. If that is within an
// array, it gives what is left of the array.
func (j *jsonRun) resume() (within bool, err error) {
	shape, within := strings.CutSuffix(j.remembered(), withinArray)
	j.shape = strings.TrimSuffix(shape, " ")
	if within {
		err = j.arrayFrom()
	}
	return within, err
}

// concatenated reads documents to the object's end.
func (j *jsonRun) concatenated() error {
	err := j.beginText(nil, true)
	switch {
	case err != nil:
	case j.resumed && j.amongElements():
		err = j.rest()
	default:
		_, err = j.resume()
	}
	if err != nil {
		return err
	}
	return j.stream()
}

// stream reads documents, and text between them, to the object's end.
func (j *jsonRun) stream() error {
	for {
		c, err := j.another()
		if err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		isJSON := c == '{'
		if !isJSON {
			if isJSON, err = j.vouch(c); err != nil {
				return err
			}
		}
		switch {
		case !isJSON:
			err = j.foreign(c)
		case c == '[' && j.opens:
			err = j.array()
		default:
			err = j.document()
		}
		if err != nil {
			return err
		}
	}
}

// auto finds the object's shape out.
func (j *jsonRun) auto() error {
	if err := j.beginText(nil, true); err != nil {
		return err
	}
	within, err := j.resume()
	switch {
	case err != nil:
	case j.shape == "":
		err = j.detect()
	case within && j.shape == shapeLines:
		err = j.endOfLine()
	}
	switch {
	case err == io.EOF:
		return nil
	case err != nil:
		return err
	}
	switch j.shape {
	case shapeLines:
		return j.linesOn()
	case shapeConcatenated:
		return j.stream()
	default:
		return fmt.Errorf("%q is no shape to go on with", j.shape)
	}
}

// detect gives the text in front of the first document, then that document unless
// it is an array, and finds the shape. io.EOF says that nothing follows.
func (j *jsonRun) detect() error {
	lineEnd := j.firstOf('\n') // of the line on which the document may stand alone; -1 = not in sight
	j.edit = func(b []byte) {
		if i := bytes.IndexByte(b, '\n'); i >= 0 && lineEnd < 0 {
			lineEnd = j.blockAt + int64(i)
		}
	}
	defer func() { j.edit = nil }()
	for {
		c, err := j.another()
		if err != nil {
			return err
		}
		if j.index > 0 {
			lineEnd = j.firstOf('\n')
		}
		isJSON := c == '{'
		if !isJSON {
			if isJSON, err = j.vouch(c); err != nil {
				return err
			}
		}
		switch {
		case !isJSON:
			if err := j.foreign(c); err != nil {
				return err
			}
		case c == '[' && j.opens:
			j.found(shapeConcatenated)
			return nil
		default:
			if err := j.cutRecord(); err != nil {
				return err
			}
			return j.shapeBehind(&lineEnd)
		}
	}
}

// shapeBehind finds the shape by what follows the first document.
func (j *jsonRun) shapeBehind(lineEnd *int64) error {
	for ; ; j.pos++ {
		if j.pos == len(j.buf) {
			if err := j.advance(); err != nil {
				return err
			}
		}
		switch c := j.buf[j.pos]; {
		case c == '\n' && j.offset() == *lineEnd:
			j.pos++
			j.found(shapeLines)
			return nil
		case c == '\n' || !isSpace(c):
			j.found(shapeConcatenated)
			return nil
		}
	}
}

// array reads the one at pos.
func (j *jsonRun) array() error {
	j.pos++
	c, err := j.space()
	if err != nil {
		return err
	}
	if c == ']' {
		j.pos++
		return nil
	}
	return j.arrayFrom()
}

// arrayFrom reads an array at the top from one of its elements on.
func (j *jsonRun) arrayFrom() error {
	if j.states[1] == "" {
		head := string(j.spotAt().Packing)
		if j.state != "" {
			head = string(packing(Restart{State: j.state}))
		}
		j.states[1] = head + "\n" + strings.TrimPrefix(j.shape+" "+withinArray, " ")
		j.states[0] = head
		if j.shape != "" {
			j.states[0] += "\n" + j.shape
		}
	}
	j.state, j.elements = j.states[1], true
	err := j.elementsOf()
	j.state, j.elements = j.states[0], false
	return err
}

// arrayLine reads an array if the line at pos begins with one: what it gives are
// the elements. What follows on the last of the array's lines is a line of its own.
func (j *jsonRun) arrayLine() (found bool, err error) {
	ahead, err := j.lineAhead(0)
	at := skipSpace(ahead, 0)
	if at < len(ahead) && ahead[at] == '[' && bytes.IndexByte(ahead[:at], '\n') < 0 {
		ahead, err = j.lineAhead(at + 1)
		end, ok := j.valueAhead(ahead, at, isCut(ahead, err))
		found = ok && (end == 0 || skipSpace(ahead, end) == len(ahead))
	}
	if err != nil && err != io.EOF || !found {
		return false, notEOF(err)
	}
	j.pos += at
	if err = j.array(); err == nil {
		err = j.endOfLine()
	}
	return true, err
}

// endOfLine passes over white space through the line's end.
func (j *jsonRun) endOfLine() error {
	for {
		if j.pos == len(j.buf) {
			if err := j.advance(); err != nil {
				return notEOF(err)
			}
		}
		c := j.buf[j.pos]
		if isSpace(c) {
			j.pos++
		}
		if c == '\n' || !isSpace(c) {
			return nil
		}
	}
}

// notEOF is err, unless that is io.EOF.
func notEOF(err error) error {
	if err == io.EOF {
		return nil
	}
	return err
}

// foreign gives what is left of the line at pos, which is not JSON and begins with
// c, as one record.
func (j *jsonRun) foreign(c byte) error {
	at := j.offset()
	if j.index > 0 && len(j.path) > 0 && j.amongElements() {
		j.feed.open(j.spec.MaxRecord + 1)
		j.restart.Index = -1 // one here would be taken for an element's
		j.offer()
	} else {
		j.open()
	}
	raw, length, err := line(j.feed)
	if err != nil {
		return err
	}
	if length > int64(j.spec.MaxRecord) {
		return &CorruptError{Offset: at, Reason: noValue(c) + ", in a line longer than max_record"}
	}
	blankOut(raw, '\r')
	raw = trimBlanks(raw)
	j.record.Unparsed = noValue(c)
	return j.give(raw, int64(len(raw)))
}

// noValue says that c is no value's first byte.
func noValue(c byte) string { return fmt.Sprintf("byte 0x%02x where a value should be", c) }
