package sources

import (
	"embed"
	"fmt"
	"io/fs"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/parser"

	"github.com/devo-s3/collector/parsers"
)

//go:embed catalog/*.yaml
var catalog embed.FS

// Names are the services of the catalog, sorted.
func Names() []string {
	files, _ := fs.Glob(catalog, "catalog/*.yaml") // the pattern is well-formed
	for i, f := range files {
		files[i] = strings.TrimSuffix(strings.TrimPrefix(f, "catalog/"), ".yaml")
	}
	return files
}

// Service is the catalog's entry of that name. Each call reads it anew, so that
// the caller may change it. The error for an unknown name suggests the nearest.
func Service(name string) (Definition, error) {
	text, err := catalog.ReadFile("catalog/" + name + ".yaml")
	if err != nil {
		if near := Nearest(name, Names()); near != "" {
			return Definition{}, fmt.Errorf("unknown service %q; did you mean %s?", name, near)
		}
		return Definition{}, fmt.Errorf("unknown service %q; docs/services.md lists all of them", name)
	}
	d, err := readEntry(text)
	if err != nil {
		return Definition{}, fmt.Errorf("catalog entry %s: %w", name, err)
	}
	return d, nil
}

// readEntry parses the text once: that is most of the time that a function with
// many services takes to start.
func readEntry(text []byte) (d Definition, err error) {
	file, err := parser.ParseBytes(text, 0)
	if err != nil {
		return d, err
	}
	entry := file.Docs[0].Body
	var head struct{ Format string }
	if err := yaml.NodeToValue(entry, &head); err != nil {
		return d, err
	}
	var options parsers.Options
	if head.Format != "" { // an entry that stands for others has none
		if options, err = parsers.NewOptions(head.Format); err != nil {
			return d, err
		}
	}
	readOptions := yaml.CustomUnmarshaler(func(o *parsers.Options, text []byte) error {
		*o = options
		return yaml.UnmarshalWithOptions(text, options, yaml.Strict())
	})
	return d, yaml.NodeToValue(entry, &d, yaml.Strict(), readOptions)
}

// Nearest is the candidate that most looks like word, for "did you mean"; ""
// if none does.
func Nearest(word string, candidates []string) string {
	near, least := "", len(word)/2+1
	for _, c := range candidates {
		if d := distance(word, c); d < least {
			near, least = c, d
		}
	}
	return near
}

// distance is Levenshtein's, in bytes.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			swap := diagonal
			if a[i] != b[j] {
				swap++
			}
			diagonal = row[j+1]
			row[j+1] = min(swap, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}
