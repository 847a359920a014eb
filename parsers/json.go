package parsers

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// JSONOptions are those of format "json" (https://www.rfc-editor.org/rfc/rfc8259):
// the object is one or more JSON documents, and Shape says what in them is a
// record. A byte order mark in front is passed over.
//
// Records are not decoded: one whose braces and brackets balance is passed on as
// it stands, faults included, because it is the source's own; only line breaks in
// it become spaces. What does not balance ends the object, but with lines. A bare
// word is no value: as an element, it is an Unparsed record.
//
// The documents around an array must be there to their last brace. A null where
// the path leads is an empty export, with no records. A key of the path that comes
// twice is followed twice, so that nothing is lost.
//
// With the shapes concatenated, lines and auto, an array at the top is the same as
// its elements, whether it fills one line or many. Text there that is not JSON is
// an Unparsed record up to the end of its line, and reading continues at the next
// line. What begins with a number, a string, an array or a word is JSON if all
// values up to the line's end are, as far as they lie in the next 64 KiB;
// what begins with a brace is not looked at. An array that was begun must be there
// to its last bracket.
//
// Spec.Fields are dotted paths through the record's objects. Of a key that comes
// twice the last counts, as in encoding/json; of an oversized record only its
// first MaxRecord bytes are searched. "^" in front means a path from the top of
// the document around the array ("^detail.account"): of that, what comes in front
// of the array is known to its records, the last value that is not null; "^" alone
// is the array's own key. Such a document can be begun again only as a whole.
type JSONOptions struct {
	// Path is the dotted path of the array in each document, such as "Records";
	// "" when the document is the array itself. It goes with the shapes array
	// and concatenated. Several paths, which differ in their last key alone, are
	// several arrays: a document has at least one of them, and each element of
	// each is a record.
	Path Paths `yaml:"path"`
	// Shape is what the object is:
	//   - array (the default): one document; each element of the array at Path
	//     is a record, whatever its type.
	//   - single: one document, which is the record.
	//   - concatenated: documents one after another, with white space between
	//     them or without any, as Firehose writes them. Each is a record; with a
	//     Path, each element of each document's array is. Text in between that is
	//     longer than MaxRecord is corrupt: it may hide documents.
	//   - lines: a document a line (https://jsonlines.org). White space around it
	//     is left out. A line that is not one document is Unparsed and the next
	//     goes on; one longer than MaxRecord is cut without being looked at.
	//   - auto: by the object's first value. An array means concatenated. Any other
	//     is a record, and lines follow if it stands alone on the object's first
	//     line, or behind lines of text, otherwise whatever comes is concatenated.
	Shape string `yaml:"shape" json:",omitempty"`
	// Arrays is what an array at the top is, with the shapes concatenated, lines and
	// auto and no Path: "elements" (the default), each of which is a record, or
	// "record", for rows that are written as arrays.
	Arrays string `yaml:"arrays" json:",omitempty"`
}

// The values of JSONOptions.Arrays.
const (
	arraysElements = "elements"
	arraysRecord   = "record"
)

// The shapes of JSON.
const (
	shapeArray        = "array"
	shapeSingle       = "single"
	shapeConcatenated = "concatenated"
	shapeLines        = "lines"
	shapeAuto         = "auto"
)

var shapes = []string{shapeArray, shapeSingle, shapeConcatenated, shapeLines, shapeAuto}

// Format is "json".
func (*JSONOptions) Format() string { return "json" }

// revision is 2 for the shapes of several documents: what stands at their top is
// read otherwise since.
func (o *JSONOptions) revision() int {
	if o.Shape == "" || o.Shape == shapeArray || o.Shape == shapeSingle {
		return 1
	}
	return 2
}

// GivesJSON is true: see Redaction.
func (*JSONOptions) GivesJSON() bool { return true }

