package unpack

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

func TestPackedInOneAnother(t *testing.T) {
	text := strings.Repeat("a line\n", 200)
	gz, zst := packers[Gzip], packers[Zstd]
	for _, c := range []struct {
		name   string
		packed []byte
		want   []string
	}{
		{"tar.gz", gz(string(tarred("one\n", text))), []string{"one\n", text}},
		{"tar.gz in many members", packers[Gzip](split(string(tarred("one\n", text)), 100)...), []string{"one\n", text}},
		{"tar.bz2's inside out", tarred(string(bzip2ed("one\ntwo\n")), text), []string{"one\ntwo\n", text}},
		{"gzip in gzip", gz(string(gz("one\n", "two\n"))), []string{"one\ntwo\n"}},
		{"a magic number in two members", packers[Gzip](split(string(gz(text)), 1)...), []string{text}},
		{"zip of gzip", zipped(zip.Deflate, string(gz("one\n", "two\n")), "three\n"), []string{"one\ntwo\n", "three\n"}},
		{"zip of zstd, stored", zipped(zip.Store, string(zst(text)), "", string(zst("x"))), []string{text, "x"}},
		{"zip in zstd", zst(string(zipped(zip.Deflate, "one\n", "two\n"))), []string{"one\n", "two\n"}},
		{"zip of zip of tar", zipped(zip.Deflate, "a", string(zipped(zip.Store, "b", string(tarred("c", "d")))), "e"), []string{"a", "b", "c", "d", "e"}},
		{"zstd of many frames with xz in them", zst(split(string(packers[Xz](text)), 40)...), []string{text}},
		{"lz4 in snappy", packers[Snappy](string(packers[LZ4](text))), []string{text}},
		{"tar of nothing but empty files", tarred("", ""), nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, n := range []int{1, 100, 0} {
				u := unpackAll(t, iotest.HalfReader(bytes.NewReader(c.packed)), Options{BlockSize: n})
				if u.err != nil || !slices.Equal(u.files, c.want) {
					t.Fatalf("in blocks of %d: %q, %v", n, u.files, u.err)
				}
				if u.packing != Sniff || len(u.offsets) > 1 {
					t.Fatalf("blocks offer %s at %v", u.packing, u.offsets)
				}
			}
		})
	}
}

// split is s in pieces of n bytes.
func split(s string, n int) []string {
	var all []string
	for c := range slices.Chunk([]byte(s), n) {
		all = append(all, string(c))
	}
	return all
}

func TestOnlyRegularFilesOfATar(t *testing.T) {
	long := strings.Repeat("d/", 120) + "file.log"
	for _, format := range []tar.Format{tar.FormatUSTAR, tar.FormatPAX, tar.FormatGNU} {
		var out bytes.Buffer
		w := tar.NewWriter(&out)
		name := long
		switch format {
		case tar.FormatUSTAR:
			name = "file.log"
		case tar.FormatPAX:
			must(0, w.WriteHeader(&tar.Header{Typeflag: tar.TypeXGlobalHeader, PAXRecords: map[string]string{"comment": "x"}}))
		}
		for _, h := range []*tar.Header{
			{Typeflag: tar.TypeDir, Name: "d/"},
			{Typeflag: tar.TypeSymlink, Name: "link", Linkname: "file.log"},
			{Typeflag: tar.TypeFifo, Name: "pipe"},
			{Typeflag: tar.TypeReg, Name: name, Size: 5},
		} {
			h.Format, h.Mode = format, 0o644
			must(0, w.WriteHeader(h))
		}
		must(io.WriteString(w, "line\n"))
		must(0, w.Close())
		u := unpackAll(t, &out, Options{})
		if u.err != nil || !slices.Equal(u.files, []string{"line\n"}) {
			t.Errorf("%s: %q, %v", format, u.files, u.err)
		}
	}
}

