package adversary

import (
	"bytes"
	"fmt"
	"strings"
)

func avroObjects() []Object {
	long := strings.Repeat("n", 60<<10)
	const keep, omit = "{nulls: keep}", "{}"
	of := func(codec, schema string, n int, blocks ...[]byte) func() []byte {
		return func() []byte { return avroFile(codec, schema, n, blocks...) }
	}
	zeros := make([]byte, 1<<17)
	packed := func(codec func() []byte, n int) [][]byte {
		var blocks [][]byte
		for range n {
			blocks = append(blocks, codec())
		}
		return blocks
	}
	zstdZeros := func() []byte { return Zstd("", string(make([]byte, 1<<10)), 16<<10) }
	return []Object{
		{Name: "avro of 2^44 values without bytes", Format: "avro", Options: omit, Data: of("null", doubling(45), 1, nil)},
		{Name: "the same, kept", Format: "avro", Options: keep, Data: of("null", doubling(45), 1, nil)},
		{Name: "avro of a long name", Format: "avro", Options: keep, Data: of("null", `{"type":"record","name":"R","fields":[{"name":"`+long+`","type":"boolean"}]}`, len(zeros), zeros)},
		{Name: "avro of a long name that is left out", Format: "avro", Options: omit, Data: of("null", `{"type":"record","name":"R","fields":[{"name":"`+long+`","type":["null","int"]}]}`, len(zeros), zeros)},
		{Name: "avro of a long symbol", Format: "avro", Options: keep, Data: of("null", `{"type":"array","items":{"type":"enum","name":"E","symbols":["`+long+`"]}}`, 1, append(append(avroLong(1<<17-1), zeros[1:]...), 0))},
		{Name: "avro of any number of empty records", Format: "avro", Options: keep, Data: of("null", `{"type":"record","name":"R","fields":[]}`, 1<<40, nil)},
		{Name: "avro of an array of nulls", Format: "avro", Options: keep, Data: of("null", `{"type":"array","items":"null"}`, 1, append(avroLong(1<<50), 0))},
		{Name: "avro of blocks of zeros", Format: "avro", Options: keep, Data: of("zstandard", `"boolean"`, 16<<20, packed(zstdZeros, 20)...)},
		{Name: "avro of a vast schema", Format: "avro", Options: keep, Data: of("null", `{"type":"record","name":"R","fields":[`+wideSchema(7<<19)+`{"name":"z","type":"int"}]}`, 1, zeros)},
		{Name: "avro of a deep schema", Format: "avro", Options: keep, Data: of("null", strings.Repeat(`{"type":"array","items":`, 9000)+`"int"`+strings.Repeat("}", 9000), 1, []byte{0})},
	}
}

// doubling is a schema of n types, each a record of two of the next, the last of
// nothing: 2^(n-1) values of no bytes.
func doubling(n int) string {
	types := `{"type":"record","name":"R0","fields":[{"name":"a","type":"null"}]}`
	for i := 1; i < n; i++ {
		types = fmt.Sprintf(`{"type":"record","name":"R%d","fields":[{"name":"a","type":%s},{"name":"b","type":"R%d"}]}`, i, types, i-1)
	}
	return types
}

func wideSchema(size int) string {
	var b strings.Builder
	for i := 0; b.Len() < size; i++ {
		fmt.Fprintf(&b, `{"name":"f%d","type":["null","int"]},`, i)
	}
	return b.String()
}

// avroFile is a container file of blocks of encoded data, n records each.
func avroFile(codec, schema string, n int, blocks ...[]byte) []byte {
	sync := []byte("0123456789abcdef")
	long := func(n int) []byte { return avroLong(int64(n)) }
	sized := func(b string) []byte { return append(long(len(b)), b...) }
	out := bytes.Join([][]byte{[]byte("Obj\x01"), long(2), sized("avro.schema"), sized(schema), sized("avro.codec"), sized(codec), long(0), sync}, nil)
	for _, b := range blocks {
		out = bytes.Join([][]byte{out, long(n), long(len(b)), b, sync}, nil)
	}
	return out
}

// avroLong is a number, encoded.
func avroLong(n int64) (b []byte) {
	u := uint64(n)<<1 ^ uint64(n>>63)
	for ; u >= 0x80; u >>= 7 {
		b = append(b, byte(u)|0x80)
	}
	return append(b, byte(u))
}
