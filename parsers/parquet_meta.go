package parsers

import (
	"encoding/binary"
	"errors"
	"io"
	"unsafe"

	"github.com/parquet-go/parquet-go/encoding/thrift"
	pq "github.com/parquet-go/parquet-go/format"
)

// The parts of a file's metadata that are needed to read rows
// (https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift).
// What is not named here is passed over: statistics and the like may be long.
type (
	parquetMeta struct {
		Schema     []pq.SchemaElement   `thrift:"2,required"`
		NumRows    int64                `thrift:"3,required"`
		CreatedBy  string               `thrift:"6,optional"`
		Encryption thrift.Null[nothing] `thrift:"8,optional"`
	}
	rowGroupMeta struct {
		Columns []chunkMeta `thrift:"1,required"`
	}
	chunkMeta struct {
		FilePath string               `thrift:"1,optional"`
		Meta     columnMeta           `thrift:"3,optional"`
		Crypto   thrift.Null[nothing] `thrift:"8,optional"`
	}
	columnMeta struct {
		Type            pq.Type             `thrift:"1,required"`
		Codec           pq.CompressionCodec `thrift:"4,required"`
		NumValues       int64               `thrift:"5,required"`
		TotalCompressed int64               `thrift:"7,required"`
		DataOffset      int64               `thrift:"9,required"`
		DictOffset      int64               `thrift:"11,optional"`
	}
	pageMeta struct {
		Type     pq.PageType                          `thrift:"1,required"`
		Unpacked int32                                `thrift:"2,required"`
		Packed   int32                                `thrift:"3,required"`
		Sum      thrift.Null[int32]                   `thrift:"4,optional"`
		V1       thrift.Null[pq.DataPageHeader]       `thrift:"5,optional"`
		Dict     thrift.Null[pq.DictionaryPageHeader] `thrift:"7,optional"`
		V2       thrift.Null[pq.DataPageHeaderV2]     `thrift:"8,optional"`
	}
	nothing struct{}
)

const (
	tailSize  = 256 << 10 // what is read of a file's end at first, in bytes
	maxFooter = 32 << 20  // in bytes: 100,000 column chunks and more
	// maxThriftDepth and maxThriftItems bound what a footer can make the
	// decoder do: a list's length is taken at its word there, and a thousand
	// nested structs are a thousand calls.
	maxThriftDepth = 32
	maxThriftItems = 4 << 20
	// maxElements is how many columns and groups a schema may have. Most files of
	// logs have fewer than a hundred, the widest about 1,500.
	maxElements = 10_000
	// elementSize and chunkSize are about what a schema's element and a row
	// group's column take in memory when they are decoded, in bytes.
	elementSize = 1 << 10
	chunkSize   = 128
)

// The fields of a file's metadata and of a row group that are looked at before
// they are decoded.
const (
	schemaField    = 2
	rowGroupsField = 4
	columnsField   = 1
	numRowsField   = 3
)

// A rowGroup is one of the file's, not decoded.
type rowGroup struct {
	at   int // in the footer
	rows int64
}

// errThrift says that bytes are no thrift struct of reasonable size.
var errThrift = errors.New("no thrift struct, or an unreasonable one")

