package parsers

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"

	"github.com/devo-s3/collector/parsers/internal/unpack"
)

// What a text's first window, unpack.Window bytes or all there are, may have.
const (
	// maxControls is the share of control characters above which an object is no
	// text: one in so many bytes. Of what is compressed or encrypted, one in ten
	// is.
	maxControls = 32
	// minControls is how many there must be: one alone proves nothing.
	minControls = 2
	// minWindow is how long a window must be for them to count where it is valid
	// UTF-8.
	minWindow = 64
	// padding is how many NULs in a row pad a file, and do not count. Behind the
	// last line of a short one fewer do.
	padding = 64
)

// columnSeparators are control characters that text may have between its columns or
// rows. FIX and Hive write SOH, ASCII has the others for it.
const columnSeparators = "\x01\x02\x03\x1c\x1d\x1e\x1f"

// foreign are what a source of text is given by mistake. Each has a magic number,
// what it is, and what to do about it.
var foreign = []struct{ magic, name, advice string }{
	{"7z\xbc\xaf\x27\x1c", "7z", letItBe},
	{"LZIP\x01", "lzip", letItBe},
	{"\x1f\x9d", "a file of compress (.Z)", letItBe},
	{"\x89LZO\x00\r\n\x1a\n", "lzop", letItBe},
	{"Rar!\x1a\x07", "RAR", letItBe},
	{"MSCF\x00\x00\x00\x00", "a cabinet", letItBe},
	{"PAR1", "parquet", "set format: parquet"},
	{"Obj\x01", "avro", "set format: avro"},
	{"ORC\x08", "ORC", "let its sender write parquet or JSON"},
	{"\xe0\x01\x00\xea", "Amazon Ion", "let its sender write JSON"},
	{"ElfFile\x00", "a Windows event log (EVTX)", "let its sender write XML, and read it with format: xml"},
	{"\xd4\xc3\xb2\xa1", "a packet capture", notALog},
	{"\xa1\xb2\xc3\xd4", "a packet capture", notALog},
	{"\n\r\r\n", "a packet capture", notALog},
	{"SQLite format 3\x00", "an SQLite database", notALog},
	{"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a Microsoft Office document", notALog},
	{"%PDF-1.", "a PDF document", notALog},
	{"%PDF-2.", "a PDF document", notALog},
	{"\x89PNG\r\n\x1a\n", "a PNG image", notALog},
	{"\xff\xd8\xff", "a JPEG image", notALog},
	{"\x7fELF", "a program", notALog},
	{"\xca\xfe\xba\xbe", "a program", notALog},
	{"Salted__", "a file that openssl encrypted", "switch encryption off at its sender"},
}

const (
	letItBe = "which is not unpacked; let its sender write gzip or plain text"
	notALog = "which is not a log; narrow the source's keys, or ignore these"
)

// orderMarks are the byte order marks, and the encodings they name. That of UTF-32
// comes first: it begins like that of UTF-16.
var orderMarks = []struct {
	mark     string
	encoding encoding.Encoding // nil is UTF-8
}{
	{"\xff\xfe\x00\x00", utf32LE},
	{"\x00\x00\xfe\xff", utf32BE},
	{"\xff\xfe", utf16LE},
	{"\xfe\xff", utf16BE},
	{byteOrderMark, nil},
}

// look finds the encoding of a text that begins with head, and refuses what is
// no text. stated is the encoding that the source states, or nil.
func (r *run) look(head []byte, stated encoding.Encoding, asciiFirst bool) (encoding.Encoding, error) {
	e, marked := markOf(head)
	switch {
	case marked:
	case stated != nil:
		e = stated
	case asciiFirst:
		e = byFirstCharacters(head)
	}
	switch {
	case !marked && e == encodings["utf-16"]:
		return e, nil // which has no mark, and is refused for that
	case !marked && (e == utf16LE || e == utf16BE) && e == stated && isASCII(head):
		return nil, r.noText(0, "is not UTF-16, as encoding says, but ASCII; leave encoding out")
	case e == nil:
		for _, f := range foreign {
			if bytes.HasPrefix(head, []byte(f.magic)) {
				return nil, r.noText(0, "looks like %s, %s", f.name, f.advice)
			}
		}
		if name := withoutMark(head); name != "" {
			return nil, r.noText(0, "looks like UTF-16 without a byte order mark; set encoding: %s", name)
		}
		return nil, r.checkControls(head)
	default:
		text := make([]byte, maxExpansion*len(head)+len(byteOrderMark))
		n, _, _ := e.NewDecoder().Transform(text, head, false)
		return e, r.checkControls(text[:n])
	}
}

