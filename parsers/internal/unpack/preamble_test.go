package unpack

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

var imperva = &Preamble{End: "|==|", Encrypted: []string{"key"}}

// TestWhatIsBehindAPreamble is unpacked as if there were no header, and its
// places are those in the stored object.
func TestWhatIsBehindAPreamble(t *testing.T) {
	text := numbered(20_000)
	header := "accountId:1\nchecksum:a|==|b\npublicKeyId:2\nkey:\n|==|\n"
	long := "w3c fields: " + strings.Repeat("cs-uri ", 1100) + "\n|==|\n"
	for name, h := range map[string]string{
		"a header": header, "with CR LF": strings.ReplaceAll(header, "\n", "\r\n"), "its end alone": "|==|\n", "a long one": long,
		"no key": "key:-1\n|==|\n", "another key's name": "monkey:x\n|==|\n",
	} {
		for packing, pack := range packers {
			if packing == Tar || packing == Zip || packing == RawSnappy {
				continue
			}
			body := pack(text[:7000], text[7000:])
			object := append([]byte(h), body...)
			for _, n := range []int{0, 100} {
				u := unpackAll(t, bytes.NewReader(object), Options{Preamble: imperva, BlockSize: n, Head: true})
				if u.err != nil || u.text() != text {
					t.Fatalf("%s, %s: %d bytes of %d, %v", name, packing, len(u.text()), len(text), u.err)
				}
				if packing.Restartable() {
					want := []int64{int64(len(h)), int64(len(h) + len(pack(text[:7000])))}
					if !slices.Equal(u.offsets, want) {
						t.Errorf("%s, %s: members at %d, want %d", name, packing, u.offsets, want)
					}
				}
			}
			for _, inner := range []string{h + text, string(object)} {
				u := unpackAll(t, iotest.OneByteReader(bytes.NewReader(packers[Gzip](split(inner, 3000)...))), Options{Preamble: imperva})
				if u.err != nil || u.text() != text {
					t.Fatalf("%s, %s in gzip: %d bytes of %d, %v", name, packing, len(u.text()), len(text), u.err)
				}
			}
		}
		u := unpackAll(t, strings.NewReader(h+text), Options{Preamble: imperva})
		if u.err != nil || u.text() != text || u.packing != Plain || u.offsets[0] != int64(len(h)) {
			t.Errorf("%s, plain: %d bytes of %d from %d on, %v", name, len(u.text()), len(text), u.offsets[0], u.err)
		}
	}
}

func TestWhatIsNoPreambleStays(t *testing.T) {
	for name, object := range map[string]string{
		"no end":            "accountId:1\nkey:secret\n|==| \n==\n",
		"within a line":     "a |==|\nb\n",
		"too far behind":    strings.Repeat("a:line\n", 1200) + "|==|\nb\n",
		"nothing":           "",
		"nothing behind it": "x:1\n|==|",
		"records in front":  `{"a":"b"}` + "\n|==|\nc\n",
		"text in front":     "a:b\n10:00 started\nsome text: x\n|==|\nc\n",
	} {
		want := object
		if name == "nothing behind it" {
			want = ""
		}
		u := unpackAll(t, strings.NewReader(object), Options{Preamble: imperva})
		if u.err != nil || u.text() != want {
			t.Errorf("%s: %q, %v", name, u.text(), u.err)
		}
		if u := unpackAll(t, bytes.NewReader(packers[Gzip](object)), Options{Preamble: imperva}); u.err != nil || u.text() != want {
			t.Errorf("%s, in gzip: %q, %v", name, u.text(), u.err)
		}
	}
}

func TestAnEncryptedBodyIsRefused(t *testing.T) {
	for _, object := range []string{"a:b\nkey:bm8=\n|==|\n\x80\x81", "KEY: x\r\n|==|\r\n", "key:x\n|==|\nplain\n"} {
		for _, stored := range []string{object, string(packers[Gzip](object))} {
			u := unpackAll(t, strings.NewReader(stored), Options{Preamble: imperva})
			if !errors.Is(u.err, ErrCorrupt) || !strings.Contains(u.err.Error(), "switch encryption off at the sender") || u.text() != "" {
				t.Errorf("%q: %q, %v", object, u.text(), u.err)
			}
		}
	}
}

// TestTheFaultBehindAPreamble is where it is without one.
func TestTheFaultBehindAPreamble(t *testing.T) {
	header := "a:b\n|==|\n"
	packed := append([]byte(header), packers[Zlib]("one\n", numbered(300))...)
	for n := len(header) + 2; n < len(packed); n++ {
		whole := n == len(header)+len(packers[Zlib]("one\n"))
		if err := drain(bytes.NewReader(packed[:n]), Options{Preamble: imperva}); errors.Is(err, ErrCorrupt) == whole {
			t.Errorf("%d of %d bytes: %v", n, len(packed), err)
		}
	}
	torn := packers[Gzip](header + "one\n")
	u := unpackAll(t, bytes.NewReader(torn[:len(torn)-4]), Options{Preamble: imperva})
	if !errors.Is(u.err, ErrCorrupt) || strings.Contains(u.text(), "|==|") {
		t.Errorf("%q, %v", u.text(), u.err)
	}
}
