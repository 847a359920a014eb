package unpack

import (
	"bytes"
	"compress/flate"
	"compress/zlib"
	"encoding/hex"
	"errors"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/snappy"
	"github.com/ulikunitz/xz/lzma"
)

var foreignText = strings.Repeat("one line\nand another, and another, and another\n", 3)

// TestWhatOtherImplementationsPack has objects that Python, Node and lz4 packed,
// whole and cut at every byte.
func TestWhatOtherImplementationsPack(t *testing.T) {
	for _, c := range []struct {
		name, packed, encoding string
		packing                Packing
		plainTo                int // as long as this it is too short to be known
	}{
		{"Python's zlib, level 0", "7801018d0072ff6f6e65206c696e650a616e6420616e6f746865722c20616e6420616e6f746865722c20616e6420616e6f746865720a6f6e65206c696e650a616e6420616e6f746865722c20616e6420616e6f746865722c20616e6420616e6f746865720a6f6e65206c696e650a616e6420616e6f746865722c20616e6420616e6f746865722c20616e6420616e6f746865720ac5213187", "", Zlib, 1},
		{"Python's zlib, level 1", "7801cbcf4b55c8c9cc4be54acc4b5148cccb2fc9482dd20132b073b8f269aa1c00c5213187", "", Zlib, 1},
		{"Python's zlib, level 3", "785ecbcf4b55c8c9cc4be54acc4b5148cccb2fc9482dd20132b073b8f269aa1c00c5213187", "", Zlib, 2},
		{"Python's zlib, level 6", "789ccbcf4b55c8c9cc4be54acc4b5148cccb2fc9482dd251c0c5e1caa7a97200c5213187", "", Zlib, 1},
		{"Python's zlib, level 9, as HTTP has it", "78dacbcf4b55c8c9cc4be54acc4b5148cccb2fc9482dd251c0c5e1caa7a97200c5213187", "deflate", Zlib, 1},
		{"Python's deflate", "cbcf4b55c8c9cc4be54acc4b5148cccb2fc9482dd251c0c5e1caa7a97200", "deflate", Deflate, 0},
		{"Python's lzma", "5d00000400ffffffffffffffff00379b88ce769a9ddc15358a69001cac474e9bef6fd5a7212401bd48d85f7bbc345fffbfcec000", "", LZMA, 13},
		{"Node's brotli", "1b8c00f88d94aadba3727b4b0590b21685186410d30db4e00345e8acad2ac602", "br", Brotli, 1},
		{"Node's brotli, another window", "821100808073ac5b92b90a371cce0e13397088a52d9683e361221748dc0efafdd4b754610cc3fa8a9a1e2b01", "aws-chunked, BR", Brotli, 0},
		{"lz4 -l", "02214c1826000000ff076f6e65206c696e650a616e6420616e6f746865722c200d00051f0a2f004650746865720a", "", LegacyLZ4, 0},
	} {
		packed, err := hex.DecodeString(c.packed)
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range []int{0, 1, 20} {
			var found []string
			opts := Options{BlockSize: n, ContentEncoding: c.encoding, Head: true, Found: func(p string) { found = append(found, p) }}
			u := unpackAll(t, iotest.OneByteReader(bytes.NewReader(packed)), opts)
			if u.err != nil || u.text() != foreignText || !slices.Equal(found, []string{string(c.packing)}) {
				t.Fatalf("%s in blocks of %d: %q, %v; found %q", c.name, n, u.text(), u.err, found)
			}
		}
		for n := 1; n < len(packed); n++ {
			err := drain(bytes.NewReader(packed[:n]), Options{ContentEncoding: c.encoding})
			if whole := n <= c.plainTo || c.packing == LegacyLZ4 && n == len(legacyMagic); errors.Is(err, ErrCorrupt) == whole {
				t.Errorf("%s, %d of %d bytes: %v", c.name, n, len(packed), err)
			}
		}
	}
}

