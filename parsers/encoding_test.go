package parsers

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/unicode"

	"github.com/devo-s3/collector/parsers/internal/unpack"
)

func TestEncodingsBecomeUTF8(t *testing.T) {
	for _, c := range []struct {
		name, encoding, data string
		want                 []string
	}{
		{"UTF-8 as it is, valid or not", "utf-8", "é\xff\n\xEF\xBB", []string{"é\xff", "\xEF\xBB"}},
		{"a byte order mark in front", "", "\uFEFFa\n\uFEFFb\n", []string{"a", "\uFEFFb"}},
		{"a byte order mark alone", "", "\uFEFF", nil},
		{"the beginning of one", "", "\xEF\xBB", []string{"\xEF\xBB"}},
		{"UTF-16, little endian by its mark", "utf-16", "\xFF\xFEa\x00\n\x00\x3D\xD8\x00\xDE", []string{"a", "😀"}},
		{"UTF-16, big endian by its mark", "utf-16", "\xFE\xFF\x00a\x00\r\x00\n\x00\xE9", []string{"a", "é"}},
		{"UTF-16 without a mark", "utf-16le", "a\x00\n\x00b\x00", []string{"a", "b"}},
		{"UTF-16 with the mark it need not have", "utf-16be", "\xFE\xFF\x00a", []string{"a"}},
		{"a byte that only looks like a line's end", "utf-16le", "\x0A\x01b\x00", []string{"\u010Ab"}},
		{"halves of pairs", "utf-16le", "\x00\xD8a\x00\x00\xDC", []string{"\uFFFDa\uFFFD"}},
		{"Latin-1", "latin-1", "caf\xE9\r\n\x80\n", []string{"café", "\u0080"}},
		{"no bytes", "utf-16", "", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := mustCompile(t, Spec{Format: "lines", Options: &LinesOptions{Encoding: c.encoding}})
			for _, stored := range [][]byte{[]byte(c.data), members([]byte(c.data), 1)} {
				all, err := sameInEveryChunking(t, p, stored)
				if err != nil {
					t.Fatal(err)
				}
				wantRaws(t, all, c.want...)
				sameFromEveryRestart(t, p, stored, all)
			}
		})
	}
}

func TestTextThatIsNotInItsEncodingIsCorrupt(t *testing.T) {
	for _, c := range []struct{ name, encoding, data, want string }{
		{"no byte order mark", "utf-16", "a\x00\n\x00", "no byte order mark"},
		{"half a byte order mark", "utf-16", "\xFE", "no byte order mark"},
		{"half a character", "utf-16le", "a\x00\n\x00b", "truncated UTF-16"},
		{"half a character behind half a pair", "utf-16be", "\xD8\x00\xDC", "truncated UTF-16"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := mustCompile(t, Spec{Format: "lines", Options: &LinesOptions{Encoding: c.encoding}})
			_, err := sameInEveryChunking(t, p, []byte(c.data))
			if !isCorrupt(err) || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("error %v", err)
			}
		})
	}
}

// TestEveryTextFormatReadsEveryEncoding compares each with the same text in
// UTF-8, which alone has restarts behind the start.
func TestEveryTextFormatReadsEveryEncoding(t *testing.T) {
	const text = "#Fields: é b\r\n1 \"é 😀\"\r\n\r\n<13>1 - h a - - - CEF:0|é|b|c|d|e|f|g=é\n"
	latin := strings.ReplaceAll(text, "😀", "e")
	encode := func(e unicode.Endianness) []byte {
		b, err := unicode.UTF16(e, unicode.UseBOM).NewEncoder().Bytes([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	for format, options := range map[string]func(string) Options{
		"lines":  func(e string) Options { return &LinesOptions{Encoding: e, Header: "json", Separator: "space"} },
		"csv":    func(e string) Options { return &CSVOptions{Encoding: e, Header: "json", Separator: "space"} },
		"w3c":    func(e string) Options { return &W3COptions{Encoding: e, Record: "json"} },
		"cef":    func(e string) Options { return &CEFOptions{Encoding: e} },
		"syslog": func(e string) Options { return &SyslogOptions{Encoding: e} },
	} {
		for encoding, data := range map[string][]byte{
			"utf-16": encode(unicode.LittleEndian), "utf-16be": encode(unicode.BigEndian)[2:],
			"latin-1": bytes.ReplaceAll([]byte(latin), []byte("é"), []byte{0xE9}),
		} {
			t.Run(format+"/"+encoding, func(t *testing.T) {
				plain := text
				if encoding == "latin-1" {
					plain = latin
				}
				want, err := read(mustCompile(t, Spec{Format: format, Options: options("")}), object([]byte(plain)))
				if err != nil || len(want) != 4 {
					t.Fatalf("%d records of UTF-8, %v", len(want), err)
				}
				all, err := sameInEveryChunking(t, mustCompile(t, Spec{Format: format, Options: options(encoding)}), data)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(withoutRestarts(want), withoutRestarts(all)); diff != "" {
					t.Fatalf("(-utf-8 +%s):\n%s", encoding, diff)
				}
				for i, g := range all {
					if (g.Restart != nil) != (i == 0) {
						t.Errorf("record %d: restart %+v", i, g.Restart)
					}
				}
			})
		}
	}
}

func FuzzUTF16(f *testing.F) {
	for _, s := range []string{"", "a\x00", "\xFF\xFEa\x00\n\x00", "\x00\xD8\x00\xDC\x00\xD8", "\x00\xDC\x00\xD8\x0A\x00\x0A", "\xFF\xFE\xFF\xFE"} {
		f.Add([]byte(s), false)
		f.Add([]byte(s), true)
	}
	f.Fuzz(func(t *testing.T, data []byte, bigEndian bool) {
		name := "utf-16le"
		if bigEndian {
			name = "utf-16be"
		}
		if p, _ := unpack.Detect(data, true); p != unpack.Plain || isASCII(data) {
			return // FuzzUnpack's; no UTF-16
		}
		if e, ok := markOf(data); ok { // which counts more
			switch e {
			case utf16LE, utf16BE:
				bigEndian = e == utf16BE
			default:
				return
			}
		}
		all, err := sameInEveryChunking(t, mustCompile(t, Spec{Format: "lines", Options: &LinesOptions{Encoding: name}}), data)
		if err != nil && strings.Contains(err.Error(), "is not text") {
			return
		}
		if len(data)%2 != 0 {
			if !isCorrupt(err) {
				t.Fatalf("half a character: %v", err)
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		var order binary.ByteOrder = binary.LittleEndian
		if bigEndian {
			order = binary.BigEndian
		}
		var units []uint16
		for i := 0; i < len(data); i += 2 {
			units = append(units, order.Uint16(data[i:]))
		}
		// Two halves of pairs may give one U+FFFD or two.
		once := func(lines []string) []string {
			text := strings.Join(lines, "\n")
			for strings.Contains(text, "\uFFFD\uFFFD") {
				text = strings.ReplaceAll(text, "\uFFFD\uFFFD", "\uFFFD")
			}
			return strings.Split(text, "\n")
		}
		want := once(oracleLines([]byte(string(utf16.Decode(units)))))
		if got := once(raws(all)); !slices.Equal(got, want) {
			t.Fatalf("records %q, want %q", got, want)
		}
	})
}
