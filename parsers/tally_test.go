package parsers

import "testing"

func TestTally(t *testing.T) {
	type says struct{ implausible, allFiltered, mostlyForeign bool }
	for _, c := range []struct {
		tally Tally
		want  says
	}{
		{Tally{}, says{}},
		{Tally{Sent: 1}, says{}},
		{Tally{Foreign: 1}, says{implausible: true}},
		{Tally{Foreign: 1000}, says{implausible: true}},
		{Tally{Sent: 1, Foreign: 1000}, says{mostlyForeign: true}},
		{Tally{Filtered: 1, Foreign: 1000}, says{allFiltered: true, mostlyForeign: true}},
		{Tally{Filtered: 1}, says{allFiltered: true}},
		{Tally{Filtered: 9, Sent: 1}, says{}},
		// A few foreign lines are a vendor's header.
		{Tally{Sent: 1, Foreign: 20}, says{}},
		{Tally{Sent: 1, Foreign: 21}, says{mostlyForeign: true}},
		// Half is not more than half.
		{Tally{Sent: 30, Filtered: 20, Foreign: 50}, says{}},
		{Tally{Sent: 30, Filtered: 20, Foreign: 51}, says{mostlyForeign: true}},
	} {
		got := says{c.tally.Implausible(), c.tally.AllFiltered(), c.tally.MostlyForeign()}
		if got != c.want {
			t.Errorf("%+v: %+v, want %+v", c.tally, got, c.want)
		}
	}
}

// What is left out as not of the format, and what is left out as part of it.
func TestForeignRecords(t *testing.T) {
	expect := &LinesOptions{Header: "drop", Separator: "space", Expect: []string{"time", "action", "source"}}
	for name, c := range map[string]struct {
		spec    Spec
		object  string
		dropped string // of the first record
		foreign bool
	}{
		"cef, another line":             {Spec{Format: "cef", Options: &CEFOptions{Others: "drop"}}, "a line\n", notCEF, true},
		"cef, a blank line":             {Spec{Format: "cef", Options: &CEFOptions{Others: "drop"}}, " \t\n", "", false},
		"cef, its header":               {Spec{Format: "cef", Options: &CEFOptions{Others: "drop", Header: `^\w+:`}}, "id:1\n", "header", false},
		"cef, another line, sent":       {Spec{Format: "cef"}, "a line\n", "", false},
		"lines, a header":               {Spec{Format: "lines", Options: &LinesOptions{Header: "drop"}}, "a b\n", "header", false},
		"lines, the expected header":    {Spec{Format: "lines", Options: expect}, "time action source\n", "header", false},
		"lines, no header":              {Spec{Format: "lines", Options: expect}, "10:00 ok web\n", "", false},
		"lines, a JSON header":          {Spec{Format: "lines", Options: &LinesOptions{Header: "drop"}}, `{"a":1}`, "header", true},
		"lines, a comment":              {Spec{Format: "lines", Options: &LinesOptions{Comment: "#"}}, "# {}\n", "comment", false},
		"csv, a header":                 {Spec{Format: "csv", Options: &CSVOptions{Header: "json"}}, "a,b\n", "header", false},
		"csv, a header in brackets":     {Spec{Format: "csv", Options: &CSVOptions{Header: "json"}}, "[a],[b]\n", "header", false},
		"csv, a header with a mark":     {Spec{Format: "csv", Options: &CSVOptions{Header: "json"}}, "\ufeffa,b\n", "header", false},
		"csv, a JSON document":          {Spec{Format: "csv", Options: &CSVOptions{Header: "json"}}, "{}\n", "header", true},
		"csv, one behind a mark":        {Spec{Format: "csv", Options: &CSVOptions{Header: "json", Quote: "none"}}, "\ufeff {\"a\":1}\n", "header", true},
		"csv, a JSON array":             {Spec{Format: "csv", Options: &CSVOptions{Header: "drop", Quote: "none"}}, "[{\"a\":1},{\"a\":2}]\n", "header", true},
		"csv, an empty JSON array":      {Spec{Format: "csv", Options: &CSVOptions{Header: "drop"}}, "[]\n", "header", true},
		"csv, XML":                      {Spec{Format: "csv", Options: &CSVOptions{Header: "drop"}}, "<?xml version='1.0'?><a/>\n", "header", true},
		"csv, HTML":                     {Spec{Format: "csv", Options: &CSVOptions{Header: "drop"}}, "<!DOCTYPE html>\n", "header", true},
		"w3c, a directive":              {Spec{Format: "w3c"}, "#Fields: a b\n", "directive", false},
		"cloudwatch, a control message": {Spec{Format: "cloudwatch"}, `{"messageType":"CONTROL_MESSAGE","logEvents":[{"id":"","message":"CWL CONTROL MESSAGE"}]}`, "control", false},
	} {
		t.Run(name, func(t *testing.T) {
			n := 0
			for r, err := range mustCompile(t, c.spec).Records(t.Context(), object([]byte(c.object))) {
				if err != nil {
					t.Fatal(err)
				}
				if r.Dropped != c.dropped || r.Foreign != c.foreign {
					t.Errorf("dropped %q, foreign %t, want %q, %t", r.Dropped, r.Foreign, c.dropped, c.foreign)
				}
				n++
			}
			if n != 1 {
				t.Errorf("%d records", n)
			}
		})
	}
}
