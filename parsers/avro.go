package parsers

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"strconv"

	"github.com/hamba/avro/v2"
)

// AvroOptions are those of format "avro": object container files
// (https://avro.apache.org/docs/1.12.0/specification/#object-container-files)
// with codec null, deflate, snappy, zstandard, bzip2 or xz. Each datum is a record,
// as compact JSON by the file's own schema: a union as the value it holds, an enum
// as its symbol, a decimal as an exact number, a date, time or timestamp as
// RFC 3339 with the digits of its unit (without an offset where it is local), a
// duration as ISO 8601, a uuid as text, a float that is no number as a string.
//
// Spec.Fields are dotted paths through records and maps.
//
// A Restart is offered at each block. It has Offset 0 and names the block's
// place in State, because the schema is at the object's start: what is before
// the place is read again, but not unpacked. A file cut exactly between two
// blocks cannot be told from a whole one: the format has no end.
type AvroOptions struct {
	// Nulls is what becomes of a record's fields that are null: "omit" (or "")
	// or "keep".
	Nulls string `yaml:"nulls"`
	// Bytes is how bytes and fixed are written: "base64" (or "") or "utf-8".
	Bytes string `yaml:"bytes"`
	// BlockMiB is the longest block in MiB, as stored and as unpacked; 0 is 32,
	// at most 1024. A block is held in memory whole, in both forms.
	BlockMiB int `yaml:"block_mib"`
}

// Format is "avro".
func (*AvroOptions) Format() string { return "avro" }

// GivesJSON is true: see Redaction.
func (*AvroOptions) GivesJSON() bool { return true }

const (
	defaultBlockMiB = 32
	// maxAvroHead is the longest key or value in a file's metadata in bytes:
	// the schema is one.
	maxAvroHead = 4 << 20
	// maxSchema is the longest schema in bytes. The library takes up to fifty
	// times as much memory to read it.
	maxSchema = 1 << 20
	// schemaDepth is how deep the types of a schema may be within each other,
	// wherever a name refers to.
	schemaDepth = 256
)

func compileAvro(s Spec) (func(*run) error, error) {
	opts, err := optionsOf[AvroOptions](s)
	if err != nil {
		return nil, err
	}
	fields, err := rowFields(s.Fields)
	limit, mistake := mebibytes("block_mib", opts.BlockMiB, defaultBlockMiB, maxMiB)
	if err := errors.Join(err, mistake, checkShape(opts.Nulls, opts.Bytes)); err != nil {
		return nil, err
	}
	return func(r *run) error {
		r.fields = make([][]byte, len(s.Fields))
		a := &avroRun{run: r, max: limit}
		a.codecs.maxWindow = s.MaxWindow
		a.binary = binaryForm(opts.Bytes)
		a.rendering = newRendering(s, fields, opts.Nulls)
		defer a.codecs.release()
		r.memory.most = 2*limit + ownMemory
		a.codecs.hold = a.hold
		return a.cut()
	}, nil
}

// An avroRun is the cutting of one container file.
type avroRun struct {
	*run
	rendering
	datum
	codecs codecs
	max    int  // bytes of a block
	binary form // of bytes and fixed

	codec  string
	sync   [16]byte
	schema *avroType
	buf    []byte // a block unpacked

	carried int // bytes of the longest block, as stored
}

func (a *avroRun) cut() error {
	if err := a.advance(); err == io.EOF {
		return nil // no bytes: no records
	} else if err != nil {
		return err
	}
	start := a.offset()
	if err := a.head(); err != nil {
		return err
	}
	if a.resumed {
		place, err := strconv.ParseInt(a.remembered(), 10, 64)
		if err != nil || place < a.offset() {
			return fmt.Errorf("%q is no place to begin at", a.state)
		}
		if err := a.skip(place - a.offset()); err != nil {
			return err
		}
	}
	for {
		if a.pos == len(a.run.buf) {
			if err := a.advance(); err == io.EOF {
				return nil
			} else if err != nil {
				return err
			}
		}
		if err := a.block(a.offset() - start); err != nil {
			return err
		}
	}
}

// head reads the file's metadata.
func (a *avroRun) head() error {
	magic, err := a.take(4, 4)
	if err != nil {
		return err
	}
	if string(magic) != "Obj\x01" {
		return a.corrupt("no avro container file: it begins with % x", magic)
	}
	var schema avro.Schema
	for {
		n, err := a.long()
		if err != nil {
			return err
		}
		if n == 0 {
			break
		}
		if n < 0 { // its length in bytes comes first
			if _, err := a.long(); err != nil {
				return err
			}
		}
		for ; n != 0; n -= sign(n) {
			key, err := a.sized()
			if err != nil {
				return err
			}
			name := string(key)
			v, err := a.sized()
			if err != nil {
				return err
			}
			switch name {
			case "avro.schema":
				if schema != nil {
					return a.corrupt("more than one schema")
				}
				if len(v) > maxSchema {
					return a.corrupt("a schema of %d bytes, more than %d", len(v), maxSchema)
				}
				// What the library says quotes the schema, which is the object's.
				if schema, err = parseAvroSchema(v); err != nil {
					return a.corrupt("a schema that is none, names an unknown type, or is nested too deep")
				}
			case "avro.codec":
				a.codec = string(v)
			}
		}
	}
	switch a.codec {
	case "":
		a.codec = "null"
	case "null", "deflate", "snappy", "zstandard", "bzip2", "xz":
	default:
		return a.corrupt("a codec that is none of null, deflate, snappy, zstandard, bzip2, xz")
	}
	if schema == nil {
		return a.corrupt("no schema")
	}
	if a.schema, err = a.compile(schema); err != nil {
		return a.corrupt("schema: %v", err)
	}
	sync, err := a.take(16, 16)
	copy(a.sync[:], sync)
	return err
}

