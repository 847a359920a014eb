package unpack

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

func TestPackingIsFoundByMagicNumber(t *testing.T) {
	for _, c := range []struct {
		name, data string
		opts       Options
		want       string
		corrupt    bool
	}{
		{name: "nothing", data: "", want: ""},
		{name: "plain", data: "text", want: "text"},
		{name: "one byte", data: "t", want: "t"},
		{name: "a gzip cut after its first byte", data: "\x1f", corrupt: true},
		{name: "half of the magic number", data: "\x1fx", want: "\x1fx"},
		{name: "another method than deflate", data: "\x1f\x8b\x07.......", corrupt: true},
		{name: "known to be plain", data: "\x1f\x8bx", opts: Options{Packing: Plain}, want: "\x1f\x8bx"},
		{name: "known to be gzip", data: "text", opts: Options{Packing: Gzip}, corrupt: true},
		{name: "known to be zstd", data: "text", opts: Options{Packing: Zstd}, corrupt: true},
		{name: "known to hold what looks packed", data: string(packers[Gzip]("\x1f\x8bx")), opts: Options{Packing: Gzip}, want: "\x1f\x8bx"},
		{name: "an empty member", data: string(packers[Gzip]("")), want: ""},
		{name: "text that begins like bzip2", data: "BZh", want: "BZh"},
		{name: "text that begins like zip", data: "PK", want: "PK"},
		{name: "text that begins like zstd", data: "(", want: "("},
		{name: "text that goes on otherwise", data: "BZh9 is no bzip2\nPK", want: "BZh9 is no bzip2\nPK"},
		{name: "a line as long as a tar's header", data: strings.Repeat("x", 257) + "ustar, a word", want: strings.Repeat("x", 257) + "ustar, a word"},
		{name: "a magic number behind a line break", data: "x\n" + strings.Repeat("x", 255) + "ustar\x00", want: "x\n" + strings.Repeat("x", 255) + "ustar\x00"},
		{name: "an empty zip", data: "PK\x05\x06" + strings.Repeat("\x00", 18), want: ""},
		{name: "a skippable frame alone", data: "\x53\x2a\x4d\x18\x02\x00\x00\x00xy", want: ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, stream := range []io.Reader{strings.NewReader(c.data), iotest.OneByteReader(strings.NewReader(c.data))} {
				u := unpackAll(t, stream, c.opts)
				if errors.Is(u.err, ErrCorrupt) != c.corrupt || (u.err != nil) != c.corrupt {
					t.Fatalf("error %v", u.err)
				}
				if u.text() != c.want {
					t.Fatalf("%q, want %q", u.text(), c.want)
				}
			}
		})
	}
}

// TestEveryPackingIsUnpacked also makes every block end somewhere.
func TestEveryPackingIsUnpacked(t *testing.T) {
	one, two := "one line\nand half of", strings.Repeat(" another\n", 30)
	for packing, packed := range packedOfEach(t, one, two) {
		want := []string{one + two}
		switch packing {
		case Tar, Zip:
			want = []string{one, two}
		case Bzip2:
			want = []string{"one\ntwo\n" + bzippedLong}
		}
		for _, n := range []int{1, 7, 64, 0} {
			for _, stream := range []io.Reader{bytes.NewReader(packed), iotest.OneByteReader(bytes.NewReader(packed)), iotest.DataErrReader(bytes.NewReader(packed))} {
				u := unpackAll(t, stream, Options{BlockSize: n})
				if u.err != nil || !slices.Equal(u.files, want) {
					t.Fatalf("%s in blocks of %d: %q, %v", packing, n, u.files, u.err)
				}
				if restartable := packing.Restartable(); restartable != (u.packing == packing) || !restartable && u.packing != Sniff {
					t.Fatalf("%s: blocks say %q", packing, u.packing)
				}
			}
		}
	}
}

func TestTruncationIsAnErrorAtEveryByte(t *testing.T) {
	one, two := "one member\n", strings.Repeat("another\n", 100)
	for packing, packed := range packedOfEach(t, one, two) {
		first := -1 // where what is there is whole
		switch packing {
		case Plain, RawSnappy: // see TestRawSnappy
			continue
		case Bzip2:
			first = len(bzip2ed("one\ntwo\n"))
		case Tar, Zip:
		default:
			first = len(packers[packing](one))
		}
		for n := 1; n < len(packed); n++ {
			u := unpackAll(t, bytes.NewReader(packed[:n]), Options{})
			switch {
			case mayBeWhole(packing, packed[:n], first):
				if u.err != nil {
					t.Errorf("%s: %d of %d bytes: %v", packing, n, len(packed), u.err)
				}
			case !errors.Is(u.err, ErrCorrupt):
				t.Errorf("%s: %d of %d bytes: %v is not ErrCorrupt", packing, n, len(packed), u.err)
			}
		}
	}
}

