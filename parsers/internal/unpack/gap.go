package unpack

import (
	"bufio"
	"errors"
	"fmt"
	"io"
)

// skipGap skips what may stand between two members and behind the last: zeros,
// which pad an object, and white space, which senders put between the members
// that they join. It stops in front of any other byte; at the end the error is
// io.EOF.
func skipGap(in *bufio.Reader) error {
	for {
		c, err := in.ReadByte()
		if err != nil {
			return err
		}
		if !isGap(c) {
			return in.UnreadByte()
		}
	}
}

func isGap(c byte) bool {
	return c == 0 || c == ' ' || c == '\t' || c == '\r' || c == '\n'
}

// nextBegins skips the gap behind a member and reports whether another member
// follows, which begins with magic. An object that ends within magic is
// truncated; anything else is garbage, because it may be a member whose first
// bytes are damaged.
func (r *Reader) nextBegins(in *bufio.Reader, depth int, magic string) error {
	if err := skipGap(in); err != nil {
		return err
	}
	head, err := in.Peek(len(magic))
	switch {
	case string(head) != magic[:len(head)]:
		return r.garbage(in, depth)
	case len(head) < len(magic):
		return early(err)
	default:
		return nil
	}
}

// garbage is the error of bytes behind a member that belong to none. The offset
// is known only in the stored object itself.
func (r *Reader) garbage(in *bufio.Reader, depth int) error {
	if depth > 1 {
		return errors.New("garbage behind the member")
	}
	return fmt.Errorf("garbage behind the member, at byte %d of the object", r.place(in)())
}

// early is err where bytes must follow: the end comes too early.
func early(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
