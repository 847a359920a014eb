package parsers

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// A vocabulary is the names that the columns of a source may have, by which a
// header is told from a record wherever it stands. A nil one knows no name.
type vocabulary struct {
	names    map[string]bool
	prefixes []string  // of names that were written with * at their end
	initial  [256]bool // bytes that a name begins with
}

// newVocabulary checks the option expect; without names it is nil.
func newVocabulary(names []string) (*vocabulary, error) {
	if len(names) == 0 {
		return nil, nil
	}
	v := &vocabulary{names: make(map[string]bool)}
	for _, name := range names {
		prefix, open := strings.CutSuffix(name, "*")
		if prefix == "" {
			return nil, fmt.Errorf("expect has %q; write a column's name, or how names begin and *", name)
		}
		if v.initial[prefix[0]] = true; open {
			v.prefixes = append(v.prefixes, prefix)
		} else {
			v.names[name] = true
		}
	}
	return v, nil
}

// begins reports whether row may begin with a known name, in quotes or not. It is
// asked about every row, and most rows begin with something else.
func (v *vocabulary) begins(row []byte) bool {
	return v != nil && len(row) > 0 && (v.initial[row[0]] || row[0] == '"' && len(row) > 1 && v.initial[row[1]])
}

// known is how many of the cells are names.
func (v *vocabulary) known(cells [][]byte) (n int) {
	for _, cell := range cells {
		if v.names[string(cell)] || slices.ContainsFunc(v.prefixes, func(p string) bool { return bytes.HasPrefix(cell, []byte(p)) }) {
			n++
		}
	}
	return n
}

// isHeader reports whether cells are a header's: half of them at least, and at
// least two, are known. Publishers add columns, and one value of a record may by
// chance be the name of one.
func (v *vocabulary) isHeader(cells [][]byte) bool {
	known := v.known(cells)
	return 2*known >= len(cells) && (known > 1 || known == len(cells))
}

// best is the separator that splits header into the most names, if that makes it
// a header; of several, that which leaves least beside them, or the first.
func (v *vocabulary) best(separators []string, split func(separator string) [][]byte) (separator string, ok bool) {
	most, others := 0, 0
	for _, s := range separators {
		cells := split(s)
		n := v.known(cells)
		if (n > most || n == most && len(cells)-n < others) && v.isHeader(cells) {
			separator, most, others = s, n, len(cells)-n
		}
	}
	return separator, most > 0
}

// maxDelimiter is the longest separator of format "w3c" in bytes: CloudWatch Logs'
// CreateDelivery allows five characters
// (https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateDelivery.html).
const maxDelimiter = 5

// delimiterText reads an option that is a separator of up to five ASCII
// characters, or its name.
func delimiterText(option, text string) (string, error) {
	if c, ok := separators[text]; ok {
		return string(c), nil
	}
	odd := func(r rune) bool { return r >= 0x80 || r == '\n' || r == '\r' }
	if text == "" || len(text) > maxDelimiter || strings.ContainsFunc(text, odd) {
		return "", fmt.Errorf("%s is %q; it must be up to %d ASCII characters or one of %s", option, text, maxDelimiter, separatorNames())
	}
	return text, nil
}

// checkNames checks the option names.
func checkNames(names []string) error {
	if slices.Contains(names, "") {
		return errors.New("names has an empty one; write what to call that column")
	}
	return nil
}

// delimiters are what may stand between the names in a header of format "w3c",
// the likeliest first. "" is blanks: tabs where there are any, else spaces.
func delimiters(header string, v *vocabulary) []string {
	all := []string{""}
	from := strings.IndexFunc(header, func(r rune) bool { return !inIdentifier(r) })
	if from > 0 {
		rest := header[from:]
		to := strings.IndexFunc(rest, inIdentifier)
		if to > 0 && to <= maxDelimiter && strings.Trim(rest[:to], " \t") != "" {
			all = append(all, rest[:to])
		}
	}
	if v == nil {
		return all
	}
	// A separator of letters shows by the name in front of it alone.
	first := ""
	for name := range v.names {
		if len(name) > len(first) && strings.HasPrefix(header, name) {
			first = name
		}
	}
	rest := header[len(first):]
	if first == "" || rest == "" || !inIdentifier(rune(rest[0])) {
		return all
	}
	for n := 1; n <= min(maxDelimiter, len(rest)); n++ {
		all = append(all, rest[:n])
	}
	return all
}

// inIdentifier reports whether c may be in a name of the extended log file
// format, such as cs(User-Agent) or id.orig_h.
func inIdentifier(c rune) bool {
	return c >= 0x80 || '0' <= c && c <= '9' || 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z' || strings.ContainsRune("()_.-", c)
}

// isIdentifiers reports whether there are several cells, each a name of that
// format.
func isIdentifiers(cells [][]byte) bool {
	return len(cells) > 1 && !slices.ContainsFunc(cells, func(cell []byte) bool {
		return len(cell) == 0 || bytes.ContainsFunc(cell, func(c rune) bool { return !inIdentifier(c) })
	})
}

// splitQuoted appends the first values of a row. One that begins with a double
// quote ends with the next one that is not doubled, if a separator or the row's
// end follows it there.
func (u *unquoter) splitQuoted(cells [][]byte, row []byte, most int, separator string) [][]byte {
	u.scratch = u.scratch[:0]
	for len(cells) < most {
		if len(row) > 0 && row[0] == '"' {
			quoted, rest, ok := u.unquote(row[1:], '"')
			if ok && len(rest) == 0 {
				return append(cells, quoted)
			}
			if ok && bytes.HasPrefix(rest, []byte(separator)) {
				cells, row = append(cells, quoted), rest[len(separator):]
				continue
			}
		}
		end := bytes.Index(row, []byte(separator))
		if end < 0 {
			return append(cells, row)
		}
		cells, row = append(cells, row[:end]), row[end+len(separator):]
	}
	return cells
}