// mayBeWhole says whether a beginning is as good as whole: it ends with a
// member, or there is too little of it to tell.
func mayBeWhole(p Packing, head []byte, first int) bool {
	switch n := len(head); p {
	case Bzip2:
		return n == first || n < len("BZh1")
	case Zstd:
		return n == first || n < 2
	case Zip:
		return n < 3
	case Tar:
		return n < tarName+tarMode || n == len(tarred("one member\n", strings.Repeat("another\n", 100)))-tarBlock
	case Zlib:
		return n == first || n < 2
	case Xerial, LegacyLZ4: // behind a header
		return n == first || n == len(packers[p]("")) || n == first+len(packers[p](""))
	case Hadoop:
		return n == first || n < 10
	case LZMA:
		return n <= 13
	case Snappy: // one chunk behind the magic number for each
		return n == first || n == len("\xff\x06\x00\x00sNaPpY") || n == first+len("\xff\x06\x00\x00sNaPpY")
	default:
		return n == first
	}
}

func TestWhatFollowsTheLastMember(t *testing.T) {
	const skippable = "\x5a\x2a\x4d\x18\x03\x00\x00\x00abc"
	for _, c := range []struct {
		packing Packing
		behind  string
		corrupt bool
	}{
		{Gzip, "\x00\x00\x00", false},
		{Gzip, "\x00\x01", true},
		{Gzip, "x", true},
		{Gzip, "\x1f", true},
		{Gzip, "\n", false},
		{Gzip, " \t\r\n\x00\n", false},
		{Gzip, "\n\v", true},
		{Gzip, "\n\x1f\x8b", true},
		{Zstd, skippable, false},
		{Zstd, skippable[:10], true},
		{Zstd, "\x00", false},
		{Zstd, "\r\n\x00\x00\n", false},
		{Zstd, "\n" + skippable + "\n", false},
		{Zstd, "\nx", true},
		{Zstd, string(packers[LZ4]("x")), true},
		{LZ4, skippable, false},
		{LZ4, "\x60\x2a\x4d\x18\x00\x00\x00\x00", true},
		{LZ4, "\x02\x21\x4c\x18", true},
		{LZ4, "\n", false},
		{LZ4, "\nx", true},
		{Bzip2, "\x00", true},
		{Bzip2, "B", true},
		{Snappy, "\xfe\x02\x00\x00ab", false}, // padding
		{Snappy, "\x02\x02\x00\x00ab", true},  // a chunk that must not be passed over
		{Snappy, "\x00", true},
		{Zlib, "\r\n\x00", false},
		{Zlib, "\nx", true},
		{Zlib, "x", true},
		{Xerial, "\n", true},
		{Hadoop, "\x00\x00\x00\x00", false}, // a block of nothing
		{Hadoop, "\n", true},
		{LegacyLZ4, "\n", true},
		{LegacyLZ4, "\xff\xff\xff\xff", true},
		{LZMA, "\n", true},
		{Xz, "\x00\x00\x00\x00", false},
		{Xz, "\x00\x00\x00", true},
		{Xz, "\x00\x00\x00\x01", true},
		{Tar, strings.Repeat("\x00", 9000), false},
		{Tar, "\x00\x00\x00", false},
		{Tar, "x", true},
		{Zip, "anything", false},
	} {
		packed := append(packedOfEach(t, "one\n", "two\n")[c.packing], c.behind...)
		u := unpackAll(t, bytes.NewReader(packed), Options{})
		if errors.Is(u.err, ErrCorrupt) != c.corrupt || (u.err != nil) != c.corrupt {
			t.Errorf("%s and %q: %v", c.packing, c.behind, u.err)
		}
		if !strings.HasPrefix(u.text(), "one\ntwo\n") {
			t.Errorf("%s and %q: %q before the error", c.packing, c.behind, u.text())
		}
	}
}

func TestSkippableFramesArePassedOver(t *testing.T) {
	const skippable = "\x50\x2a\x4d\x18\x03\x00\x00\x00abc"
	one, two := string(packers[Zstd]("one\n")), string(packers[Zstd]("two\n"))
	u := unpackAll(t, strings.NewReader(skippable+one+skippable+skippable+two), Options{})
	want := []int64{int64(len(skippable)), int64(3*len(skippable) + len(one))}
	if u.err != nil || u.text() != "one\ntwo\n" || !slices.Equal(u.offsets, want) {
		t.Fatalf("%q, frames at %v, %v; want them at %v", u.text(), u.offsets, u.err, want)
	}
}

func TestMembersOfNothing(t *testing.T) {
	for packing, pack := range packers {
		if packing == Hadoop || packing == RawSnappy {
			continue // which are not known by nothing
		}
		texts := []string{"", "", "one\n", "", "two\n", ""}
		u := unpackAll(t, bytes.NewReader(pack(texts...)), Options{})
		if u.err != nil || u.text() != "one\ntwo\n" {
			t.Errorf("%s: %q, %v", packing, u.text(), u.err)
		}
		if u := unpackAll(t, bytes.NewReader(pack("", "")), Options{}); u.err != nil || u.files != nil {
			t.Errorf("%s of nothing: %q, %v", packing, u.files, u.err)
		}
	}
}
