package operate

import (
	"bytes"
	"compress/gzip"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/devo-s3/collector/config"
	"github.com/devo-s3/collector/sources"
)

var update = flag.Bool("update", false, "write what came out as what should")

// golden compares got with the file.
func golden(t *testing.T, file string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(string(read(t, file)), string(got)); diff != "" {
		t.Errorf("%s: %s", file, diff)
	}
}

func read(t *testing.T, file string) []byte {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// put makes a file, as an Object with that key. One whose key says so is
// packed, if it is not already.
func put(t *testing.T, key string, content []byte) *Object {
	t.Helper()
	if strings.HasSuffix(key, ".gz") && !bytes.HasPrefix(content, []byte("\x1f\x8b")) {
		var b bytes.Buffer
		z, err := gzip.NewWriterLevel(&b, gzip.NoCompression) // of a length that no version of Go changes
		if err != nil {
			t.Fatal(err)
		}
		z.Write(content)
		z.Close()
		content = b.Bytes()
	}
	path := filepath.Join(t.TempDir(), "object")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	o := File(path)
	o.Name, o.Key = key, key
	return o
}

// A sample is a directory of testdata/<source>: an object, its key, its
// deployment if the source is not of the catalog, and what `collector try`
// prints of it.
type sample struct {
	dir, name, source string
	sources           sources.Set // the sample's own alone
	object            *Object
	records           string
	fails             string // what the object's error says; "" if it has none
}

// good samples hold records, and all of them whole.
func (s *sample) good() bool {
	return s.name != "damaged" && s.fails == "" && s.records != "" && !strings.Contains("\n"+s.records, "\n"+config.DefaultTags.Unparsed+"\t")
}

func samples(t *testing.T) (all []sample) {
	t.Helper()
	keys, err := filepath.Glob("../testdata/*/*/key")
	if err != nil || len(keys) == 0 {
		t.Fatalf("no samples: %v", err)
	}
	for _, file := range keys {
		dir := filepath.Dir(file)
		s := sample{dir: dir, name: filepath.Base(dir), source: filepath.Base(filepath.Dir(dir))}
		s.object = put(t, strings.TrimSuffix(string(read(t, file)), "\n"), read(t, filepath.Join(dir, "object")))
		s.records = string(read(t, filepath.Join(dir, "records")))
		s.fails = optional(t, filepath.Join(dir, "error"))
		if deployment := filepath.Join(dir, "deployment.yaml"); exists(deployment) {
			c, err := config.Load(deployment)
			if err != nil {
				t.Fatal(err)
			}
			if s.sources, err = Deployment(c, "", ""); err != nil {
				t.Fatal(err)
			}
		} else if slices.Contains(sources.Names(), s.source) {
			s.sources = sources.Set{compiled(t, s.source, optional(t, filepath.Join(dir, "routing")))}
		} else {
			continue // TestEveryServiceIsShown says so
		}
		all = append(all, s)
	}
	return all
}

// ready are the services that compiled has made; the whole catalog takes a while.
var ready = make(map[string]*sources.Source)

// compiled is a service of the catalog, with one of its routings or its tag.
func compiled(t *testing.T, name, routing string) *sources.Source {
	t.Helper()
	at := name + " " + routing
	if s := ready[at]; s != nil {
		return s
	}
	d, err := sources.Service(name)
	if err != nil {
		t.Fatal(err)
	}
	d.Routing = routing
	s, err := sources.Compile(d)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	ready[at] = s
	return s
}

func exists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}

// optional is a file's one line; "" if there is no such file.
func optional(t *testing.T, file string) string {
	t.Helper()
	if !exists(file) {
		return ""
	}
	return strings.TrimSuffix(string(read(t, file)), "\n")
}

func TestSamples(t *testing.T) {
	for _, s := range samples(t) {
		t.Run(s.source+"/"+s.name, func(t *testing.T) {
			var out, summary bytes.Buffer
			trial := Trial{Sources: s.sources, Tags: config.DefaultTags, Show: Text(&out, 0)}
			r, err := trial.Try(t.Context(), s.object)
			if err != nil {
				t.Fatal(err)
			}
			switch {
			case s.fails == "" && r.Err != nil:
				t.Error(r.Err)
			case s.fails != "" && (r.Err == nil || !strings.Contains(r.Err.Error(), s.fails)):
				t.Errorf("ends in %v, want %s", r.Err, s.fails)
			}
			if *update {
				retag(t, s, out.String())
			} else if diff := cmp.Diff(s.records, out.String()); diff != "" {
				t.Error(diff)
			}
			if file := filepath.Join(s.dir, "summary"); exists(file) {
				NewScreen(&summary).Summary(r)
				golden(t, file, summary.Bytes())
			}
		})
	}
}

// retag writes records that differ from the expected ones in their tags alone:
// their texts are another tool's, and for it to change.
func retag(t *testing.T, s sample, got string) {
	t.Helper()
	if diff := cmp.Diff(withoutTags(s.records), withoutTags(got)); diff != "" {
		t.Errorf("not updated, since more than tags differs: %s", diff)
		return
	}
	if err := os.WriteFile(filepath.Join(s.dir, "records"), []byte(got), 0o644); err != nil {
		t.Fatal(err)
	}
}

// withoutTags are the records of TAG<tab>RECORD lines.
func withoutTags(records string) (all []string) {
	for line := range strings.Lines(records) {
		_, text, _ := strings.Cut(line, "\t")
		all = append(all, text)
	}
	return all
}