// TestTextThatBeginsLikeZlib has the two bytes that zlib may begin with.
func TestTextThatBeginsLikeZlib(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, begin := range []string{"x^", "hC", "HK", "X\t", "H\r", "8\x1b", "(S", "8O", "x\xda", "x\x9c", "h\x81", "X\x85"} {
		if begin[0] < 0x80 && begin[1] < 0x80 && !isZlibHead([]byte(begin)) {
			continue
		}
		for range 300 {
			text := []byte(begin)
			for range random.IntN(120) {
				text = append(text, byte(' '+random.IntN(95)))
			}
			if random.IntN(2) == 0 {
				text = append(text, bytes.Repeat([]byte("abc, def\n"), random.IntN(700))...)
			}
			if begin[1] >= 0x80 && len(text) < 32 {
				continue // a cut zlib would look so as well
			}
			if p, _ := Detect(text, true); p != Plain {
				t.Fatalf("%q is %s", text, p)
			}
			for _, encoding := range []string{"br", "deflate", "gzip, br"} {
				if u := unpackAll(t, bytes.NewReader(text), Options{ContentEncoding: encoding}); len(text) > 20 && (u.err != nil || u.text() != string(text)) {
					t.Fatalf("%q under %s: %q, %v", text, encoding, u.text(), u.err)
				}
			}
		}
	}
}

// TestContentEncoding has headers that are right, combined, or lie.
func TestContentEncoding(t *testing.T) {
	text := numbered(9000)
	br, raw := string(brotlied(text)), string(deflated(text))
	gz := func(s string) string { return string(packers[Gzip](s)) }
	for _, c := range []struct {
		name, object, encoding string
		want                   []string // packings; nil is plain
	}{
		{"brotli", br, "br", []string{"brotli"}},
		{"brotli without its header", br, "", nil},
		{"deflate", raw, "deflate", []string{"deflate"}},
		{"deflate that is zlib", string(packers[Zlib](text)), "deflate", []string{"zlib"}},
		{"gzip under identity", gz(text), "identity", []string{"gzip"}},
		{"gzip under an unknown coding", gz(text), "rot13", []string{"gzip"}},
		{"gzip under br", gz(text), "br", []string{"gzip"}},
		{"plain under each", text, "br, deflate, gzip, zstd, aws-chunked", nil},
		{"brotli, then gzip", gz(br), "br,gzip", []string{"gzip", "brotli"}},
		{"gzip, then brotli", string(brotlied(gz(text))), "gzip, br", []string{"brotli", "gzip"}},
		{"S3's own", gz(text), "aws-chunked,gzip", []string{"gzip"}},
		{"S3's own, and brotli", br, "aws-chunked,br", []string{"brotli"}},
		{"brotli of which gzip is a lie", br, "br, gzip", []string{"brotli"}},
		{"twice the same", string(brotlied(br)), "br, br", []string{"brotli", "brotli"}},
		{"two members, brotli in them", string(packers[Gzip](split(br, 50)...)), "br, gzip", []string{"gzip", "brotli"}},
		{"a tar's files have none", string(tarred(text, br)), "br", []string{"tar"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			want := text
			switch c.name {
			case "brotli without its header":
				want = br
			case "a tar's files have none":
				want = text + br
			}
			for _, n := range []int{0, 100} {
				var found []string
				u := unpackAll(t, strings.NewReader(c.object), Options{ContentEncoding: c.encoding, BlockSize: n, Found: func(p string) {
					if p != "plain" {
						found = append(found, p)
					}
				}})
				if u.err != nil || u.text() != want || !slices.Equal(found, c.want) {
					t.Fatalf("%d bytes of %d, %v; found %q", len(u.text()), len(want), u.err, found)
				}
			}
		})
	}
}

