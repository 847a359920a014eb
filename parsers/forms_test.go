package parsers

import (
	"encoding/json"
	"math"
	"math/big"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// written is what a form makes of a value.
func written(f form, v uint64, b []byte) string {
	w := rendering{finder: finder{limit: maxMaxRecord}}
	f(&w, v, b)
	return string(w.out)
}

// TestFormsOfTime compares with the standard library's calendar.
func TestFormsOfTime(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		year0, year9999 := int64(-62_167_219_200), int64(253_402_300_799)
		s, ns := rapid.Int64Range(year0, year9999).Draw(r, "s"), rapid.Int64Range(0, 999_999_999).Draw(r, "ns")
		at := time.Unix(s, ns).UTC()
		day, second := floorDiv(s, secondsADay)
		for _, c := range []struct {
			name, got, want string
		}{
			{"date", written(formDate, uint64(day), nil), at.Format(`"2006-01-02"`)},
			{"millis", written(timestamp(1e3, "Z"), uint64(s*1e3+ns/1e6), nil), at.Format(`"2006-01-02T15:04:05.000Z"`)},
			{"local micros", written(timestamp(1e6, ""), uint64(s*1e6+ns/1e3), nil), at.Format(`"2006-01-02T15:04:05.000000"`)},
			{"seconds", written(timestamp(1, "Z"), uint64(s), nil), at.Format(`"2006-01-02T15:04:05Z"`)},
			{"time", written(clock(1e9, ""), uint64(second*1e9+ns), nil), at.Format(`"15:04:05.000000000"`)},
			{"int96", written(formInt96, 0, int96(second*1e9+ns, day)), at.Format(`"2006-01-02T15:04:05.000000000Z"`)},
		} {
			if c.got != c.want {
				r.Fatalf("%s: %s, want %s", c.name, c.got, c.want)
			}
		}
		if short := time.Unix(0, ns+s%9e9*1e9).UTC(); written(timestamp(1e9, "Z"), uint64(short.UnixNano()), nil) != short.Format(`"2006-01-02T15:04:05.000000000Z"`) {
			r.Fatalf("nanos of %s", short)
		}
	})
}

func int96(nanos, day int64) (b []byte) {
	for i := range 8 {
		b = append(b, byte(nanos>>(8*i)))
	}
	for i := range 4 {
		b = append(b, byte((day+2_440_588)>>(8*i)))
	}
	return b
}

// TestFormsOfDecimals compares with math/big.
func TestFormsOfDecimals(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		b := rapid.SliceOfN(rapid.Byte(), 0, 40).Draw(r, "bytes")
		scale := rapid.IntRange(0, 100).Draw(r, "scale")
		n := new(big.Int).SetBytes(b)
		if len(b) > 0 && b[0] >= 0x80 {
			n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(b))))
		}
		want := func() string {
			return new(big.Rat).SetFrac(n, new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(scale)), nil)).FloatString(scale)
		}
		if got := written(decimalBytes(scale), 0, b); got != want() {
			r.Fatalf("%s, want %s", got, want())
		}
		n.SetInt64(rapid.Int64().Draw(r, "int"))
		if got := written(decimalInt(scale), uint64(n.Int64()), nil); got != want() {
			r.Fatalf("%s, want %s", got, want())
		}
	})
}

func TestFormsOfEdges(t *testing.T) {
	for _, c := range []struct {
		name, want string
		form       form
		v          uint64
		b          []byte
	}{
		{"a date before year 0", `"-0001-12-31"`, formDate, uint64(1<<64 - 719_529), nil},
		{"a date after year 9999", `"+10000-01-01"`, formDate, 2_932_897, nil},
		{"the first instant there is", `"-292275055-05-16T16:47:04.192Z"`, timestamp(1e3, "Z"), 1 << 63, nil},
		{"the last", `"+292278994-08-17T07:12:55.807"`, timestamp(1e3, ""), math.MaxInt64, nil},
		{"a time of more than a day", `"100:00:00.000Z"`, clock(1e3, "Z"), 360_000_000, nil},
		{"a time before midnight", `"-00:00:01.500"`, clock(1e3, ""), uint64(math.MaxUint64 - 1499), nil},
		{"an interval", `"P1M2DT3.004S"`, formInterval, 0, []byte{1, 0, 0, 0, 2, 0, 0, 0, 0xBC, 0x0B, 0, 0}},
		{"a uuid", `"00112233-4455-6677-8899-aabbccddeeff"`, formUUID, 0, []byte("\x00\x11\x22\x33\x44\x55\x66\x77\x88\x99\xaa\xbb\xcc\xdd\xee\xff")},
		{"half of no number", `"NaN"`, formHalf, 0, []byte{1, 0x7C}},
		{"half, negative, without end", `"-Infinity"`, formHalf, 0, []byte{0, 0xFC}},
		{"a large unsigned number", "18446744073709551615", formUint64, math.MaxUint64, nil},
		{"32 unsigned bits", "4294967295", formUint32, math.MaxUint64, nil},
		{"a decimal of no bytes", "0.00", decimalBytes(2), 0, nil},
		{"a decimal nobody can read", `"` + strings.Repeat("AAAA", 200) + `"`, decimalBytes(2), 0, make([]byte, 600)},
	} {
		if got := written(c.form, c.v, c.b); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestFormsOfNumbersAreReadBackTheSame(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		f := rapid.Float64().Draw(r, "f")
		var again float64
		if err := json.Unmarshal([]byte(written(formDouble, math.Float64bits(f), nil)), &again); err != nil || again != f {
			r.Fatalf("%v became %v, %v", f, again, err)
		}
		small := rapid.Float32().Draw(r, "small")
		text := written(formFloat, uint64(math.Float32bits(small)), nil)
		if back, err := strconv.ParseFloat(text, 32); err != nil || float32(back) != small {
			r.Fatalf("%v became %s", small, text)
		}
	})
}

// TestTextIsWhatEncodingJSONReads for any bytes, also where a long value is
// written in pieces.
func TestTextIsWhatEncodingJSONReads(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		piece := rapid.SampledFrom([]string{"a", "é", "😀", "\xff", "\"", "\\", "\n", "\x00", "\u2028", "\xf0\x9f", "long enough to be copied"})
		s := strings.Join(rapid.SliceOfN(piece, 0, 20).Draw(r, "pieces"), "")
		if rapid.Bool().Draw(r, "long") {
			s = strings.Repeat("é", chunk) + "x" + s
		}
		var again string
		text := written(formString, 0, []byte(s))
		if err := json.Unmarshal([]byte(text), &again); err != nil || again != string([]rune(s)) {
			r.Fatalf("%q became %q, %v", s, text, err)
		}
	})
}