func TestOneTarAfterAnother(t *testing.T) {
	both := append(tarred("one\n"), append(make([]byte, 5*tarBlock), tarred("two\n")...)...)
	u := unpackAll(t, bytes.NewReader(both), Options{})
	if u.err != nil || !slices.Equal(u.files, []string{"one\n", "two\n"}) {
		t.Fatalf("%q, %v", u.files, u.err)
	}
}

func TestFilesBeforeADamagedOneAreGiven(t *testing.T) {
	packed := zipped(zip.Store, "first\n", "second\n")
	packed[bytes.Index(packed, []byte("second"))] ^= 1
	u := unpackAll(t, bytes.NewReader(packed), Options{})
	if !errors.Is(u.err, ErrCorrupt) || u.files[0] != "first\n" {
		t.Fatalf("%q, %v", u.files, u.err)
	}
}

func TestAnEncryptedFileIsCorrupt(t *testing.T) {
	packed := zipped(zip.Store, "secret\n")
	packed[bytes.Index(packed, []byte("PK\x01\x02"))+8] |= 1
	u := unpackAll(t, bytes.NewReader(packed), Options{})
	if !errors.Is(u.err, ErrCorrupt) || !strings.Contains(u.err.Error(), "encrypted") {
		t.Fatal(u.err)
	}
}

// watched counts how a zip is read.
type watched struct {
	*bytes.Reader
	reads, bytes int
	err          error
}

func (w *watched) ReadAt(p []byte, off int64) (int, error) {
	w.reads++
	w.bytes += len(p)
	if w.err != nil {
		return 0, w.err
	}
	return w.Reader.ReadAt(p, off)
}

func TestAZipIsReadByRangesWhereTheyCanBeHad(t *testing.T) {
	t.Setenv("TMPDIR", "/nowhere")
	var texts []string
	for i := range 200 {
		texts = append(texts, strings.Repeat("x", 10_000)+string(rune('a'+i%26)))
	}
	packed := zipped(zip.Store, texts...)
	at := &watched{Reader: bytes.NewReader(packed)}
	ranged := func() (io.ReaderAt, int64, error) { return at, int64(len(packed)), nil }
	u := unpackAll(t, bytes.NewReader(packed), Options{Ranged: ranged})
	if u.err != nil || !slices.Equal(u.files, texts) {
		t.Fatalf("%d files, %v", len(u.files), u.err)
	}
	if at.reads > 6 || at.bytes > 2*len(packed) { // its end, its directory, and a few times a MiB
		t.Errorf("%d reads of %d bytes in all, of %d", at.reads, at.bytes, len(packed))
	}

	broken := errors.New("connection reset")
	at.err = broken
	if err := unpackAll(t, bytes.NewReader(packed), Options{Ranged: ranged}).err; !errors.Is(err, broken) || errors.Is(err, ErrCorrupt) {
		t.Errorf("a read that broke: %v", err)
	}
	none := func() (io.ReaderAt, int64, error) { return nil, 0, broken }
	if err := unpackAll(t, bytes.NewReader(packed), Options{Ranged: none}).err; !errors.Is(err, broken) || errors.Is(err, ErrCorrupt) {
		t.Errorf("no ranges: %v", err)
	}
	if err := unpackAll(t, bytes.NewReader(packed), Options{}).err; !errors.Is(err, os.ErrNotExist) || errors.Is(err, ErrCorrupt) {
		t.Errorf("no place to spool to: %v", err)
	}
}

func TestNothingStaysOfASpooledZip(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	packed := zipped(zip.Deflate, "one\n", "two\n")
	for name, limit := range map[string]int64{"whole": 0, "too long": int64(len(packed)) - 1} {
		err := unpackAll(t, bytes.NewReader(packed), Options{Limits: Limits{MaxSpool: limit}}).err
		if errors.Is(err, ErrCorrupt) != (limit > 0) {
			t.Errorf("%s: %v", name, err)
		}
		if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
			t.Errorf("%s: %v is left, %v", name, left, err)
		}
	}
}
