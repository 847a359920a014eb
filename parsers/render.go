package parsers

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"
)

// A rendering is one record on its way from a binary format to compact JSON.
// Of a record longer than limit only the beginning is kept.
type rendering struct {
	finder        // the Spec's fields, which are noted as they are written
	to     []int  // which those are
	out    []byte // at most limit+1 bytes between two values
	lost   int64  // bytes written behind out
	omit   bool   // null members are left out
}

// checkShape checks the options that all binary formats have in common.
func checkShape(nulls, binary string) error {
	var mistakes []error
	if nulls != "" && nulls != "omit" && nulls != "keep" {
		mistakes = append(mistakes, fmt.Errorf("nulls is %q; it must be omit or keep", nulls))
	}
	if binary != "" && binary != "base64" && binary != "utf-8" {
		mistakes = append(mistakes, fmt.Errorf("bytes is %q; it must be base64 or utf-8", binary))
	}
	return errors.Join(mistakes...)
}

// maxMiB is the most memory that an option can allow, in MiB.
const maxMiB = 1024

// mebibytes is an option in bytes.
func mebibytes(name string, n, otherwise, most int) (bytes int, err error) {
	if n == 0 {
		n = otherwise
	}
	if n < 1 || n > most {
		return 0, fmt.Errorf("%s is %d; it must be 1 to %d", name, n, most)
	}
	return n << 20, nil
}

func binaryForm(option string) form {
	if option == "utf-8" {
		return formString
	}
	return formBase64
}

func newRendering(s Spec, fields fieldSet, nulls string) rendering {
	return rendering{finder: newFinder(fields, s.MaxRecord), to: fields.to, omit: nulls != "keep"}
}

// rowFields are paths that all begin at the record.
func rowFields(paths []string) (s fieldSet, err error) {
	for i := range paths {
		s.to = append(s.to, i)
	}
	s.root, err = compileFields(paths)
	return s, err
}

// chunk is how much of a long value is written between two looks at limit; a
// multiple of 3, so that base64 can be joined.
const chunk = 48 << 10

// rewrite begins the next record.
func (w *rendering) rewrite() {
	clear(w.values)
	w.out, w.lost = w.out[:0], 0
}

// written is the record's length so far, in bytes.
func (w *rendering) written() int64 { return int64(len(w.out)) + w.lost }

// trim drops what is beyond the limit. One byte more stays, to see whether a
// cut would halve a character.
func (w *rendering) trim() {
	if keep := w.limit + 1; len(w.out) > keep {
		w.lost += int64(len(w.out) - keep)
		w.out = w.out[:keep]
	}
}

// rewind takes back everything from the byte at on.
func (w *rendering) rewind(at int64) {
	w.out = w.out[:min(int64(len(w.out)), at)]
	w.lost = at - int64(len(w.out))
}

// text writes what is JSON already.
func (w *rendering) text(s string) {
	w.out = append(w.out, s...)
}

// mark notes what was written from the byte at on as the value of n's fields.
func (w *rendering) mark(n *node, at int64) {
	switch end := w.written(); {
	case end > int64(w.limit):
		w.set(n, value{})
	case w.out[at] == '"':
		v := value{start: int(at) + 1, end: int(end) - 1}
		v.escaped = bytes.IndexByte(w.out[v.start:v.end], '\\') >= 0
		w.set(n, v)
	case string(w.out[at:end]) == "null":
		w.set(n, value{})
	default:
		w.set(n, value{start: int(at), end: int(end)})
	}
}

// key makes a key, which may be any value, of what was written from the byte at
// on.
func (w *rendering) key(at int64) {
	if at < int64(len(w.out)) && w.out[at] != '"' {
		w.out = append(w.out, 0)
		copy(w.out[at+1:], w.out[at:])
		w.out[at] = '"'
		w.out = append(w.out, '"')
	}
	w.out = append(w.out, ':')
}

// quoteMember is a member's key and colon.
func quoteMember(name string) string {
	var w rendering
	w.limit = len(name) * 6
	w.string([]byte(name))
	return string(w.out) + ":"
}

// string writes s as a string. A byte that is not UTF-8 becomes U+FFFD.
func (w *rendering) string(s []byte) {
	w.out = append(w.out, '"')
	for len(s) > chunk {
		n := cutPoint(s, chunk)
		w.out = appendEscaped(w.out, s[:n])
		s = s[n:]
		w.trim()
	}
	w.out = append(appendEscaped(w.out, s), '"')
}

// base64 writes b in the standard alphabet, padded
// (https://www.rfc-editor.org/rfc/rfc4648#section-4).
func (w *rendering) base64(b []byte) {
	w.out = append(w.out, '"')
	for len(b) > chunk {
		w.out = base64.StdEncoding.AppendEncode(w.out, b[:chunk])
		b = b[chunk:]
		w.trim()
	}
	w.out = append(base64.StdEncoding.AppendEncode(w.out, b), '"')
}

// embed writes a JSON document as it stands, line breaks apart; what is no JSON
// is a string.
func (w *rendering) embed(b []byte) {
	if !json.Valid(b) {
		w.string(b)
		return
	}
	b = bytes.Trim(b, " \t\r\n")
	for len(b) > 0 {
		n := min(len(b), chunk)
		at := len(w.out)
		w.out = append(w.out, b[:n]...)
		joinLines(w.out[at:])
		b = b[n:]
		w.trim()
	}
}

// plain are the bytes that stand for themselves in a string.
var plain = func() (t [256]bool) {
	for c := range t {
		t[c] = c >= ' ' && c != '"' && c != '\\' && c < utf8.RuneSelf
	}
	return t
}()

const hexDigits = "0123456789abcdef"

// appendEscaped appends s as it stands between quotes.
func appendEscaped(dst, s []byte) []byte {
	from := 0
	for i := 0; i < len(s); {
		c := s[i]
		if plain[c] {
			i++
			continue
		}
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRune(s[i:])
			if r == utf8.RuneError && size == 1 {
				dst = append(append(dst, s[from:i]...), "\uFFFD"...)
				from = i + 1
			}
			i += size
			continue
		}
		dst = append(dst, s[from:i]...)
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\r':
			dst = append(dst, '\\', 'r')
		case '\t':
			dst = append(dst, '\\', 't')
		default:
			dst = append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
		i++
		from = i
	}
	return append(dst, s[from:]...)
}
