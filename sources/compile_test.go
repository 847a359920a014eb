package sources

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/devo-s3/collector/parsers"
)

func TestMistakes(t *testing.T) {
	good := Definition{Name: "s", Keys: []string{"{a}/{b}"}, Format: "json", Options: &parsers.JSONOptions{}, Tag: "my.app.{key.a}"}
	tests := map[string]struct {
		change      func(*Definition)
		field, says string
	}{
		"no name":                    {func(d *Definition) { d.Name = "" }, "name", `"" is no source's name`},
		"a hyphen in the name":       {func(d *Definition) { d.Name = "a-b" }, "name", "a-z, 0-9 and _"},
		"a name too long":            {func(d *Definition) { d.Name = strings.Repeat("a", 65) }, "name", "up to 63"},
		"unknown table":              {func(d *Definition) { d.Table = "yes" }, "table", "write confirmed, inferred or unknown"},
		"no keys":                    {func(d *Definition) { d.Keys, d.Tag = nil, "my.app" }, "keys", "there is no pattern"},
		"empty pattern":              {func(d *Definition) { d.Ignore = []string{"x", ""} }, "ignore[1]", "is empty"},
		"leading slash":              {func(d *Definition) { d.Ignore = []string{"/x"} }, "ignore[0]", "leave it out"},
		"open brace":                 {func(d *Definition) { d.Ignore = []string{"a{b"} }, "ignore[0]", "has a { without its pair"},
		"close brace":                {func(d *Definition) { d.Ignore = []string{"a}b"} }, "ignore[0]", "has a } without its pair"},
		"bad capture":                {func(d *Definition) { d.Ignore = []string{"{a.b}"} }, "ignore[0]", "letters, digits and _"},
		"captured twice":             {func(d *Definition) { d.Ignore = []string{"{a}/{a}"} }, "ignore[0]", "captures a twice"},
		"bad expression":             {func(d *Definition) { d.Ignore = []string{"regexp:a)|(b"} }, "ignore[0]", "unexpected )"},
		"bad class":                  {func(d *Definition) { d.Ignore = []string{"regexp:[z-a]"} }, "ignore[0]", "invalid character class range"},
		"a bad exception":            {func(d *Definition) { d.Except = []string{"/x"} }, "except[0]", "begins with /"},
		"a bad refused key":          {func(d *Definition) { d.Refuse = []Refusal{{[]string{"x", ""}, "r"}} }, "refuse[0].keys[1]", "is empty"},
		"nothing refused":            {func(d *Definition) { d.Refuse = []Refusal{{nil, "r"}} }, "refuse[0].keys", "no pattern"},
		"refused without a reason":   {func(d *Definition) { d.Refuse = []Refusal{{[]string{"x"}, ""}} }, "refuse[0].reason", "there is none"},
		"no tag":                     {func(d *Definition) { d.Tag = "" }, "tag", `"" is no tag`},
		"one level":                  {func(d *Definition) { d.Tag = "my" }, "tag", "2 or more levels"},
		"an empty level":             {func(d *Definition) { d.Tag = "my..{key.a}" }, "tag", `"my..x" is no tag`},
		"a space":                    {func(d *Definition) { d.Tag = "my.a b" }, "tag", "is no tag"},
		"a line break":               {func(d *Definition) { d.Tag = "my.app\n" }, "tag", "is no tag"},
		"too long":                   {func(d *Definition) { d.Tag = "my." + strings.Repeat("a", 1022) }, "tag", "has 1025 bytes"},
		"an open placeholder":        {func(d *Definition) { d.Tag = "my.{key.a" }, "tag", "{key.a has no }"},
		"an undefined placeholder":   {func(d *Definition) { d.Tag = "my.{region}" }, "tag", `"region" is undefined`},
		"an empty placeholder":       {func(d *Definition) { d.Tag = "my.{}" }, "tag", `"" is undefined`},
		"a misspelt capture":         {func(d *Definition) { d.Keys, d.Tag = []string{"{region}"}, "my.{key.regoin}" }, "tag", "did you mean region?"},
		"only one pattern has it":    {func(d *Definition) { d.Keys, d.Tag = []string{"{a}", "x"}, "my.{key.a}" }, "tag", "every pattern of keys; there is none"},
		"no such object name":        {func(d *Definition) { d.Tag = "my.{object.account}" }, "tag", "there are bucket, key, region, version"},
		"no field":                   {func(d *Definition) { d.Tag = "my.{record.}" }, "tag", "names no field"},
		"bad second origin":          {func(d *Definition) { d.Tag = "my.{key.a,key.z}" }, "tag", "key.z is not captured"},
		"an unknown filter":          {func(d *Definition) { d.Tag = "my.{key.a|lowr}" }, "tag", "did you mean lower?"},
		"another unknown filter":     {func(d *Definition) { d.Tag = "my.{key.a|base64}" }, "tag", "there are lower, trim, replace and default"},
		"lower of something":         {func(d *Definition) { d.Tag = "my.{key.a|lower:x}" }, "tag", "write |lower"},
		"trim of nothing":            {func(d *Definition) { d.Tag = "my.{key.a|trim:}" }, "tag", "needs a suffix"},
		"replace of nothing":         {func(d *Definition) { d.Tag = "my.{key.a|replace::b}" }, "tag", "what and by what"},
		"replace by nothing at all":  {func(d *Definition) { d.Tag = "my.{key.a|replace:a}" }, "tag", "what and by what"},
		"a default that is no level": {func(d *Definition) { d.Tag = "my.{key.a|default:a.b}" }, "tag", "needs a value"},
		"a default too long":         {func(d *Definition) { d.Tag = "my.{key.a|default:" + strings.Repeat("a", 65) + "}" }, "tag", "1 to 64"},
		"too few levels":             {func(d *Definition) { d.MinLevels = 4 }, "tag", "has 3 levels; Devo needs 4"},
		"no such routing":            {func(d *Definition) { d.Routing = "by_x" }, "routing", "there is none"},
		"a misspelt routing": {func(d *Definition) {
			d.Routings, d.Routing = map[string]string{"by_region": "my.app"}, "by_regoin"
		}, "routing", "did you mean by_region?"},
		"a bad routing":     {func(d *Definition) { d.Routings, d.Routing = map[string]string{"a": "my"}, "a" }, "routing", "is no tag"},
		"unknown format":    {func(d *Definition) { d.Format, d.Options = "toml", nil }, "format", `unknown format "toml"`},
		"another's options": {func(d *Definition) { d.Format = "lines" }, "options", "options are of another format"},
		"fields of lines":   {func(d *Definition) { d.Format, d.Options, d.Tag = "lines", nil, "my.{record.a}" }, "tag", "lines have no fields"},
		"a bad path":        {func(d *Definition) { d.Tag = "my.{record.a..b}" }, "tag", "a..b"},
		"a vast max_ratio":  {func(d *Definition) { d.MaxRatio = 2_000_000 }, "max_ratio", "it must be up to"},
		"a vast max_window": {func(d *Definition) { d.MaxWindow = 4 << 30 }, "max_window", "it must be up to"},
		"a tiny max_record": {func(d *Definition) { d.MaxRecord = 1 }, "max_record", "it must be 64 to"},
		"unknown oversize":  {func(d *Definition) { d.Oversize = "drop" }, "oversize", "it must be cut or fail"},
	}
	for name, tt := range tests {
		d := good
		tt.change(&d)
		s, err := Compile(d)
		var m Mistakes
		if s != nil || !errors.As(err, &m) || len(m) != 1 {
			t.Errorf("%s: %v, want one mistake", name, err)
			continue
		}
		if m[0].Field != tt.field || !strings.Contains(m[0].Error(), tt.says) {
			t.Errorf("%s: %v, want %s: …%s", name, err, tt.field, tt.says)
		}
	}
	if _, err := Compile(good); err != nil {
		t.Errorf("the entry that the others are a change of: %v", err)
	}
}

func TestAllMistakesComeAtOnce(t *testing.T) {
	_, err := Compile(Definition{Name: "A", Keys: []string{"/x", "{a"}, Tag: "{x}{y|z}", Format: "none"})
	var mistakes Mistakes
	if !errors.As(err, &mistakes) {
		t.Fatal(err)
	}
	var fields []string
	for _, m := range mistakes {
		fields = append(fields, m.Field)
	}
	if diff := cmp.Diff([]string{"name", "keys[0]", "keys[1]", "tag", "tag", "tag", "tag", "format"}, fields); diff != "" {
		t.Errorf("%s\n%v", diff, err)
	}
}

func TestRoutingIsInPlaceOfTag(t *testing.T) {
	d := Definition{
		Name: "s", Keys: []string{"**"}, Format: "lines", Tag: "my.app.one",
		Routings: map[string]string{"other": "my.app.{object.bucket}"}, Routing: "other",
	}
	for range 2 {
		m, _ := Set{compile(t, d)}.Match("x")
		if tag, ok := m.Shaper(Object{Bucket: "b"}).Static(); tag != "my.app.b" || !ok {
			t.Errorf("%q", tag)
		}
		d.Tag = "" // which is not asked for then
	}
}
