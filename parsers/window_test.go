package parsers

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"

	"github.com/devo-s3/collector/parsers/internal/unpack"
)

func encoded(t testing.TB, e encoding.Encoding, text string) []byte {
	t.Helper()
	b, err := e.NewEncoder().Bytes([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// marked are the encodings that a byte order mark names, with that in front.
var marked = map[string]encoding.Encoding{
	"utf-8":    unicode.UTF8BOM,
	"utf-16le": unicode.UTF16(unicode.LittleEndian, unicode.UseBOM),
	"utf-16be": unicode.UTF16(unicode.BigEndian, unicode.UseBOM),
	"utf-32le": utf32.UTF32(utf32.LittleEndian, utf32.UseBOM),
	"utf-32be": utf32.UTF32(utf32.BigEndian, utf32.UseBOM),
}

// TestAByteOrderMarkDecidesTheEncoding compares each text format with the same
// text in UTF-8 without a mark, whatever encoding its source states.
func TestAByteOrderMarkDecidesTheEncoding(t *testing.T) {
	rows := [][]string{{"q1x1qé", "q1x2q", "q1x3q😀"}, {"q2x1q", "q2x2q", "q2x3q"}}
	stated := func(s Spec, encoding string) Spec {
		switch o := s.Options.(type) {
		case nil:
			s.Options, _ = NewOptions(s.Format)
			switch o := s.Options.(type) {
			case *LinesOptions:
				o.Encoding = encoding
			case *CSVOptions:
				o.Encoding = encoding
			case *SyslogOptions:
				o.Encoding = encoding
			}
		case *W3COptions:
			again := *o
			again.Encoding = encoding
			s.Options = &again
		}
		return s
	}
	for _, c := range conservedFormats() {
		if c.spec.Format == "parquet" || c.spec.Format == "avro" {
			continue
		}
		text := string(c.write(t, rows))
		want, err := read(mustCompile(t, c.spec), object([]byte(text)))
		if err != nil || len(want) == 0 {
			t.Fatalf("%s: %d records, %v", c.name, len(want), err)
		}
		for name, e := range marked {
			for _, option := range []string{"", "latin-1", "utf-16be"} {
				p := mustCompile(t, stated(c.spec, option))
				for _, stored := range [][]byte{encoded(t, e, text), members(encoded(t, e, text), 1)} {
					all, err := sameInEveryChunking(t, p, stored)
					if err != nil {
						t.Fatalf("%s in %s: %v", c.name, name, err)
					}
					if diff := cmp.Diff(withoutRestarts(want), withoutRestarts(all)); diff != "" {
						t.Fatalf("%s in %s (-UTF-8 +%[2]s):\n%[3]s", c.name, name, diff)
					}
					sameFromEveryRestart(t, p, stored, all)
				}
			}
		}
	}
}

// TestJSONAndXMLAreKnownByTheirFirstCharacters have no byte order mark.
func TestJSONAndXMLAreKnownByTheirFirstCharacters(t *testing.T) {
	for _, c := range conservedFormats() {
		if c.spec.Format != "json" && c.spec.Format != "xml" && c.spec.Format != "cloudwatch" {
			continue
		}
		text := string(c.write(t, [][]string{{"q1x1q", "é", "中"}, {"q2x1q", "b", "c"}}))
		want, err := read(mustCompile(t, c.spec), object([]byte(text)))
		if err != nil {
			t.Fatal(err)
		}
		for name, e := range marked {
			if name == "utf-8" {
				continue
			}
			mark := len(encoded(t, e, "\uFEFF")) / 2
			all, err := sameInEveryChunking(t, mustCompile(t, c.spec), encoded(t, e, text)[mark:])
			if diff := cmp.Diff(withoutRestarts(want), withoutRestarts(all)); diff != "" || err != nil {
				t.Fatalf("%s in %s (-UTF-8 +%[2]s): %v\n%[4]s", c.name, name, err, diff)
			}
		}
	}
}

func TestEachFileOfAnArchiveHasItsOwnEncoding(t *testing.T) {
	text := "é\nb\n"
	zip := zipped(t, text, string(encoded(t, marked["utf-16le"], text)), text, string(encoded(t, marked["utf-16be"], text)), text)
	all, err := sameInEveryChunking(t, mustCompile(t, Spec{Format: "lines"}), zip)
	if err != nil {
		t.Fatal(err)
	}
	wantRaws(t, all, "é", "b", "é", "b", "é", "b", "é", "b", "é", "b")
}

func TestHalfACharacterAtTheEndIsCorrupt(t *testing.T) {
	for name, e := range marked {
		if name == "utf-8" {
			continue
		}
		data := encoded(t, e, "one\ntwo")
		unit := 2
		if strings.HasPrefix(name, "utf-32") {
			unit = 4
		}
		for cut := 1; cut < unit; cut++ {
			_, err := sameInEveryChunking(t, mustCompile(t, Spec{Format: "lines"}), data[:len(data)-cut])
			if !isCorrupt(err) || !strings.Contains(err.Error(), "truncated UTF-") {
				t.Errorf("%s without %d bytes: %v", name, cut, err)
			}
		}
	}
}

// textsOfEachKind are what logs are written in.
func textsOfEachKind(t testing.TB) map[string][]byte {
	repeat := func(line string) string { return strings.Repeat(line, 1+2*unpack.Window/len(line)) }
	return map[string][]byte{
		"ASCII":                      []byte(repeat("2026-12-01 GET /\n")),
		"one line":                   []byte("a"),
		"UTF-8":                      []byte(repeat("größe 中文 😀\n")),
		"Latin-1":                    encoded(t, charmap.ISO8859_1, repeat("Größe: déjà vu, mañana\n")),
		"Windows-1252":               encoded(t, charmap.Windows1252, repeat("“Größe” – 5 €\n")),
		"Shift-JIS":                  encoded(t, japanese.ShiftJIS, repeat("ログイン失敗: ソース表示十\n")),
		"EUC-JP":                     encoded(t, japanese.EUCJP, repeat("ログイン失敗\n")),
		"ISO-2022-JP":                encoded(t, japanese.ISO2022JP, repeat("ログイン失敗 ok\n")),
		"GBK":                        encoded(t, simplifiedchinese.GBK, repeat("登录失败：用户名或密码错误\n")),
		"GB18030":                    encoded(t, simplifiedchinese.GB18030, repeat("登录失败😀\n")),
		"KOI8-R":                     encoded(t, charmap.KOI8R, repeat("Ошибка входа\n")),
		"colours":                    []byte(repeat("\x1b[32mINFO\x1b[0m \x1b[1;31mfailed\x1b[0m\b\b\n")),
		"a bell here and there":      []byte(repeat(strings.Repeat("x", 70) + "\a\n")),
		"a terminal's title":         []byte(repeat("\x1b]0;host: ~\a$ ls -la /var/log && cat messages && tail -f syslog\n")),
		"FIX":                        []byte(repeat("8=FIX.4.4\x019=65\x0135=0\x0149=A\x0156=B\x0110=062\x01\n")),
		"one message of FIX":         []byte("8=FIX.4.4\x019=5\x0135=0\x0110=161\x01\n"),
		"Hive":                       []byte(repeat("a\x01b\x02c\x02d\x01e\x01f\n")),
		"ASCII's own separators":     []byte(repeat("a\x1fb\x1fc\x1fd\x1e")),
		"form feeds":                 []byte(repeat("page\f\vline\r\n")),
		"padded with NULs":           append([]byte("one\ntwo\n"), make([]byte, 10_000)...),
		"padded with a few":          []byte("one\n\x00\x00\x00"),
		"a hole in front":            append(make([]byte, 1000), repeat("behind a hole\n")...),
		"a hole as long as a window": append(make([]byte, 2*unpack.Window), "behind a hole\n"...),
		"a hole in the middle":       append(append([]byte(repeat("before\n")[:2000]), make([]byte, 1000)...), repeat("after\n")...),
		"NULs behind the window":     append([]byte(repeat("x\n")), bytes.Repeat([]byte("a\x00\x01\x02"), 9000)...),
		"one NUL":                    []byte("a\x00b\n"),
		"like a document":            []byte("%PDF is no text, said the log\nORC, Rar! and 7z neither\n"),
		"like a program":             []byte("MZ\nELF\n"),
		"Unicode's controls":         []byte(repeat("a\u0085b\u2028c\u200b\n")),
	}
}

func TestTextOfEachKindPasses(t *testing.T) {
	p := mustCompile(t, Spec{Format: "lines", MaxRecord: 64 << 10})
	for name, text := range textsOfEachKind(t) {
		if looked, _ := unpack.Detect(text, true); looked != unpack.Plain {
			t.Fatalf("%s is %s", name, looked)
		}
		for _, stored := range [][]byte{text, pack(text), members(text, 1500)} {
			all, err := read(p, object(stored))
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if got := strings.Join(raws(all), "\n"); strings.TrimRight(got, "\n") != strings.TrimRight(strings.ReplaceAll(string(text), "\r\n", "\n"), "\n") {
				t.Errorf("%s: other bytes than its own", name)
			}
			if len(all) < 50 || len(stored) < len(text) && stored[0] == 0x1f {
				sameFromEveryRestart(t, p, stored, all)
			}
		}
	}
}

// noTexts are what is no text, and what is said of it.
func noTexts(t testing.TB) map[string]struct {
	data []byte
	want string
} {
	random := rand.NewChaCha8([32]byte{1})
	noise := func(n int) []byte {
		b := make([]byte, n)
		random.Read(b)
		return b
	}
	block, err := aes.NewCipher(noise(16))
	if err != nil {
		t.Fatal(err)
	}
	encrypted := []byte(strings.Repeat("an encrypted line\n", 500))
	cipher.NewCTR(block, noise(16)).XORKeyStream(encrypted, encrypted)
	with := func(magic string) []byte { return append([]byte(magic), noise(500)...) }
	line := strings.Repeat("one line\n", 50)
	type row = struct {
		data []byte
		want string
	}
	rows := map[string]row{
		"noise":                            {noise(100_000), "is not text"},
		"a little noise":                   {noise(200), "is not text"},
		"15 bytes of deflate":              {[]byte("\xab\x56\x4a\x54\xb2\x32\xac\xe5\xaa\x06\xd1\x46\xb5\x5c\x00"), "is not text: 2 of its first 15"},
		"noise behind a line":              {append([]byte("one line\n"), noise(4000)...), "is not text"},
		"encrypted":                        {encrypted, "is not text"},
		"little-endian, no mark":           {encoded(t, utf16LE, line), "set encoding: utf-16le"},
		"big-endian, no mark":              {encoded(t, utf16BE, line), "set encoding: utf-16be"},
		"little-endian, and short":         {encoded(t, utf16LE, "é, a\nb"), "set encoding: utf-16le"},
		"NULs between the words":           {[]byte(strings.Repeat("PATH=/bin\x00HOME=/\x00", 30)), "is not text"},
		"NULs at the window's end":         {append(bytes.Repeat([]byte("a line\n"), 540), bytes.Repeat([]byte("\x00\x01"), 200)...), "is not text: 316 of its first 4096"},
		"7z":                               {with("7z\xbc\xaf\x27\x1c"), "looks like 7z"},
		"EVTX":                             {with("ElfFile\x00"), "Windows event log"},
		"parquet":                          {with("PAR1"), "set format: parquet"},
		"avro":                             {with("Obj\x01"), "set format: avro"},
		"PDF, though it is all text":       {[]byte("%PDF-1.7\nendobj\n"), "PDF"},
		"a byte order mark, and a program": {append([]byte("\xEF\xBB\xBF"), noise(300)...), "is not text"},
	}
	for _, f := range foreign {
		rows["magic of "+f.name+f.magic] = row{with(f.magic), f.name}
	}
	return rows
}

// TestWhatIsNoTextIsCorrupt is refused by every format of text, however it is
// packed and comes in.
func TestWhatIsNoTextIsCorrupt(t *testing.T) {
	for name, c := range noTexts(t) {
		for _, format := range []string{"lines", "csv", "w3c", "cef", "syslog", "json", "cloudwatch", "xml"} {
			if strings.Contains(c.want, "set encoding") && strings.Contains("json cloudwatch xml", format) {
				continue
			}
			p := mustCompile(t, Spec{Format: format})
			for how, stored := range map[string][]byte{"plain": c.data, "gzip": pack(c.data), "members": members(c.data, 30)} {
				all, err := read(p, object(stored))
				if !isCorrupt(err) || !strings.Contains(err.Error(), c.want) || len(all) > 0 {
					t.Fatalf("%s as %s, %s: %d records, %v", name, format, how, len(all), err)
				}
				for _, n := range []int{1, 100, unpack.Window - 1, unpack.Window + 1} {
					if _, again := read(blocksOf(p, n), object(stored)); again == nil || again.Error() != err.Error() {
						t.Fatalf("%s as %s, in blocks of %d: %v; else %v", name, format, n, again, err)
					}
				}
			}
		}
		all, err := read(mustCompile(t, Spec{Format: "lines"}), object(zipped(t, "good\n", string(c.data))))
		if !isCorrupt(err) || !strings.Contains(err.Error(), c.want) || len(all) != 1 || !strings.Contains(err.Error(), "byte "+fmt.Sprint(offsetOf(err))) {
			t.Errorf("%s, the second file: %d records, %v", name, len(all), err)
		}
	}
}

// offsetOf is where a corrupt object is damaged, or -1 if err is another error.
func offsetOf(err error) int64 {
	var c *CorruptError
	if !errors.As(err, &c) {
		return -1
	}
	return c.Offset
}

func TestACorruptWindowNamesItsFirstControlCharacter(t *testing.T) {
	for _, at := range []int{0, 100, unpack.Window - 300} {
		data := append(bytes.Repeat([]byte("x"), at), bytes.Repeat([]byte("\x04\x05\x06"), 500)...)
		_, err := read(mustCompile(t, Spec{Format: "lines"}), object(data))
		if !isCorrupt(err) || offsetOf(err) != int64(at) {
			t.Errorf("at %d: %v", at, err)
		}
	}
}

func TestUTF16ThatIsASCIIIsCorrupt(t *testing.T) {
	p := mustCompile(t, Spec{Format: "lines", Options: &LinesOptions{Encoding: "utf-16le"}})
	_, err := sameInEveryChunking(t, p, bytes.Repeat([]byte("plain\n"), 20))
	if !isCorrupt(err) || !strings.Contains(err.Error(), "leave encoding out") {
		t.Fatal(err)
	}
	all, err := read(p, object(encoded(t, utf16LE, strings.Repeat("中文\n", 60))))
	if err != nil || len(all) != 60 {
		t.Fatalf("%d records, %v", len(all), err)
	}
}

func TestTheCauseNamesAContentEncodingThatIsWrong(t *testing.T) {
	data := make([]byte, 500)
	rand.NewChaCha8([32]byte{2}).Read(data)
	in := object(append([]byte{0x11}, data...)) // no window of brotli begins so
	in.ContentEncoding = "aws-chunked,br"
	_, err := read(mustCompile(t, Spec{Format: "lines"}), in)
	if !isCorrupt(err) || !strings.Contains(err.Error(), `Content-Encoding is "aws-chunked,br"`) {
		t.Fatal(err)
	}
}