// noText is the error of an object that is no text, at byte at of the window.
func (r *run) noText(at int, format string, args ...any) error {
	return &CorruptError{Offset: r.offset() + int64(at), Reason: fmt.Sprintf(format, args...)}
}

func markOf(head []byte) (e encoding.Encoding, ok bool) {
	for _, m := range orderMarks {
		if bytes.HasPrefix(head, []byte(m.mark)) {
			return m.encoding, true
		}
	}
	return nil, false
}

// byFirstCharacters is the encoding of what begins with ASCII characters, by
// where their NULs are.
func byFirstCharacters(head []byte) encoding.Encoding {
	var nul [4]bool
	for i := range nul {
		nul[i] = i < len(head) && head[i] == 0
	}
	switch {
	case len(head) < 4:
		return nil
	case nul == [4]bool{false, true, true, true}:
		return utf32LE
	case nul == [4]bool{true, true, true, false}:
		return utf32BE
	case nul == [4]bool{false, true, false, true}:
		return utf16LE
	case nul == [4]bool{true, false, true, false}:
		return utf16BE
	}
	return nil
}

// isASCII reports whether head, of which there is enough to tell, has no byte
// that some character of UTF-16 must have in any text: it is all ASCII.
func isASCII(head []byte) bool {
	const enough = 64
	for _, c := range head {
		if c >= 0x7f || unpack.IsControl(c) {
			return false
		}
	}
	return len(head) >= enough
}

// withoutMark is the name of the encoding of what seems to be UTF-16 of mostly
// ASCII characters; "" if it does not.
func withoutMark(head []byte) string {
	const enough = 8
	var nuls [2]int
	for i, c := range head {
		if c == 0 {
			nuls[i%2]++
		}
	}
	pairs := len(head) / 2
	switch {
	case len(head) < enough:
		return ""
	case nuls[0] == 0 && nuls[1]*10 >= pairs*9:
		return "utf-16le"
	case nuls[1] == 0 && nuls[0]*10 >= pairs*9:
		return "utf-16be"
	default:
		return ""
	}
}

// checkControls refuses a window with too many control characters. NULs that pad
// the file do not count, nor do separators where nine of ten are such:
// compressed data of very regular text can have two of three.
func (r *run) checkControls(window []byte) error {
	length, controls, between, first := len(window), 0, 0, -1
	for i := 0; i < len(window); i++ {
		c := window[i]
		if !unpack.IsControl(c) {
			continue
		}
		if c == 0 {
			end := i + len(window[i:]) - len(bytes.TrimLeft(window[i:], "\x00"))
			if end-i >= padding || end == len(window) && i > 0 && window[i-1] == '\n' {
				length -= end - i
				i = end - 1
				continue
			}
		}
		if controls++; first < 0 {
			first = i
		}
		if strings.IndexByte(columnSeparators, c) >= 0 {
			between++
		}
	}
	counted := controls
	if between*10 >= controls*9 {
		counted -= between
	}
	if counted < minControls || counted*maxControls <= length || length < minWindow && utf8.Valid(window) {
		return nil
	}
	packed := ""
	if named := r.input.ContentEncoding; named != "" && !strings.EqualFold(named, "identity") {
		packed = fmt.Sprintf("; its Content-Encoding is %.64q, which it is not", named)
	}
	return r.noText(first, "is not text: %d of its first %d bytes are NULs or control characters%s. It is packed in an unknown way, encrypted, or of another format; let its sender write gzip or plain text (brotli needs Content-Encoding: br)", controls, len(window), packed)
}
