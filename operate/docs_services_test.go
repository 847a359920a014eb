package operate

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/goccy/go-yaml"

	"github.com/devo-s3/collector/sources"
)

const (
	servicesDoc   = "../docs/services.md"
	servicesDir   = "../docs/services"
	servicesBegin = "<!-- services -->\n"
	servicesEnd   = "<!-- /services -->\n"
	maxExample    = 200 // characters of a record that are shown
	docsWidth     = 120 // columns
)

// Each service has a page, made of the catalog and testdata, and a row in the
// index; no page is left of a service that is gone.
func TestDocsHaveEveryService(t *testing.T) {
	doc := string(read(t, servicesDoc))
	before, rest, ok := strings.Cut(doc, servicesBegin)
	_, after, closed := strings.Cut(rest, servicesEnd)
	if !ok || !closed {
		t.Fatalf("%s has no %s and %s", servicesDoc, servicesBegin, servicesEnd)
	}
	examples := make(map[string]sample)
	for _, s := range samples(t) {
		if _, ok := examples[s.source]; !ok && s.good() && !exists(s.dir+"/routing") {
			examples[s.source] = s
		}
	}
	var index strings.Builder
	index.WriteString(ignored() + "\n| service | what it is | format | tag | table |\n|---|---|---|---|---|\n")
	for _, name := range sources.Names() {
		d, err := sources.Service(name)
		if err != nil {
			t.Fatal(err)
		}
		index.WriteString(row(d))
		golden(t, filepath.Join(servicesDir, name+".md"), servicePage(t, d, examples[name]))
	}
	golden(t, servicesDoc, []byte(before+servicesBegin+index.String()+"\n"+servicesEnd+after))
	removeStale(t)
}

// removeStale finds the pages of services that the catalog no longer has; with
// -update it removes them.
func removeStale(t *testing.T) {
	t.Helper()
	pages, err := filepath.Glob(servicesDir + "/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range pages {
		if slices.Contains(sources.Names(), strings.TrimSuffix(filepath.Base(page), ".md")) {
			continue
		}
		if !*update {
			t.Errorf("%s: the catalog has no such service", page)
		} else if err := os.Remove(page); err != nil {
			t.Fatal(err)
		}
	}
}

// ignored is what every source leaves out.
func ignored() string {
	var b strings.Builder
	b.WriteString("\n| ignored, whatever the source | who writes it |\n|---|---|\n")
	for _, i := range sources.SharedIgnores() {
		fmt.Fprintf(&b, "| `%s` | %s |\n", inCell(strings.Join(i.Keys, "`, `")), i.What)
	}
	return b.String()
}

// row is a service's in the index.
func row(d sources.Definition) string {
	format, tag := "["+d.Format+"](formats.md#"+d.Format+")", "`"+inCell(d.Tag)+"`"
	if d.Services != nil {
		format, tag = "several", links("services/", d.Services)
	}
	return fmt.Sprintf("| %s | %s | %s | %s | %s |\n", links("services/", []string{d.Name}), d.Title, format, tag, d.Table)
}

func inCell(text string) string { return strings.ReplaceAll(text, "|", `\|`) }

// links are services' names, each a link to its page in dir.
func links(dir string, names []string) string {
	var all []string
	for _, name := range names {
		all = append(all, "["+name+"]("+dir+name+".md)")
	}
	return strings.Join(all, ", ")
}

var confidence = map[string]string{
	"confirmed": "Confirmed: Devo documents this tag for this service.",
	"inferred":  "Inferred: Devo has this table, but does not document all of it for this service.",
	"unknown":   "Unknown: no table of Devo's is known for this service. Records can be searched under this tag; you may set another.",
}

func servicePage(t *testing.T, d sources.Definition, example sample) []byte {
	t.Helper()
	var b bytes.Buffer
	fmt.Fprintf(&b, "<!-- Generated from sources/catalog/%s.yaml by go test ./operate -run Docs -update -->\n\n# %s\n\n", d.Name, d.Name)
	paragraph(&b, strings.TrimSuffix(d.Title, ".")+".")
	fmt.Fprintf(&b, "[The publisher's description](%s) · [all services](../services.md)\n\n", d.Spec)
	if d.Setup != "" {
		b.WriteString("## Set up\n\n")
		paragraph(&b, d.Setup)
	}
	b.WriteString("## In the deployment file\n\n")
	fence(&b, "yaml", listed(t, d))
	if len(d.Asks) > 0 {
		paragraph(&b, "The values shown are proposals. What each customer decides: `"+strings.Join(d.Asks, "`, `")+"`.")
	}
	if d.Services != nil {
		paragraph(&b, "This name stands for several services that write to one bucket: "+links("", d.Services)+".")
		return append(bytes.TrimRight(b.Bytes(), "\n"), '\n')
	}
	b.WriteString("## Keys\n\n")
	patterns(&b, "An object belongs to this service if its key matches:", d.Keys)
	patterns(&b, "But not if it matches:", d.Except)
	patterns(&b, "Ignored, because they hold nothing to collect:", d.Ignore)
	for _, r := range d.Refuse {
		patterns(&b, "Refused ("+r.Reason+"):", r.Keys)
	}
	fmt.Fprintf(&b, "## Format\n\n[%s](../formats.md#%[1]s)", d.Format)
	if text := options(t, d); text != "" {
		b.WriteString(" with these options:\n\n")
		fence(&b, "yaml", text)
	} else {
		b.WriteString(" with its default options.\n\n")
	}
	tags(&b, d)
	if example.source != "" {
		first, _, _ := strings.Cut(example.records, "\n")
		tag, text, _ := strings.Cut(first, "\t")
		b.WriteString("## Example\n\nAn object's key, and the tag and the beginning of its first record:\n\n")
		fence(&b, "text", example.object.Key+"\n"+tag+"\n"+cut(text))
	}
	return append(bytes.TrimRight(b.Bytes(), "\n"), '\n')
}

