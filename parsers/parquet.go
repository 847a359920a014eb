package parsers

import (
	"errors"
	"fmt"

	"github.com/parquet-go/parquet-go/encoding/thrift"
)

// ParquetOptions are those of format "parquet"
// (https://github.com/apache/parquet-format): each row is a record, as compact
// JSON. Lists are arrays, maps are objects whose keys are text. A decimal is an
// exact number; a date, time or timestamp is RFC 3339 with the digits of its
// unit, without an offset where it is local; an int96 is a timestamp in UTC; an
// interval is ISO 8601; a uuid is text; a column of JSON is embedded where it is
// valid, and else text; a float that is no number is text. What is annotated as
// text and is no UTF-8 has U+FFFD in place of the bytes that are not.
//
// Pages may be plain or packed with snappy, gzip, brotli, zstd, lz4_raw or the
// older lz4, in every encoding of the specification but BIT_PACKED levels, which nobody has
// written for ten years. Their checksums are verified where there are any.
// Encrypted files are refused.
//
// Spec.Fields are dotted paths of names through groups and the keys of maps; a
// list is a value, and what is in it has no path.
//
// A file needs random access. What is at most 8 MiB is held in memory; a larger
// object is read by Input.Ranged if it is not packed, and else spooled into a
// temporary file without a name.
//
// A Restart is offered at each row group's first row, with Offset 0: row groups
// before it are not read again, unless the object is spooled.
//
// Memory does not depend on the length of the file or of a row group, but a page
// of each column and its dictionary are held at once, packed and unpacked:
// usually some 100 KiB a column, up to a few MiB. Files with hundreds of columns
// or with pages of many MiB (writers that make one page of a row group) need
// more than MemoryMiB; they fail with an error that says so before the memory is
// taken.
type ParquetOptions struct {
	// Nulls is what becomes of a group's fields that are null: "omit" (or "")
	// or "keep".
	Nulls string `yaml:"nulls"`
	// Bytes is how bytes that are not annotated as text are written: "base64"
	// (or "") or "utf-8", which suits old writers that annotated nothing.
	Bytes string `yaml:"bytes"`
	// MemoryMiB is the most memory for pages, dictionaries and what is read
	// ahead, in MiB; 0 is 64, at most 1024.
	MemoryMiB int `yaml:"memory_mib"`
	// SpoolMiB is the longest file that is spooled, in MiB; 0 is 512, at most
	// 10240, as Lambda's /tmp.
	SpoolMiB int `yaml:"spool_mib"`
}

// Format is "parquet".
func (*ParquetOptions) Format() string { return "parquet" }

// GivesJSON is true: see Redaction.
func (*ParquetOptions) GivesJSON() bool { return true }

const (
	defaultMemoryMiB = 64
	defaultSpoolMiB  = 512
	maxSpoolMiB      = 10 << 10
)

func compileParquet(s Spec) (func(*run) error, error) {
	opts, err := optionsOf[ParquetOptions](s)
	if err != nil {
		return nil, err
	}
	fields, err := rowFields(s.Fields)
	memory, mistake1 := mebibytes("memory_mib", opts.MemoryMiB, defaultMemoryMiB, maxMiB)
	spool, mistake2 := mebibytes("spool_mib", opts.SpoolMiB, defaultSpoolMiB, maxSpoolMiB)
	if err := errors.Join(err, mistake1, mistake2, checkShape(opts.Nulls, opts.Bytes)); err != nil {
		return nil, err
	}
	return func(r *run) error {
		r.memory.most = memory + inMemory
		file, err := r.random(int64(spool))
		if file == nil || err != nil {
			return err
		}
		defer file.close()
		r.fields = make([][]byte, len(s.Fields))
		p := &parquetRun{run: r, file: file, binary: binaryForm(opts.Bytes)}
		p.rendering = newRendering(s, fields, opts.Nulls)
		p.thrift = new(thrift.CompactProtocol).NewReaderFromBytes(nil)
		p.decoder = thrift.NewDecoder(p.thrift)
		defer p.codecs.release()
		return p.cut()
	}, nil
}

// A parquetRun is the cutting of one file.
type parquetRun struct {
	*run
	rendering
	file   *random
	codecs codecs
	binary form // of bytes that are not annotated

	meta     parquetMeta
	footer   []byte
	groups   []rowGroup
	chunks   rowGroupMeta // of the row group that is being read
	footerAt int64        // pages end here
	writer   writerFaults
	schema   *group
	columns  []*column
	tail     window // the file's end
	shared   window // a whole row group, if it is small
	fault    error  // why the row cannot be read
	header   pageMeta
	thrift   thrift.BytesReader
	decoder  *thrift.Decoder
}

func (p *parquetRun) cut() error {
	if err := p.guard(p.open); err != nil {
		return err
	}
	row := p.index // of the file's first row; a Restart is never in another file than the first
	if p.resumed {
		row = 0
	}
	for _, g := range p.groups {
		rows := g.rows
		if row < p.index || rows == 0 {
			row += rows
			continue
		}
		if row != p.index {
			break
		}
		if err := p.rowGroup(g); err != nil {
			return err
		}
		row += rows
	}
	if row != p.index {
		return fmt.Errorf("record %d is no row group's first: no place to begin at", p.index)
	}
	return nil
}

// rowGroup gives the records of a row group.
func (p *parquetRun) rowGroup(g rowGroup) error {
	spent := p.expense.units
	if err := p.guard(func() error { return p.begin(g) }); err != nil {
		return err
	}
	for i := range g.rows {
		if err := p.ctx.Err(); err != nil {
			return err
		}
		p.record = Record{Index: p.index, Fields: p.fields}
		if i == 0 {
			p.offerHere(p.file.packing, "", spent)
		}
		if err := p.row(); err != nil {
			return err
		}
		p.fill(p.fields, p.to, p.out)
		if err := p.give(p.out, p.written()); err != nil {
			return err
		}
	}
	return p.guard(p.end)
}

// row writes the next row.
func (p *parquetRun) row() (err error) {
	defer p.caught(&err)
	p.rewrite()
	p.members(p.schema, 0)
	p.trim()
	return p.fault
}

// guard runs f. A panic in it, from a library that met bytes it did not
// expect, is this object's fault and only this object's.
func (p *parquetRun) guard(f func() error) (err error) {
	defer p.caught(&err)
	return f()
}

func (p *parquetRun) caught(err *error) {
	if v := recover(); v != nil {
		*err = &CorruptError{Reason: fmt.Sprintf("parquet: panic: %.200v", v)}
	}
}

// damaged is an error at a place in the file.
func damaged(at int64, format string, args ...any) error {
	return &CorruptError{Offset: at, Reason: "parquet: " + fmt.Sprintf(format, args...)}
}

// take gives a buffer of n bytes in place of buf, if that is too short.
func (p *parquetRun) take(buf []byte, n int) ([]byte, error) {
	if n <= cap(buf) {
		return buf[:n], nil
	}
	room := n + n/8 + 64
	if err := p.charge(room - cap(buf)); err != nil {
		return nil, err
	}
	return make([]byte, n, room), nil
}

// charge keeps count of the memory.
func (p *parquetRun) charge(n int) error {
	ok, err := p.memory.charge(n)
	if err == nil && !ok {
		err = damaged(0, "a page of each of %d columns, what is read ahead and the footer take more than memory_mib allows, %d MiB",
			len(p.columns), (p.memory.most-inMemory)>>20)
	}
	return err
}
