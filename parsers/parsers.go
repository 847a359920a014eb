// Package parsers turns the bytes of a stored object into records.
//
// One file a format. A Spec says how; Compile does all checking; a Parser's
// Records streams an object of any size in flat memory. Reading and unpacking
// run in a goroutine of their own and hand over fixed blocks; cutting, tagging
// and framing run in the caller's.
package parsers

import (
	"fmt"
	"io"
	"strings"
)

// Revision is part of every Parser's Fingerprint. Raise it when a change makes
// the same bytes give other records, or other indices: a half-delivered object
// then starts again rather than resume at a wrong place. What changes one format
// alone raises its own: see revised.
const Revision = 1

// A revised Options is of a format whose records changed since Revision. Only its
// half-delivered objects start again when the function is updated; all others
// are resumed.
type revised interface{ revision() int }

// DefaultMaxRecord is the longest record in bytes that is passed on whole
// unless the Spec says otherwise. Devo's own limit is not documented.
const DefaultMaxRecord = 4 << 20

// A Spec says how an object's bytes become records.
type Spec struct {
	// Format is the parser's name, one of Formats.
	Format string
	// Options are that format's own, such as *JSONOptions; nil means all
	// defaults. NewOptions gives the empty value to decode into.
	Options Options
	// Fields are the paths that the source's tag and filters read, in the
	// order of Record.Fields. A path is dotted: "userIdentity.accountId". They
	// change no record and no index, and so are no part of the Fingerprint.
	Fields []string
	// MaxRecord is the longest record in bytes; 0 is DefaultMaxRecord.
	MaxRecord int
	// Oversize is what happens to a longer one: "cut" (or "": it is cut on a
	// UTF-8 boundary and Record.Lost counts the rest) or "fail" (the object
	// ends with an error).
	Oversize string
	// MaxWindow is how much memory in bytes a zstd or xz decoder may take for
	// its window; 0 is 8 MiB. An object that wants more is corrupt. It changes
	// no record, and so is no part of the Fingerprint.
	MaxWindow int64 `json:"-"`
	// Preamble is the text header in front of each object, or nil.
	Preamble *Preamble `json:",omitempty"`
	// MaxRatio is how many bytes one stored byte may become, unpacked and as
	// records; 0 is 2,000. It counts from 8 MiB of unpacked bytes and from 64 MiB
	// of records on, and an object that goes beyond it is corrupt. In parquet and
	// avro each value counts as a byte as well. It changes no record, and so is no
	// part of the Fingerprint.
	MaxRatio int64 `json:"-"`
}

// A Preamble is a text header that a vendor puts in front of what it packs. It is
// no record, and what follows it is unpacked as an object without it would be.
type Preamble struct {
	// End is the header's last line, such as "|==|". An object without that line
	// in its first 8 KiB has no header.
	End string `yaml:"end"`
	// Encrypted are the names of header lines, NAME:VALUE, that have a value where
	// the body is encrypted. Such an object is corrupt. A value of -1 is none.
	Encrypted []string `yaml:"encrypted"`
}

// maxPreambleEnd is the longest Preamble.End in bytes.
const maxPreambleEnd = 100

func (p *Preamble) check() error {
	switch {
	case p == nil:
		return nil
	case p.End == "" || len(p.End) > maxPreambleEnd || strings.ContainsAny(p.End, "\r\n"):
		return fmt.Errorf("preamble.end is %q; it must be the header's last line, of up to %d bytes", p.End, maxPreambleEnd)
	}
	for _, name := range p.Encrypted {
		if name == "" || strings.ContainsAny(name, ":\r\n") {
			return fmt.Errorf("preamble.encrypted has %q, which is not the name of a header line NAME:VALUE", name)
		}
	}
	return nil
}

// Options are the typed options of one format.
type Options interface {
	// Format is the name of the format they belong to.
	Format() string
}

// An Input is one stored object, or the part of it from Restart on.
type Input struct {
	// Stream gives the stored object's bytes as they are, from
	// Restart.Offset on. Records unpacks them, reads in its own goroutine, and
	// when the loop ends, for whatever reason, closes Stream and waits for
	// that goroutine. Close must unblock a Read in progress.
	Stream io.ReadCloser
	// Ranged gives random access to the whole stored object and its size, for
	// what cannot be read from front to back: a zip, a parquet file that is long
	// and not packed. Nil where it cannot be had: such an object is spooled then.
	// Stream is read beside it, for the first bytes tell what the object is, and
	// is closed as ever. A ReadAt in progress must end when the context of
	// Records does, which waits for it.
	Ranged func() (io.ReaderAt, int64, error)
	// Restart is where to begin; zero is the start.
	Restart Restart
	// ContentEncoding is the object's, as HTTP has it; "" where it has none or
	// none is known. It is a hint, by which alone brotli and deflate are found;
	// what the bytes show counts more.
	ContentEncoding string
	// Idle, if not nil, is called about once a second, from the goroutine of
	// the loop and between two records, while it waits for bytes: what else
	// that goroutine owns can be looked after without a lock.
	Idle func()
	// Found, if not nil, is called with each compression or archive that is
	// found, the outermost first, or with "plain", from the goroutine that reads.
	Found func(packing string)
}

// A Restart is a place where reading can begin again. It is a plain value:
// copying it keeps it.
type Restart struct {
	// Offset is in bytes of the stored object, where the next Stream begins. It
	// is 0 for a format that finds its place by Index or State.
	Offset int64
	// Skip is the number of unpacked bytes after Offset that belong to earlier
	// records (a member of a gzip object rarely ends where a record does).
	Skip int64
	// Index is the Index of the first record read from here.
	Index int64
	// State is the parser's own, opaque, under 1 KiB, immutable.
	State string
	// Spent is what the records before Index cost; see MaxRatio. 0 where that is
	// unknown: the count begins anew.
	Spent int64
}

// A Record is one log event. It and all it points to are valid until the next
// step of the loop and never cross a goroutine.
type Record struct {
	// Raw is the record as Devo is to get it: the source's own bytes wherever
	// possible. Line breaks in a JSON record, which are white space there, are
	// turned into spaces in place; nothing else is changed.
	Raw []byte
	// Fields are the values of Spec.Fields in order: a JSON string without its
	// quotes and escapes, any other value as it stands; nil = absent or null.
	Fields [][]byte
	// Index is 0-based in the object, before any filter; every record counts:
	// blank, unparsed and dropped ones too.
	Index int64
	// Unparsed says why the record could not be understood; "" = it was.
	Unparsed string
	// Dropped says why the parser itself leaves the record out ("header");
	// "" = it does not. It is not sent, but counted.
	Dropped string
	// Foreign is set with Dropped where the reason is that the record is not of
	// this format. An object of which nothing else remains is not what its
	// source says; see Tally.
	Foreign bool
	// Lost is the number of bytes cut off its end because it was longer than
	// Spec.MaxRecord.
	Lost int64
	// Restart is set where reading can begin again with this record; else nil.
	Restart *Restart
}
