package operate

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/hamba/avro/v2"
	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding/thrift"
)

// accountAvro is accountFor for object container files: header, then blocks, each with
// a number of records, and nothing behind the last one
// (https://avro.apache.org/docs/1.12.0/specification/#object-container-files).
func accountAvro(content []byte, all []kept) error {
	meta, sync, rest, err := avroHeader(content)
	if err != nil {
		return err
	}
	schema, err := avro.Parse(meta["avro.schema"])
	if err != nil {
		return err
	}
	var values []any
	for len(rest) > 0 {
		n, a := binary.Varint(rest)
		size, b := binary.Varint(rest[max(a, 0):])
		if a <= 0 || b <= 0 || n < 0 || size < 0 || int64(len(rest)) < int64(a+b)+size+int64(len(sync)) {
			return fmt.Errorf("%d bytes at its end are no block", len(rest))
		}
		block := rest[a+b : int64(a+b)+size]
		if rest = rest[int64(a+b)+size:]; !bytes.HasPrefix(rest, sync) {
			return errors.New("a block's end has no sync marker")
		}
		rest = rest[len(sync):]
		more, err := avroValues(schema, meta["avro.codec"], block, int(n))
		if err != nil {
			return err
		}
		values = append(values, more...)
	}
	return accountValues(all, values)
}

// avroValues are a block's, as avro's library reads them. There must be n, and no
// byte behind them.
func avroValues(schema avro.Schema, codec string, block []byte, n int) (all []any, err error) {
	switch codec {
	case "", "null":
	case "deflate":
		if block, err = io.ReadAll(flate.NewReader(bytes.NewReader(block))); err != nil {
			return nil, err
		}
	default:
		return nil, fmt.Errorf("codec %s is not known to this test", codec)
	}
	r := avro.NewReader(bytes.NewReader(block), 1<<10)
	for range n {
		var v any
		if r.ReadVal(schema, &v); r.Error != nil {
			return nil, r.Error
		}
		all = append(all, v)
	}
	if r.Peek(); r.Error != io.EOF {
		return nil, fmt.Errorf("a block has bytes behind its %d records", n)
	}
	return all, nil
}

// avroHeader passes over a file's header: magic, a map of its metadata, and the
// marker that ends each block.
func avroHeader(content []byte) (meta map[string]string, sync, rest []byte, err error) {
	rest, ok := bytes.CutPrefix(content, []byte("Obj\x01"))
	if !ok {
		return nil, nil, nil, errors.New("it is no avro file")
	}
	long := func() int {
		n, size := binary.Varint(rest)
		if size <= 0 || n < 0 || n > int64(len(rest)) {
			err, rest = errors.New("its header cannot be read"), nil
			return 0
		}
		rest = rest[size:]
		return int(n)
	}
	text := func() string {
		size := long()
		text := string(rest[:min(size, len(rest))])
		rest = rest[len(text):]
		return text
	}
	meta = make(map[string]string)
	for n := long(); n > 0; n = long() {
		for range n {
			key := text()
			meta[key] = text()
		}
	}
	if err == nil && len(rest) < 16 {
		err = errors.New("its header is cut")
	}
	if err != nil {
		return nil, nil, nil, err
	}
	return meta, rest[:16], rest[16:], nil
}

// accountParquet is accountFor for parquet: as many records as the footer says
// (https://parquet.apache.org/docs/file-format/). What no footer speaks of is no data:
// writers leave gaps to align their row groups.
func accountParquet(content []byte, all []kept) error {
	end := len(content) - 8
	if end < 0 || !bytes.HasPrefix(content, []byte("PAR1")) {
		return errors.New("it is no parquet file")
	}
	var meta struct {
		Rows int64 `thrift:"3,required"`
	}
	footer := content[end-int(binary.LittleEndian.Uint32(content[end:])) : end]
	if err := thrift.NewDecoder(new(thrift.CompactProtocol).NewReader(bytes.NewReader(footer))).Decode(&meta); err != nil {
		return err
	}
	if meta.Rows != int64(len(all)) {
		return fmt.Errorf("%d records of %d rows", len(all), meta.Rows)
	}
	if meta.Rows == 0 {
		return nil // the library cannot read a file without rows
	}
	f, err := parquet.OpenFile(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return nil //nolint:nilerr // it wants parts of the footer that reading rows does not need
	}
	values, err := parquetValues(f)
	if err != nil {
		return err
	}
	return accountValues(all, values)
}

// parquetValues are each row's texts, as parquet's library reads them.
func parquetValues(f *parquet.File) (all []any, err error) {
	r := parquet.NewReader(f)
	defer r.Close()
	for row := make([]parquet.Row, 1); ; {
		n, err := r.ReadRows(row)
		if n > 0 {
			var values []any
			for _, v := range row[0] {
				if v.Kind() == parquet.ByteArray && !v.IsNull() {
					values = append(values, string(v.ByteArray()))
				}
			}
			all = append(all, values)
		}
		if err == io.EOF {
			return all, nil
		} else if err != nil {
			return nil, err
		}
	}
}

// accountValues is an error unless there is a record for each value that a library
// read, with all its words.
func accountValues(all []kept, values []any) error {
	if len(all) != len(values) {
		return fmt.Errorf("%d records of %d values", len(all), len(values))
	}
	for i, value := range values {
		text, err := json.Marshal(textsIn(value))
		if err != nil {
			return err
		}
		words := make(map[string]int)
		count(words, spoken([]byte(all[i].raw)), 1)
		count(words, spoken(text), -1)
		for word, often := range words {
			if often < 0 && all[i].lost == 0 {
				return fmt.Errorf("record %d lacks %.40q", i, word)
			}
		}
	}
	return nil
}

// textsIn are the strings in a value that a library read. The keys are left out:
// they may be of null members, or types.
func textsIn(value any) (all []string) {
	switch v := value.(type) {
	case string:
		all = append(all, v)
	case []any:
		for _, e := range v {
			all = append(all, textsIn(e)...)
		}
	case map[string]any:
		for _, e := range v {
			all = append(all, textsIn(e)...)
		}
	}
	return all
}
