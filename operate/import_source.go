package operate

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/devo-s3/collector/sources"
)

// customService is the one name of a service that is not in the catalog.
const customService = "custom_service"

// The tags of records that the old collector filtered out but sent, and of a
// source whose own tag could not be converted.
const (
	filteredTag  = "unknown.unknown"
	undecidedTag = "my.app.s3collector.imported"
)

// sources are the services in order of name, the custom one, which has every
// key, last.
func (c *converter) sources(services *settings) (all []any) {
	names := services.keys()
	slices.SortStableFunc(names, func(a, b string) int {
		return cmp.Compare(strings.Count(a, customService), strings.Count(b, customService))
	})
	for i, name := range names {
		source := &converted{converter: c, settings: services.object(name), at: fmt.Sprintf("$.queues[0].sources[%d]", i)}
		if name == customService {
			all = append(all, source.custom())
			continue
		}
		d, err := sources.Service(name)
		if err != nil { // the rest is worth having all the same
			source.change(source.at, "%s", err)
			d = sources.Definition{Name: name, Keys: []string{}}
		}
		all = append(all, source.service(d))
	}
	if len(names) == 0 {
		services.wrongf("", "there is no service")
	}
	return all
}

// A converted source is one on its way.
type converted struct {
	*converter
	*settings
	at   string // its YAML path
	item yaml.MapSlice

	files   map[string]string // placeholders of file_field_definitions, by name
	records map[string]string // of record_field_mapping
	rules   []yaml.MapSlice   // filters
}

func (s *converted) set(key string, value any) {
	s.item = append(s.item, yaml.MapItem{Key: key, Value: value})
}

// oldRouting is the name that the catalog gives to the tags of the old
// collector, where ours are others.
const oldRouting = "by_event_source"

// service is a predefined one, with what was changed of it.
func (s *converted) service(d sources.Definition) any {
	s.set("service", d.Name)
	custom := s.has("routing_template") || s.has("tag")
	if d.Routings[oldRouting] != "" && !custom {
		s.set("routing", oldRouting)
	}
	s.settle(d)
	if len(s.item) == 1 {
		return d.Name
	}
	return s.item
}

// custom is the customer's own.
func (s *converted) custom() any {
	s.set("name", customService)
	if !s.has("file_format") {
		s.wrongf("file_format", "there is none: how are the objects read?")
	}
	if !s.has("routing_template") && !s.has("tag") {
		s.wrongf("routing_template", "there is none: which tag?")
	}
	s.settle(sources.Definition{})
	return s.item
}

// settle converts what predefined and custom services may both have. d is the
// catalog's entry, if there is one.
func (s *converted) settle(d sources.Definition) {
	s.fileFields(d.Keys)
	s.recordFields()
	s.ignored(d.Ignore)
	s.format()
	s.tag()
	s.filters()
	s.pass(s.settings, unneeded)
	s.done()
}

// fileFields are values cut out of an object's key.
func (s *converted) fileFields(keys []string) {
	s.files = make(map[string]string)
	if (keys != nil || s.direct) && !s.has("file_field_definitions") {
		return
	}
	definitions := s.object("file_field_definitions")
	key := newKeyPattern()
	for _, name := range definitions.keys() {
		placeholder, err := key.add(name, definitions.each(name, definitions.list(name)))
		if err != nil {
			definitions.wrongf(name, "%w", err)
			continue
		}
		s.files[name] = placeholder
	}
	if key.empty() {
		s.set("keys", []string{"**"})
		return
	}
	s.set("keys", []string{key.String()})
	s.comments[s.at+".keys"] = []*yaml.Comment{yaml.HeadComment(" A key with fewer segments is nobody's, and fails as no_source.")}
}

// changed marks a setting of the source as one to be decided by a person.
func (s *converted) changed(key, format string, args ...any) { s.change(s.at+"."+key, format, args...) }

// recordFields are values of a record, by the names that templates and filters
// use.
func (s *converted) recordFields() {
	s.records = make(map[string]string)
	mapping := s.object("record_field_mapping")
	for _, name := range mapping.keys() {
		m := mapping.object(name)
		path := "record." + strings.Join(m.texts("keys"), ".")
		filters, err := replacements(m.objects("operations"))
		if err != nil {
			m.wrongf("operations", "%w", err)
		}
		m.done()
		s.records[name] = path + filters
	}
}

var oldPlaceholder = regexp.MustCompile(`[\[{](file|record)-([^\]}]*)[\]}]`)

// tag converts routing_template, or the fixed tag.
func (s *converted) tag() {
	old := cmp.Or(s.text("routing_template"), s.text("tag"))
	delete(s.members, "tag") // routing_template comes before it
	if old == "" {
		return
	}
	tag := oldPlaceholder.ReplaceAllStringFunc(old, func(p string) string {
		m := oldPlaceholder.FindStringSubmatch(p)
		from := s.files
		if m[1] == "record" {
			from = s.records
		}
		if from[m[2]] == "" {
			s.wrongf("routing_template", "%s is defined nowhere", p)
		}
		return "{" + from[m[2]] + "}"
	})
	if !s.fits(tag) {
		s.changed("tag", "the old template %q is no tag: write 2 or more levels of letters, digits, _ and -, joined by dots", old)
		tag = undecidedTag
	}
	s.set("tag", tag)
}

// fits tells whether a tag's text, placeholders aside, is a tag's.
func (s *converted) fits(tag string) bool {
	return sources.CheckTag(regexp.MustCompile(`\{[^}]*\}`).ReplaceAllString(tag, "x")) == nil
}