// listed is how a queue lists the service, with what each customer
// decides as the catalog proposes it.
func listed(t *testing.T, d sources.Definition) string {
	t.Helper()
	if len(d.Asks) == 0 {
		return "sources:\n  - " + d.Name
	}
	entry := yaml.MapSlice{{Key: "service", Value: d.Name}}
	for _, ask := range d.Asks {
		var value any
		switch ask {
		case "keys":
			value = d.Keys
		case "options":
			if value = d.Options; d.Options == nil {
				continue // the catalog proposes none
			}
		case "tag":
			value = d.Tag
		case "routing":
			value = slices.Sorted(maps.Keys(d.Routings))[0]
		default:
			t.Fatalf("%s asks for %s: how does a deployment file say that?", d.Name, ask)
		}
		if ask == "tag" && slices.Contains(d.Asks, "routing") {
			continue // a source has one of the two
		}
		entry = append(entry, yaml.MapItem{Key: ask, Value: value})
	}
	return marshal(t, yaml.MapSlice{{Key: "sources", Value: []yaml.MapSlice{entry}}})
}

// options are those of the service's format; "" means its defaults. Long lists
// are written in the lines of a paragraph.
func options(t *testing.T, d sources.Definition) string {
	t.Helper()
	if d.Options == nil {
		return ""
	}
	switch text := marshal(t, d.Options); {
	case text == "{}":
		return ""
	case strings.Count(text, "\n") < 10:
		return text
	}
	var b bytes.Buffer
	paragraph(&b, marshal(t, d.Options, yaml.Flow(true)))
	return strings.TrimSpace(b.String())
}

func marshal(t *testing.T, v any, style ...yaml.EncodeOption) string {
	t.Helper()
	text, err := yaml.MarshalWithOptions(v, append(style, yaml.OmitEmpty(), yaml.IndentSequence(true))...)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(text))
}

func tags(b *bytes.Buffer, d sources.Definition) {
	fmt.Fprintf(b, "## Tag\n\n`%s`\n\n", d.Tag)
	paragraph(b, confidence[d.Table])
	for _, name := range slices.Sorted(maps.Keys(d.Routings)) {
		fmt.Fprintf(b, "With `routing: %s`: `%s`\n\n", name, d.Routings[name])
	}
	for _, r := range d.Routes {
		if r.By == "" {
			fmt.Fprintf(b, "Some records have another: `%s`\n\n", r.Tag)
			continue
		}
		all := slices.Sorted(maps.Values(r.Table))
		fmt.Fprintf(b, "By `%s`:\n\n- `%s`\n\n", r.By, strings.Join(slices.Compact(all), "`\n- `"))
	}
}

func patterns(b *bytes.Buffer, title string, all []string) {
	if len(all) > 0 {
		paragraph(b, title)
		fence(b, "text", strings.Join(all, "\n"))
	}
}

func fence(b *bytes.Buffer, language, text string) {
	fmt.Fprintf(b, "```%s\n%s\n```\n\n", language, text)
}

// paragraph writes text in lines of docsWidth columns at most, if its words let it.
func paragraph(b *bytes.Buffer, text string) {
	column := 0
	for _, word := range strings.Fields(text) {
		n := utf8.RuneCountInString(word)
		switch {
		case column == 0:
		case column+1+n > docsWidth:
			b.WriteByte('\n')
			column = 0
		default:
			b.WriteByte(' ')
			column++
		}
		b.WriteString(word)
		column += n
	}
	b.WriteString("\n\n")
}

// cut is the beginning of a text.
func cut(text string) string {
	if utf8.RuneCountInString(text) <= maxExample {
		return text
	}
	return strings.TrimSpace(string([]rune(text)[:maxExample])) + "…"
}