func compileJSON(s Spec) (func(*run) error, error) {
	o, err := optionsOf[JSONOptions](s)
	if err != nil {
		return nil, err
	}
	shape := o.Shape
	if shape == "" {
		shape = shapeArray
	}
	var mistakes []error
	if !slices.Contains(shapes, shape) {
		mistakes = append(mistakes, fmt.Errorf("shape is %q; it must be one of %s", shape, strings.Join(shapes, ", ")))
	}
	var layout jsonLayout
	if o.Path.given() {
		mistakes = append(mistakes, layout.find(o.Path))
		if shape != shapeArray && shape != shapeConcatenated {
			mistakes = append(mistakes, fmt.Errorf("path is of no use with shape %s", shape))
		}
	}
	switch {
	case o.Arrays == "":
	case o.Arrays != arraysElements && o.Arrays != arraysRecord:
		mistakes = append(mistakes, fmt.Errorf("arrays is %q; it must be %s or %s", o.Arrays, arraysElements, arraysRecord))
	case o.Path.given() || shape == shapeArray || shape == shapeSingle:
		mistakes = append(mistakes, errors.New("arrays is of use without a path alone, with shape concatenated, lines or auto"))
	}
	mistakes = append(mistakes, layout.sort(s.Fields))
	if err := errors.Join(mistakes...); err != nil {
		return nil, err
	}
	return func(r *run) error {
		j := newJSONRun(r, &layout, make([][]byte, len(s.Fields)))
		j.opens = len(layout.path) == 0 && o.Arrays != arraysRecord
		switch shape {
		case shapeLines:
			return j.lines()
		case shapeAuto:
			return j.auto()
		case shapeConcatenated:
			return j.concatenated()
		case shapeArray:
			j.elements = true
		}
		return j.single()
	}, nil
}

// A jsonLayout says where in a document its records are, and what is to be known
// of them.
type jsonLayout struct {
	path   [][]string // of the array, the keys there may be at each level; empty when it is the document
	inside fieldSet   // paths from the record
	around fieldSet   // paths from the top of the document, then the fields that are the array's key
	keyed  int        // how many those are
}

// A fieldSet are fields that are looked for in the same place.
type fieldSet struct {
	root *node // its fields are places in to
	to   []int // places among all fields
}

// newFieldSet is of the paths that are not "".
func newFieldSet(paths []string) (s fieldSet, err error) {
	var own []string
	for i, path := range paths {
		if path != "" {
			own, s.to = append(own, path), append(s.to, i)
		}
	}
	s.root, err = compileFields(own)
	return s, err
}

// sort tells the paths of fields apart by where they begin.
func (l *jsonLayout) sort(paths []string) error {
	var mistakes []error
	var keyed []int
	around, inside := make([]string, len(paths)), slices.Clone(paths)
	for i, path := range paths {
		outer, ok := strings.CutPrefix(path, "^")
		switch {
		case path == "":
			mistakes = append(mistakes, fmt.Errorf("field %q has an empty segment", path))
		case !ok:
		case len(l.path) == 0:
			mistakes = append(mistakes, fmt.Errorf("field %q: nothing is around a record without a path", path))
		case outer == "":
			keyed, inside[i] = append(keyed, i), ""
		case l.holds(outer):
			mistakes = append(mistakes, fmt.Errorf("field %q holds the records themselves", path))
		default:
			around[i], inside[i] = outer, ""
		}
	}
	var err error
	l.inside, err = newFieldSet(inside)
	mistakes = append(mistakes, err)
	l.around, err = newFieldSet(around)
	l.around.to, l.keyed = append(l.around.to, keyed...), len(keyed)
	return errors.Join(append(mistakes, err)...)
}

// joinLines turns line breaks into spaces. JSON allows them raw only as white
// space, so whole blocks can be done at once.
func joinLines(b []byte) {
	blankOut(b, '\n')
	blankOut(b, '\r')
}

// blankOut turns each c in b into a space.
func blankOut(b []byte, c byte) {
	for {
		i := bytes.IndexByte(b, c)
		if i < 0 {
			return
		}
		b[i] = ' '
		b = b[i+1:]
	}
}

// A jsonRun is the cutting of an object of JSON.
type jsonRun struct {
	*run
	*jsonLayout
	elements bool     // of arrays are the records, not documents
	there    bool     // an array was at the path
	begun    Restart  // the document's place
	all      [][]byte // the values of all fields
	outer    []outerValue
	noted    []value                              // those of outer in the value just read
	emit     func(raw []byte, length int64) error // run.give, unless a format does more
	joined   bool                                 // line breaks become spaces in whole blocks, not in each record
	breaks   lineBreaks
	topLevel
	scanner
	finder
}

