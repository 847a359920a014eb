package operate

import (
	"slices"
	"testing"
)

// A generic service takes keys of any other, and so is asked last.
func TestTheCatalogEndsWithWhatIsGeneric(t *testing.T) {
	set, err := Catalog()
	if err != nil {
		t.Fatal(err)
	}
	generic := false
	for _, s := range set {
		asksTag := slices.Contains(s.Definition().Asks, "tag")
		if generic && !asksTag {
			t.Errorf("%s comes behind a generic service", s.Name())
		}
		generic = asksTag
	}
	for key, want := range map[string]string{
		"AWSLogs/111122223333/vpcflowlogs/eu-west-1/2026/11/23/x.log.parquet": "aws_vpc_parquet",
		"x.parquet": "parquet",
	} {
		if m, ok := set.Match(key); !ok || m.Source.Name() != want {
			t.Errorf("%s: %t, want %s", key, ok, want)
		}
	}
}

// Its content alone shows whose an object is, nearly always: some services
// write the same as others.
func TestDetectSamples(t *testing.T) {
	set, err := Catalog()
	if err != nil {
		t.Fatal(err)
	}
	objects, right := 0, 0
	for _, s := range samples(t) {
		if exists(s.dir+"/deployment.yaml") || !s.good() || slices.Contains(s.sources[0].Definition().Asks, "tag") {
			continue // what asks for a tag is generic: another service's records are its, too
		}
		objects++
		likely, err := Detect(t.Context(), set, s.object)
		if err != nil {
			t.Fatal(err)
		}
		if len(likely) > 0 && (likely[0].Name() == s.source || slices.Contains(s.sources[0].Definition().Services, likely[0].Name())) {
			right++
			continue
		}
		first := "nothing"
		if len(likely) > 0 {
			first = likely[0].Name()
		}
		t.Logf("%s/%s looks like %s", s.source, s.name, first)
	}
	t.Logf("%d of %d objects detected", right, objects)
	if float64(right) < 0.95*float64(objects) {
		t.Errorf("%d of %d objects detected, want 95 %%", right, objects)
	}
}