func sign(n int64) int64 {
	if n < 0 {
		return -1
	}
	return 1
}

// Avro's Java writers name types after inner classes, such as Outer$Inner, and
// others write names with dashes. A name matters to us as a JSON key alone, where
// any text will do, so the library must not refuse those that the specification
// does not allow. It asks this variable whenever it parses.
func init() { avro.SkipNameValidation = true }

// parseAvroSchema keeps no name from one file to the next. Nobody can say what
// the library does with any text there may be.
func parseAvroSchema(text []byte) (s avro.Schema, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic: %v", v)
		}
	}()
	return avro.ParseBytesWithCache(bytes.Clone(text), "", new(avro.SchemaCache))
}

// block reads the block at a place and gives its records.
func (a *avroRun) block(place int64) error {
	packing := a.run.block.Packing
	count, err := a.long()
	if err != nil {
		return err
	}
	size, err := a.long()
	if err != nil {
		return err
	}
	if size < 0 || size > int64(a.max) {
		return a.corrupt("a block of %d bytes, more than block_mib allows, %d MiB", size, a.max>>20)
	}
	if more := int(size) - a.carried; more > 0 {
		if err := a.hold(more); err != nil {
			return err
		}
		a.carried = int(size)
	}
	stored, err := a.take(size+16, a.max+16)
	if err != nil {
		return err
	}
	stored, sync := stored[:size], stored[size:]
	if !bytes.Equal(sync, a.sync[:]) {
		return a.corrupt("no sync marker behind the block at %d", place)
	}
	data, err := a.unpack(stored)
	if err != nil {
		var corrupt *CorruptError
		if errors.As(err, &corrupt) || a.ctx.Err() != nil {
			return err
		}
		return a.corrupt("block at %d: %s", place, unpackFault(a.codec, err))
	}
	a.datum = datum{data: data, credit: lookAfter}
	for i := range count {
		a.record = Record{Index: a.index, Fields: a.fields}
		if i == 0 {
			a.offerHere(packing, "\n"+strconv.FormatInt(place, 10), a.expense.units)
		}
		a.rewrite()
		a.value(a.schema)
		if a.fault != nil {
			return a.fault
		}
		if a.bad != "" {
			return a.corrupt("block at %d, its record %d: %s", place, i, a.bad)
		}
		a.fill(a.fields, a.to, a.out)
		if err := a.give(a.out, a.written()); err != nil {
			return err
		}
	}
	if err := a.spend(int64(lookAfter - a.credit + len(data)/bytesAUnit)); err != nil {
		return err
	}
	if a.at != len(data) {
		return a.corrupt("block at %d: %d bytes behind its last record", place, len(data)-a.at)
	}
	return nil
}

// hold charges n bytes of memory.
func (a *avroRun) hold(n int) error {
	ok, err := a.memory.charge(n)
	if err == nil && !ok {
		err = a.corrupt("a block that takes more memory than block_mib allows, %d MiB", a.max>>20)
	}
	return err
}

// unpack undoes the codec.
func (a *avroRun) unpack(stored []byte) (data []byte, err error) {
	if a.codec == "null" {
		return stored, nil
	}
	var sum []byte
	if a.codec == "snappy" {
		if len(stored) < 4 {
			return nil, io.ErrUnexpectedEOF
		}
		stored, sum = stored[:len(stored)-4], stored[len(stored)-4:]
	}
	a.buf, err = a.codecs.unpack(a.codec, a.buf[:0], stored, a.max)
	if err == nil && sum != nil && binary.BigEndian.Uint32(sum) != crc32.ChecksumIEEE(a.buf) {
		err = errSum
	}
	return a.buf, err
}

// long reads a number in front of the window.
func (a *avroRun) long() (int64, error) {
	var n uint64
	for shift := 0; shift < 70; shift += 7 {
		if a.pos == len(a.run.buf) {
			if err := a.advance(); err != nil {
				return 0, a.truncated(err)
			}
		}
		c := a.run.buf[a.pos]
		a.pos++
		n |= uint64(c&0x7F) << shift
		if c < 0x80 {
			return int64(n>>1) ^ -int64(n&1), nil
		}
	}
	return 0, a.corrupt("a number of more than 10 bytes")
}

// sized reads bytes with their length in front.
func (a *avroRun) sized() ([]byte, error) {
	n, err := a.long()
	if err != nil {
		return nil, err
	}
	return a.take(n, maxAvroHead)
}

// take reads n bytes; they are valid until the next read.
func (a *avroRun) take(n int64, most int) ([]byte, error) {
	if n < 0 || n > int64(most) {
		return nil, a.corrupt("%d bytes where at most %d may be", n, most)
	}
	a.feed.open(int(n))
	for {
		step := min(n, int64(len(a.run.buf)-a.pos))
		a.pos += int(step)
		if n -= step; n == 0 {
			break
		}
		if err := a.more(); err != nil {
			return nil, a.truncated(err)
		}
	}
	kept, _ := a.close()
	return kept, nil
}

func (a *avroRun) truncated(err error) error {
	if err == io.EOF {
		return &CorruptError{Offset: a.offset(), Reason: "truncated avro", Err: io.ErrUnexpectedEOF}
	}
	return err
}
