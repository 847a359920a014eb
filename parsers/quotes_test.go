package parsers

import (
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"
)

// TestNoErrorQuotesASchema: names in a file are its contents, and of any length.
func TestNoErrorQuotesASchema(t *testing.T) {
	const secret = "a name that is nobody's business"
	long := strings.Repeat(secret, 1000)
	group := parquet.Group{secret: parquet.String()}
	whole := wideParquet(t, parquet.NewSchema("x", group), 1)
	for name, c := range map[string]struct {
		format string
		data   []byte
	}{
		"an unknown type":       {"avro", avroFile("null", `{"type":"`+long+`"}`, 1, []byte{0})},
		"a type within":         {"avro", avroFile("null", `{"type":"record","name":"R","fields":[{"name":"a","type":"`+long+`"}]}`, 1, []byte{0})},
		"an unknown codec":      {"avro", avroFile(long, `"int"`, 1, []byte{0})},
		"no JSON":               {"avro", avroFile("null", long, 1, []byte{0})},
		"a page that is none":   {"parquet", damage(whole, 4, 40)},
		"a footer that is none": {"parquet", damage(whole, len(whole)-60, len(whole)-30)},
	} {
		_, err := read(mustCompile(t, Spec{Format: c.format}), object(c.data))
		if !isCorrupt(err) {
			t.Errorf("%s: %v", name, err)
		} else if strings.Contains(err.Error(), secret[:8]) || len(err.Error()) > 300 {
			t.Errorf("%s: %.400s", name, err)
		}
	}
}

// damage is data with other bytes from a place to another.
func damage(data []byte, from, to int) []byte {
	b := append([]byte(nil), data...)
	for i := from; i < to; i++ {
		b[i] ^= 0x55
	}
	return b
}