func TestBehindBrotliAndDeflateNothingMayFollow(t *testing.T) {
	text := numbered(90_000)
	for encoding, packed := range map[string][]byte{"br": brotlied(text), "deflate": deflated(text)} {
		for _, behind := range []string{"x", "\x00", "\n"} {
			err := drain(bytes.NewReader(append(slices.Clone(packed), behind...)), Options{ContentEncoding: encoding})
			if whole := encoding == "deflate" && behind != "x"; errors.Is(err, ErrCorrupt) == whole || err != nil && !strings.Contains(err.Error(), "garbage behind") {
				t.Errorf("%s and %q: %v", encoding, behind, err)
			}
		}
	}
	// Node's, with a window of 16 MiB.
	wide := must(hex.DecodeString("1f8c00f88d94aadba3727b4b0590b21685186410d30db4e00345e8acad2ac602"))
	if err := drain(bytes.NewReader(wide), Options{ContentEncoding: "br"}); err == nil || !strings.Contains(err.Error(), "a window of 16777216 bytes is wanted") {
		t.Errorf("a window of 16 MiB: %v", err)
	}
}

// TestRawSnappy is known only by where its elements lead.
func TestRawSnappy(t *testing.T) {
	for _, text := range []string{"a line\n", numbered(3000), numbered(300_000), strings.Repeat("x", 70_000) + numbered(70_000)} {
		packed := snappy.Encode(nil, []byte(text))
		u := unpackAll(t, bytes.NewReader(packed), Options{})
		if u.err != nil || u.text() != text {
			t.Fatalf("%d bytes: %.40q, %v", len(text), u.text(), u.err)
		}
		for n := 600; n < len(packed); n += 1 + len(packed)/50 {
			if err := drain(bytes.NewReader(packed[:n]), Options{}); !errors.Is(err, ErrCorrupt) {
				t.Errorf("%d of %d bytes: %v", n, len(packed), err)
			}
		}
		if len(packed) > 600 {
			if err := drain(bytes.NewReader(append(packed, 0)), Options{}); !errors.Is(err, ErrCorrupt) {
				t.Errorf("%d bytes and one more: %v", len(packed), err)
			}
		}
	}
}

