package parsers

import (
	"encoding/binary"
	"io"
	"regexp"
	"strconv"

	"github.com/pierrec/lz4/v4"
)

// writerFaults are what is known to be wrong with files of a writer.
type writerFaults struct {
	// shortChunks: parquet-mr before 1.2.9 left the header of a chunk's
	// dictionary out of the chunk's length
	// (https://issues.apache.org/jira/browse/PARQUET-816).
	shortChunks bool
	// packedPages: parquet-cpp before 2.0 said of every data page of version 2
	// that its values are not compressed, and compressed them
	// (https://issues.apache.org/jira/browse/ARROW-17100).
	packedPages bool
}

// maxDictionaryHeader is the most that such a header takes in bytes: what other
// readers allow for it.
const maxDictionaryHeader = 100

var createdBy = regexp.MustCompile(`^(parquet-mr|parquet-cpp)(?: version (\d{1,4})\.(\d{1,4})\.(\d{1,4}).*)?$`)

// writerOf reads created_by, such as "parquet-mr version 1.2.8 (build 1)"; without
// a version it is older than any.
func writerOf(text string) (w writerFaults) {
	m := createdBy.FindStringSubmatch(text)
	if m == nil {
		return w
	}
	version := 0
	for _, part := range m[2:] {
		n, _ := strconv.Atoi(part) // "" is 0
		version = version*10_000 + n
	}
	w.shortChunks = m[1] == "parquet-mr" && version < 1_0002_0009
	w.packedPages = m[1] == "parquet-cpp" && version < 2_0000_0000
	return w
}

// hadoopLZ4 appends what src unpacks to, as Hadoop frames LZ4: blocks of an
// unpacked length and pieces, each a packed length and so many bytes, until the
// length is reached; lengths are big-endian. What is not so framed is one block
// without a frame: parquet-cpp wrote that before 2020. All readers tell the two
// apart by trying.
func (c *codecs) hadoopLZ4(dst, src []byte, most int) ([]byte, error) {
	grown, err := c.grow(dst, most-len(dst))
	if err != nil {
		return dst, err
	}
	if out, ok := framedLZ4(grown, src, most); ok {
		return out, nil
	}
	n, err := lz4.UncompressBlock(src, grown[len(dst):most])
	return grown[:len(dst)+max(n, 0)], err
}

func framedLZ4(dst, src []byte, most int) (out []byte, ok bool) {
	for len(src) > 0 {
		length, rest, err := bigEndian(src)
		if err != nil || length > most-len(dst) {
			return dst, false
		}
		src = rest
		for end := len(dst) + length; len(dst) < end; {
			packed, rest, err := bigEndian(src)
			if err != nil || packed > len(rest) {
				return dst, false
			}
			n, err := lz4.UncompressBlock(rest[:packed], dst[len(dst):end])
			if err != nil || n == 0 {
				return dst, false
			}
			dst, src = dst[:len(dst)+n], rest[packed:]
		}
	}
	return dst, true
}

// bigEndian cuts off a length.
func bigEndian(b []byte) (n int, rest []byte, err error) {
	if len(b) < 4 {
		return 0, nil, io.ErrUnexpectedEOF
	}
	return int(binary.BigEndian.Uint32(b)), b[4:], nil
}
