package unpack

import (
	"bytes"
	"fmt"
	"strings"
)

// maxPreamble is how long a text header may be in bytes.
const maxPreamble = 8 << 10

// A Preamble is the text header that a vendor puts in front of a body, which may
// be packed. It is not part of what is unpacked.
type Preamble struct {
	// End is its last line. An object without that line in its first 8 KiB has
	// no header.
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
		if string(bytes.TrimSuffix(line, []byte("\r"))) == p.End {
			return at
		}
	}
	return 0
}

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