// An outerValue is that of a field around the array.
type outerValue struct {
	text  []byte
	there bool
}

func newJSONRun(r *run, l *jsonLayout, all [][]byte) *jsonRun {
	r.fields = all
	n := len(l.around.to)
	return &jsonRun{
		run: r, jsonLayout: l, elements: len(l.path) > 0, all: all, emit: r.give,
		outer: make([]outerValue, n), noted: make([]value, n), finder: newFinder(l.inside, r.spec.MaxRecord),
	}
}

// single reads an object that is one document, or what is left of it behind a
// Restart.
func (j *jsonRun) single() error {
	j.edit, j.joined = joinLines, true
	joinLines(j.buf[j.pos:])
	switch {
	case !j.resumed:
		if err := j.head(); err == io.EOF {
			return nil // no bytes: no records
		} else if err != nil {
			return err
		}
	case j.amongElements():
		if err := j.rest(); err != nil {
			return err
		}
		return j.end()
	}
	if _, err := j.space(); err != nil {
		return err
	}
	if err := j.document(); err != nil {
		return err
	}
	return j.end()
}

// amongElements reports whether a Restart is in front of an element of a document's
// array. Otherwise it is in front of a document, because such is the record, or
// because what is around the records must be known.
func (j *jsonRun) amongElements() bool { return j.elements && len(j.outer) == 0 }

// document reads the one that begins at pos.
func (j *jsonRun) document() error {
	if !j.elements {
		return j.cutRecord()
	}
	j.place(&j.begun)
	j.there = false
	for i := range j.outer {
		j.outer[i].there = false
	}
	if err := j.value(0, j.around.root); err != nil {
		return err
	}
	if !j.there {
		return j.corrupt("no array at %s", j.where(len(j.path)))
	}
	return nil
}

// elementsOf cuts the array from an element on.
func (j *jsonRun) elementsOf() error {
	for {
		if err := j.cutRecord(); err != nil {
			return err
		}
		more, err := j.separator(']')
		if err != nil || !more {
			return err
		}
	}
}

// cutRecord gives the value that comes next.
func (j *jsonRun) cutRecord() error {
	c, err := j.space()
	if err != nil {
		return err
	}
	if len(j.outer) == 0 {
		j.open()
	} else {
		j.feed.open(j.spec.MaxRecord + 1)
		j.restart = j.begun
		j.offer()
	}
	if err := j.element(c, true); err != nil {
		return err
	}
	raw, length := j.closeRecord()
	if c != '{' && c != '[' && c != '"' && !validScalar(raw) {
		j.record.Unparsed = noValue(c)
	}
	j.fill(j.all, j.inside.to, raw)
	for i, o := range j.outer {
		j.all[j.around.to[i]] = j.lend(o)
	}
	return j.emit(raw, length)
}

// closeRecord closes the open element, with spaces for its line breaks.
func (j *jsonRun) closeRecord() (raw []byte, length int64) {
	start, end, window := j.start, j.pos, j.window
	seen := j.feed.state == inBlock // else what was looked up may be of another place
	raw, length = j.close()
	switch {
	case j.joined:
	case !seen:
		joinLines(raw)
	default:
		if j.breaks.window != window {
			j.breaks = lineBreaks{window: window, next: [2]int{-1, -1}}
		}
		for i, c := range [2]byte{'\n', '\r'} {
			if j.breaks.of(j.buf, i, c, start) < end {
				blankOut(raw, c)
			}
		}
	}
	return raw, length
}

// lineBreaks are where in a window the next LF and CR are, so that a block without
// any is searched once.
type lineBreaks struct {
	window int
	next   [2]int
}

// of returns the place of the ith line break, c, behind start.
func (b *lineBreaks) of(buf []byte, i int, c byte, start int) int {
	if b.next[i] < start {
		at := bytes.IndexByte(buf[start:], c)
		if at < 0 {
			at = len(buf) - start
		}
		b.next[i] = start + at
	}
	return b.next[i]
}

// lend copies the value for one record: whoever has that may change it.
func (f *finder) lend(o outerValue) []byte {
	if !o.there {
		return nil
	}
	from := len(f.scratch)
	f.scratch = append(f.scratch, o.text...)
	return f.scratch[from:len(f.scratch):len(f.scratch)]
}