// open reads the footer.
func (p *parquetRun) open() error {
	const magic = "PAR1"
	f := p.file
	if f.size < 12 {
		return damaged(0, "%d bytes are no file", f.size)
	}
	tail := f.whole
	if tail == nil {
		tail = make([]byte, min(f.size, tailSize))
		if err := f.read(tail, f.size-int64(len(tail))); err != nil {
			return err
		}
	}
	switch string(tail[len(tail)-4:]) {
	case magic:
	case "PARE":
		return damaged(f.size-4, "the file is encrypted")
	default:
		return damaged(f.size-4, "no footer: truncated, or no parquet")
	}
	if int64(len(tail)) == f.size && string(tail[:4]) != magic { // in longer files the pages would not be where they should
		return damaged(0, "something is in front of the file")
	}
	size := int64(binary.LittleEndian.Uint32(tail[len(tail)-8:]))
	if size > maxFooter || size > f.size-12 {
		return damaged(f.size-8, "a footer of %d bytes in a file of %d", size, f.size)
	}
	p.footerAt = f.size - 8 - size
	if err := p.charge(max(len(tail), int(size)+8)); err != nil {
		return err
	}
	if missing := int(size) + 8 - len(tail); missing > 0 {
		tail = make([]byte, size+8)
		if err := f.read(tail, p.footerAt); err != nil {
			return err
		}
	}
	footer := tail[len(tail)-8-int(size) : len(tail)-8]
	if err := p.survey(footer); err != nil {
		return err
	}
	if p.meta.Encryption.Valid {
		return damaged(p.footerAt, "the file is encrypted")
	}
	p.tail = window{off: f.size - int64(len(tail)), buf: tail}
	p.writer = writerOf(p.meta.CreatedBy)
	return p.bind()
}

// survey finds the row groups in the footer, checks how large the schema is, and
// decodes it. Row groups are decoded one at a time, since a file may have many
// times more of them than anybody can hold.
func (p *parquetRun) survey(footer []byte) error {
	fields, n, err := thriftFields(footer)
	if err != nil {
		return damaged(p.footerAt, "footer: %v", err)
	}
	schema, _ := fields[schemaField].items(footer)
	if schema > maxElements {
		return damaged(p.footerAt, "a schema of %d columns and groups, more than %d", schema, maxElements)
	}
	// Names are kept twice: as they stand, and as JSON.
	if err := p.charge(int(schema)*elementSize + 2*n); err != nil {
		return err
	}
	if err := thrift.Unmarshal(new(thrift.CompactProtocol), footer[:n], &p.meta); err != nil {
		return damaged(p.footerAt, "footer: no metadata of parquet")
	}
	groups, at := fields[rowGroupsField].items(footer)
	if at == 0 {
		return damaged(p.footerAt, "footer: no row groups")
	}
	if err := p.charge(int(groups) * int(unsafe.Sizeof(rowGroup{}))); err != nil {
		return err
	}
	p.footer, p.groups = footer[:n], make([]rowGroup, groups)
	if err := p.surveyGroups(at, schema); err != nil {
		return err
	}
	return p.charge(int(schema) * chunkSize)
}

// surveyGroups finds the row groups, of which the first one is at a place in the
// footer. Rows that the file has and no row group would be lost without a word.
func (p *parquetRun) surveyGroups(at int, schema uint64) error {
	left := p.meta.NumRows
	for i := range p.groups {
		fields, length, err := thriftFields(p.footer[at:])
		if err != nil {
			return damaged(p.footerAt, "footer: %v", err)
		}
		columns, columnsAt := fields[columnsField].items(p.footer[at:])
		number := fields[numRowsField]
		rows, _ := binary.Uvarint(p.footer[at+number.at:])
		if columnsAt == 0 || columns > schema || number.kind != thriftI64 || int64(zigzag(rows)) < 0 {
			return damaged(p.footerAt, "a row group that is none, or has %d columns where the schema has at most %d", columns, schema)
		}
		p.groups[i] = rowGroup{at: at, rows: int64(zigzag(rows))}
		if left -= p.groups[i].rows; left < 0 {
			break
		}
		at += length
	}
	if left != 0 {
		return damaged(p.footerAt, "the file has %d rows, and its row groups have others", p.meta.NumRows)
	}
	return nil
}

// A thriftField is a field of a struct: its type, and where its value begins.
type thriftField struct {
	kind byte // 0 where there is no such field
	at   int
}

// thriftFields returns the first fields of the struct that b begins with, by
// number, and the struct's length; see thriftLength.
func thriftFields(b []byte) (fields [8]thriftField, length int, err error) {
	t := thriftWalk{b: b, fields: &fields}
	err = t.structure(0)
	return fields, t.at, err
}

