package unpack

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestGapsBetweenMembers joins members in any way that senders do: what comes
// out is what went in, also from the start of each member.
func TestGapsBetweenMembers(t *testing.T) {
	for _, packing := range []Packing{Gzip, Zstd, LZ4} {
		t.Run(string(packing), func(t *testing.T) {
			rapid.Check(t, func(r *rapid.T) {
				texts := rapid.SliceOfN(rapid.SampledFrom([]string{"", "a\n", "x\x1f\x8b\n", " \n", strings.Repeat("more\n", 99)}), 1, 6).Draw(r, "texts")
				gap := rapid.StringOfN(rapid.RuneFrom([]rune(gaps)), 0, 5, -1)
				var object []byte
				var starts []int64
				for _, text := range texts {
					starts = append(starts, int64(len(object)))
					object = append(object, packers[packing](text)...)
					object = append(object, gap.Draw(r, "gap")...)
				}
				opts := Options{BlockSize: rapid.IntRange(1, 70).Draw(r, "block")}
				u := unpackAll(t, bytes.NewReader(object), opts)
				if u.err != nil || u.text() != strings.Join(texts, "") {
					r.Fatalf("%q of %q: %v", u.text(), texts, u.err)
				}
				if !packing.Restartable() {
					return
				}
				for i, at := range starts {
					opts.Packing, opts.Offset = packing, at
					if rest := unpackAll(t, bytes.NewReader(object[at:]), opts); rest.err != nil || rest.text() != strings.Join(texts[i:], "") {
						r.Fatalf("from member %d: %q, %v", i, rest.text(), rest.err)
					}
				}
				for _, at := range u.offsets {
					if !slices.Contains(starts, at) {
						r.Fatalf("a member at %d; they are at %d", at, starts)
					}
				}
			})
		})
	}
}

func TestGarbageBehindAMemberIsNamed(t *testing.T) {
	for packing, magic := range joinable {
		packed := packers[packing]("one\n")
		for _, c := range []struct{ behind, want string }{
			{"garbage", "garbage behind the member, at byte N of the object"},
			{"\n\ngarbage", "garbage behind the member, at byte N of the object"},
			{magic[:1] + "x", "garbage behind the member, at byte N of the object"},
			{"\n" + magic, "truncated"},
			{magic[:1], "truncated"},
		} {
			want := strings.ReplaceAll(c.want, "N", strconv.Itoa(len(packed)+len(c.behind)-len(strings.TrimLeft(c.behind, "\n"))))
			err := unpackAll(t, bytes.NewReader(append(slices.Clone(packed), c.behind...)), Options{}).err
			if !errors.Is(err, ErrCorrupt) || !strings.Contains(err.Error(), want) {
				t.Errorf("%s and %q: %v, want %q", packing, c.behind, err, want)
			}
		}
		inner := packers[Gzip](string(append(slices.Clone(packed), "garbage"...)))
		if err := unpackAll(t, bytes.NewReader(inner), Options{}).err; !errors.Is(err, ErrCorrupt) || !strings.HasSuffix(err.Error(), "garbage behind the member") {
			t.Errorf("%s in gzip: %v", packing, err)
		}
	}
}

// TestWhatMacOSAddsToArchivesIsSkipped also has files whose names only look so.
func TestWhatMacOSAddsToArchivesIsSkipped(t *testing.T) {
	names := map[string]bool{
		"a.log": true, "__MACOSX/": false, "__MACOSX/._a.log": false, "__MACOSX/x/plain": false, ".DS_Store": false,
		"logs/.DS_Store": false, "logs/._b.log": false, "logs/b.log": true, "._": false, "x.DS_Store": true, "my__MACOSX/c": true,
		"logs/__MACOSX/d": false, ".hidden": true, "logs/e._f": true,
	}
	var want []string
	var zipOut, tarOut bytes.Buffer
	z, w := zip.NewWriter(&zipOut), tar.NewWriter(&tarOut)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if strings.HasSuffix(name, "/") {
			must(z.Create(name))
			must(0, w.WriteHeader(&tar.Header{Name: name, Typeflag: tar.TypeDir, Mode: 0o755}))
			continue
		}
		text := "content of " + name + "\n"
		must(io.WriteString(must(z.Create(name)), text))
		must(0, w.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(len(text)), Format: tar.FormatPAX, PAXRecords: map[string]string{"LIBARCHIVE.creationtime": "1"}}))
		must(io.WriteString(w, text))
		if names[name] {
			want = append(want, text)
		}
	}
	must(0, z.Close())
	must(0, w.Close())
	for _, packed := range [][]byte{zipOut.Bytes(), tarOut.Bytes(), packers[Gzip](tarOut.String())} {
		if u := unpackAll(t, bytes.NewReader(packed), Options{}); u.err != nil || !slices.Equal(u.files, want) {
			t.Errorf("%q, %v; want %q", u.files, u.err, want)
		}
	}
}
