package operate

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"hash/fnv"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/devo-s3/collector/config"
	"github.com/devo-s3/collector/parsers"
	"github.com/devo-s3/collector/sources"
)

var (
	allPairs = flag.Bool("all-pairs", false, "read every sample as every service of the catalog, not just some")
	pairSeed = flag.Uint64("pair-seed", 13, "another seed chooses and damages other pairs of sample and service")
	onePair  = flag.String("pair", "", "read this pair alone, as a failure names it: SERVICE/SAMPLE as SERVICE")
)

// somePairs is about how many pairs are read without -all-pairs.
const somePairs = 600

// edges are where a reader's buffers and its look at an object's beginning end, in bytes.
var edges = []int{64 << 10, 256 << 10}

// mutate damages content and says how: not at all, cut, a byte changed, a part of
// another sample put in front, in the middle or behind, or moved to the edge of a
// buffer.
func mutate(r *rand.Rand, content, other []byte) (damaged []byte, how string) {
	part := other[:min(len(other), r.IntN(200))]
	at := r.IntN(len(content) + 1)
	switch r.IntN(20) {
	case 0, 1, 2:
		return content[:at], fmt.Sprintf("cut at byte %d", at)
	case 3, 4, 5:
		if at < len(content) {
			content = slices.Clone(content)
			content[at] = "x\n\"{[,|<"[r.IntN(8)]
		}
		return content, fmt.Sprintf("byte %d changed", at)
	case 6, 7, 8:
		return slices.Concat(part, content), fmt.Sprintf("%d bytes of another in front", len(part))
	case 9, 10, 11:
		return slices.Insert(slices.Clone(content), at, part...), fmt.Sprintf("%d bytes of another at byte %d", len(part), at)
	case 12, 13, 14:
		return slices.Concat(content, part), fmt.Sprintf("%d bytes of another behind", len(part))
	case 15:
		edge := edges[r.IntN(len(edges))]
		blank := bytes.Repeat([]byte("\n"), edge-r.IntN(len(content)+8))
		return slices.Concat(blank, content), fmt.Sprintf("%d line breaks in front", len(blank))
	default:
		return content, "as it is"
	}
}

// TestNothingOfAnotherFormatIsLost reads samples, damaged or not, as services that
// they are not of. It proves, of every pair that it reads: an object that counts
// as delivered is accounted for, byte by byte, by readers that share nothing with
// the parsers.
//
//   - Text, and JSON without a path: every visible byte, and every word as often
//     as it comes, is in a record that was sent, filtered or cut, or that was left
//     out for a counted reason.
//   - JSON with a path, CloudWatch Logs and XML: the records are exactly the
//     existing elements, log events or XML elements, in order, each whole.
//     What is around them is the format's envelope, and nothing else: every
//     document has its array, and no text stands outside of elements.
//   - avro and parquet: as many records as the blocks' headers or the footer say,
//     with every value that the formats' Go libraries read. Of an avro file no
//     byte stands outside of header and blocks; writers of parquet leave gaps.
//
// And an object of which nothing remains but what is not of its format is never
// delivered: headers, comments and control messages may be all that there is.
//
// A failure names the pair; -pair with that name, and the same -pair-seed, makes it again.
func TestNothingOfAnotherFormatIsLost(t *testing.T) {
	all, services := samples(t), plainServices(t)
	contents := make([][]byte, len(all))
	for i, s := range all {
		contents[i] = plainly(t, s)
	}
	delivered, pairs := make(map[string]int), 0
	for _, source := range services {
		for j, s := range all {
			pair := fmt.Sprintf("%s/%s as %s", s.source, s.name, source.Name())
			r := rand.New(rand.NewPCG(*pairSeed, hashOf(pair)))
			if chosen := r.IntN(len(all)*len(services)) < somePairs; s.source == source.Name() || !asked(pair, chosen) {
				continue
			}
			pairs++
			if checkDamaged(t, r, source, pair, contents[j], contents[r.IntN(len(all))]) {
				delivered[source.Definition().Format]++
			}
		}
	}
	t.Logf("%d pairs; delivered, by format: %v", pairs, delivered)
	if n := delivered["lines"] + delivered["csv"] + delivered["json"]; *onePair == "" && n < pairs/10 {
		t.Errorf("only %d of %d were delivered: this test sees little", n, pairs)
	}
}

