package parsers

import (
	"encoding/binary"
	"hash/crc32"
	"io"

	pq "github.com/parquet-go/parquet-go/format"
)

const (
	// smallGroup is the longest row group in bytes that is read at once: one
	// request instead of several for each column.
	smallGroup = 8 << 20
	// readAhead is how much of a larger one is read ahead, over all columns,
	// within the bounds of a column's share.
	readAhead = 16 << 20
	minAhead  = 64 << 10
	maxAhead  = 1 << 20
	// Page headers are short but for the statistics in them.
	usualHeader = 1 << 10
	maxHeader   = 4 << 20
)

// A window is a piece of the file in memory.
type window struct {
	off int64
	buf []byte
}

func (w *window) holds(off int64, n int) bool {
	return off >= w.off && off+int64(n) <= w.off+int64(len(w.buf))
}

// A column is read page by page, value by value, along with the others.
type column struct {
	p        *parquetRun
	number   int // in the schema, from 1
	physical pq.Type
	width    int // bytes of a value; 0 if they differ, or for booleans
	rep, def int // the highest levels
	form     form

	// The chunk:
	codec  string
	at     int64 // of the next page in the file
	stop   int64 // of what follows the chunk, or the most that may belong to it
	ends   int64 // where its last page ends, by the chunk's length
	unseen int64 // bytes that the length does not count
	left   int64 // values in the pages that follow
	ahead  int
	window *window
	own    window
	dict   []byte   // the dictionary's values
	starts []uint32 // where in it each begins, if lengths differ
	words  int      // how many there are

	// The page:
	page   []byte
	values int       // that were not looked at
	levels [2]hybrid // of repetition and of definition
	pageValues
	ready bool   // the value that comes next was looked at
	level [2]int // its levels
}

// begin goes to a row group.
func (p *parquetRun) begin(g rowGroup) error {
	p.thrift.ResetBytes(p.footer[g.at:])
	p.chunks = rowGroupMeta{}
	if err := p.decoder.Decode(&p.chunks); err != nil {
		return damaged(p.footerAt, "footer: a row group that is none")
	}
	chunks := p.chunks.Columns
	if len(chunks) != len(p.columns) {
		return damaged(p.footerAt, "a row group of %d columns, where the schema has %d", len(chunks), len(p.columns))
	}
	if len(chunks) == 0 {
		return nil
	}
	from, to := p.footerAt, int64(0)
	for i, c := range p.columns {
		if err := c.begin(&chunks[i]); err != nil {
			return err
		}
		from, to = min(from, c.at), max(to, c.stop)
	}
	small := to-from <= smallGroup
	window := &p.shared
	switch {
	case !small:
	case p.tail.holds(from, int(to-from)):
		window = &p.tail
	default:
		var err error
		if p.shared.buf, err = p.take(p.shared.buf, int(to-from)); err != nil {
			return err
		}
		if err := p.file.read(p.shared.buf, from); err != nil {
			return err
		}
		p.shared.off = from
	}
	for _, c := range p.columns {
		c.window = window
		if !small {
			c.own.buf = c.own.buf[:0]
			c.window = &c.own
			c.ahead = min(max(readAhead/len(p.columns), minAhead), maxAhead)
		}
	}
	return nil
}

// end makes sure that no column has values or bytes beyond the row group's last
// row: what a damaged header hides must not be lost unseen.
func (p *parquetRun) end() error {
	for _, c := range p.columns {
		switch {
		case c.look():
			c.damaged("more values than there are rows")
		case c.at != c.ends && c.at != c.ends+c.unseen:
			c.damaged("%d bytes behind its last value", c.ends-c.at)
		}
	}
	return p.fault
}

var parquetCodecs = map[pq.CompressionCodec]string{
	pq.Uncompressed: "",
	pq.Snappy:       "snappy",
	pq.Gzip:         "gzip",
	pq.Brotli:       "brotli",
	pq.Zstd:         "zstandard",
	pq.Lz4Raw:       "lz4",
	pq.Lz4:          "lz4_hadoop",
}

// begin goes to the column's chunk in a row group.
func (c *column) begin(chunk *chunkMeta) error {
	m := &chunk.Meta
	codec, known := parquetCodecs[m.Codec]
	c.codec, c.at, c.left = codec, m.DataOffset, m.NumValues
	if m.DictOffset > 0 && m.DictOffset < c.at {
		c.at = m.DictOffset
	}
	c.ends, c.unseen = c.at+m.TotalCompressed, 0
	c.stop = c.ends
	c.values, c.ready, c.words = 0, false, 0
	switch {
	case chunk.FilePath != "":
		return c.error("its values are in another file")
	case chunk.Crypto.Valid:
		return c.error("it is encrypted")
	case !known:
		return c.error("packed with codec %d (%s), which is none of snappy, gzip, brotli, zstd, lz4, lz4_raw", m.Codec, m.Codec)
	case m.Type != c.physical:
		return c.error("type %s where the schema has %s", m.Type, c.physical)
	case c.at < 4 || c.at > c.p.footerAt || c.left < 0 || m.TotalCompressed < 0 || m.TotalCompressed > c.p.footerAt-c.at:
		return c.error("%d values in %d bytes from %d on, in a file of %d", c.left, m.TotalCompressed, c.at, c.p.file.size)
	}
	if c.p.writer.shortChunks {
		c.stop = min(c.stop+maxDictionaryHeader, c.p.footerAt)
	}
	return nil
}