// TestBlocksThatAskForTooMuchMemory have lengths that no memory is taken for.
func TestBlocksThatAskForTooMuchMemory(t *testing.T) {
	for name, object := range map[string]string{
		"xerial":       xerialMagic + "\x00\x00\x00\x01\x00\x00\x00\x01\x7f\xff\xff\xff",
		"its content":  xerialMagic + "\x00\x00\x00\x01\x00\x00\x00\x01\x00\x00\x00\x06\xff\xff\xff\xff\x0f\x00",
		"hadoop":       "\x00\xff\xff\xff\x00\x1f\xff\xff\xff\xff\x7f\x00" + strings.Repeat("\x00", 99),
		"raw":          string(append([]byte{0xff, 0xff, 0xff, 0x7f}, snappy.Encode(nil, []byte(numbered(9000)))[2:]...)),
		"lzma":         "\x5d\x00\x00\x00\x20\xff\xff\xff\xff\xff\xff\xff\xff\x00" + strings.Repeat("x", 20),
		"legacy block": legacyMagic + "\x00\x00\x01\x00" + strings.Repeat("x", 1<<16),
	} {
		err := drain(strings.NewReader(object), Options{Limits: Limits{MaxWindow: 1 << 20}})
		if !errors.Is(err, ErrCorrupt) || !strings.Contains(err.Error(), "is wanted; max_window is") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestLZMAOfAKnownSize(t *testing.T) {
	for _, marker := range []bool{false, true} {
		var out bytes.Buffer
		text := numbered(100_000)
		w := must(lzma.WriterConfig{DictCap: 1 << 16, Size: int64(len(text)), SizeInHeader: true, EOSMarker: marker}.NewWriter(&out))
		must(io.WriteString(w, text))
		must(0, w.Close())
		if u := unpackAll(t, bytes.NewReader(out.Bytes()), Options{}); u.err != nil || u.text() != text {
			t.Fatalf("%.40q, %v", u.text(), u.err)
		}
		for _, n := range []int{20, 5000, out.Len() - 6} {
			if err := drain(bytes.NewReader(out.Bytes()[:n]), Options{}); !errors.Is(err, ErrCorrupt) {
				t.Errorf("%d of %d bytes: %v", n, out.Len(), err)
			}
		}
	}
}

// TestTheOldestTar has no magic number.
func TestTheOldestTar(t *testing.T) {
	packed := tarred("one\n", "two\n")
	for at := 0; at+tarBlock <= len(packed); at += 2 * tarBlock {
		block := packed[at : at+tarBlock]
		if block[0] == 0 {
			break
		}
		clear(block[tarMagic:])
		copy(block[148:], "        ")
		sum := 0
		for _, c := range block {
			sum += int(c)
		}
		copy(block[148:], []byte{'0', byte('0' + sum>>12&7), byte('0' + sum>>9&7), byte('0' + sum>>6&7), byte('0' + sum>>3&7), byte('0' + sum&7), 0, ' '})
	}
	if u := unpackAll(t, bytes.NewReader(packed), Options{}); u.err != nil || !slices.Equal(u.files, []string{"one\n", "two\n"}) {
		t.Fatalf("%q, %v", u.files, u.err)
	}
	packed[0]++
	if p, _ := Detect(packed, true); p != Plain {
		t.Errorf("a wrong checksum: %s", p)
	}
}

func brotlied(text string) []byte {
	var out bytes.Buffer
	w := brotli.NewWriterLevel(&out, 5)
	must(io.WriteString(w, text))
	must(0, w.Close())
	return out.Bytes()
}

func deflated(text string) []byte {
	var out bytes.Buffer
	w := must(flate.NewWriter(&out, 6))
	must(io.WriteString(w, text))
	must(0, w.Close())
	return out.Bytes()
}

// FuzzHinted unpacks anything as brotli or deflate. What is unpacked is what the
// reference makes of it, or the object as it is.
func FuzzHinted(f *testing.F) {
	for _, text := range []string{"", "a", "one\ntwo\n", foreignText} {
		for _, packed := range [][]byte{brotlied(text), deflated(text), packers[Zlib](text), []byte(text)} {
			f.Add(packed, true)
			f.Add(packed, false)
			f.Add(append(packed, "\n"...), false)
			f.Add(packed[:len(packed)*2/3], true)
		}
	}
	f.Fuzz(func(t *testing.T, packed []byte, deflate bool) {
		if p, _ := Detect(packed, true); p != Plain && p != Zlib {
			return // FuzzUnpack's
		}
		var first string
		opts := Options{Limits: fuzzLimits, ContentEncoding: "br", Found: func(p string) {
			if first == "" {
				first = p
			}
		}}
		read := func() io.Reader { return brotli.NewReader(bytes.NewReader(packed)) }
		if deflate {
			opts.ContentEncoding = "deflate"
			read = func() io.Reader { return flate.NewReader(bytes.NewReader(packed)) }
		}
		u := unpackAll(t, bytes.NewReader(packed), opts)
		if u.err != nil && !errors.Is(u.err, ErrCorrupt) {
			t.Fatal(u.err)
		}
		opts.BlockSize = 7
		again := unpackAll(t, iotest.OneByteReader(bytes.NewReader(packed)), opts)
		if (again.err == nil) != (u.err == nil) || u.err == nil && again.text() != u.text() {
			t.Fatalf("%q, %v; else %q, %v", again.text(), again.err, u.text(), u.err)
		}
		if u.err != nil {
			return
		}
		if Packing(first) == Zlib {
			read = func() io.Reader { return must(zlib.NewReader(bytes.NewReader(packed))) }
		}
		want := packed
		if Packing(first) != Plain {
			want = must(io.ReadAll(read()))
		}
		if p, _ := Detect(want, true); p == Plain && len(opts.ContentEncoding) > 0 && u.text() != string(want) && !bytes.HasPrefix([]byte(u.text()), want) {
			t.Fatalf("%s: %q, want %q", first, u.text(), want)
		}
	})
}