// TestNothingOfOneFormatIsLost does the same with the samples of formats that have
// an envelope, each damaged in many ways and read as its own service, and in a few
// as some of those of its format: others rarely find anything in them.
func TestNothingOfOneFormatIsLost(t *testing.T) {
	const ownRounds, otherRounds = 25, 3
	delivered, services := make(map[string]int), plainServices(t)
	for _, s := range samples(t) {
		own := services[s.source]
		if own == nil || !enveloped(own) || !s.good() {
			continue
		}
		content, format := plainly(t, s), own.Definition().Format
		for _, source := range services {
			if !enveloped(source) || source.Definition().Format != format {
				continue
			}
			pair := fmt.Sprintf("%s/%s as %s", s.source, s.name, source.Name())
			r := rand.New(rand.NewPCG(*pairSeed, hashOf(pair)))
			rounds := otherRounds
			if source == own {
				rounds = ownRounds
			}
			if !asked(pair, source == own || r.IntN(10) == 0) {
				continue
			}
			for range rounds {
				if checkDamaged(t, r, source, pair, content, content) {
					delivered[format]++
				}
			}
		}
	}
	t.Logf("delivered, by format: %v", delivered)
	for _, format := range []string{"json", "cloudwatch", "xml", "avro", "parquet"} {
		if *onePair == "" && delivered[format] < 5 {
			t.Errorf("of format %s %d were delivered: this test sees nothing", format, delivered[format])
		}
	}
}

// plainServices are the catalog's, by name, but those that stand for others.
func plainServices(t *testing.T) map[string]*sources.Source {
	t.Helper()
	all := make(map[string]*sources.Source)
	for _, name := range sources.Names() {
		if s := compiled(t, name, ""); s.Members() == nil {
			all[name] = s
		}
	}
	return all
}

// checkDamaged is checkMismatch for content that is damaged first, with a part of other.
func checkDamaged(t *testing.T, r *rand.Rand, source *sources.Source, pair string, content, other []byte) (delivered bool) {
	t.Helper()
	damaged, how := mutate(r, content, other)
	delivered, err := checkMismatch(t, source, damaged)
	if err != nil {
		t.Errorf("%s, %s: %v", pair, how, err)
	}
	return delivered
}

// asked reports whether the flags want a pair, which is one of those chosen or not.
func asked(pair string, chosen bool) bool {
	if *onePair != "" {
		return pair == *onePair
	}
	return chosen || *allPairs
}

func hashOf(text string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(text))
	return h.Sum64()
}

// enveloped reports whether a source has bytes that are rightly in no record.
func enveloped(s *sources.Source) bool {
	d := s.Definition()
	if o, ok := d.Options.(*parsers.JSONOptions); ok {
		return len(o.Path) > 0
	}
	return slices.Contains([]string{"cloudwatch", "xml", "avro", "parquet"}, d.Format)
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

// A kept record is a parsers.Record that stays.
type kept struct {
	raw, unparsed, dropped string
	lost                   int64
}

func keep(r *parsers.Record) kept { return kept{string(r.Raw), r.Unparsed, r.Dropped, r.Lost} }

// checkMismatch reads content as a source's and reports whether it counts as
// delivered. The error says what of it then is not accounted for.
func checkMismatch(t *testing.T, source *sources.Source, content []byte) (delivered bool, mistake error) {
	t.Helper()
	o := inMemory(content)
	trial := &Trial{Sources: sources.Set{source}, Source: source.Name(), Tags: config.DefaultTags, Show: func(*Shown) error { return nil }}
	result, err := trial.Try(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if result.Err != nil {
		return false, nil
	}
	in, err := o.open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	var all []kept
	for rec, err := range source.Parser().Records(t.Context(), in.Input) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, keep(rec))
	}
	if err := accountFor(source, content, all); err != nil {
		return true, err
	}
	if result.Records+result.Filtered == 0 {
		return true, mayBeAll(source.Definition().Format, content, all)
	}
	return true, nil
}

// inMemory is content as an Object.
func inMemory(content []byte) *Object {
	return &Object{Name: "content", Object: sources.Object{Key: "content"}, open: func(context.Context) (*opened, error) {
		r := bytes.NewReader(content)
		ranged := func() (io.ReaderAt, int64, error) { return r, r.Size(), nil }
		return &opened{Input: parsers.Input{Stream: io.NopCloser(r), Ranged: ranged}, Closer: io.NopCloser(nil), size: r.Size()}, nil
	}}
}

// mayBeAll is an error if the records that were left out may not be all that a
// delivered object has.
func mayBeAll(format string, content []byte, all []kept) error {
	alone := !bytes.Contains(bytes.TrimSpace(content), []byte("\n"))
	control := bytes.Contains(content, []byte("CONTROL_MESSAGE"))
	for _, k := range all {
		text := strings.TrimSpace(k.raw)
		switch {
		case text == "":
		case k.dropped == "control" && control:
		case k.dropped == "comment" || format == "w3c" && strings.HasPrefix(text, "#"):
		case k.dropped == "header" && alone: // of an empty table, whatever it says
		default:
			return fmt.Errorf("nothing remained, and it is not empty: %.80q was left out as %q", text, k.dropped)
		}
	}
	return nil
}