func (c *column) error(format string, args ...any) error {
	return damaged(c.at, "column %d: "+format, append([]any{c.number}, args...)...)
}

// damaged ends the row.
func (c *column) damaged(format string, args ...any) {
	c.fail(c.error(format, args...))
}

func (c *column) fail(err error) {
	if c.p.fault == nil {
		c.p.fault = err
	}
}

// look makes sure that the next value's levels are known. It is false behind the
// last one.
func (c *column) look() bool {
	if c.ready {
		return true
	}
	for c.values == 0 {
		if c.left == 0 || c.p.fault != nil {
			return false
		}
		if err := c.read(); err != nil {
			c.fail(err)
			return false
		}
	}
	c.values--
	for i, highest := range [...]int{c.rep, c.def} {
		if highest == 0 {
			continue
		}
		level, ok := c.levels[i].next()
		if !ok || level > uint64(highest) {
			c.damaged("levels that end too early, or are none")
			return false
		}
		c.level[i] = int(level)
	}
	c.ready = true
	return true
}

// definition is the next value's definition level; -1 if there is none.
func (c *column) definition() int {
	if !c.look() {
		return -1
	}
	return c.level[1]
}

// repetition is the next value's repetition level; 0, as that of another row, if
// there is none.
func (c *column) repetition() int {
	if !c.look() {
		return 0
	}
	return c.level[0]
}

// next steps to the next value, which must have these levels.
func (c *column) next(rep, def int) bool {
	if !c.look() {
		c.damaged("fewer values than there are rows")
		return false
	}
	if c.level[0] != rep || c.level[1] != def {
		c.damaged("levels that do not agree with those of the columns beside it")
		return false
	}
	c.ready = false
	return c.p.fault == nil
}

// view is n bytes of the file, valid until the next page is read.
func (c *column) view(off int64, n int) ([]byte, error) {
	w := c.window
	if !w.holds(off, n) {
		var here []byte // what of it is there already
		if w.holds(off, 1) {
			here = w.buf[off-w.off:]
		}
		want := int(min(int64(max(n, c.ahead, cap(w.buf))), c.stop-off))
		buf, err := c.p.take(w.buf, want)
		if err != nil {
			return nil, err
		}
		have := copy(buf, here)
		if err := c.p.file.read(buf[have:], off+int64(have)); err != nil {
			return nil, err
		}
		w.off, w.buf = off, buf
	}
	return w.buf[off-w.off:][:n:n], nil
}

// read reads the next page.
func (c *column) read() error {
	if err := c.p.ctx.Err(); err != nil {
		return err
	}
	length, err := c.header()
	if err != nil {
		return err
	}
	h := &c.p.header
	if h.Packed < 0 || h.Unpacked < 0 || int64(h.Packed) > c.stop-c.at-int64(length) {
		return c.error("a page of %d bytes, unpacked %d", h.Packed, h.Unpacked)
	}
	if err := c.p.spend(int64(h.Unpacked) / bytesAUnit); err != nil {
		return err
	}
	body, err := c.view(c.at+int64(length), int(h.Packed))
	if err != nil {
		return err
	}
	if h.Sum.Valid && uint32(h.Sum.V) != crc32.ChecksumIEEE(body) {
		return c.error("a page's checksum is another")
	}
	switch {
	case h.Type == pq.DictionaryPage && h.Dict.Valid:
		if c.p.writer.shortChunks {
			c.unseen = int64(length)
		}
		err = c.dictionary(body)
	case h.Type == pq.DataPage && h.V1.Valid:
		err = c.pageV1(body)
	case h.Type == pq.DataPageV2 && h.V2.Valid:
		err = c.pageV2(body)
	default:
		err = c.error("unknown page type %d", h.Type)
	}
	c.at += int64(length) + int64(h.Packed)
	return err
}

// header reads the next page's header and gives its length.
func (c *column) header() (int, error) {
	for room := int64(usualHeader); ; room *= 8 {
		n := min(room, c.stop-c.at)
		b, err := c.view(c.at, int(n))
		if err != nil {
			return 0, err
		}
		length, err := thriftLength(b)
		if err == io.ErrUnexpectedEOF && n == room && n < maxHeader {
			continue
		}
		if err == nil {
			c.p.header = pageMeta{}
			c.p.thrift.ResetBytes(b[:length])
			err = c.p.decoder.Decode(&c.p.header)
		}
		if err != nil {
			return 0, c.error("a page's header is none")
		}
		return length, nil
	}
}

