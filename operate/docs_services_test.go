package operate

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/devo-s3/collector/parsers"
	"github.com/devo-s3/collector/sources"
)

const (
	servicesBegin = "<!-- services -->\n"
	servicesEnd   = "<!-- /services -->\n"
	maxExample    = 200 // characters of a record that are shown
)

// The docs have a section of each service, made of the catalog and testdata.
func TestDocsHaveEveryService(t *testing.T) {
	doc := string(read(t, formatsDoc))
	before, rest, ok := strings.Cut(doc, servicesBegin)
	_, after, closed := strings.Cut(rest, servicesEnd)
	if !ok || !closed {
		t.Fatalf("%s has no %s and %s", formatsDoc, servicesBegin, servicesEnd)
	}
	golden(t, formatsDoc, []byte(before+servicesBegin+services(t)+servicesEnd+after))
}

func services(t *testing.T) string {
	examples := make(map[string]sample)
	for _, s := range samples(t) {
		if _, ok := examples[s.source]; !ok && s.good() && !exists(s.dir+"/routing") {
			examples[s.source] = s
		}
	}
	index, sections := new(strings.Builder), new(strings.Builder)
	index.WriteString("\n| service | what it is | format | tag | table |\n|---|---|---|---|---|\n")
	for _, name := range sources.Names() {
		d, err := sources.Service(name)
		if err != nil {
			t.Fatal(err)
		}
		format, tag := d.Format, "`"+strings.ReplaceAll(d.Tag, "|", `\|`)+"`"
		if d.Services != nil {
			format, tag = "theirs", links(d.Services)
		}
		fmt.Fprintf(index, "| %s | %s | %s | %s | %s |\n", links([]string{name}), d.Title, format, tag, d.Table)
		section(sections, d, examples[name])
	}
	return ignored() + index.String() + sections.String() + "\n"
}

// ignored is what every source leaves out.
func ignored() string {
	var b strings.Builder
	b.WriteString("\n| ignored, whatever the source | who writes it |\n|---|---|\n")
	for _, i := range sources.SharedIgnores() {
		fmt.Fprintf(&b, "| `%s` | %s |\n", strings.ReplaceAll(strings.Join(i.Keys, "`, `"), "|", `\|`), i.What)
	}
	return b.String()
}

// links are services' names, each a link to its section.
func links(names []string) string {
	var all []string
	for _, name := range names {
		all = append(all, "["+name+"](#"+anchor(name)+")")
	}
	return strings.Join(all, ", ")
}

// anchor is a section's as GitHub makes it, which numbers titles that are there
// twice: some services have a format's name.
func anchor(name string) string {
	if slices.Contains(parsers.Formats(), name) {
		return name + "-1"
	}
	return name
}

var confidence = map[string]string{
	"confirmed": "Devo documents it.",
	"inferred":  "Inferred: Devo has the table, but does not document all of this.",
	"unknown":   "Devo's table for this is not known: the records stay searchable under this tag, and another may be set.",
}

func section(b *strings.Builder, d sources.Definition, example sample) {
	fmt.Fprintf(b, "\n### %s\n\n%s. [Description](%s).\n\n", d.Name, strings.TrimSuffix(d.Title, "."), d.Spec)
	if d.Setup != "" {
		fmt.Fprintf(b, "- To have it written: %s\n", strings.TrimSpace(d.Setup))
	}
	if d.Services != nil {
		fmt.Fprintf(b, "- Stands for: %s\n", links(d.Services))
		return
	}
	patterns(b, "Keys", d.Keys)
	patterns(b, "But not", d.Except)
	patterns(b, "Ignored", d.Ignore)
	for _, r := range d.Refuse {
		patterns(b, "Refused ("+r.Reason+")", r.Keys)
	}
	fmt.Fprintf(b, "- Format: `%s`\n", parserOf(d))
	fmt.Fprintf(b, "- Tag: `%s`. %s\n", d.Tag, confidence[d.Table])
	for _, name := range slices.Sorted(maps.Keys(d.Routings)) {
		fmt.Fprintf(b, "  - with `routing: %s`: `%s`\n", name, d.Routings[name])
	}
	for _, r := range d.Routes {
		tags := []string{r.Tag}
		if r.By != "" {
			tags = nil
			for _, value := range slices.Sorted(maps.Keys(r.Table)) {
				tags = append(tags, r.Table[value])
			}
			fmt.Fprintf(b, "  - by `%s`: ", r.By)
		} else {
			b.WriteString("  - some records: ")
		}
		slices.Sort(tags)
		fmt.Fprintf(b, "`%s`\n", strings.Join(slices.Compact(tags), "`, `"))
	}
	fmt.Fprintf(b, "- `init` asks for: %s\n", cmp.Or(strings.Join(d.Asks, ", "), "nothing"))
	if example.source == "" {
		return
	}
	first, _, _ := strings.Cut(example.records, "\n")
	tag, text, _ := strings.Cut(first, "\t")
	fmt.Fprintf(b, "\n```text\n%s\n%s\t%s\n```\n", example.object.Key, tag, cut(text))
}

func patterns(b *strings.Builder, title string, all []string) {
	switch len(all) {
	case 0:
	case 1:
		fmt.Fprintf(b, "- %s: `%s`\n", title, all[0])
	default:
		fmt.Fprintf(b, "- %s:\n", title)
		for _, p := range all {
			fmt.Fprintf(b, "  - `%s`\n", p)
		}
	}
}

// cut is the beginning of a text.
func cut(text string) string {
	if utf8.RuneCountInString(text) <= maxExample {
		return text
	}
	return strings.TrimSpace(string([]rune(text)[:maxExample])) + "…"
}
