package parsers

import (
	"encoding/binary"
	"slices"
	"testing"

	"github.com/parquet-go/parquet-go/encoding/bytestreamsplit"
	"github.com/parquet-go/parquet-go/encoding/delta"
	"github.com/parquet-go/parquet-go/encoding/rle"
	pq "github.com/parquet-go/parquet-go/format"
)

// A pageOf is a page of a column, and the values that must come out of it.
type pageOf struct {
	column
	coded []byte
	bits  []uint64
	texts [][]byte
}

// FuzzParquetEncodings makes values of data, which the library encodes and we
// decode. Then data is taken for a page of each kind: whatever it is, reading it
// must end.
func FuzzParquetEncodings(f *testing.F) {
	for _, s := range []string{"", "a", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "prefix-1prefix-2prefix-300000000000000", "\x80\x01\x04\x05\x02\x02\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"} {
		f.Add([]byte(s), uint8(len(s)))
	}
	for n := range 300 {
		f.Add(slices.Repeat([]byte{byte(n), 1, byte(n >> 3)}, n), uint8(n))
	}
	f.Fuzz(func(t *testing.T, data []byte, cut uint8) {
		for _, p := range pagesOf(t, data, int(cut)) {
			p.check(t)
		}
		for _, physical := range []pq.Type{pq.Boolean, pq.Int32, pq.Int64, pq.Int96, pq.Double, pq.ByteArray, pq.FixedLenByteArray} {
			for e := range pq.Encoding(10) {
				c := newPage(physical, e, nil).column
				if c.decode(len(data)*8, e, data) != nil {
					continue
				}
				for range 1 << 16 {
					if _, _, ok := c.value(); !ok {
						break
					}
				}
			}
		}
	})
}

func newPage(physical pq.Type, e pq.Encoding, page []byte) pageOf {
	width := map[pq.Type]int{pq.Int32: 4, pq.Float: 4, pq.Int64: 8, pq.Double: 8, pq.Int96: 12, pq.FixedLenByteArray: 3}[physical]
	p := pageOf{column: column{p: new(parquetRun), physical: physical, width: width}, coded: page}
	p.encoding = e
	return p
}

// pagesOf are data's values, as numbers and as texts of up to cut bytes.
func pagesOf(t *testing.T, data []byte, cut int) (pages []pageOf) {
	add := func(physical pq.Type, e pq.Encoding, page []byte, err error, bits []uint64, texts [][]byte) {
		if err != nil {
			t.Fatalf("%s: %v", e, err)
		}
		p := newPage(physical, e, page)
		p.bits, p.texts = bits, texts
		pages = append(pages, p)
	}
	var longs []int64
	var ints, small []int32
	var asLong, asInt, asSmall []uint64
	for b := data; len(b) >= 8; b = b[8:] {
		v := binary.LittleEndian.Uint64(b) >> (b[0] & 63)
		longs, asLong = append(longs, int64(v)), append(asLong, v)
		ints, asInt = append(ints, int32(v)), append(asInt, uint64(int32(v)))
	}
	for _, c := range data {
		small, asSmall = append(small, int32(c)&7), append(asSmall, uint64(c)&7)
	}
	page, err := new(delta.BinaryPackedEncoding).EncodeInt64(nil, longs)
	add(pq.Int64, pq.DeltaBinaryPacked, page, err, asLong, nil)
	page, err = new(delta.BinaryPackedEncoding).EncodeInt32(nil, ints)
	add(pq.Int32, pq.DeltaBinaryPacked, page, err, asInt, nil)
	page, err = new(bytestreamsplit.Encoding).EncodeInt64(nil, longs)
	add(pq.Int64, pq.ByteStreamSplit, page, err, asLong, nil)
	page, err = new(bytestreamsplit.Encoding).EncodeInt32(nil, ints)
	add(pq.Int32, pq.ByteStreamSplit, page, err, asInt, nil)

	page, err = (&rle.Encoding{BitWidth: 3}).EncodeInt32(nil, small)
	add(pq.Int64, pq.RLEDictionary, append([]byte{3}, page...), err, asSmall, nil)
	p := &pages[len(pages)-1]
	p.words = 8
	for i := range uint64(8) {
		p.dict = binary.LittleEndian.AppendUint64(p.dict, i)
	}

	var texts [][]byte
	offsets := []uint32{0}
	for b := data; len(b) > 0; {
		n := min(len(b), int(b[0])%(cut+1))
		texts, b = append(texts, b[:n]), b[max(n, 1):]
	}
	var joined []byte
	for _, text := range texts {
		joined = append(joined, text...)
		offsets = append(offsets, uint32(len(joined)))
	}
	page, err = new(delta.LengthByteArrayEncoding).EncodeByteArray(nil, joined, offsets)
	add(pq.ByteArray, pq.DeltaLengthByteArray, page, err, nil, texts)
	page, err = new(delta.ByteArrayEncoding).EncodeByteArray(nil, joined, offsets)
	add(pq.ByteArray, pq.DeltaByteArray, page, err, nil, texts)
	return pages
}

// check decodes the page.
func (p *pageOf) check(t *testing.T) {
	t.Helper()
	n := max(len(p.bits), len(p.texts))
	if err := p.decode(n, p.encoding, p.coded); err != nil {
		t.Fatal(err)
	}
	for i := range n {
		bits, b, ok := p.value()
		if !ok {
			t.Fatalf("%s of %s: value %d of %d is missing", p.encoding, p.physical, i, n)
		}
		if p.bits != nil && bits != p.bits[i] || p.texts != nil && string(b) != string(p.texts[i]) {
			t.Fatalf("%s of %s: value %d of %d is %x %q", p.encoding, p.physical, i, n, bits, b)
		}
	}
}

func TestNumbersOfAnyWidthAreUnpacked(t *testing.T) {
	for width := uint(1); width <= 64; width++ {
		var want []uint64
		for i := range uint64(100) {
			want = append(want, (i*0x9E3779B97F4A7C15)&(1<<width-1))
		}
		packed := make([]byte, 100*width/8+1)
		for i, n := range want {
			for bit := range width {
				at := uint(i)*width + bit
				packed[at/8] |= byte(n>>bit&1) << (at % 8)
			}
		}
		r := bitReader{rest: packed}
		for i, n := range want {
			if got, ok := r.read(width); !ok || got != n {
				t.Fatalf("width %d: number %d is %x, want %x", width, i, got, n)
			}
		}
	}
}