// unpack undoes the codec: into buf, or in place if there is none and the bytes
// need not stay.
func (c *column) unpack(buf, packed []byte, size int, stay bool) (kept, unpacked []byte, err error) {
	if c.codec == "" && !stay {
		return buf, packed, nil
	}
	if buf, err = c.p.take(buf, size); err != nil {
		return buf, nil, err
	}
	switch {
	case size == 0 && len(packed) == 0:
		return buf, buf[:0], nil
	case c.codec == "":
		unpacked = append(buf[:0], packed[:min(size, len(packed))]...)
	default:
		unpacked, err = c.p.codecs.unpack(c.codec, buf[:0], packed, size)
	}
	if err != nil {
		return buf, nil, c.error("a page: %s", unpackFault(c.codec, err))
	}
	if len(unpacked) != size {
		return buf, nil, c.error("a page of %d bytes that should be %d", len(unpacked), size)
	}
	return buf, unpacked, nil
}

// dictionary takes a dictionary page.
func (c *column) dictionary(body []byte) (err error) {
	h := &c.p.header
	n := int(h.Dict.V.NumValues)
	if e := h.Dict.V.Encoding; e != pq.Plain && e != plainDictionary {
		return c.error("a dictionary in encoding %s", e)
	}
	var data []byte
	if c.dict, data, err = c.unpack(c.dict, body, int(h.Unpacked), true); err != nil {
		return err
	}
	c.dict, c.words = data, n
	if c.physical != pq.ByteArray {
		if n < 0 || c.width == 0 || n > len(data)/c.width {
			return c.error("a dictionary of %d values in %d bytes", n, len(data))
		}
		return nil
	}
	if n < 0 || n > len(data)/4 {
		return c.error("a dictionary of %d values in %d bytes", n, len(data))
	}
	if n > cap(c.starts) {
		if err := c.p.charge(4 * (n - cap(c.starts))); err != nil {
			return err
		}
		c.starts = make([]uint32, 0, n)
	}
	c.starts = c.starts[:0]
	for rest := data; len(c.starts) < n; {
		c.starts = append(c.starts, uint32(len(data)-len(rest)))
		if _, rest, err = cutSized(rest); err != nil {
			return c.error("a dictionary: %v", err)
		}
	}
	return nil
}

// cutSized cuts off bytes with their length in front.
func cutSized(b []byte) (value, rest []byte, err error) {
	if len(b) < 4 {
		return nil, nil, io.ErrUnexpectedEOF
	}
	n := binary.LittleEndian.Uint32(b)
	if b = b[4:]; uint64(n) > uint64(len(b)) {
		return nil, nil, io.ErrUnexpectedEOF
	}
	return b[:n], b[n:], nil
}

// pageV1 takes a data page of version 1: levels and values are packed together.
func (c *column) pageV1(body []byte) (err error) {
	h := &c.p.header
	var data []byte
	if c.page, data, err = c.unpack(c.page, body, int(h.Unpacked), false); err != nil {
		return err
	}
	v := &h.V1.V
	encodings := [...]pq.Encoding{v.RepetitionLevelEncoding, v.DefinitionLevelEncoding}
	for i, highest := range [...]int{c.rep, c.def} {
		if highest == 0 {
			continue
		}
		if encodings[i] != pq.RLE {
			return c.error("levels in encoding %s", encodings[i])
		}
		var levels []byte
		if levels, data, err = cutSized(data); err != nil {
			return c.error("levels: %v", err)
		}
		c.levels[i].reset(levels)
	}
	return c.data(int(v.NumValues), v.Encoding, data)
}

// pageV2 takes a data page of version 2: levels are never packed.
func (c *column) pageV2(body []byte) (err error) {
	h := &c.p.header
	v := &h.V2.V
	rep, def := int(v.RepetitionLevelsByteLength), int(v.DefinitionLevelsByteLength)
	size := int(h.Unpacked) - rep - def
	if rep < 0 || def < 0 || size < 0 || rep > len(body) || def > len(body)-rep {
		return c.error("a page of %d bytes with levels of %d and %d", len(body), rep, def)
	}
	c.levels[0].reset(body[:rep])
	c.levels[1].reset(body[rep : rep+def])
	data := body[rep+def:]
	if !v.IsCompressed.Valid || v.IsCompressed.V || c.p.writer.packedPages {
		if c.page, data, err = c.unpack(c.page, data, size, false); err != nil {
			return err
		}
	}
	return c.data(int(v.NumValues), v.Encoding, data)
}

func (c *column) data(n int, encoding pq.Encoding, data []byte) error {
	if n < 0 || int64(n) > c.left {
		return c.error("a page of %d values where %d are left", n, c.left)
	}
	if err := c.p.spend(int64(n)); err != nil {
		return err
	}
	c.left -= int64(n)
	c.values = n
	return c.decode(n, encoding, data)
}
