package operate

import (
	"bytes"
	"flag"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/devo-s3/collector/config"
	"github.com/devo-s3/collector/parsers"
	"github.com/devo-s3/collector/sources"
)

var allPairs = flag.Bool("all-pairs", false, "read every sample as every service of the catalog, not just some")

// enveloped reports whether a format passes over what is around its records, so
// that bytes of a whole object may rightly be in none: an envelope of JSON or XML,
// and the binary formats, which begin with a magic of their own.
func enveloped(d sources.Definition) bool {
	switch o := d.Options.(type) {
	case *parsers.JSONOptions:
		return len(o.Path) > 0
	case nil, *parsers.LinesOptions, *parsers.CSVOptions, *parsers.W3COptions, *parsers.CEFOptions, *parsers.SyslogOptions:
		return d.Format == "cloudwatch" || d.Format == "xml" || d.Format == "avro" || d.Format == "parquet"
	}
	return true
}

// inked counts the bytes above a space: the only ones that no format takes for
// a separator of records.
func inked(b []byte) (n int64) {
	for _, c := range b {
		if c > ' ' {
			n++
		}
	}
	return n
}

// mutate damages content in one of a few ways: not at all, cut, a byte changed,
// or the beginning of another sample put in front.
func mutate(r *rand.Rand, content, other []byte) []byte {
	content = slices.Clone(content)
	switch r.IntN(4) {
	case 1:
		content = content[:r.IntN(len(content)+1)]
	case 2:
		if len(content) > 0 {
			content[r.IntN(len(content))] = "x\n\"{[,|<"[r.IntN(8)]
		}
	case 3:
		content = append(slices.Clone(other[:min(len(other), r.IntN(200))]), content...)
	}
	return content
}

// TestNothingOfAnotherFormatIsLost reads samples as services that they are not
// of. One that counts as delivered has every visible byte in a record that was
// sent, filtered, cut, or left out for a counted reason; and of what a format
// leaves out alone, none counts.
func TestNothingOfAnotherFormatIsLost(t *testing.T) {
	const seed, some = 13, 600
	r := rand.New(rand.NewPCG(seed, 0))
	all := samples(t)
	delivered, pairs := 0, 0
	for i, name := range sources.Names() {
		source := compiled(t, name, "")
		for j, s := range all {
			if source.Members() != nil || s.source == name || !*allPairs && r.IntN(len(all)*len(sources.Names())) >= some {
				continue
			}
			pairs++
			content := plainly(t, s)
			if r := rand.New(rand.NewPCG(uint64(i), uint64(j))); len(content) > 0 {
				content = mutate(r, content, plainly(t, all[r.IntN(len(all))]))
			}
			if checkMismatch(t, source, s, content) {
				delivered++
			}
		}
	}
	if delivered < pairs/10 {
		t.Errorf("only %d of %d were delivered: this test sees little", delivered, pairs)
	}
	t.Logf("%d pairs, %d of them delivered", pairs, delivered)
}

// plainly is a sample's content as it is unpacked, if it is text; else as stored.
func plainly(t *testing.T, s sample) []byte {
	t.Helper()
	var plain []byte
	in, err := s.object.open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	lines, err := parsers.Compile(parsers.Spec{Format: "lines"})
	if err != nil {
		t.Fatal(err)
	}
	for rec, err := range lines.Records(t.Context(), in.Input) {
		if err != nil {
			return read(t, s.dir+"/object")
		}
		plain = append(append(plain, rec.Raw...), '\n')
	}
	return plain
}

// checkMismatch reads content as a source's and reports whether it counts as
// delivered.
func checkMismatch(t *testing.T, source *sources.Source, s sample, content []byte) (delivered bool) {
	t.Helper()
	var accounted, headers int64
	trial := &Trial{Sources: sources.Set{source}, Source: source.Name(), Tags: config.DefaultTags, Show: func(*Shown) error { return nil }}
	o := put(t, "content", content)
	result, err := trial.Try(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if result.Err != nil {
		return false
	}
	in, err := o.open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	for rec, err := range source.Parser().Records(t.Context(), in.Input) {
		if err != nil {
			t.Fatal(err)
		}
		accounted += inked(rec.Raw) + rec.Lost
		if rec.Dropped != "" {
			headers += inked(rec.Raw)
		}
	}
	d := source.Definition()
	kept := result.Records + result.Filtered
	// A line alone where a header should be may be the header of an empty table,
	// and directives, comments or a vendor's header may be all that there is.
	alone := kept == 0 && headers > 0 && bytes.Count(bytes.TrimSpace(content), []byte("\n")) == 0
	if kept == 0 && headers > 0 && !alone && d.Format != "w3c" && d.Format != "cloudwatch" {
		t.Errorf("%s/%s as %s: delivered, and of %d bytes nothing remained: %v", s.source, s.name, source.Name(), len(content), result.Dropped)
	}
	// The structure of an array, and a byte order mark.
	slack := 8 + result.Records
	if whole := inked(content); !enveloped(d) && whole > accounted+slack {
		t.Errorf("%s/%s as %s: delivered, with %d of %d bytes accounted for", s.source, s.name, source.Name(), accounted, whole)
	}
	return true
}