// items returns how many structs a list has and where the first one begins; 0 if
// it is no list of structs.
func (f thriftField) items(b []byte) (n uint64, at int) {
	if f.kind != thriftList {
		return 0, 0
	}
	head := b[f.at]
	if head != 0 && head&15 != thriftStruct {
		return 0, 0
	}
	if n = uint64(head >> 4); n < 15 {
		return n, f.at + 1
	}
	n, size := binary.Uvarint(b[f.at+1:])
	return n, f.at + 1 + size
}

// thriftLength is how long the struct is that b begins with, in thrift's compact
// protocol
// (https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md),
// once it is known that decoding it takes no more memory than there are bytes
// for. io.ErrUnexpectedEOF says that b is too short to tell.
func thriftLength(b []byte) (int, error) {
	t := thriftWalk{b: b}
	err := t.structure(0)
	return t.at, err
}

type thriftWalk struct {
	b      []byte
	at     int
	items  int             // of lists, so far
	fields *[8]thriftField // of the outermost struct, where somebody asks; else nil
}

// The types of the compact protocol.
const (
	thriftTrue = iota + 1
	thriftFalse
	thriftByte
	thriftI16
	thriftI32
	thriftI64
	thriftDouble
	thriftBinary
	thriftList
	thriftSet
	thriftMap
	thriftStruct
)

func (t *thriftWalk) skip(n uint64) error {
	if n > uint64(len(t.b)-t.at) {
		return io.ErrUnexpectedEOF
	}
	t.at += int(n)
	return nil
}

func (t *thriftWalk) uvarint() (uint64, error) {
	n, size := binary.Uvarint(t.b[t.at:])
	if size == 0 {
		return 0, io.ErrUnexpectedEOF
	}
	if size < 0 {
		return 0, errThrift
	}
	t.at += size
	return n, nil
}

func (t *thriftWalk) structure(depth int) error {
	if depth == maxThriftDepth {
		return errThrift
	}
	for field := uint64(0); ; {
		if t.at == len(t.b) {
			return io.ErrUnexpectedEOF
		}
		c := t.b[t.at]
		t.at++
		if c == 0 {
			return nil
		}
		field += uint64(c >> 4)
		if c>>4 == 0 { // the field's number is not near the last one's
			n, err := t.uvarint()
			if err != nil {
				return err
			}
			field = zigzag(n)
		}
		if depth == 0 && t.fields != nil && field < uint64(len(t.fields)) {
			t.fields[field] = thriftField{c & 15, t.at}
		}
		if kind := c & 15; kind != thriftTrue && kind != thriftFalse {
			if err := t.value(kind, depth); err != nil {
				return err
			}
		}
	}
}

func (t *thriftWalk) value(kind byte, depth int) error {
	switch kind {
	case thriftTrue, thriftFalse, thriftByte:
		return t.skip(1)
	case thriftI16, thriftI32, thriftI64:
		_, err := t.uvarint()
		return err
	case thriftDouble:
		return t.skip(8)
	case thriftBinary:
		n, err := t.uvarint()
		if err != nil {
			return err
		}
		return t.skip(n)
	case thriftList, thriftSet:
		return t.list(depth + 1)
	case thriftStruct:
		return t.structure(depth + 1)
	default: // parquet has no maps
		return errThrift
	}
}

func (t *thriftWalk) list(depth int) error {
	if t.at == len(t.b) {
		return io.ErrUnexpectedEOF
	}
	c := t.b[t.at]
	t.at++
	n := uint64(c >> 4)
	if n == 15 {
		var err error
		if n, err = t.uvarint(); err != nil {
			return err
		}
	}
	if n > uint64(maxThriftItems-t.items) || depth >= maxThriftDepth {
		return errThrift
	}
	t.items += int(n)
	for range n {
		if err := t.value(c&15, depth); err != nil {
			return err
		}
	}
	return nil
}
