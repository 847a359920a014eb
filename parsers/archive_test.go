package parsers

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/devo-s3/collector/parsers/internal/unpack"
)

// looksPacked says whether data would be unpacked before it is cut, turned into
// UTF-8, or refused as no text.
func looksPacked(data []byte) bool {
	p, _ := unpack.Detect(data, true)
	e, err := (&run{feed: new(feed)}).look(data[:min(len(data), unpack.Window)], nil, true)
	return p != unpack.Plain || e != nil || err != nil
}

// zipped and tarred are archives of texts.
func zipped(t *testing.T, texts ...string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for i, s := range texts {
		f, err := w.Create(fmt.Sprintf("%d.log", i))
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(f, s)
	}
	w.Close()
	return out.Bytes()
}

func tarred(t *testing.T, texts ...string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for i, s := range texts {
		if err := w.WriteHeader(&tar.Header{Name: fmt.Sprintf("%d.log", i), Size: int64(len(s)), Mode: 0o600}); err != nil {
			t.Fatal(err)
		}
		io.WriteString(w, s)
	}
	w.Close()
	return out.Bytes()
}

func TestEachFileOfAnArchiveIsCutAsAnObjectOfItsOwn(t *testing.T) {
	lines := Spec{Format: "lines", Options: &LinesOptions{Header: "drop"}}
	array := Spec{Format: "json", Options: &JSONOptions{Path: Paths{"Records"}}}
	for _, c := range []struct {
		name    string
		spec    Spec
		files   []string
		want    []string
		dropped []int // indices
	}{
		{"a line ends with its file", Spec{Format: "lines"}, []string{"one\ntwo", "three", "", "\nfive\n"}, []string{"one", "two", "three", "", "five"}, nil},
		{"every file has its header", lines, []string{"a b\none\n", "a b\ntwo", "", "a b"}, []string{"a b", "one", "a b", "two", "a b"}, []int{0, 2, 4}},
		{"every file is a document", array, []string{`{"Records":[1,2]}`, `{"Records":[]}`, "", `{"x":[0],"Records":[3]}`}, []string{"1", "2", "3"}, nil},
		{"files of nothing", lines, []string{"", ""}, nil, nil},
		{"a file that is packed itself", Spec{Format: "lines"}, []string{"one", string(pack([]byte("two\nthree"))), "four"}, []string{"one", "two", "three", "four"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, object := range [][]byte{zipped(t, c.files...), tarred(t, c.files...), pack(tarred(t, c.files...))} {
				all, err := sameInEveryChunking(t, mustCompile(t, c.spec), object)
				if err != nil {
					t.Fatal(err)
				}
				wantRaws(t, all, c.want...)
				var dropped []int
				for i, g := range all {
					if g.Dropped != "" {
						dropped = append(dropped, i)
					}
					if (g.Restart != nil) != (i == 0) || i == 0 && *g.Restart != (Restart{}) {
						t.Errorf("record %d can be begun with at %+v", i, g.Restart)
					}
				}
				if fmt.Sprint(dropped) != fmt.Sprint(c.dropped) {
					t.Errorf("dropped %v, want %v", dropped, c.dropped)
				}
			}
		})
	}
}

func TestATruncatedDocumentInAnArchiveIsCorrupt(t *testing.T) {
	p := mustCompile(t, Spec{Format: "json"})
	all, err := read(p, object(zipped(t, `[1,2]`, `[3,`, `4]`)))
	if !isCorrupt(err) {
		t.Fatalf("error %v", err)
	}
	wantRaws(t, all, "1", "2", "3")
}

func TestReadingBeginsAgainAtAZstdFrame(t *testing.T) {
	var object []byte
	var places []int64
	for i := range 20 {
		w, err := zstd.NewWriter(nil)
		if err != nil {
			t.Fatal(err)
		}
		places = append(places, int64(len(object)))
		object = w.EncodeAll(fmt.Appendf(nil, "%d begins here\nand goes on ", i), object)
	}
	p := mustCompile(t, Spec{Format: "lines"})
	all, err := sameInEveryChunking(t, p, object)
	if err != nil || len(all) != 21 {
		t.Fatalf("%d records, %v", len(all), err)
	}
	spent := recordUnits + int64(len(all[0].Raw))
	for i, g := range all[2:] { // the first that begins in each frame behind the first
		spent += recordUnits + int64(len(all[i+1].Raw))
		want := Restart{places[i+1], int64(len(fmt.Sprintf("%d begins here\n", i+1))), int64(i + 2), "zstd", spent}
		if g.Restart == nil || *g.Restart != want {
			t.Errorf("record %d: %+v, want %+v", g.Index, g.Restart, want)
		}
	}
	sameFromEveryRestart(t, p, object, all)
}

func TestMaxWindowIsNoPartOfTheFingerprint(t *testing.T) {
	a, b := mustCompile(t, Spec{Format: "lines"}), mustCompile(t, Spec{Format: "lines", MaxWindow: 32 << 20})
	if a.Fingerprint() != b.Fingerprint() {
		t.Fatal("it is")
	}
	for _, window := range []int64{-1, maxMaxWindow + 1} {
		if _, err := Compile(Spec{Format: "lines", MaxWindow: window}); err == nil {
			t.Errorf("%d bytes are accepted", window)
		}
	}
}
