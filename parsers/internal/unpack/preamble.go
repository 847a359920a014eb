package unpack

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
)

// maxPreamble is how long a text header may be in bytes.
const maxPreamble = 8 << 10

// A Preamble is the text header that a vendor puts in front of a body, which may
// be packed. It is not part of what is unpacked.
type Preamble struct {
	// End is its last line. An object without that line in its first 8 KiB, or with
	// lines in front of it that are neither blank nor "name:value", has no header.
	End string
	// Encrypted are the names of the lines "name:value" that are there, with a
	// value, where the body is encrypted.
	Encrypted []string
}

// length is how many bytes of head are the header, its last line's end included.
func (p *Preamble) length(head []byte) int {
	head = head[:min(len(head), maxPreamble)]
	for at := 0; at < len(head); {
		line, _, ended := bytes.Cut(head[at:], []byte("\n"))
		at += len(line)
		if ended {
			at++
		}
		switch line = bytes.TrimSuffix(line, []byte("\r")); {
		case string(line) == p.End:
			return at
		case len(line) > 0 && !isHeaderLine(line):
			return 0
		}
	}
	return 0
}

// isHeaderLine reports whether a line is "name:value", the name of words. Anything else
// may be a record, which must not pass for a header because End comes behind it.
func isHeaderLine(line []byte) bool {
	name, _, ok := bytes.Cut(line, []byte(":"))
	return ok && headerName.Match(name)
}

// headerName is a name that vendors give to lines of a header.
var headerName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_. -]{0,63}$`)

// refuse returns why a body behind header cannot be read, if that says so.
func (p *Preamble) refuse(header []byte) error {
	for line := range strings.Lines(string(header)) {
		name, value, _ := strings.Cut(strings.TrimRight(line, "\r\n"), ":")
		// Imperva's own downloader calls -1 no key.
		if value = strings.TrimSpace(value); value == "" || value == "-1" {
			continue
		}
		for _, key := range p.Encrypted {
			if strings.EqualFold(name, key) {
				return fmt.Errorf("%w: its body is encrypted, as %s in its header says; switch encryption off at the sender", ErrCorrupt, key)
			}
		}
	}
	return nil
}
